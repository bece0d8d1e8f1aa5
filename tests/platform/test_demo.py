"""What the demo clinic tells of credit, without its year of visits."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from creditwell.config.demo.clinic import open_clinic
from creditwell.config.demo.gifts import plan_gifts
from creditwell.config.demo.members import Members
from creditwell.config.demo.packages import Packages
from creditwell.config.demo.patients import add_patients
from creditwell.config.demo.story import Story
from creditwell.credit.models import Lot, Share
from creditwell.packages.models import Membership
from creditwell.payments.models import (
    AllocationReturn,
    Dishonour,
    Gift,
    LotExpiry,
    Refund,
    RefundRequest,
    TransferReturn,
    Voucher,
)
from creditwell.people.models import Family
from creditwell.scheduling.models import WorkingHours
from creditwell.tasks.models import Task
from creditwell.tenancy.models import Practice, User
from tests.books import assert_books_straight
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_its_story_of_credit_holds_together() -> None:
    owner = User.objects.create_user("owner@example.org", "a long phrase", name="Olive Owner")
    clinic = open_clinic(
        owner_id=owner.pk, name="Demo", now=NOW - timedelta(days=400), looked_at=NOW
    )
    chance = Random(20)
    patients = add_patients(clinic, 40, chance, NOW, lambda *_: None)
    story = Story(clinic, patients, NOW)
    plan_gifts(story, owner)
    story.until(NOW)
    assert Family.objects.count() == 4
    assert set(Share.objects.values_list("mode", flat=True)) == set(Share.Mode.values)
    assert Share.objects.filter(owner__patient__isnull=True).count() == 3  # the funder's
    assert TransferReturn.objects.count() == 1
    assert set(Gift.objects.values_list("lot__kind", flat=True)) == {"goodwill", "opening"}
    assert LotExpiry.objects.count() == 1
    assert Lot.objects.filter(expiry_noticed_on__isnull=False).count() == 2
    assert Voucher.objects.count() == 4
    assert Dishonour.objects.get().loss_minor == 0
    assert AllocationReturn.objects.count() == 1  # the invoice is owing again
    assert Refund.objects.get().total_minor == 10000
    assert RefundRequest.objects.get().total_minor == 56000
    kinds = set(Task.objects.values_list("kind", flat=True))
    assert kinds == {"dishonour", "refund_request"}
    assert_books_straight(Practice.objects.get(pk=clinic.practice.id))


@pytest.mark.parametrize("days", [0, 1, 2, 3])
def test_its_memberships_are_as_if_the_worker_had_run_all_the_time(days: int) -> None:
    owner = User.objects.create_user("owner@example.org", "a long phrase", name="Olive Owner")
    now, opened = NOW + timedelta(days=days), NOW - timedelta(days=400)
    clinic = open_clinic(owner_id=owner.pk, name="Demo", now=opened, looked_at=now)
    chance = Random(20)
    story = Story(clinic, add_patients(clinic, 90, chance, now, lambda *_: None), now)
    Members(Packages(clinic, story.patients, story, chance))
    story.until(now)
    running = Membership.objects.filter(practice_id=clinic.practice.id)
    assert running.count() == 7
    assert not running.filter(renews_on__lte=clinic.practice.day_of(now)).exists()
    assert_books_straight(Practice.objects.get(pk=clinic.practice.id))


def test_its_team_works_on_the_day_it_is_looked_at() -> None:
    owner = User.objects.create_user("owner@example.org", "a long phrase", name="Olive Owner")
    sunday = NOW + timedelta(days=5)
    clinic = open_clinic(owner_id=owner.pk, name="Demo", now=NOW, looked_at=sunday)
    hours = WorkingHours.objects.filter(practice_id=clinic.practice.id)
    assert set(hours.values_list("weekday", flat=True)) == {0, 1, 2, 3, 4, 6}
