"""Alice runs a practice, Bob works at her desk, Charlie runs another and must see nothing."""

from __future__ import annotations

from dataclasses import dataclass

from creditwell.tenancy.access import Member, member_of
from creditwell.tenancy.models import User
from creditwell.tenancy.permissions import Role
from tests.factories import Clinic, make_clinic, make_member


@dataclass
class Cast:
    """Two clinics and their people; `staff` has one person of each role in Alice's."""

    clinic: Clinic
    other: Clinic
    alice: User
    bob: User
    charlie: User
    staff: dict[str, User]


def make_cast() -> Cast:
    clinic, other = make_clinic(name="Harbour Lane"), make_clinic(name="Elsewhere")
    staff = {
        role.value: make_member(practice=clinic.practice, role=role.value, name=role.label)
        for role in Role
    }
    return Cast(
        clinic=clinic,
        other=other,
        alice=staff[Role.OWNER],
        bob=staff[Role.RECEPTIONIST],
        charlie=make_member(practice=other.practice, role=Role.OWNER, name="Charlie"),
        staff=staff,
    )


def member(user: User) -> Member:
    """The user's place in their (first) practice."""
    found = member_of(user, None)
    assert found is not None
    return found
