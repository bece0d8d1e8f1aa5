"""Receipts: what a payer gets for a payment."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F
from typing_extensions import TypedDict

from creditwell.api.answers import Pdf
from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import QueryId
from creditwell.integrations.documents import build_payments
from creditwell.kernel.errors import NotFound
from creditwell.payments.models import Allocation, Payment, PaymentPart
from creditwell.payments.rules_voucher import GROUP
from creditwell.payments.vouchers import vouchers_of

receipts = Routes("Receipts")


class ReceivedOut(TypedDict):
    """What was received by a source, cash rounding included."""

    payment_source: str
    amount_minor: int
    reference: str


class SettledOut(TypedDict):
    """What the payment gave to an invoice when it was taken."""

    invoice_id: int
    invoice_number: str
    amount_minor: int


class SoldOut(TypedDict):
    """A gift voucher that the payment bought; of its code only the end, as the code is money."""

    voucher_id: int
    code_end: str
    value_minor: int


class ReceiptOut(TypedDict):
    """
    A receipt as it was given: `not_allocated_minor` became account credit then. `status` is
    recorded, replaced (by an edit) or void.
    """

    payment_id: int
    receipt_number: str
    status: str
    practice: str
    payer_id: int
    payer: str
    received_on: date
    total_minor: int
    not_allocated_minor: int
    currency: str
    received: list[ReceivedOut]
    allocated: list[SettledOut]
    vouchers: list[SoldOut]


@receipts.get("/payments/{payment_id}/receipt", needs="payments.view")
def get_receipt(call: Call, payment_id: QueryId) -> ReceiptOut:
    """The receipt of a payment."""
    mine: dict[str, Any] = {"practice_id": call.practice_id, "payment_id": payment_id}
    row = (
        Payment.objects.filter(practice_id=call.practice_id, pk=payment_id)
        .values(
            "number", "status", "payer_id", "payer__name", "received_on", "total_minor", "lot_id"
        )
        .first()
    )
    if row is None:
        raise NotFound
    parts = PaymentPart.objects.filter(**mine).order_by("pk")
    allocated = _settled(call, lot_id=row["lot_id"], payment_id=payment_id)
    sold: list[SoldOut] = [
        {"voucher_id": one.pk, "code_end": one.code[-GROUP:], "value_minor": one.value_minor}
        for one in vouchers_of(**mine)
    ]
    gone = sum(o["amount_minor"] for o in allocated) + sum(o["value_minor"] for o in sold)
    return {
        "payment_id": payment_id,
        "receipt_number": call.practice.receipt_number(row["number"]),
        "status": row["status"],
        "practice": call.practice.name,
        "payer_id": row["payer_id"],
        "payer": row["payer__name"],
        "received_on": row["received_on"],
        "total_minor": row["total_minor"],
        "not_allocated_minor": row["total_minor"] - gone,
        "currency": call.currency,
        "received": [
            {
                "payment_source": part.source.name,
                "amount_minor": part.amount_minor + part.rounding_minor,
                "reference": part.reference,
            }
            for part in parts.select_related("source")
        ],
        "allocated": allocated,
        "vouchers": sold,
    }


def _settled(call: Call, **wanted: Any) -> list[SettledOut]:
    found = Allocation.objects.filter(practice_id=call.practice_id, **wanted).order_by("pk")
    return [
        {
            "invoice_id": one["invoice_id"],
            "invoice_number": call.practice.invoice_number(one["number"]),
            "amount_minor": one["amount_minor"],
        }
        for one in found.values("invoice_id", "amount_minor", number=F("invoice__number"))
    ]


@receipts.get("/payments/{payment_id}/receipt/pdf", needs="payments.view")
def get_receipt_pdf(call: Call, payment_id: QueryId) -> Pdf:
    """The receipt of a payment as PDF, as things stand now."""
    return Pdf(*build_payments.receipt_pdf(call.practice_id, payment_id))


COLUMNS = ("number", "status", "payer_id", "received_on", "total_minor", "lot_id")
