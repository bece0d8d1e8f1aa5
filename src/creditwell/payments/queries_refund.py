"""What of account credit can go back, by the source it came in by; and refunds that were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from creditwell.credit.models import LotKind
from creditwell.credit.queries import OpenLot, open_lots
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import PaymentPart, Refund, RefundPart, RefundRequest
from creditwell.payments.refunding import room_of
from creditwell.payments.rules import cash_back
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundablePart:
    """
    A lot of which something can go back, by one part of the payment that it came by.

    `moved`: it was transferred since. An opening balance has no part: its source is chosen. `most`
    is the smaller of what came by this source and was not refunded, and what of the
    payment is not allocated. `in_till` is what came into the till by it and did not leave again.
    """

    lot_id: int
    moved: bool
    part_id: int | None
    payment_id: int | None
    number: str
    received_on: date
    source: str
    kind: str
    reference: str
    came: Money
    refunded: Money
    lot_left: Money
    most: Money
    in_till: Money

    @property
    def field(self) -> str:
        """What it is called on the form."""
        if self.part_id is not None and not self.moved:
            return f"part-{self.part_id}"
        return f"lot-{self.lot_id}-{self.part_id or 0}"

    def back(self, amount: Money, cash_rounding_minor: int) -> Money:
        """What would leave the till for so much credit."""
        in_till = self.in_till if amount == self.came - self.refunded else None
        return cash_back(amount, self.kind, cash_rounding_minor, in_till=in_till)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refundable:
    """The account credit of a payer: by part, and what cannot go back to a source."""

    parts: tuple[RefundablePart, ...]
    credit: Money
    elsewhere: Money  # goodwill: no source to go back to

    @property
    def most(self) -> Money:
        return self.credit - self.elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """What went back by one source; `till` left the till, `rounding` cash rounding adds."""

    source: str
    reference: str
    payment_id: int | None  # none of credit that no payment brought
    payment_number: str
    received_on: date | None
    till: Money
    rounding: Money

    @property
    def settled(self) -> Money:
        return self.till + self.rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """A refund."""

    id: int
    number: str
    payer_id: int
    payer_name: str
    patient_id: int | None
    on: date
    total: Money
    reason: str
    lines: tuple[RefundLine, ...]
    made_at: datetime
    made_by: str
    asked_by: str  # of one that somebody else approved
    asked_at: datetime | None


def refundable(practice: PracticeFacts, payer_id: int) -> Refundable:
    """What can go back, oldest lot first; two queries."""
    lots = open_lots(practice_id=practice.id, payer_ids=[payer_id])
    rows = _parts_of(practice, [lot.root_id for lot in lots if lot.refundable])
    parts: list[RefundablePart] = []
    stays = 0
    for lot in lots:
        came_by = rows.get(lot.root_id, [])
        if lot.refundable and came_by:
            parts += [
                _part(practice, row, lot)
                for row in came_by
                if min(room_of(row), lot.left_minor) > 0
            ]
        elif lot.refundable and lot.kind == LotKind.OPENING:
            parts.append(_opening(practice, lot))
        else:
            stays += lot.left_minor
    credit = sum(lot.left_minor for lot in lots)
    return Refundable(
        parts=tuple(parts), credit=practice.money(credit), elsewhere=practice.money(stays)
    )


def _parts_of(practice: PracticeFacts, lot_ids: list[int]) -> dict[int, list[PaymentPart]]:
    """The parts of the payments that these lots came by."""
    refunds = RefundPart.objects.filter(practice_id=practice.id, part_id=OuterRef("pk"))
    went_out = refunds.values("part_id").annotate(minor=Sum("amount_minor")).values("minor")
    found: dict[int, list[PaymentPart]] = {}
    for row in (
        PaymentPart.objects.filter(
            practice_id=practice.id,
            payment__practice_id=practice.id,
            payment__lot_id__in=lot_ids,
            payment__status="recorded",
        )
        .select_related("payment", "source")
        .annotate(out_minor=Coalesce(Subquery(went_out), 0))
        .order_by("pk")
    ):
        found.setdefault(row.payment.lot_id, []).append(row)
    return found


def _part(practice: PracticeFacts, row: PaymentPart, lot: OpenLot) -> RefundablePart:
    out_minor: int = row.out_minor  # type: ignore[attr-defined]  # annotated above
    return RefundablePart(
        lot_id=lot.id,
        moved=lot.id != lot.root_id,
        part_id=row.pk,
        payment_id=row.payment_id,
        number=practice.receipt_number(row.payment.number),
        received_on=row.payment.received_on,
        source=row.source.name,
        kind=row.source.kind,
        reference=row.reference,
        came=practice.money(row.amount_minor + row.rounding_minor),
        refunded=practice.money(row.refunded_minor),
        lot_left=practice.money(lot.left_minor),
        most=practice.money(min(room_of(row), lot.left_minor)),
        in_till=practice.money(row.amount_minor - out_minor),
    )


def _opening(practice: PracticeFacts, lot: OpenLot) -> RefundablePart:
    return RefundablePart(
        lot_id=lot.id,
        moved=lot.id != lot.root_id,
        part_id=None,
        payment_id=None,
        number="",
        received_on=lot.received_on,
        source="",
        kind="",
        reference="",
        came=practice.money(lot.original_minor),
        refunded=practice.money(0),
        lot_left=practice.money(lot.left_minor),
        most=practice.money(lot.left_minor),
        in_till=practice.money(0),
    )


def refund_facts(practice: PracticeFacts, refund_id: int) -> RefundFacts:
    """
    Read a refund; three queries.

    :raises NotFound: if it is not of this practice
    """
    row = (
        Refund.objects.filter(practice_id=practice.id, pk=refund_id)
        .select_related("payer__patient", "created_by")
        .first()
    )
    if row is None:
        raise NotFound
    patient = getattr(row.payer, "patient", None)
    parts = (
        row.parts.filter(practice_id=practice.id)
        .select_related("part__payment", "source")
        .order_by("pk")
    )
    asked = (
        RefundRequest.objects.filter(practice_id=practice.id, refund_id=row.pk)
        .select_related("requested_by")
        .first()
    )
    return RefundFacts(
        id=row.pk,
        number=str(row.number),
        payer_id=row.payer_id,
        payer_name=row.payer.name,
        patient_id=patient.pk if patient else None,
        on=row.refunded_on,
        total=practice.money(row.total_minor),
        reason=row.reason,
        lines=tuple(_refund_line(practice, part) for part in parts),
        made_at=row.created_at,
        made_by=row.created_by.name if row.created_by else "",
        asked_by=asked.requested_by.name if asked and asked.requested_by else "",
        asked_at=asked.requested_at if asked else None,
    )


def _refund_line(practice: PracticeFacts, row: RefundPart) -> RefundLine:
    came_by = row.part
    return RefundLine(
        source=row.source.name,
        reference=came_by.reference if came_by else "",
        payment_id=came_by.payment_id if came_by else None,
        payment_number=practice.receipt_number(came_by.payment.number) if came_by else "",
        received_on=came_by.payment.received_on if came_by else None,
        till=practice.money(row.amount_minor),
        rounding=practice.money(row.rounding_minor),
    )
