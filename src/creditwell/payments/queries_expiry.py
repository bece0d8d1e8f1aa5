"""Credit that runs out soon, and what ran out lately. Amounts are Money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from creditwell.credit.models import Lot, LotKind
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import LotExpiry
from creditwell.people.models import Patient
from creditwell.tenancy.access import PracticeFacts

SHOWN = timedelta(days=60)
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringLot:
    """`left` expires on a day, or expired then and was not given back (`expired`)."""

    lot_id: int
    payer_name: str
    patient_id: int | None
    kind: str
    received_on: date
    expires_on: date | None
    left: Money
    expired: Money
    noticed_on: date | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """At most MOST lots of each, the earliest first and the latest expired first."""

    soon: tuple[ExpiringLot, ...]
    gone: tuple[ExpiringLot, ...]


def expiring_credit(practice: PracticeFacts, today: date) -> Expiring:
    """What expires in the next sixty days, and what expired in the last; four queries."""
    soon = list(
        _lots(practice.id)
        .filter(
            expires_on__gte=today,
            expires_on__lte=today + SHOWN,
            account__balance_minor__gt=0,
        )
        .order_by("expires_on", "pk")[:MOST]
    )
    rows = LotExpiry.objects.filter(
        practice_id=practice.id,
        expired_on__gte=today - SHOWN,
        returned_minor__lt=F("amount_minor"),
    ).order_by("-expired_on", "-pk")
    expired: dict[int, int] = {}
    for lot_id, amount, returned in rows.values_list("lot_id", "amount_minor", "returned_minor")[
        :MOST
    ]:
        expired[lot_id] = expired.get(lot_id, 0) + amount - returned
    waiting = Q(expires_on__lt=today, account__balance_minor__gt=0)  # the job has not come yet
    gone = list(_lots(practice.id).filter(Q(pk__in=list(expired)) | waiting)[:MOST])
    gone.sort(key=lambda lot: (lot.expires_on or today, lot.pk), reverse=True)
    patients = _patients(practice.id, [lot.payer_id for lot in (*soon, *gone)])
    return Expiring(
        soon=tuple(_line(practice, lot, 0, patients) for lot in soon),
        gone=tuple(
            _line(practice, lot, _gone(lot, expired.get(lot.pk, 0)), patients) for lot in gone
        ),
    )


def lot_line(practice: PracticeFacts, lot_id: int) -> ExpiringLot:
    """
    One lot, with what of it expired and was not given back; three queries.

    :raises NotFound: if this practice has no such lot
    """
    lot = _lots(practice.id).filter(pk=lot_id).first()
    if lot is None:
        raise NotFound
    rows = LotExpiry.objects.filter(practice_id=practice.id, lot_id=lot_id)
    expired = sum(
        amount - returned for amount, returned in rows.values_list("amount_minor", "returned_minor")
    )
    return _line(practice, lot, expired, _patients(practice.id, [lot.payer_id]))


def _gone(lot: Lot, expired_minor: int) -> int:
    return expired_minor + (lot.account.balance_minor or 0)


def _lots(practice_id: int) -> QuerySet[Lot]:
    return Lot.objects.filter(practice_id=practice_id).select_related("payer", "account")


def _patients(practice_id: int, payer_ids: Iterable[int]) -> dict[int, int]:
    rows = Patient.objects.filter(practice_id=practice_id, payer_id__in=list(payer_ids))
    return dict(rows.values_list("payer_id", "pk"))


def _line(
    practice: PracticeFacts, lot: Lot, expired_minor: int, patients: dict[int, int]
) -> ExpiringLot:
    return ExpiringLot(
        lot_id=lot.pk,
        payer_name=lot.payer.name,
        patient_id=patients.get(lot.payer_id),
        kind=str(LotKind(lot.kind).label),
        received_on=lot.received_on,
        expires_on=lot.expires_on,
        left=practice.money(lot.account.balance_minor or 0),
        expired=practice.money(expired_minor),
        noticed_on=lot.expiry_noticed_on,
        note=lot.note,
    )
