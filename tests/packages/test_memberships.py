"""A membership from its first period on: invoices, packages, what rolls over, who pays."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from creditwell.invoicing.models import Invoice
from creditwell.invoicing.queries import owing_of
from creditwell.ledger.models import Entry
from creditwell.packages.memberships import DoesNotRenew, ProductArchived
from creditwell.packages.models import Membership, Package, PackageAct, PackageShare, Session
from creditwell.tasks.models import Task
from creditwell.tenancy.models import Practice
from creditwell.usecases.renew_membership import RenewMembership, renew_membership
from creditwell.usecases.start_membership import (
    PatientArchived,
    StartsTooEarly,
    StartsTooLate,
)
from creditwell.worker.memberships import renew_everywhere
from creditwell.worker.package_expiry import expire_packages_everywhere
from tests.acts import let_use, pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient
from tests.memberships import (
    make_renewing,
    membership,
    noon,
    pause,
    periods,
    resume,
    start,
)
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, unearned

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 24)
DECEMBER, JANUARY = date(2026, 12, 24), date(2027, 1, 24)
TABLES = (Membership, Package, Session, Invoice, Entry)


def owing(package: Package) -> int:
    package.line.invoice.refresh_from_db()
    return owing_of(Invoice.objects.select_related("account").get(pk=package.line.invoice_id))


class TestStart:
    def test_the_first_period_is_sold_and_paid_from_credit(self, clinic: Clinic) -> None:
        pay(clinic, 30000)
        done = start(clinic, make_renewing(clinic))
        (first,) = periods(done.membership_id)
        assert (first.pk, first.period_number, done.owing_minor) == (done.package_id, 1, 0)
        assert (first.period_starts_on, first.period_ends_on) == (TODAY, date(2026, 12, 23))
        assert (first.expires_on, unearned(first), owing(first)) == (date(2026, 12, 23), 20000, 0)
        assert first.line.invoice.notes == "For 24 November 2026 to 23 December 2026."
        row = membership(done.membership_id)
        assert (row.status, row.renews_on, row.periods_count) == ("active", DECEMBER, 1)
        assert_books_straight(clinic.practice)

    def test_without_enough_credit_all_of_it_is_owing(self, clinic: Clinic) -> None:
        pay(clinic, 19999)
        done = start(clinic, make_renewing(clinic))
        assert done.owing_minor == 20000
        assert not Task.objects.exists(), "whoever starts it is there to ask for the money"
        assert_books_straight(clinic.practice)

    def test_credit_can_be_left_alone(self, clinic: Clinic) -> None:
        pay(clinic, 20000)
        assert start(clinic, make_renewing(clinic), use_credit=False).owing_minor == 20000
        assert_books_straight(clinic.practice)

    def test_it_may_have_begun_or_begin_on_a_day_to_come(self, clinic: Clinic) -> None:
        product = make_renewing(clinic)
        early = start(clinic, product, starts_on=date(2026, 11, 1))
        (first,) = periods(early.membership_id)
        assert (first.sold_on, first.expires_on) == (date(2026, 11, 1), date(2026, 11, 30))
        late = start(clinic, product, starts_on=date(2026, 12, 1))
        assert (late.invoice_id, periods(late.membership_id)) == (None, [])
        assert renew_everywhere(noon(date(2026, 11, 30))) == Counter()
        assert renew_everywhere(noon(date(2026, 12, 1))) == Counter(renewed=2)
        (begun,) = periods(late.membership_id)
        assert (begun.sold_on, begun.expires_on) == (date(2026, 12, 1), date(2026, 12, 31))
        assert_books_straight(clinic.practice)

    def test_what_is_refused(self, clinic: Clinic) -> None:
        product, once = make_renewing(clinic), make_product(clinic, make_visit_type(clinic))
        with refuses(DoesNotRenew, *TABLES):
            start(clinic, once)
        with refuses(StartsTooEarly, *TABLES):
            start(clinic, product, starts_on=date(2026, 10, 24))
        with refuses(StartsTooLate, *TABLES):
            start(clinic, product, starts_on=date(2028, 1, 1))
        Practice.objects.filter(pk=clinic.practice.pk).update(books_closed_on=date(2026, 11, 20))
        with refuses(StartsTooEarly, *TABLES):
            start(clinic, product, starts_on=date(2026, 11, 20))
        product.item.archived_at = NOW
        product.item.save()
        with refuses(ProductArchived, *TABLES):
            start(clinic, product)
        clinic.patient.archived_at = NOW
        clinic.patient.save()
        with refuses(PatientArchived, *TABLES):
            start(clinic, product)


class TestRenewal:
    def test_what_is_left_rolls_over_up_to_its_limit(self, clinic: Clinic) -> None:
        pay(clinic, 40000)
        done = start(clinic, make_renewing(clinic))
        assert renew_everywhere(noon(DECEMBER)) == Counter(renewed=1)
        first, second = periods(done.membership_id)
        assert (second.sold_on, second.expires_on) == (DECEMBER, date(2027, 1, 23))
        assert (first.net_minor, second.net_minor) == (10000, 30000)
        assert (unearned(first), unearned(second), owing(second)) == (10000, 30000, 0)
        assert [part.units for part in (first.parts.get(), second.parts.get())] == [2, 6]
        acts = PackageAct.objects.filter(kind="rolled_over").order_by("pk")
        assert [(act.package_id, act.value_minor) for act in acts] == [
            (first.pk, -10000),
            (second.pk, 10000),
        ]
        assert renew_everywhere(noon(DECEMBER)) == Counter()
        assert_books_straight(clinic.practice)

    @pytest.mark.parametrize("measure", ["minutes", "money"])
    def test_units_roll_over_with_their_share(self, clinic: Clinic, measure: str) -> None:
        product = make_renewing(
            clinic, units=100, price_minor=10001, rollover_most=30, measure=measure
        )
        done = start(clinic, product)
        renew_everywhere(noon(DECEMBER))
        first, second = periods(done.membership_id)
        assert (unearned(first), unearned(second)) == (7001, 13001)
        free = Session.objects.filter(package_id=second.pk).order_by("pk")
        assert [row.units for row in free] == [100, 30]
        assert_books_straight(clinic.practice)

    def test_taxed_at_use_and_an_odd_price(self, clinic: Clinic) -> None:
        product = make_renewing(
            clinic, units=3, price_minor=10000, tax=clinic.tax, tax_at_use=True, rollover_most=1
        )
        done = start(clinic, product)
        renew_everywhere(noon(DECEMBER))
        first, second = periods(done.membership_id)
        assert unearned(first) + unearned(second) == 20000
        assert first.net_minor + first.tax_minor == unearned(first)
        assert_books_straight(clinic.practice)

    def test_what_was_taxed_otherwise_stays_and_lasts_as_long(self, clinic: Clinic) -> None:
        product = make_renewing(clinic, tax=clinic.tax)
        done = start(clinic, product)
        product.item.tax_at_use = True
        product.item.save()
        renew_everywhere(noon(DECEMBER))
        first, second = periods(done.membership_id)
        assert first.expires_on == second.expires_on == date(2027, 1, 23)
        assert first.parts.get().units == 4
        assert_books_straight(clinic.practice)

    def test_what_was_extended_further_and_nothing_to_roll_stay(self, clinic: Clinic) -> None:
        done = start(clinic, make_renewing(clinic))
        none = start(clinic, make_renewing(clinic, rollover_most=0))
        Package.objects.filter(membership_id=done.membership_id).update(expires_on=date(2027, 6, 1))
        renew_everywhere(noon(DECEMBER))
        for pk in (done.membership_id, none.membership_id):
            first, second = periods(pk)
            assert (unearned(first), unearned(second)) == (20000, 20000)
        assert_books_straight(clinic.practice)

    def test_of_a_kind_that_is_offered_no_longer_a_part_is_made(self, clinic: Clinic) -> None:
        product, other = make_renewing(clinic), make_visit_type(clinic)
        done = start(clinic, product)
        product.parts.get().covers.update(appointment_type=other)
        renew_everywhere(noon(DECEMBER))
        _first, second = periods(done.membership_id)
        parts = list(second.parts.all())
        assert [part.units for part in parts] == [4, 2]
        assert parts[1].covers.get().appointment_type_id != other.pk
        assert_books_straight(clinic.practice)

    def test_missed_periods_are_caught_up_and_keep_the_day(self, clinic: Clinic) -> None:
        started = noon(date(2027, 1, 31))
        done = start(clinic, make_renewing(clinic), now=started)
        assert renew_everywhere(noon(date(2027, 4, 2))) == Counter(renewed=2)
        found = periods(done.membership_id)
        assert [one.sold_on for one in found] == [
            date(2027, 1, 31),
            date(2027, 2, 28),
            date(2027, 3, 31),
        ]
        assert [one.parts.get().units for one in found] == [2, 4, 6]
        assert membership(done.membership_id).renews_on == date(2027, 4, 30)
        assert_books_straight(clinic.practice)

    def test_in_closed_books_it_is_dated_today(self, clinic: Clinic) -> None:
        done = start(clinic, make_renewing(clinic))
        Practice.objects.filter(pk=clinic.practice.pk).update(books_closed_on=date(2026, 12, 31))
        renew_everywhere(noon(date(2027, 1, 5)))
        first, second = periods(done.membership_id)
        assert (second.sold_on, second.period_starts_on) == (date(2027, 1, 5), DECEMBER)
        assert second.expires_on == date(2027, 1, 23)
        assert unearned(first) == 10000
        assert_books_straight(clinic.practice)

    def test_what_credit_does_not_pay_leaves_a_task(self, clinic: Clinic) -> None:
        done = start(clinic, make_renewing(clinic))
        pay(clinic, 5000)
        renew_everywhere(noon(DECEMBER))
        second = periods(done.membership_id)[1]
        assert owing(second) == 20000
        (task,) = Task.objects.all()
        assert (task.kind, task.subject_id) == ("membership_owing", done.membership_id)
        assert task.body == {
            "payer_id": clinic.patient.payer_id,
            "amount_minor": 20000,
            "invoice_ids": str(second.line.invoice_id),
        }
        assert_books_straight(clinic.practice)

    def test_the_family_pays_what_is_missing_unless_it_is_to_be_asked(self, clinic: Clinic) -> None:
        done = start(clinic, make_renewing(clinic))
        ben, cleo = make_patient(practice=clinic.practice), make_patient(practice=clinic.practice)
        let_use(clinic, cleo, mode="ask")
        pay(clinic, 5000)
        pay(clinic, 50000, patient=cleo)
        renew_everywhere(noon(DECEMBER))
        assert owing(periods(done.membership_id)[1]) == 20000
        let_use(clinic, ben)
        pay(clinic, 15000, patient=ben)
        renew_everywhere(noon(JANUARY))
        assert owing(periods(done.membership_id)[2]) == 0
        assert_books_straight(clinic.practice)

    def test_price_and_terms_follow_the_product(self, clinic: Clinic) -> None:
        product = make_renewing(clinic)
        done = start(clinic, product)
        product.item.price_minor = 25000
        product.item.save()
        product.renews_unit = "week"
        product.save()
        renew_everywhere(noon(DECEMBER))
        second = periods(done.membership_id)[1]
        assert (second.net_minor, second.expires_on) == (25000 + 10000, date(2026, 12, 30))
        assert membership(done.membership_id).renews_on == date(2026, 12, 31)
        assert_books_straight(clinic.practice)

    def test_those_who_may_use_it_may_use_the_next_one(self, clinic: Clinic) -> None:
        done = start(clinic, make_renewing(clinic))
        ben = make_patient(practice=clinic.practice)
        PackageShare.objects.create(
            practice=clinic.practice,
            package_id=done.package_id,
            patient=ben,
            most_units=1,
            given_at=NOW,
        )
        renew_everywhere(noon(DECEMBER))
        shares = PackageShare.objects.order_by("pk")
        assert [(one.patient_id, one.most_units) for one in shares] == [(ben.pk, 1)] * 2
        assert_books_straight(clinic.practice)

    @pytest.mark.parametrize("what", ["product", "patient"])
    def test_it_stops_where_nothing_can_be_sold(self, clinic: Clinic, what: str) -> None:
        product = make_renewing(clinic)
        done = start(clinic, product)
        row = product.item if what == "product" else clinic.patient
        row.archived_at = NOW
        row.save()
        assert renew_everywhere(noon(DECEMBER)) == Counter(stopped=1)
        assert renew_everywhere(noon(DECEMBER)) == Counter()
        (task,) = Task.objects.all()
        assert (task.kind, task.body["why"]) == ("membership_stopped", what)
        assert len(periods(done.membership_id)) == 1
        if what == "product":
            with refuses(ProductArchived, *TABLES):
                resume(clinic, done.membership_id, now=noon(JANUARY))
        row.archived_at = None
        row.save()
        resume(clinic, done.membership_id, now=noon(JANUARY))
        task.refresh_from_db()
        assert task.done_at is not None
        assert membership(done.membership_id).renews_on == JANUARY
        assert_books_straight(clinic.practice)

    def test_the_rest_lapses_but_never_before_its_share_rolled_over(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        late = noon(DECEMBER)
        assert expire_packages_everywhere(late) == 0, "the next period comes first"
        renew_everywhere(late)
        assert expire_packages_everywhere(late) == 1
        first, second = periods(pk)
        assert (unearned(first), unearned(second)) == (0, 30000)
        assert [part.units for part in (first.parts.get(), second.parts.get())] == [2, 6]
        assert_books_straight(clinic.practice)

    def test_of_a_paused_one_everything_lapses(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        pause(clinic, pk)
        assert expire_packages_everywhere(noon(DECEMBER)) == 1
        assert unearned(periods(pk)[0]) == 0
        resume(clinic, pk, now=noon(JANUARY))
        renew_everywhere(noon(JANUARY))
        assert unearned(periods(pk)[1]) == 20000
        assert_books_straight(clinic.practice)

    def test_nothing_due_does_nothing(self, clinic: Clinic) -> None:
        done = start(clinic, make_renewing(clinic))
        command = RenewMembership(practice_id=clinic.practice.pk, membership_id=done.membership_id)
        assert renew_membership(command, noon(date(2026, 12, 23))).did == "nothing"
