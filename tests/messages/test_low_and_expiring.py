"""Credit that runs low or runs out: who is told, when, and only once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from creditwell.credit.models import Lot
from creditwell.outbox.models import Event
from creditwell.people.models import Patient
from creditwell.tenancy.models import Practice
from creditwell.worker.expiry import expire_everywhere
from tests.acts import invoice, let_use, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic
from tests.messages.letters import ben, clinic, keep_amounts_out, letters

__all__ = ["ben", "clinic"]
pytestmark = pytest.mark.django_db


class TestLowCredit:
    @pytest.fixture(autouse=True)
    def line(self, clinic: Clinic) -> None:
        Practice.objects.filter(pk=clinic.practice.pk).update(low_credit_minor=5000)

    def test_it_is_told_once_when_a_use_crosses_the_line(self, clinic: Clinic) -> None:
        pay(clinic, 20000)
        bills = [invoice(clinic, minor).invoice_id for minor in (15000, 2000, 1000)]
        use_credit(clinic, (bills[0], 15000))
        assert crossings() == 0, "50.00 is not below 50.00"
        use_credit(clinic, (bills[1], 2000))
        use_credit(clinic, (bills[2], 1000))
        assert crossings() == 1
        found = letters(clinic)
        assert "$20.00 of account credit is left" in found["low_credit", "liam@mail.example"].text
        assert_books_straight(clinic.practice)

    def test_on_a_payment_too_and_without_the_amount(self, clinic: Clinic) -> None:
        keep_amounts_out(clinic)
        pay(clinic, 6000)
        bill = invoice(clinic, 5000).invoice_id
        pay(clinic, 100, use_credit=((bill, 4900),), pay=((bill, 100),))
        assert crossings() == 1
        text = letters(clinic)["low_credit", "liam@mail.example"].text
        assert "Little of your account credit is left." in text
        assert_books_straight(clinic.practice)

    def test_the_owner_of_shared_credit_is_told_and_not_who_used_it(
        self, clinic: Clinic, ben: Patient
    ) -> None:
        let_use(clinic, ben)
        pay(clinic, 6000, patient=ben)
        bill = invoice(clinic, 3000).invoice_id
        use_credit(clinic, family_credit=((bill, ben.payer_id, 3000),))
        assert set(letters(clinic)) == {("low_credit", "ben@mail.example")}
        assert_books_straight(clinic.practice)

    def test_nobody_is_told_when_there_is_enough_again_or_no_line(self, clinic: Clinic) -> None:
        pay(clinic, 6000)
        use_credit(clinic, (invoice(clinic, 5000).invoice_id, 5000))
        pay(clinic, 9000)
        assert crossings() == 1
        assert letters(clinic) == {}
        Practice.objects.filter(pk=clinic.practice.pk).update(low_credit_minor=None)
        use_credit(clinic, (invoice(clinic, 9000).invoice_id, 9000))
        assert crossings() == 1
        assert_books_straight(clinic.practice)


def crossings() -> int:
    return Event.objects.filter(topic="credit.low").count()


class TestExpiry:
    def lots(self, clinic: Clinic, days: int) -> None:
        """Two payments that run out on one day, one that never does."""
        for minor in (3000, 1500, 700):
            pay(clinic, minor)
        ids = Lot.objects.order_by("pk").values_list("pk", flat=True)[:2]
        expires_on = NOW.date() + timedelta(days=days)
        Lot.objects.filter(pk__in=list(ids)).update(expires_on=expires_on)

    def test_what_runs_out_one_day_is_one_letter(self, clinic: Clinic) -> None:
        self.lots(clinic, 10)
        assert expire_everywhere(NOW) == (0, 2)
        found = letters(clinic)
        assert set(found) == {("credit_expiring", "liam@mail.example")}
        message = found["credit_expiring", "liam@mail.example"]
        assert message.subject == "Account credit at Harbour Lane: use it by 4 December 2026"
        assert "$45.00 of your account credit can be used until 4 December 2026." in message.text
        assert "book a visit" in message.text
        assert_books_straight(clinic.practice)

    def test_what_ran_out_is_one_letter(self, clinic: Clinic) -> None:
        self.lots(clinic, -1)
        assert expire_everywhere(NOW) == (2, 0)
        found = letters(clinic)
        assert set(found) == {("credit_expired", "liam@mail.example")}
        text = found["credit_expired", "liam@mail.example"].text
        assert "$45.00 of your account credit could be used until 23 November 2026" in text
        assert "Your account credit is now $7.00." in text
        assert_books_straight(clinic.practice)

    @pytest.mark.parametrize("days", [10, -1])
    def test_without_amounts(self, clinic: Clinic, days: int) -> None:
        keep_amounts_out(clinic)
        self.lots(clinic, days)
        expire_everywhere(NOW)
        (message,) = letters(clinic).values()
        assert "account credit" in message.text.lower()
        assert_books_straight(clinic.practice)

    def test_what_was_given_more_time_is_not_told(self, clinic: Clinic) -> None:
        self.lots(clinic, 10)
        expire_everywhere(NOW)
        Lot.objects.filter(expires_on__isnull=False).update(
            expires_on=NOW.date() + timedelta(days=90)
        )
        assert letters(clinic) == {}
