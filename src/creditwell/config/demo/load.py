"""Put the demo clinic together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from django.db import connection, transaction
from django.utils import timezone

from creditwell.config.demo.clinic import open_clinic
from creditwell.config.demo.gifts import plan_gifts
from creditwell.config.demo.members import Members
from creditwell.config.demo.money import Desk, bill_visits
from creditwell.config.demo.packages import Packages
from creditwell.config.demo.patients import add_patients
from creditwell.config.demo.story import Story
from creditwell.config.demo.visits import fill_calendar
from creditwell.tenancy.models import Membership, Practice, User
from creditwell.tenancy.permissions import Role

EMAIL = "owner@demo.example"
PASSWORD = "well-kept ledger"  # noqa: S105  # of a clinic that does not exist
PATIENTS = 400
NAME = "Harbour Lane Physiotherapy"
LOADING = f"{NAME} (being loaded)"

Tick = Callable[[str, int, int], None]


def load(tick: Tick) -> None:
    """
    Add a demo clinic, with one sign-in for each role (`reception@demo.example` …).

    The same clinic each time but for its dates, which end today. `tick(step, done, of how many)`
    is told of the progress. Nothing of its past is sent to anybody.
    """
    now = timezone.now()
    chance = Random(20)  # noqa: S311  # the same clinic each time
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")  # made-up rows need not survive a crash
    owner = _user("Demo Owner", EMAIL)
    opened = now - timedelta(days=400)
    clinic = open_clinic(owner_id=owner.pk, name=LOADING, now=opened, looked_at=now)
    reception = _staff(clinic.practice.id)[Role.RECEPTIONIST]
    with transaction.atomic():
        patients = add_patients(clinic, PATIENTS, chance, now, tick)
    with transaction.atomic():
        visits = fill_calendar(clinic, patients, chance, now, tick)
    story = Story(clinic, patients, now)
    plan_gifts(story, reception)
    packages = Packages(clinic, patients, story, chance)
    Members(packages)
    bill_visits(Desk(clinic, story, packages, chance), visits, tick)
    _forget_messages(clinic.practice.id)
    Practice.objects.filter(pk=clinic.practice.id).update(name=NAME)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        cursor.execute("ANALYZE")


def _user(name: str, email: str) -> User:
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, PASSWORD, name=name)


def _staff(practice_id: int) -> dict[Role, User]:
    users = {}
    for role, name in (
        (Role.RECEPTIONIST, "reception"),
        (Role.BOOKKEEPER, "bookkeeper"),
        (Role.PRACTITIONER, "practitioner"),
        (Role.READ_ONLY, "reader"),
    ):
        user = _user(f"Demo {role.label}", f"{name}@demo.example")
        Membership.objects.create(practice_id=practice_id, user=user, role=role)
        users[role] = user
    return users


def _forget_messages(practice_id: int) -> None:
    """What the demo's past would have told the outside is not told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_event SET delivered_at = now() WHERE practice_id = %s", [practice_id]
        )
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE queue_name = 'outbox' AND status = 'todo' "
            "AND (args ->> 'practice_id')::bigint = %s",
            [practice_id],
        )
