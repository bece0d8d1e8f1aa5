"""Read requests for refunds. Amounts are Money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.catalog.models import PaymentSource
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import PaymentPart, RefundRequest
from creditwell.payments.queries_handing_over import HandedOver, handed_over
from creditwell.payments.refund_requests import wanted_by
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """What is asked to go back by one source; without a payment it is an opening balance."""

    source: str
    payment_id: int | None
    payment_number: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """A request for a refund; `asked_by_id` is None when a program asked."""

    id: int
    status: str
    payer_name: str
    patient_id: int | None
    total: Money
    reason: str
    lines: tuple[RequestLine, ...]
    cash: HandedOver | None  # if it were approved now; None of one that was decided
    asked_at: datetime
    asked_by: str
    asked_by_id: int | None
    decided_at: datetime | None
    decided_by: str
    answer: str
    refund_id: int | None

    @property
    def waits(self) -> bool:
        return self.status == RefundRequest.Status.WAITING


def request_facts(practice: PracticeFacts, request_id: int) -> RequestFacts:
    """
    Read a request; a few queries.

    :raises NotFound: if it is not of this practice
    """
    row = (
        RefundRequest.objects.filter(practice_id=practice.id, pk=request_id)
        .select_related("payer__patient", "requested_by", "decided_by")
        .first()
    )
    if row is None:
        raise NotFound
    patient = getattr(row.payer, "patient", None)
    return RequestFacts(
        id=row.pk,
        status=row.status,
        payer_name=row.payer.name,
        patient_id=patient.pk if patient else None,
        total=practice.money(row.total_minor),
        reason=row.reason,
        lines=_lines(practice, row),
        cash=_cash(practice, row),
        asked_at=row.requested_at,
        asked_by=row.requested_by.name if row.requested_by else "",
        asked_by_id=row.requested_by_id,
        decided_at=row.decided_at,
        decided_by=row.decided_by.name if row.decided_by else "",
        answer=row.answer,
        refund_id=row.refund_id,
    )


def _cash(practice: PracticeFacts, request: RefundRequest) -> HandedOver | None:
    if request.status != RefundRequest.Status.WAITING:
        return None
    return handed_over(practice, request.payer_id, wanted_by(request))


def _lines(practice: PracticeFacts, request: RefundRequest) -> tuple[RequestLine, ...]:
    ids = [one["part_id"] for one in request.parts if one["part_id"]]
    lots = [one["lot_id"] for one in request.parts if not one["part_id"]]
    parts = PaymentPart.objects.filter(practice_id=practice.id).select_related("payment", "source")
    by_id = parts.in_bulk(ids)
    by_lot = {row.payment.lot_id: row for row in parts.filter(payment__lot_id__in=lots)}
    chosen = [one["source_id"] for one in request.parts if one["source_id"]]
    sources = PaymentSource.objects.filter(practice_id=practice.id).in_bulk(chosen)
    lines = []
    for one in request.parts:
        part = by_id.get(one["part_id"]) if one["part_id"] else by_lot.get(one["lot_id"])
        source = part.source if part else sources.get(one["source_id"])
        lines.append(
            RequestLine(
                source=source.name if source else "",
                payment_id=part.payment_id if part else None,
                payment_number=practice.receipt_number(part.payment.number) if part else "",
                amount=practice.money(one["minor"]),
            )
        )
    return tuple(lines)
