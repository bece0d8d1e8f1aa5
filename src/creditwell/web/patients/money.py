"""The money of one patient, as the tabs of their page show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.credit.models import LotKind
from creditwell.invoicing.queries_patient import first_things_of, invoices_of
from creditwell.money.money import Money
from creditwell.payments.models import Payment
from creditwell.payments.queries import AccountRow, account_history
from creditwell.payments.queries_patient import CreditOrigin, credit_origins, payments_of
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import day_text
from creditwell.web.patients.links import link, link_for_patient

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One event of the account; `url` is "" where there is no page."""

    on: date
    text: str
    detail: str
    url: str
    charged: Money | None
    paid: Money | None
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """An invoice of the patient; `pay_url` where it still asks for something."""

    number: str
    url: str
    what: str
    bill_to: str
    issued_on: date | None
    due_on: date | None
    state: str
    total: Money
    owing: Money
    pay_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """A payment of the patient; `left` is what of it is account credit."""

    number: str
    url: str
    received_on: date
    sources: str
    note: str
    state: str
    total: Money
    left: Money


def account_lines(member: Member, payer_id: int, *, limit: int | None) -> list[AccountLine]:
    """The account, newest first; `limit` None is all of it."""
    rows = account_history(member.practice_id, payer_id, limit=limit, practice=member.practice)
    charges = {row.document_id for row in rows if row.kind == "invoice" and row.document_id}
    whats = first_things_of(practice_id=member.practice_id, invoice_ids=charges)
    return [_account_line(row, whats) for row in reversed(rows)]


def _account_line(row: AccountRow, whats: dict[int, tuple[str, int]]) -> AccountLine:
    detail = row.detail
    if row.kind == "invoice" and not detail:
        detail = what_text(*whats.get(row.document_id or 0, ("", 0)))
    return AccountLine(
        on=row.on,
        text=row.text,
        detail=detail,
        url=link(row.url_name, row.document_id) if row.url_name and row.document_id else "",
        charged=row.charged,
        paid=row.paid,
        balance=row.balance,
    )


def what_text(what: str, more: int) -> str:
    """Standard consultation, 30 min + 2 more."""
    if not more:
        return what
    return ngettext("%(what)s + %(more)s more", "%(what)s + %(more)s more", more) % {
        "what": what,
        "more": more,
    }


def invoice_rows(
    member: Member, pk: int, now: datetime, *, after: int
) -> tuple[list[InvoiceRow], bool]:
    """One page of the patient's invoices, and whether there are more; two queries."""
    found = invoices_of(
        practice_id=member.practice_id,
        patient_id=pk,
        today=member.practice.day_of(now),
        after=after,
        limit=PAGE_SIZE + 1,
    )
    money = member.practice.money
    pay = link_for_patient("payment_new", pk) if member.may("payments.take") else ""
    rows = [
        InvoiceRow(
            number=member.practice.invoice_number(line.invoice.number) or _("Draft"),
            url=link("invoice", line.invoice.id),
            what=what_text(line.what, line.more),
            bill_to=line.bill_to,
            issued_on=line.invoice.issued_on,
            due_on=line.invoice.due_on,
            state=line.invoice.state,
            total=money(line.invoice.total_minor),
            owing=money(line.invoice.owing_minor),
            pay_url=f"{pay}&invoice={line.invoice.id}" if pay and line.invoice.owing_minor else "",
        )
        for line in found
    ]
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def payment_rows(member: Member, payer_id: int, *, after: int) -> tuple[list[PaymentRow], bool]:
    """One page of the patient's payments, and whether there are more."""
    found = payments_of(
        practice_id=member.practice_id, payer_id=payer_id, after=after, limit=PAGE_SIZE + 1
    )
    money = member.practice.money
    rows = [
        PaymentRow(
            number=member.practice.receipt_number(line.number),
            url=link("payment", line.id),
            received_on=line.received_on,
            sources=", ".join(line.sources),
            note=line.note,
            state=payment_state(line.status, line.total_minor, line.left_minor),
            total=money(line.total_minor),
            left=money(line.left_minor),
        )
        for line in found
    ]
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def payment_state(status: str, total_minor: int, left_minor: int) -> str:
    """The status chip of a payment."""
    if status == Payment.Status.VOID:
        return "void"
    if left_minor == 0:
        return "allocated"
    return "not_allocated" if left_minor == total_minor else "part_allocated"


def credit_note(member: Member, payer_id: int) -> str:
    """Where the account credit came from, in one sentence; "" when there is none."""
    origins = credit_origins(practice_id=member.practice_id, payer_id=payer_id)
    if not origins:
        return ""
    if len(origins) == 1:
        return _one_origin(member, origins[0])
    if all(origin.payment_id for origin in origins):
        return ngettext("From %(count)s payment", "From %(count)s payments", len(origins)) % {
            "count": len(origins)
        }
    return ngettext("From %(count)s source", "From %(count)s sources", len(origins)) % {
        "count": len(origins)
    }


def _one_origin(member: Member, origin: CreditOrigin) -> str:
    day = day_text(origin.received_on)
    if origin.receipt_number is None:
        return _("%(kind)s, %(day)s") % {"kind": LotKind(origin.kind).label, "day": day}
    number = member.practice.receipt_number(origin.receipt_number)
    return _("From payment %(number)s, %(day)s") % {"number": number, "day": day}
