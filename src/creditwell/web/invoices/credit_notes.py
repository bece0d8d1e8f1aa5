"""Credit notes: writing one, and showing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from creditwell.integrations.documents import build
from creditwell.invoicing.queries_document import LineFacts, credit_note_facts
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.payments.queries_of_invoice import freed_at
from creditwell.tenancy.access import PracticeFacts
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.web.components.fields import Form, MoneyField
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.acts import key_of
from creditwell.web.invoices.links import address_of
from creditwell.web.invoices.pages import InvoicePage, invoice_page, title_words


class CreditForm(Form):
    """How much of each line is credited; empty is nothing of it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("It is printed on the credit note."),
        error_messages={"required": gettext_lazy("Say why; it stands on the credit note.")},
    )

    def __init__(
        self, *args: Any, practice: PracticeFacts, lines: tuple[LineFacts, ...], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.practice = practice
        left = [line for line in lines if line.left_minor > 0]
        self.lines = tuple(line for line in left if not line.of_package)
        self.of_packages = tuple(line for line in left if line.of_package)
        for line in self.lines:
            field = MoneyField(practice.currency, required=False, label=line.description)
            field.widget.attrs["class"] = "in money-in"
            self.fields[_name(line)] = field
            self.initial.setdefault(_name(line), practice.money(line.left_minor))

    @property
    def rows(self) -> list[tuple[LineFacts, Any, Money]]:
        return [
            (line, self[_name(line)], self.practice.money(line.left_minor)) for line in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for line in self.lines:
            amount: Money | None = cleaned.get(_name(line))
            if amount is not None and amount.minor > line.left_minor:
                left = money_text(self.practice.money(line.left_minor))
                self.add_error(
                    _name(line), _("At most %(left)s is left of this line.") % {"left": left}
                )
        if not self.errors and not self.credited():
            raise forms.ValidationError(_("Enter how much of at least one line is credited."))
        return cleaned

    def credited(self) -> tuple[tuple[int, int], ...]:
        """(line id, minor units) of each line of which something is credited."""
        amounts = {line.id: self.cleaned_data.get(_name(line)) for line in self.lines}
        return tuple((pk, amount.minor) for pk, amount in amounts.items() if amount)


def _name(line: LineFacts) -> str:
    return f"line-{line.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the credit note will do, said before it is saved."""

    total: Money
    off_invoice: Money
    to_credit: Money


def outcome_of(page: InvoicePage, credited: tuple[tuple[int, int], ...]) -> Outcome:
    """Off what is owing first; what was paid already becomes account credit again."""
    practice = page.facts.practice
    total = sum(minor for _line, minor in credited)
    off = min(total, page.facts.owing_minor)
    return Outcome(
        total=practice.money(total),
        off_invoice=practice.money(off),
        to_credit=practice.money(total - off),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door("invoices.credit")
def invoice_credit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Write a credit note: whole lines or amounts; says what happens to the money."""
    member, do = request.member, request.POST.get("do", "save")
    page = invoice_page(member, pk, timezone.now())
    form = CreditForm(
        request.POST or None, practice=member.practice, lines=page.facts.lines, initial={}
    )
    everything = tuple((line.id, line.left_minor) for line in form.lines)
    outcome: Outcome | None = outcome_of(page, everything)
    if form.is_bound:
        valid = form.is_valid()
        unread = [name for name in form.errors if name.startswith("line-")]
        outcome = None if unread else outcome_of(page, form.credited())
        if do == "save" and valid:
            answer = _save(request, pk, form)
            if answer is not None:
                return answer
    context = {
        "page": page,
        "form": form,
        "outcome": outcome,
        "key": key_of(request) or uuid4().hex,
    }
    if request.htmx:
        return render(request, "invoices/credit.html#preview", context)
    status = 422 if form.is_bound and do == "save" else 200
    return render(request, "invoices/credit.html", context, status=status)


def _save(request: PracticeRequest, pk: int, form: CreditForm) -> HttpResponse | None:
    """Redirect to the credit note; None if it was refused, which stands in the form then."""
    member = request.member
    command = CreditInvoice(
        practice_id=member.practice_id,
        key=key_of(request),
        by=member.actor,
        invoice_id=pk,
        lines=form.credited(),
        reason=form.cleaned_data["reason"],
    )
    try:
        credited = credit_invoice(command, timezone.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    text = _("Credit note issued.")
    if credited.freed_minor:
        text = _("Credit note issued. %(freed)s is account credit again.") % {
            "freed": money_text(member.practice.money(credited.freed_minor))
        }
    messages.success(request, text)
    return redirect("credit_note", credited.credit_note_id)


@require_safe
@door("invoices.view")
def credit_note(request: PracticeRequest, pk: int) -> HttpResponse:
    """One credit note as it will print."""
    practice_id = request.member.practice_id
    facts = credit_note_facts(practice_id=practice_id, credit_note_id=pk)
    freed = freed_at(practice_id=practice_id, invoice_id=facts.invoice.id, at=facts.created_at)
    document = build.credit_note_document(facts, freed)
    context = {
        "facts": facts,
        "document": document,
        "lines": [(line, "") for line in document.lines],
        "title": title_words(document.title),
        "patient_url": address_of("patient", facts.invoice.patient_id),
    }
    return render(request, "invoices/credit_note.html", context)


@require_GET
@door("invoices.view")
def credit_note_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The credit note as PDF."""
    return pdf_answer(*build.credit_note_pdf(request.member.practice_id, pk))
