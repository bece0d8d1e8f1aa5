"""What of account credit can go back, by the source it came in by; and refunds that were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from creditwell.credit.queries import open_lots
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import PaymentPart, Refund, RefundPart
from creditwell.payments.rules import cash_back
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundablePart:
    """
    A part of a payment of which something can go back.

    `most` is the smaller of what came by this source and was not refunded, and what of the
    payment is not allocated. `in_till` is what came into the till by it and did not leave again.
    """

    part_id: int
    payment_id: int
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

    def back(self, amount: Money, cash_rounding_minor: int) -> Money:
        """What would leave the till for so much credit."""
        in_till = self.in_till if amount == self.came - self.refunded else None
        return cash_back(amount, self.kind, cash_rounding_minor, in_till=in_till)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refundable:
    """The account credit of a payer: by part, and what cannot go back to a source."""

    parts: tuple[RefundablePart, ...]
    credit: Money
    elsewhere: Money  # goodwill, vouchers, opening balances: no source to go back to

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


def refundable(practice: PracticeFacts, payer_id: int) -> Refundable:
    """What can go back, oldest payment first; two queries."""
    lots = open_lots(practice_id=practice.id, payer_ids=[payer_id])
    left = {lot.id: lot.left_minor for lot in lots if lot.refundable}
    refunds = RefundPart.objects.filter(practice_id=practice.id, part_id=OuterRef("pk"))
    went_out = refunds.values("part_id").annotate(minor=Sum("amount_minor")).values("minor")
    rows = (
        PaymentPart.objects.filter(
            practice_id=practice.id,
            payment__practice_id=practice.id,
            payment__lot_id__in=list(left),
            payment__status="recorded",
        )
        .select_related("payment", "source")
        .annotate(out_minor=Coalesce(Subquery(went_out), 0))
        .order_by("payment__received_on", "pk")
    )
    parts = []
    lots_with_parts = set()
    for row in rows:
        lots_with_parts.add(row.payment.lot_id)
        came = row.amount_minor + row.rounding_minor
        most = min(came - row.refunded_minor, left[row.payment.lot_id])
        if most > 0:
            parts.append(_part(practice, row, left[row.payment.lot_id], most, row.out_minor))
    credit = sum(lot.left_minor for lot in lots)
    elsewhere = sum(lot.left_minor for lot in lots if lot.id not in lots_with_parts)
    return Refundable(
        parts=tuple(parts), credit=practice.money(credit), elsewhere=practice.money(elsewhere)
    )


def _part(
    practice: PracticeFacts, row: PaymentPart, left: int, most: int, out_minor: int
) -> RefundablePart:
    return RefundablePart(
        part_id=row.pk,
        payment_id=row.payment_id,
        number=practice.receipt_number(row.payment.number),
        received_on=row.payment.received_on,
        source=row.source.name,
        kind=row.source.kind,
        reference=row.reference,
        came=practice.money(row.amount_minor + row.rounding_minor),
        refunded=practice.money(row.refunded_minor),
        lot_left=practice.money(left),
        most=practice.money(most),
        in_till=practice.money(row.amount_minor - out_minor),
    )


def refund_facts(practice: PracticeFacts, refund_id: int) -> RefundFacts:
    """
    Read a refund; two queries.

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
