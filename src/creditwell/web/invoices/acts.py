"""What is done to an invoice once it is there."""

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
from django.views.decorators.http import require_http_methods, require_POST

from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.models import Package
from creditwell.packages.voiding import used_since
from creditwell.payments.models import Allocation
from creditwell.tenancy.access import access
from creditwell.usecases.discard_draft import DiscardDraft, discard_draft
from creditwell.usecases.duplicate_invoice import DuplicateInvoice, duplicate_invoice
from creditwell.usecases.email_invoice import EmailInvoice, email_invoice
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from creditwell.web.components.fields import Form
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.pages import InvoicePage, invoice_page


def key_of(request: PracticeRequest) -> str:
    return request.POST.get("key", "")[:100]


class ReasonForm(Form):
    """Why something is done that stays in the history."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("It stays in the invoice's history."),
        error_messages={"required": gettext_lazy("Say why; it stays in the history.")},
    )


class EmailForm(Form):
    """Where a document is sent."""

    to = forms.EmailField(
        label=gettext_lazy("To"),
        max_length=254,
        error_messages={
            "required": gettext_lazy("Enter the address that it is sent to."),
            "invalid": gettext_lazy("This is not an email address. Check it."),
        },
    )


@require_POST
@door("invoices.edit")
def invoice_discard(request: PracticeRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    member = request.member
    command = DiscardDraft(
        practice_id=member.practice_id, key=key_of(request), by=member.actor, invoice_id=pk
    )
    discard_draft(command, timezone.now())
    messages.success(request, _("Draft discarded."))
    return redirect("invoices")


@require_POST
@door("invoices.edit")
def invoice_duplicate(request: PracticeRequest, pk: int) -> HttpResponse:
    """Copy an invoice into a draft and open it."""
    member = request.member
    command = DuplicateInvoice(
        practice_id=member.practice_id, key=key_of(request), by=member.actor, invoice_id=pk
    )
    copied = duplicate_invoice(command, timezone.now())
    messages.success(request, _("This is a copy. Change what is different, then issue it."))
    return redirect("invoice_edit", copied.invoice_id)


@require_http_methods(["GET", "HEAD", "POST"])
@door("invoices.void")
def invoice_void(request: PracticeRequest, pk: int) -> HttpResponse:
    """Say what voiding will do, ask why, and do it."""
    member = request.member
    page = invoice_page(member, pk, timezone.now())
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        command = VoidInvoice(
            practice_id=member.practice_id,
            key=key_of(request),
            by=member.actor,
            invoice_id=pk,
            reason=form.cleaned_data["reason"],
        )
        try:
            voided = void_invoice(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            freed = member.practice.money(voided.freed_minor)
            text = _("Invoice voided.")
            if freed:
                text = _("Invoice voided. %(freed)s is account credit again.") % {
                    "freed": money_text(freed)
                }
            messages.success(request, text)
            return redirect("invoice", pk)
    return _ask(request, "invoices/void.html", page, form, hindering=_hindering(request, page))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindering:
    """A package in whose way voiding is; where what is left of it is given back, "" if it ended."""

    name: str
    url: str
    refund_url: str


def _hindering(request: PracticeRequest, page: InvoicePage) -> tuple[Hindering, ...]:
    """The packages of an invoice that was used too much to be voided; none if it can be."""
    member = request.member
    if not page.packages or not used_since(member.practice, invoice_id=page.facts.id):
        return ()
    found = Package.objects.filter(
        practice_id=member.practice_id, pk__in=set(page.packages.values())
    ).order_by("pk")
    return tuple(
        Hindering(
            name=package.name,
            url=page_link("package", package.pk),
            refund_url=page_link("package_refund", package.pk)
            if package.ended_at is None and member.may("packages.refund")
            else "",
        )
        for package in found
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door("invoices.edit")
def invoice_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Ask where to, and have the invoice sent with its PDF."""
    member = request.member
    page = invoice_page(member, pk, timezone.now())
    form = EmailForm(request.POST or None, initial={"to": page.facts.email})
    if request.method == "POST" and form.is_valid():
        command = EmailInvoice(
            practice_id=member.practice_id,
            key=key_of(request),
            by=member.actor,
            invoice_id=pk,
            to=form.cleaned_data["to"],
        )
        try:
            asked = email_invoice(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("On its way to %(to)s.") % {"to": asked.to})
            return redirect("invoice", pk)
    return _ask(request, "invoices/email.html", page, form)


@require_POST
@door("payments.allocate")
def allocation_take_back(request: PracticeRequest, pk: int, allocation: int) -> HttpResponse:
    """Un-apply: the credit is there again, the invoice asks again."""
    member = request.member
    access(Invoice, member, pk, "payments.allocate")
    row = access(Allocation, member, allocation, "payments.allocate")
    if row.invoice_id != pk:
        raise NotFound
    command = TakeBackAllocation(
        practice_id=member.practice_id,
        key=key_of(request),
        by=member.actor,
        allocation_id=allocation,
    )
    taken = take_back_allocation(command, timezone.now())
    amount = money_text(member.practice.money(taken.amount_minor))
    messages.success(
        request,
        _("%(amount)s is account credit again. The invoice asks for it.") % {"amount": amount},
    )
    return redirect("invoice", pk)


def _ask(
    request: PracticeRequest, template: str, page: InvoicePage, form: Form, **more: Any
) -> HttpResponse:
    context: dict[str, Any] = {
        **more,
        "page": page,
        "form": form,
        "key": key_of(request) or uuid4().hex,
        "freed": sum((line.amount for line in page.paid), request.practice.money(0)),
    }
    return render(request, template, context, status=422 if form.is_bound else 200)
