"""Credit goes back to its payer, by the source it came in by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.kernel.numbering import next_number
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal, Leg
from creditwell.ledger.queries import last_raised
from creditwell.outbox.emit import emit
from creditwell.payments.models import PaymentPart, Refund, RefundPart
from creditwell.payments.operations import lock_payer
from creditwell.payments.rules import round_cash
from creditwell.tenancy.access import Actor, Written


class OverRefunded(Refusal):
    """More would go back by a source than came in by it."""

    code = "over_refunded"

    def __init__(self) -> None:
        super().__init__(
            _("This is more than is left of what came in by this source. Nothing was refunded.")
        )


REFUSED_BY["payments_part_not_over_refunded"] = OverRefunded


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCredit:
    """`parts` is (id of the part of a payment that the money came by, minor units)."""

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    parts: tuple[tuple[int, int], ...]
    reason: str
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    refund_id: int
    number: int
    total_minor: int


@usecase(Refunded)
def refund_credit(command: RefundCredit, now: datetime) -> Refunded:
    """
    Give account credit back. Only unallocated credit: un-apply or credit an invoice first.

    :raises NotFound: if a part is not one of this payer's payments
    :raises Invalid: without an amount above zero, without a reason, or for a day to come
    :raises OverRefunded: if more is asked for than came by that source
    :raises Overdrawn: if the credit has been used meanwhile
    """
    found = lock_payer(practice_id=command.practice_id, payer_id=command.payer_id)
    if found is None:
        raise NotFound(_("There is no such patient in this practice."), param="payer")
    practice, written = found[1], Written(command.by, now)
    on = _checked_day(command, practice.day_of(now))
    parts = _parts(command)
    _check_there(practice.id, parts.values(), on)
    journal = Journal(practice.id)
    rows = []
    legs: dict[tuple[str, int], int] = {}
    lots: dict[int, int] = {}
    for part_id, minor in command.parts:
        part = parts[part_id]
        paid = round_cash(practice.money(minor), part.source.kind, practice.cash_rounding_minor)
        rounding = minor - paid.minor
        lots[part.payment.lot.account_id] = lots.get(part.payment.lot.account_id, 0) - minor
        for name, amount in ((("funds", part.source_id), paid.minor), (("rounding", 0), rounding)):
            legs[name] = legs.get(name, 0) + amount
        rows.append(
            {
                "lot_id": part.payment.lot_id,
                "part_id": part_id,
                "source_id": part.source_id,
                "amount_minor": paid.minor,
                "rounding_minor": rounding,
            }
        )
    journal.entry("refund", on, [*lots.items(), *_clinic(journal, legs)])
    posted = journal.post()
    for part_id, minor in command.parts:
        PaymentPart.objects.filter(practice_id=practice.id, pk=part_id).update(
            refunded_minor=F("refunded_minor") + minor
        )
    total = sum(minor for _part, minor in command.parts)
    refund_id, number = _write(command, on, posted.entry_ids[0], written)
    insert_rows(
        RefundPart, [{"practice_id": practice.id, "refund_id": refund_id, **row} for row in rows]
    )
    note(
        "refund_credit",
        ("refund", refund_id),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"payer_id": command.payer_id, "total_minor": total, "reason": command.reason},
    )
    emit("credit.refunded", {"refund_id": refund_id}, practice_id=practice.id, at=now)
    return Refunded(refund_id=refund_id, number=number, total_minor=total)


def _checked_day(command: RefundCredit, today: date) -> date:
    if not command.parts or any(minor <= 0 for _part, minor in command.parts):
        raise Invalid(_("Enter how much goes back, above zero."), param="parts")
    if not command.reason.strip():
        raise Invalid(_("Say why the money goes back; it stands on the refund."), param="reason")
    if command.on is not None and command.on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    return command.on or today


def _check_there(practice_id: int, parts: Iterable[PaymentPart], on: date) -> None:
    """The credit was there on that day: it had come, and had come back from what it once paid."""
    accounts = {part.payment.lot.account_id for part in parts}
    since = last_raised(practice_id=practice_id, account_ids=accounts)
    if since is not None and on < since:
        raise Invalid(
            _("Money cannot go back before the day it came. Choose a later day."), param="date"
        )


def _parts(command: RefundCredit) -> dict[int, PaymentPart]:
    found = {
        part.pk: part
        for part in PaymentPart.objects.filter(
            practice_id=command.practice_id,
            pk__in=[part_id for part_id, _minor in command.parts],
            payment__payer_id=command.payer_id,
            payment__status="recorded",
        ).select_related("payment__lot", "source")
    }
    if any(part_id not in found for part_id, _minor in command.parts):
        raise NotFound(_("There is no such payment of this patient."), param="parts")
    return found


def _clinic(journal: Journal, legs: dict[tuple[str, int], int]) -> list[Leg]:
    return [
        (journal.clinic_wide(kind, reference), minor)
        for (kind, reference), minor in sorted(legs.items())
        if minor
    ]


def _write(command: RefundCredit, on: date, entry_id: int, written: Written) -> tuple[int, int]:
    number = next_number(practice_id=command.practice_id, series="refund")
    refund_id = insert_row(
        Refund,
        {
            "practice_id": command.practice_id,
            "payer_id": command.payer_id,
            "number": number,
            "refunded_on": on,
            "total_minor": sum(minor for _part, minor in command.parts),
            "reason": command.reason,
            "entry_id": entry_id,
            **written.columns,
        },
    )
    return refund_id, number
