"""Write invoices: drafts, and issuing them. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from creditwell.invoicing.lines import LineInput, NoLines, total_of, totals
from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.invoicing.rules import Amounts
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.numbering import next_number
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.ledger.post import Journal, Leg, NewAccount
from creditwell.money.money import Money
from creditwell.people.models import Contact, Patient
from creditwell.tenancy.access import PracticeFacts, Written


class NotADraft(Refusal):
    """Only drafts can be changed or thrown away."""

    code = "not_a_draft"

    def __init__(self) -> None:
        super().__init__(
            _("This invoice is already issued. Correct it with a credit note, or void it.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an invoice says, apart from its number and its state."""

    patient_id: int
    lines: tuple[LineInput, ...]
    attendee_id: int | None = None
    practitioner_id: int | None = None
    location_id: int | None = None
    bill_to_id: int | None = None
    bill_to_text: str = ""
    bill_to_patient: bool = False  # to the patient, whatever their usual "invoice to" is
    notes: str = ""
    issued_on: date | None = None  # None: today
    due_on: date | None = None  # None: by the practice's terms


def header(
    *, practice: PracticeFacts, content: Content, patient: Patient, written: Written
) -> dict[str, Any]:
    """The invoice's own columns, as far as they do not depend on its state."""
    return {
        "practice_id": practice.id,
        "patient_id": patient.pk,
        "payer_id": patient.payer_id,
        **_addressee(content, patient),
        "location_id": content.location_id,
        "practitioner_id": content.practitioner_id,
        "attendee_id": content.attendee_id,
        "notes": content.notes,
        "tax_included": practice.prices_include_tax,
        **written.columns,
        "credited_minor": 0,
        "void_reason": "",
    }


def _addressee(content: Content, patient: Patient) -> dict[str, Any]:
    """Whom it is addressed to: as said, else as the patient's invoices usually are."""
    if content.bill_to_id or content.bill_to_text or content.bill_to_patient:
        return {"bill_to_id": content.bill_to_id, "bill_to_text": content.bill_to_text}
    return {"bill_to_id": patient.bill_to_id, "bill_to_text": patient.invoice_to}


