"""Packages that run out or are nearly used, memberships that go on or end: who is told, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from creditwell.integrations.email.kinds import KINDS
from creditwell.integrations.email.models import MessageTemplate
from creditwell.integrations.email.templates import SetMessageTemplate, set_message_template
from creditwell.outbox.models import Event
from creditwell.packages.models import Package, Session
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Practice
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.worker.memberships import renew_everywhere
from creditwell.worker.package_notices import notice_everywhere
from tests.acts import pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic
from tests.memberships import cancel, keep, make_renewing, noon, start
from tests.messages.letters import clinic, keep_amounts_out, last_event, letters
from tests.sold import make_product, make_visit_type, sell
from tests.visits import act, wish

__all__ = ["clinic"]
pytestmark = pytest.mark.django_db
LIAM = "liam@mail.example"


@pytest.fixture
def physio(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Physio for a knee")


def switch_on(clinic: Clinic, kinds: Sequence[str]) -> None:
    for kind in kinds:
        set_message_template(
            SetMessageTemplate(
                practice_id=clinic.practice.pk, by=SYSTEM, kind=kind, subject="", body=""
            ),
            NOW,
        )


def ends(package: Package, days: int) -> None:
    Package.objects.filter(pk=package.pk).update(expires_on=NOW.date() + timedelta(days=days))


def test_what_is_sent_at_first_and_that_the_switch_is_kept(clinic: Clinic) -> None:
    off = {name for name, kind in KINDS.items() if kind.off_at_first}
    assert off == {"package_expired", "membership_renewed", "membership_cancelled"}
    switch_on(clinic, sorted(off))
    assert (
        set(MessageTemplate.objects.filter(is_enabled=True).values_list("kind", flat=True)) == off
    )


class TestExpiring:
    def test_once_for_each_last_day(self, clinic: Clinic, physio: AppointmentType) -> None:
        package = sell(clinic, make_product(clinic, physio))
        ends(package, 31)
        assert notice_everywhere(NOW) == 0, "thirty days before, says the practice"
        ends(package, 30)
        assert (notice_everywhere(NOW), notice_everywhere(NOW)) == (1, 0)
        message = letters(clinic)["package_expiring", LIAM]
        assert message.subject == "Your package at Harbour Lane: use it by 24 December 2026"
        assert "What is left of it: 5 sessions." in message.text
        seen = last_event()
        ends(package, 29)
        assert (notice_everywhere(NOW), notice_everywhere(NOW)) == (1, 0)
        assert set(letters(clinic, seen)) == {("package_expiring", LIAM)}

    def test_nobody_is_told_of_what_is_used_up_paused_or_over(
        self, clinic: Clinic, physio: AppointmentType
    ) -> None:
        used, paused, over = [sell(clinic, make_product(clinic, physio)) for _ in range(3)]
        for package in (used, paused, over):
            ends(package, 5)
        Session.objects.filter(package=used).update(status="refunded")
        Package.objects.filter(pk=paused.pk).update(paused_on=NOW.date())
        Package.objects.filter(pk=over.pk).update(ended_at=NOW)
        assert notice_everywhere(NOW) == 0
        Practice.objects.update(expiry_notice_days=0)
        Package.objects.update(paused_on=None, ended_at=None)
        assert notice_everywhere(NOW) == 0

    def test_nor_of_what_was_given_more_time_since(
        self, clinic: Clinic, physio: AppointmentType
    ) -> None:
        package = sell(clinic, make_product(clinic, physio))
        ends(package, 5)
        notice_everywhere(NOW)
        ends(package, 60)
        assert letters(clinic) == {}

    def test_of_a_membership_only_what_lapses_and_only_at_its_end(self, clinic: Clinic) -> None:
        some = start(clinic, make_renewing(clinic)).membership_id
        start(clinic, make_renewing(clinic, rollover_most=4))
        assert notice_everywhere(noon(date(2026, 12, 15))) == 0
        assert notice_everywhere(noon(date(2026, 12, 16))) == 1
        event = Event.objects.get(topic="package.expiring")
        assert Package.objects.get(pk=event.body["package_id"]).membership_id == some
        assert_books_straight(clinic.practice)

    def test_money_is_no_amount_where_none_is_wanted(
        self, clinic: Clinic, physio: AppointmentType
    ) -> None:
        keep_amounts_out(clinic)
        ends(sell(clinic, make_product(clinic, physio, units=9000, measure="money")), 5)
        notice_everywhere(NOW)
        assert "left of it" not in letters(clinic)["package_expiring", LIAM].text


class TestOneLeft:
    def arrive(self, clinic: Clinic, kind: AppointmentType, days: int) -> int:
        starts_at = NOW + timedelta(days=days)
        booked = book_appointment(wish(clinic, kind, starts_at=starts_at, anyway=True), NOW)
        assert booked.attendee_id is not None
        mark_arrived(MarkAttendance(**act(clinic, attendee_id=booked.attendee_id)), starts_at)
        return booked.attendee_id

    def told(self) -> int:
        return Event.objects.filter(topic="package.one_left").count()

    def test_once_when_a_use_leaves_one(self, clinic: Clinic, physio: AppointmentType) -> None:
        sell(clinic, make_product(clinic, physio, units=3, valid_count=6))
        self.arrive(clinic, physio, 0)
        assert self.told() == 0
        second = self.arrive(clinic, physio, 1)
        assert self.told() == 1
        text = letters(clinic)["package_last", LIAM].text
        assert "One session of your package is left." in text
        assert "It can be used until 23 May 2027." in text
        command = ResetAttendance(**act(clinic, attendee_id=second))
        reset_attendance(command, NOW + timedelta(days=1))
        mark_arrived(
            MarkAttendance(**act(clinic, attendee_id=second)), NOW + timedelta(days=1, hours=1)
        )
        assert self.told() == 1, "it was told of that one already"
        self.arrive(clinic, physio, 2)
        assert self.told() == 1
        assert_books_straight(clinic.practice)

    def test_not_when_its_use_was_taken_back_meanwhile(
        self, clinic: Clinic, physio: AppointmentType
    ) -> None:
        sell(clinic, make_product(clinic, physio, units=2))
        visit = self.arrive(clinic, physio, 0)
        reset_attendance(ResetAttendance(**act(clinic, attendee_id=visit)), NOW)
        assert letters(clinic) == {}

    def test_it_is_told_again_of_what_came_to_it(
        self, clinic: Clinic, physio: AppointmentType
    ) -> None:
        package = sell(clinic, make_product(clinic, physio, units=4))
        Package.objects.filter(pk=package.pk).update(last_noticed_on=NOW.date())
        for days in range(3):
            self.arrive(clinic, physio, days)
        assert self.told() == 1


class TestMembership:
    def test_renewed_and_paid_or_owing(self, clinic: Clinic) -> None:
        switch_on(clinic, ["membership_renewed"])
        pay(clinic, 40000)
        start(clinic, make_renewing(clinic))
        assert ("membership_renewed", LIAM) not in letters(clinic), "who starts it is told by hand"
        renew_everywhere(noon(date(2026, 12, 24)))
        message = letters(clinic)["membership_renewed", LIAM]
        assert "goes on from 24 December 2026 to 23 January 2027" in message.text
        assert "It was paid from your account credit" in message.text
        assert (message.document, "Please" in message.text) == ("invoice", False)
        seen = last_event()
        renew_everywhere(noon(date(2027, 1, 24)))
        message = letters(clinic, seen)["membership_renewed", LIAM]
        assert "Please pay $200.00 by" in message.text
        assert_books_straight(clinic.practice)

    def test_renewed_without_amounts(self, clinic: Clinic) -> None:
        switch_on(clinic, ["membership_renewed"])
        keep_amounts_out(clinic)
        start(clinic, make_renewing(clinic))
        renew_everywhere(noon(date(2026, 12, 24)))
        assert "Please pay it by" in letters(clinic)["membership_renewed", LIAM].text

    def test_renewed_for_nothing(self, clinic: Clinic) -> None:
        switch_on(clinic, ["membership_renewed"])
        start(clinic, make_renewing(clinic, price_minor=0))
        renew_everywhere(noon(date(2026, 12, 24)))
        assert "Nothing is to be paid." in letters(clinic)["membership_renewed", LIAM].text
        assert_books_straight(clinic.practice)

    def test_cancelled_unless_it_was_kept(self, clinic: Clinic) -> None:
        switch_on(clinic, ["membership_cancelled"])
        pk = start(clinic, make_renewing(clinic)).membership_id
        cancel(clinic, pk)
        message = letters(clinic)["membership_cancelled", LIAM]
        assert "Its last day is 23 December 2026." in message.text
        seen = last_event()
        keep(clinic, pk)
        cancel(clinic, pk)
        keep(clinic, pk)
        assert letters(clinic, seen) == {}

    def test_nothing_is_sent_until_it_is_switched_on(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        renew_everywhere(noon(date(2026, 12, 24)))
        cancel(clinic, pk, now=noon(date(2026, 12, 25)))
        assert letters(clinic) == {}


def test_what_expired_is_told_with_what_was_left(clinic: Clinic, physio: AppointmentType) -> None:
    switch_on(clinic, ["package_expired"])
    package = sell(clinic, make_product(clinic, physio))
    ends(package, -1)
    Session.objects.filter(package=package).update(status="expired")
    Event.objects.create(
        practice=clinic.practice,
        topic="package.expired",
        body={"package_id": package.pk},
        created_at=NOW,
    )
    text = letters(clinic)["package_expired", LIAM].text
    assert "could be used until 23 November 2026 and has expired" in text
    assert "What was left of it: 5 sessions." in text
