"""What the page of one invoice shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from creditwell.audit.queries import NoteLine, notes_about
from creditwell.integrations.documents.build import invoice_document
from creditwell.integrations.documents.shapes import InvoiceDocument, Line, Title
from creditwell.invoicing.queries_document import InvoiceFacts, invoice_facts
from creditwell.invoicing.rules import state_of
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.packages.queries_products import packages_sold_by
from creditwell.payments.queries_of_invoice import AllocationLine, allocations_of_invoice
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import money_text
from creditwell.web.invoices.links import address_of, with_query


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLine:
    """An allocation at the side of the invoice."""

    id: int
    amount: Money  # that still stands, or once stood
    on: date
    words: str
    receipt: str  # address of the receipt, or ""
    receipt_number: str
    from_credit: bool
    taken_back: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedCredit:
    """A credit note at the side of the invoice."""

    id: int
    number: str
    on: date
    reason: str
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    state: str  # a mark of the time line
    words: str
    when: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """One invoice: the paper, and what happened to it."""

    facts: InvoiceFacts
    document: InvoiceDocument
    state: str
    title: str
    credit: Money
    owing: Money
    useable: Money  # of the credit, for this invoice
    paid: tuple[PaidLine, ...]
    credited: tuple[NotedCredit, ...]
    activity: tuple[ActivityLine, ...]
    pay_url: str
    patient_url: str
    packages: Mapping[int, int]  # by the line that sold them, or charged something for them

    @property
    def lines(self) -> tuple[tuple[Line, str], ...]:
        """The lines of the paper, each with the page of the package that it is about, or ""."""
        return tuple(
            (line, address_of("package", self.packages[row.id]) if row.id in self.packages else "")
            for line, row in zip(self.document.lines, self.facts.lines, strict=True)
        )

    @property
    def first_name(self) -> str:
        return self.facts.patient.name.split(" ")[0]


def invoice_page(member: Member, invoice_id: int, now: datetime) -> InvoicePage:
    """
    Everything for the page of one invoice; a dozen queries at most.

    :raises NotFound: if this practice has no such invoice
    """
    practice = member.practice
    facts = invoice_facts(practice_id=practice.id, invoice_id=invoice_id)
    paid = allocations_of_invoice(practice_id=practice.id, invoice_id=invoice_id)
    credit = standing_of(practice_id=practice.id, holder_id=facts.payer_id).credit_minor
    notes = notes_about(practice_id=practice.id, subjects=[("invoice", invoice_id)], limit=50)
    return InvoicePage(
        facts=facts,
        document=invoice_document(facts, paid, credit),
        state=state_of(
            status=facts.status,
            total=facts.total_minor,
            credited=facts.credited_minor,
            owing=facts.owing_minor,
            due_on=facts.due_on,
            today=practice.day_of(now),
        ),
        title=title_of(facts),
        credit=practice.money(credit),
        owing=practice.money(facts.owing_minor),
        useable=practice.money(min(credit, facts.owing_minor)),
        paid=tuple(_paid(member, line) for line in paid),
        credited=tuple(
            NotedCredit(
                id=note.id,
                number=practice.credit_note_number(note.number),
                on=note.issued_on,
                reason=note.reason,
                total=practice.money(note.total_minor),
            )
            for note in facts.credit_notes
        ),
        activity=tuple(_activity(member, note) for note in notes),
        pay_url=with_query(address_of("payment_new"), patient=facts.patient_id, invoice=facts.id),
        patient_url=address_of("patient", facts.patient_id),
        packages=packages_sold_by(practice_id=practice.id, invoice_id=invoice_id)
        if any(line.of_package for line in facts.lines)
        else {},
    )


def title_of(facts: InvoiceFacts) -> str:
    """What the invoice is called."""
    if not facts.number_text:
        return _("Draft invoice")
    return _("Invoice %(number)s") % {"number": facts.number_text}


def _paid(member: Member, line: AllocationLine) -> PaidLine:
    practice = member.practice
    back = line.amount_minor - line.standing_minor
    number = (
        "" if line.receipt_number is None else f"{practice.receipt_prefix}{line.receipt_number}"
    )
    return PaidLine(
        id=line.id,
        amount=practice.money(line.standing_minor),
        on=line.allocated_on,
        words=_paid_by(line),
        receipt=address_of("receipt", line.payment_id) if line.payment_id else "",
        receipt_number=number,
        from_credit=line.from_credit,
        taken_back=practice.money(back) if back else None,
    )


def _paid_by(line: AllocationLine) -> str:
    """In what way it was paid, and by whom when somebody else paid."""
    if not line.owner:
        return _("Account credit") if line.from_credit else ", ".join(line.sources)
    if line.from_credit:
        return _("Credit of %(name)s") % {"name": line.owner}
    sources = ", ".join(line.sources)
    return _("%(sources)s, from %(name)s") % {"sources": sources, "name": line.owner}


def _activity(member: Member, note: NoteLine) -> ActivityLine:
    state, words = _told(member, note)
    return ActivityLine(state=state, words=words, when=note.at, who=note.who)


def _told(member: Member, note: NoteLine) -> tuple[str, str]:
    """A note of the trail as a sentence; an act that this page does not know keeps its name."""
    gaps = {
        name: _money(member, note.details.get(name)) for name in ("amount_minor", "freed_minor")
    }
    gaps["reason"] = str(note.details.get("reason", ""))
    gaps["number"] = str(note.details.get("credit_note", ""))
    gaps["total"] = _money(member, note.details.get("total_minor"))
    gaps["to"] = str(note.details.get("to", ""))
    told: dict[str, tuple[str, str]] = {
        "save_draft": ("draft", _("Draft saved")),
        "duplicate_invoice": ("draft", _("Copied from another invoice")),
        "issue_invoice": ("unpaid", _("Issued")),
        "void_invoice": ("void", _("Voided: %(reason)s")),
        "credit_invoice": ("credited", _("Credit note %(number)s for %(total)s")),
        "take_back_allocation": ("edited", _("%(amount_minor)s taken back into account credit")),
        "email_invoice": ("sent", _("Emailed to %(to)s")),
    }
    state, sentence = told.get(note.action, ("booked", note.action.replace("_", " ").capitalize()))
    return state, sentence % gaps if "%(" in sentence else sentence


def _money(member: Member, minor: Any) -> str:
    return money_text(member.practice.money(minor)) if isinstance(minor, int) else ""


def title_words(title: Title) -> str:
    """The heading of the paper, as the law of the country wants it."""
    return {
        Title.INVOICE: _("Invoice"),
        Title.TAX_INVOICE: _("Tax invoice"),
        Title.CREDIT_NOTE: _("Credit note"),
        Title.ADJUSTMENT_NOTE: _("Adjustment note"),
    }[title]