def frozen_addressee(head: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """
    The head with the addressee written out as it is printed, so that a later change of an address
    does not change what was issued.

    :raises NotFound: if the contact is not of this practice
    """
    if head["bill_to_text"]:
        return head
    name, address = f"{patient.first_name} {patient.last_name}".strip(), patient.address
    if head["bill_to_id"]:
        contact = Contact.objects.filter(
            practice_id=head["practice_id"], pk=head["bill_to_id"]
        ).first()
        if contact is None:
            raise NotFound(_("There is no such contact in this practice."), param="bill_to")
        name, address = contact.name, contact.address
    return {**head, "bill_to_text": "\n".join(line for line in (name, address.strip()) if line)}


def write_draft(head: dict[str, Any], amounts: Amounts, rows: Sequence[dict[str, Any]]) -> int:
    """Insert a draft and its lines; returns its id."""
    invoice_id = insert_row(Invoice, {**head, "status": "draft", **totals(amounts)})
    insert_rows(InvoiceLine, [{**row, "invoice_id": invoice_id} for row in rows])
    return invoice_id


def rewrite_draft(
    *, invoice: Invoice, head: dict[str, Any], amounts: Amounts, rows: Sequence[dict[str, Any]]
) -> None:
    """Replace what a draft says. :raises NotADraft: if it has been issued."""
    if invoice.status != Invoice.Status.DRAFT:
        raise NotADraft
    kept = ("created_at", "created_by_id", "practice_id")
    changes = {name: value for name, value in head.items() if name not in kept}
    Invoice.objects.filter(practice_id=invoice.practice_id, pk=invoice.pk).update(
        **changes, **totals(amounts)
    )
    invoice.lines.filter(practice_id=invoice.practice_id).delete()
    insert_rows(InvoiceLine, [{**row, "invoice_id": invoice.pk} for row in rows])


def issue_new(
    *,
    practice: PracticeFacts,
    head: dict[str, Any],
    rows: Sequence[dict[str, Any]],
    issued_on: date,
    due_on: date | None,
) -> tuple[int, int]:
    """Write an invoice that is issued at once; returns (id, number)."""
    amounts = total_of(practice, rows)
    posting = _post_issue(practice.id, head["payer_id"], rows, amounts.total, issued_on)
    accounts = posting.pop("package_accounts")
    rows = [{**row, "account_id": account} for row, account in zip(rows, accounts, strict=True)]
    number = next_number(practice_id=practice.id, series="invoice")
    invoice_id = insert_row(
        Invoice,
        {
            **head,
            **posting,
            **totals(amounts),
            "status": "issued",
            "number": number,
            "issued_on": issued_on,
            "due_on": due_on or issued_on + timedelta(days=practice.payment_terms_days),
        },
    )
    insert_rows(InvoiceLine, [{**row, "invoice_id": invoice_id} for row in rows])
    return invoice_id, number


def issue_draft(
    *, practice: PracticeFacts, invoice: Invoice, issued_on: date, due_on: date | None
) -> int:
    """Issue a draft as it stands; returns its number. :raises NotADraft: if it is none."""
    if invoice.status != Invoice.Status.DRAFT:
        raise NotADraft
    rows: list[Any] = list(
        invoice.lines.filter(practice_id=practice.id).values(
            "id",
            "category_id",
            "tax_rate_id",
            "net_minor",
            "tax_minor",
            "sells_package",
            "account_id",
        )
    )
    if not rows:
        raise NoLines
    total = practice.money(invoice.total_minor)
    posting = _post_issue(practice.id, invoice.payer_id, rows, total, issued_on)
    for row, account in zip(rows, posting.pop("package_accounts"), strict=True):
        if row["sells_package"]:
            InvoiceLine.objects.filter(practice_id=practice.id, pk=row["id"]).update(
                account_id=account
            )
    number = next_number(practice_id=practice.id, series="invoice")
    Invoice.objects.filter(practice_id=practice.id, pk=invoice.pk).update(
        **posting,
        status=Invoice.Status.ISSUED,
        number=number,
        issued_on=issued_on,
        due_on=due_on or issued_on + timedelta(days=practice.payment_terms_days),
    )
    return number


def _post_issue(
    practice_id: int, payer_id: int, rows: Sequence[dict[str, Any]], total: Money, on: date
) -> dict[str, Any]:
    """
    Post it; `package_accounts` has, for each line, the package's account that its net went to.
    """
    journal = Journal(practice_id)
    owed = journal.open_invoice(payer_id)
    accounts = [
        journal.open_package(payer_id) if row["sells_package"] else row["account_id"]
        for row in rows
    ]
    if total.minor:  # an invoice over nothing opens an account and moves nothing
        unearned = [
            (account, row["net_minor"])
            for account, row in zip(accounts, rows, strict=True)
            if account is not None and row["net_minor"]
        ]
        earned = [
            row if account is None else {**row, "net_minor": 0}
            for account, row in zip(accounts, rows, strict=True)
        ]
        legs = [(owed, -total.minor), *unearned, *revenue_legs(journal, earned, sign=1)]
        journal.entry("invoice", on, legs)
    posted = journal.post()
    return {
        "account_id": posted.id_of(owed),
        "entry_id": posted.entry_ids[0] if posted.entry_ids else None,
        "package_accounts": [
            posted.id_of(account) if isinstance(account, NewAccount) else account
            for account in accounts
        ],
    }


def revenue_legs(journal: Journal, rows: Sequence[dict[str, Any]], *, sign: int) -> list[Leg]:
    """Legs onto revenue by category and tax by rate (0: a tax whose rate is not known)."""
    sums: dict[tuple[str, int], int] = {}
    for row in rows:
        for kind, reference, minor in (
            ("revenue", row["category_id"], row["net_minor"]),
            ("tax", row["tax_rate_id"] or 0, row["tax_minor"]),
        ):
            if minor:
                sums[kind, reference] = sums.get((kind, reference), 0) + minor
    return [
        (journal.clinic_wide(kind, reference), sign * minor)
        for (kind, reference), minor in sorted(sums.items())
    ]
