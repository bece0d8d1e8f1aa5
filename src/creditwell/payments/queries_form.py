"""What the payment form needs to know. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection

from creditwell.invoicing.models import InvoiceLine
from creditwell.invoicing.queries import OpenInvoice, open_invoices
from creditwell.kernel.errors import NotFound
from creditwell.payments.models import Allocation, Payment

JUST_NOW = timedelta(minutes=2)
"""Within it the same sum from the same payer is likely the same money, typed twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The same sum from the same payer, recorded a moment ago."""

    payment_id: int
    number: int
    total_minor: int
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """What came by one source, rounding included."""

    source_id: int
    amount_minor: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAsTaken:
    """A payment as it would be typed again: what it settles now, and the rest of its lot."""

    id: int
    number: int
    payer_id: int
    patient_id: int | None
    received_on: date
    note: str
    parts: tuple[PartFacts, ...]
    settled: dict[int, int]  # invoice id -> minor units that still stand
    left_minor: int
    stands: bool
    refunded: bool


def first_lines(*, practice_id: int, invoice_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """The first line's words of each invoice, and how many more lines it has; one query."""
    found: dict[int, tuple[str, int]] = {}
    rows = InvoiceLine.objects.filter(
        practice_id=practice_id, invoice_id__in=list(invoice_ids)
    ).values_list("invoice_id", "description")
    for invoice_id, words in rows:
        first, more = found.get(invoice_id, (words, -1))
        found[invoice_id] = (first, more + 1)
    return found


def payment_as_taken(*, practice_id: int, payment_id: int) -> PaymentAsTaken:
    """
    Read a payment to be typed again; three queries.

    :raises NotFound: if it is not of this practice
    """
    row = (
        Payment.objects.filter(practice_id=practice_id, pk=payment_id)
        .select_related("lot__account", "payer__patient")
        .prefetch_related("parts")
        .first()
    )
    if row is None:
        raise NotFound
    patient = getattr(row.payer, "patient", None)
    settled: dict[int, int] = {}
    for invoice_id, amount, back in Allocation.objects.filter(
        practice_id=practice_id, lot_id=row.lot_id
    ).values_list("invoice_id", "amount_minor", "returned_minor"):
        if amount > back:
            settled[invoice_id] = settled.get(invoice_id, 0) + amount - back
    return PaymentAsTaken(
        id=row.pk,
        number=row.number,
        payer_id=row.payer_id,
        patient_id=patient.pk if patient else None,
        received_on=row.received_on,
        note=row.note,
        parts=tuple(
            PartFacts(
                source_id=part.source_id,
                amount_minor=part.amount_minor + part.rounding_minor,
                reference=part.reference,
            )
            for part in row.parts.all()
        ),
        settled=settled,
        left_minor=row.lot.account.balance_minor or 0,
        stands=row.status == Payment.Status.RECORDED,
        refunded=any(part.refunded_minor for part in row.parts.all()),
    )


def invoices_without(taken: PaymentAsTaken, *, practice_id: int) -> list[OpenInvoice]:
    """The payer's open invoices as they would be had this payment never been made."""
    found = {
        invoice.id: invoice
        for invoice in [
            *open_invoices(practice_id=practice_id, payer_id=taken.payer_id),
            *open_invoices(practice_id=practice_id, ids=taken.settled, settled_too=True),
        ]
    }
    again = [
        replace(invoice, owing_minor=invoice.owing_minor + taken.settled.get(pk, 0))
        for pk, invoice in found.items()
    ]
    return sorted(again, key=lambda invoice: (invoice.issued_on, invoice.number))


_RELATED_SQL = """
SELECT y.id, y.name FROM people_payer y
 WHERE y.practice_id = %(practice)s AND y.id <> %(payer)s AND y.merged_into_id IS NULL
   AND y.id IN (
       SELECT theirs.payer_id FROM people_patient mine
         JOIN people_familymember m ON m.practice_id = mine.practice_id AND m.patient_id = mine.id
         JOIN people_familymember n ON n.practice_id = m.practice_id AND n.family_id = m.family_id
         JOIN people_patient theirs
           ON theirs.practice_id = n.practice_id AND theirs.id = n.patient_id
        WHERE mine.practice_id = %(practice)s AND mine.payer_id = %(payer)s
       UNION
       SELECT s.user_id FROM credit_share s
        WHERE s.practice_id = %(practice)s AND s.owner_id = %(payer)s AND s.ended_at IS NULL)
 ORDER BY y.name, y.id
"""


def related_to(*, practice_id: int, payer_id: int) -> dict[int, str]:
    """
    Payers whose invoices this one may want to pay, by id with their names: the family, and those
    who may use this payer's credit. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELATED_SQL, {"practice": practice_id, "payer": payer_id})
        return {int(row[0]): str(row[1]) for row in cursor.fetchall()}


def twin_of(
    *, practice_id: int, payer_id: int, total_minor: int, now: datetime, other_than: int = 0
) -> Twin | None:
    """A payment of the same sum that was recorded just now, if there is one; one query."""
    row = (
        Payment.objects.filter(
            practice_id=practice_id,
            payer_id=payer_id,
            total_minor=total_minor,
            status=Payment.Status.RECORDED,
            recorded_at__gt=now - JUST_NOW,
        )
        .exclude(pk=other_than)
        .select_related("recorded_by")
        .order_by("-pk")
        .first()
    )
    if row is None:
        return None
    who = row.recorded_by.name if row.recorded_by else ""
    return Twin(payment_id=row.pk, number=row.number, total_minor=row.total_minor, recorded_by=who)
