"""Up to which amounts somebody may give money back alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import Practice
from creditwell.tenancy.permissions import PERMISSIONS


@dataclass(frozen=True, slots=True)
class RefundLimits:
    """
    What the practice allows whoever is asking, in minor units; None: no limit.

    `alone_up_to_minor` is None for those who may approve refunds themselves.
    """

    may_approve: bool
    alone_up_to_minor: int | None
    two_above_minor: int | None


_LIMITS_SQL = """
SELECT p.receptionist_refunds_up_to_minor, p.refunds_need_two_above_minor, m.role
  FROM tenancy_practice p
  LEFT JOIN tenancy_membership m
    ON m.practice_id = p.id AND m.user_id = %s AND m.ended_at IS NULL
 WHERE p.id = %s
"""


def refund_limits(*, practice_id: int, by: Actor) -> RefundLimits:
    """
    Read anew what this person may refund alone: by the role that they have now, not by what a page
    believed. One query.

    A program (API key) is not a receptionist: only the amount above which two are needed binds it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LIMITS_SQL, [by.user_id, practice_id])
        row = cursor.fetchone()
    assert row is not None, "a use case acts in a practice that there is"
    alone, two, role = row
    may_approve = by.user_id is None or role in PERMISSIONS["refunds.approve"]
    return RefundLimits(may_approve, None if may_approve else alone, two)


def practice_limits(practice_id: int) -> tuple[int | None, int | None]:
    """What the owner has set: receptionists alone up to, two people above; one query."""
    return Practice.objects.values_list(
        "receptionist_refunds_up_to_minor", "refunds_need_two_above_minor"
    ).get(pk=practice_id)
