"""Read invoices: frozen dataclasses, bounded queries. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db import connection

from creditwell.invoicing.models import Invoice
from creditwell.invoicing.rules import state_of
from creditwell.kernel.rows import one_of


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """
    An issued invoice that still asks for something. From `asked_since` on, the last day that its
    debt grew (an allocation taken back makes it grow too), it has asked for all of `owing_minor`.
    """

    id: int
    number: int
    payer_id: int
    account_id: int
    issued_on: date
    due_on: date
    total_minor: int
    credited_minor: int
    owing_minor: int
    asked_since: date = date.min

    @property
    def paid_minor(self) -> int:
        return self.total_minor - self.credited_minor - self.owing_minor


@dataclass(frozen=True, slots=True)
class InvoiceBrief:
    """What lists, pop-ups and links need of an invoice."""

    id: int
    number: int | None
    patient_id: int
    state: str  # a word of rules.state_of
    issued_on: date | None
    due_on: date | None
    total_minor: int
    owing_minor: int


def open_invoices(
    *,
    practice_id: int,
    payer_id: int | None = None,
    payer_ids: Iterable[int] | None = None,
    ids: Iterable[int] | None = None,
    settled_too: bool = False,
) -> list[OpenInvoice]:
    """
    Invoices with something owing, oldest first: of a payer or several, or those with these ids.

    Drafts and void invoices are left out, whoever asks for them; settled ones too unless
    `settled_too`. One query.
    """
    parameters: list[Any] = [practice_id]
    by_ids = by_payer = ""
    if ids is not None:
        by_ids, value = one_of(ids)
        parameters.append(value)
    if payer_id is not None:
        payer_ids = [payer_id]
    if payer_ids is not None:
        by_payer, value = one_of(payer_ids)
        parameters.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_open_sql(by_ids, by_payer, settled_too), parameters)
        return [OpenInvoice(*row) for row in cursor.fetchall()]


@cache
def _open_sql(by_ids: str, by_payer: str, settled_too: bool) -> str:
    of_payer = f"AND a.holder_id {by_payer} AND a.kind = 'invoice' AND a.reference IS NULL"
    return f"""
SELECT i.id, i.number, i.payer_id, i.account_id, i.issued_on,
       coalesce(i.due_on, date '0001-01-01'), i.total_minor,
       i.credited_minor, -a.balance_minor,
       coalesce((SELECT max(g.occurred_on) FROM ledger_posting g
                  WHERE g.practice_id = a.practice_id AND g.account_id = a.id
                    AND g.amount_minor < 0), i.issued_on)
  FROM invoicing_invoice i
  JOIN ledger_account a ON a.practice_id = i.practice_id AND a.id = i.account_id
 WHERE i.practice_id = %s AND i.status = 'issued'
   {f"AND i.id {by_ids}" if by_ids else ""}
   {of_payer if by_payer else ""}
   {"AND a.balance_minor < 0" * (not settled_too)}
 ORDER BY i.issued_on, i.number
"""  # noqa: S608  # our own words; prepared, for payments ask it


def brief(invoice: Invoice, *, today: date) -> InvoiceBrief:
    """Brief facts of an invoice whose account is loaded; no query."""
    owing = owing_of(invoice)
    return InvoiceBrief(
        id=invoice.pk,
        number=invoice.number,
        patient_id=invoice.patient_id,
        state=state_of(
            status=invoice.status,
            total=invoice.total_minor,
            credited=invoice.credited_minor,
            owing=owing,
            due_on=invoice.due_on,
            today=today,
        ),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        total_minor=invoice.total_minor,
        owing_minor=owing,
    )


def owing_of(invoice: Invoice) -> int:
    """What an invoice (with its account loaded) still asks for; nothing for a draft."""
    return -(invoice.account.balance_minor or 0) if invoice.account else 0


def invoices_of_attendees(
    *, practice_id: int, attendee_ids: Iterable[int], today: date
) -> dict[int, InvoiceBrief]:
    """The invoice of each visit that has one (void ones left out), by attendee; one query."""
    found = (
        Invoice.objects.filter(practice_id=practice_id, attendee_id__in=list(attendee_ids))
        .exclude(status=Invoice.Status.VOID)
        .select_related("account")
    )
    return {
        invoice.attendee_id: brief(invoice, today=today)
        for invoice in found
        if invoice.attendee_id is not None
    }


BILLED = """EXISTS (
    SELECT FROM invoicing_invoice i
     WHERE i.practice_id = v.practice_id AND i.attendee_id = v.id
       AND i.status IN ('draft', 'issued') AND (
           SELECT count(*) > 0 AND (i.status = 'draft' OR sum(l.total_minor) = 0
                  OR sum(l.total_minor) > coalesce(sum((
                     SELECT sum(c.total_minor) FROM invoicing_creditnoteline c
                      WHERE c.practice_id = l.practice_id AND c.line_id = l.id)), 0))
             FROM invoicing_invoiceline l
            WHERE l.practice_id = i.practice_id AND l.invoice_id = i.id
              AND NOT l.sells_package AND l.account_id IS NULL))"""
"""
A piece of SQL: whether an invoice bills visit `v`. A draft does, for it will ask; one of 0.00 does,
for the visit was free. One that sells a package for the visit does not, nor one of which all that
it asked for the visit was credited.
"""


def billed_visits(*, practice_id: int, attendee_ids: Iterable[int]) -> set[int]:
    """Those of these visits that an invoice bills; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v.id FROM scheduling_attendee v WHERE v.practice_id = %s "  # noqa: S608  # a piece of SQL of this file
            f"AND v.id = ANY(%s) AND {BILLED}",
            [practice_id, list(attendee_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def invoice_numbers(*, practice_id: int, invoice_ids: Iterable[int]) -> dict[int, int]:
    """Numbers of these invoices, drafts and unknown ids left out; one query."""
    rows = Invoice.objects.filter(practice_id=practice_id, pk__in=list(invoice_ids))
    found = rows.values_list("pk", "number")
    return {pk: number for pk, number in found if number is not None}
