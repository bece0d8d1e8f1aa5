"""A membership is paused and resumed, cancelled and kept."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from creditwell.invoicing.models import Invoice
from creditwell.ledger.models import Entry
from creditwell.packages.memberships import MembershipEnded
from creditwell.packages.models import Membership, Package, Session
from creditwell.usecases.cancel_membership import CancelReasonMissing
from creditwell.usecases.keep_membership import NotCancelled, PeriodOver
from creditwell.usecases.pause_membership import PauseEndsFirst, PauseInThePast
from creditwell.usecases.resume_membership import NextInThePast, NotPaused
from creditwell.worker.memberships import renew_everywhere
from tests.books import assert_books_straight
from tests.factories import Clinic
from tests.memberships import (
    cancel,
    keep,
    make_renewing,
    membership,
    noon,
    pause,
    periods,
    resume,
    start,
)
from tests.refusing import refuses

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 24)
DECEMBER, JANUARY = date(2026, 12, 24), date(2027, 1, 24)
TABLES = (Membership, Package, Session, Invoice, Entry)


class TestPause:
    def test_no_period_begins_until_it_ends_by_itself(self, clinic: Clinic) -> None:
        done = start(clinic, make_renewing(clinic))
        pk = done.membership_id
        pause(clinic, pk, paused_on=date(2026, 12, 20), resumes_on=date(2027, 2, 10))
        assert renew_everywhere(noon(date(2027, 2, 9))) == Counter()
        assert renew_everywhere(noon(date(2027, 2, 12))) == Counter(resumed=1, renewed=1)
        second = periods(pk)[1]
        assert (second.period_starts_on, second.period_ends_on) == (
            date(2027, 2, 10),
            date(2027, 3, 9),
        )
        assert membership(pk).renews_on == date(2027, 3, 10)
        assert_books_straight(clinic.practice)

    def test_a_pause_to_come_lets_earlier_periods_begin(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        pause(clinic, pk, paused_on=date(2027, 1, 2))
        assert renew_everywhere(noon(JANUARY)) == Counter(renewed=1)
        assert renew_everywhere(noon(JANUARY)) == Counter()

    def test_it_is_resumed_by_hand_with_a_day_for_the_next_period(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        pause(clinic, pk)
        with refuses(NextInThePast, *TABLES):
            resume(clinic, pk, next_on=date(2026, 12, 1))
        assert resume(clinic, pk, next_on=date(2027, 1, 31)).renews_on == "2027-01-31"
        renew_everywhere(noon(date(2027, 3, 1)))
        assert [one.sold_on for one in periods(pk)[1:]] == [date(2027, 1, 31), date(2027, 2, 28)]

    def test_a_pause_that_ends_before_anything_was_missed_changes_nothing(
        self, clinic: Clinic
    ) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        pause(clinic, pk)
        resume(clinic, pk, now=noon(date(2026, 12, 1)))
        row = membership(pk)
        assert (row.renews_on, row.anchor_on, row.status) == (DECEMBER, TODAY, "active")

    def test_its_end_can_be_changed_while_it_lasts(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        pause(clinic, pk)
        later = noon(date(2026, 12, 10))
        pause(clinic, pk, now=later, resumes_on=date(2027, 1, 1))
        assert membership(pk).paused_on == TODAY
        with refuses(PauseEndsFirst, *TABLES):
            pause(clinic, pk, now=later, resumes_on=date(2026, 12, 10))

    def test_what_is_refused(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        with refuses(PauseInThePast, *TABLES):
            pause(clinic, pk, paused_on=date(2026, 11, 23))
        with refuses(PauseEndsFirst, *TABLES):
            pause(clinic, pk, resumes_on=TODAY)
        with refuses(NotPaused, *TABLES):
            resume(clinic, pk)
        cancel(clinic, pk)
        with refuses(MembershipEnded, *TABLES):
            pause(clinic, pk)


class TestCancel:
    def test_it_ends_with_its_period_and_can_be_taken_back_until_then(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        assert cancel(clinic, pk).cancelled_on == "2026-12-23"
        assert renew_everywhere(noon(DECEMBER)) == Counter()
        with refuses(PeriodOver, *TABLES):
            keep(clinic, pk, now=noon(DECEMBER))
        assert keep(clinic, pk, now=noon(date(2026, 12, 23))).status == "active"
        assert renew_everywhere(noon(DECEMBER)) == Counter(renewed=1)
        assert_books_straight(clinic.practice)

    def test_one_that_has_not_begun_never_does(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic), starts_on=DECEMBER).membership_id
        assert cancel(clinic, pk).cancelled_on == "2026-11-24"
        assert renew_everywhere(noon(DECEMBER)) == Counter()
        assert keep(clinic, pk).status == "active"

    def test_a_paused_one_is_paused_again_when_it_is_kept(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        pause(clinic, pk)
        cancel(clinic, pk)
        assert keep(clinic, pk).status == "paused"

    def test_what_is_refused(self, clinic: Clinic) -> None:
        pk = start(clinic, make_renewing(clinic)).membership_id
        with refuses(CancelReasonMissing, *TABLES):
            cancel(clinic, pk, reason=" ")
        with refuses(NotCancelled, *TABLES):
            keep(clinic, pk)
        cancel(clinic, pk)
        with refuses(MembershipEnded, *TABLES):
            cancel(clinic, pk)
