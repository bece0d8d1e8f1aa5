"""Move packages to another patient and payer: two records of one person became one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from creditwell.ledger.accounts import change_holder
from creditwell.packages.models import (
    ActKind,
    Membership,
    Package,
    PackageAct,
    PackageShare,
    Session,
)
from creditwell.scheduling.models import Attendee


def move_payer(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """Move packages (all, or these) and their accounts to another payer; returns what moved."""
    found = Package.objects.filter(practice_id=practice_id, payer_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    rows = list(found.order_by("pk").values_list("pk", "account_id"))
    change_holder(
        practice_id=practice_id,
        from_id=from_id,
        to_id=to_id,
        account_ids=[account for _pk, account in rows],
    )
    moved = [pk for pk, _account in rows]
    Package.objects.filter(practice_id=practice_id, pk__in=moved).update(payer_id=to_id)
    return moved


def move_patient(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """
    Move packages (all, or these) to another owner; visits were moved before. Returns what moved.
    """
    found = Package.objects.filter(practice_id=practice_id, patient_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    moved = list(found.order_by("pk").values_list("pk", flat=True))
    Package.objects.filter(practice_id=practice_id, pk__in=moved).update(patient_id=to_id)
    _follow_visits(practice_id, [from_id, to_id])
    _follow_uses(practice_id, from_id, to_id, back=ids is not None)
    return moved


def _follow_visits(practice_id: int, patient_ids: Sequence[int]) -> None:
    """A session is of the patient of its visit."""
    whose = Attendee.objects.filter(practice_id=practice_id, pk=OuterRef("attendee_id"))
    Session.objects.filter(
        practice_id=practice_id, attendee__isnull=False, patient_id__in=patient_ids
    ).update(patient_id=Subquery(whose.values("patient_id")[:1]))


def _follow_uses(practice_id: int, from_id: int, to_id: int, *, back: bool) -> None:
    """What was used without a visit goes along; on the way back only what was theirs before."""
    rows = Session.objects.filter(
        practice_id=practice_id, attendee__isnull=True, patient_id=from_id
    )
    if back:
        uses = PackageAct.objects.filter(
            practice_id=practice_id, kind=ActKind.USED, details__patient_id=to_id
        )
        rows = rows.filter(pk__in=list(uses.values_list("session_id", flat=True)))
    rows.update(patient_id=to_id)


def move_memberships(
    *,
    practice_id: int,
    people: tuple[int, int],
    payers: tuple[int, int],
    ids: Iterable[int] | None = None,
) -> list[int]:
    """Move memberships (all, or these) from the first patient and payer to the second."""
    found = Membership.objects.filter(practice_id=practice_id, patient_id=people[0])
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    moved = list(found.order_by("pk").values_list("pk", flat=True))
    Membership.objects.filter(practice_id=practice_id, pk__in=moved).update(
        patient_id=people[1], payer_id=payers[1]
    )
    return moved


def move_shares(
    *, practice_id: int, from_id: int, to_id: int, now: datetime
) -> dict[str, list[int]]:
    """
    What the one may use the other may use; packages have been moved before. A share in one's own
    package is ended, and so is a second one in the same package. Returns what `shares_back` needs.
    """
    given = PackageShare.objects.filter(practice_id=practice_id, ended_at__isnull=True)
    taken = given.filter(patient_id=to_id).values_list("package_id", flat=True)
    theirs = given.filter(patient_id=from_id)
    own = given.filter(patient_id__in=[from_id, to_id], package__patient_id=to_id)
    ended = set(own.values_list("pk", flat=True))
    ended |= set(theirs.filter(package_id__in=list(taken)).values_list("pk", flat=True))
    moved = sorted(set(theirs.values_list("pk", flat=True)) - ended)
    rows = PackageShare.objects.filter(practice_id=practice_id)
    rows.filter(pk__in=ended).update(ended_at=now)
    rows.filter(pk__in=moved).update(patient_id=to_id)
    return {"moved": moved, "ended": sorted(ended)}


def shares_back(*, practice_id: int, from_id: int, to_id: int, done: Mapping[str, Any]) -> None:
    """Take `move_shares` back: from the kept record's patient to the merged one's."""
    rows = PackageShare.objects.filter(practice_id=practice_id)
    rows.filter(pk__in=done["moved"], patient_id=from_id).update(patient_id=to_id)
    for share in rows.filter(pk__in=done["ended"]).order_by("pk"):
        standing = rows.filter(
            package_id=share.package_id, patient_id=share.patient_id, ended_at__isnull=True
        )
        if not standing.exists():
            rows.filter(pk=share.pk).update(ended_at=None, ended_by_id=None)
