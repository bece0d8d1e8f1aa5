"""Writing an invoice: a new one, or a draft."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from creditwell.invoicing.operations import NotADraft
from creditwell.invoicing.queries_document import InvoiceFacts, LineFacts, invoice_facts
from creditwell.kernel.errors import Refusal
from creditwell.people.queries import find_patients
from creditwell.scheduling.queries import locations_of, practitioners_of
from creditwell.tenancy.access import Member
from creditwell.usecases.write_invoice import WriteInvoice, write_invoice
from creditwell.web.components.formats import amount_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import link_to
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.fields import Discount, number_words
from creditwell.web.invoices.forms import day_words, id_of
from creditwell.web.invoices.sheet import BLANK, MOST_LINES, Sheet, Typed, Typing
from creditwell.web.invoices.visits import visit_page
from creditwell.web.patients.quick import QuickPatientForm, chosen_patient
from creditwell.web.payments.once import recall, remember, saved_before

FORM = "invoices/form.html"
FINAL = ("issue", "draft")


class DraftChanged(Refusal):
    """The draft is not what it was when the form was opened: another tab or person saved it."""

    code = "draft_changed"


@require_http_methods(["GET", "HEAD", "POST"])
@door("invoices.edit")
def invoice_new(request: PracticeRequest) -> HttpResponse:
    """Write an invoice; `?patient=` and `?attendee=` fill it in."""
    if request.method == "POST":
        return _answer(request, None)
    typing = _new(request.member, timezone.now())
    typing.patient = str(id_of(request.GET.get("patient", "")) or "")
    if visit_id := id_of(request.GET.get("attendee", "")):
        _of_visit(request.member, typing, visit_id)
    sheet = Sheet(request.member, typing)
    sheet.focus = "id_line-0-item" if typing.patient else "patient"
    return _page(request, sheet, None)


@require_http_methods(["GET", "HEAD", "POST"])
@door("invoices.edit")
def invoice_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change a draft. :raises NotADraft: if it was issued"""
    facts = invoice_facts(practice_id=request.member.practice_id, invoice_id=pk)
    if facts.status != "draft":
        raise NotADraft
    if request.method == "POST":
        return _answer(request, facts)
    sheet = Sheet(request.member, _of_draft(facts), invoice_id=pk)
    return _page(request, sheet, facts)


@require_POST
@door("invoices.issue")
def invoice_issue(request: PracticeRequest, pk: int) -> HttpResponse:
    """
    Issue a draft as its page showed it; what is in the way is said on its form.

    :raises NotADraft: if it was issued, and not by this very button
    """
    if answer := recall(request):
        return answer
    draft = invoice_facts(practice_id=request.member.practice_id, invoice_id=pk)
    if draft.status != "draft":
        if answer := recall(request, anew=True):
            return answer
        raise NotADraft
    typing = _of_draft(draft)
    typing.key = request.POST.get("key", "")[:100]
    sheet = Sheet(request.member, typing, send=True, invoice_id=pk)
    if changed := _changed_since(draft, sheet, request.POST.get("stands", "")):
        sheet.refuse(DraftChanged(changed))
        return _page(request, sheet, draft, status=422)
    if _written(request, sheet, draft, issue=True) is None:
        return _page(request, sheet, draft, status=422)
    return remember(request, reverse("invoice", args=[pk]))


def _changed_since(draft: InvoiceFacts, sheet: Sheet, seen: str) -> str:
    """Why what would be issued is not what the page of the draft showed; "" if it is."""
    if seen and seen != stands_of(draft):
        return _(
            "Somebody has changed this draft since you opened it. Nothing was issued. "
            "This is how it stands now: look at it, then issue it."
        )
    sheet.work_out()
    sums = sheet.amounts
    if sums and (sums.total.minor, sums.tax.minor) != (draft.total_minor, draft.tax_minor):
        return _(
            "A tax has changed since this draft was saved, so it comes to other sums. "
            "Nothing was issued. Look at it, then issue it."
        )
    return ""


def _answer(request: PracticeRequest, draft: InvoiceFacts | None) -> HttpResponse:
    """One press of a button: of those that save, or of those that only change the form."""
    typing = Typing.read(request.POST)
    do = "find" if "find-patient" in request.POST else request.POST.get("do", "issue")
    if do in FINAL and not (do == "issue" and not request.member.may("invoices.issue")):
        return _save(request, typing, draft, issue=do == "issue")
    focus = _change(typing, do)
    sheet = Sheet(request.member, typing, invoice_id=draft.id if draft else None)
    sheet.focus = focus
    if do == "preview":
        sheet.work_out()
        return render(request, f"{FORM}#preview", {"sheet": sheet})
    if request.htmx:
        sheet.work_out()
        return render(request, f"{FORM}#changed", {"sheet": sheet, "draft": draft})
    quick = QuickPatientForm(request.POST) if not typing.patient else None
    return _page(request, sheet, draft, do=do, quick=quick)


def _change(typing: Typing, do: str) -> str:
    """Add or remove a line; returns the id of what takes the focus."""
    what, _dash, number = do.partition("-")
    if what == "add" and len(typing.lines) < MOST_LINES:
        last = typing.lines[-1] if typing.lines else {}
        typing.lines.append({**BLANK, "service_on": last.get("service_on", "")})
        return f"id_line-{len(typing.lines) - 1}-item"
    line = id_of(number)
    if what == "remove" and line is not None and line < len(typing.lines):
        del typing.lines[line]
        return "add-line"
    return ""


def _save(
    request: PracticeRequest, typing: Typing, draft: InvoiceFacts | None, *, issue: bool
) -> HttpResponse:
    if draft is None and (answer := recall(request)):
        return answer
    quick = QuickPatientForm(request.POST)
    chosen = chosen_patient(request, quick, key=typing.key, now=timezone.now())
    typing.patient = str(chosen or "")
    sheet = Sheet(request.member, typing, send=True, invoice_id=draft.id if draft else None)
    stands, seen = stands_of(draft), request.POST.get("stands", "")
    if seen and seen != stands:
        sentence = _(
            "Somebody has changed this draft since you opened it. Nothing was saved. "
            "Save again to put yours in its place, or open the draft anew."
        )
        sheet.refuse(DraftChanged(sentence))
    elif (invoice_id := _written(request, sheet, draft, issue=issue)) is not None:
        return remember(request, reverse("invoice", args=[invoice_id]))
    if draft is None and (answer := recall(request, anew=True)):
        return answer
    return _page(request, sheet, draft, status=422, quick=quick)


def _written(
    request: PracticeRequest, sheet: Sheet, draft: InvoiceFacts | None, *, issue: bool
) -> int | None:
    """Write what the form says; returns the id, or None when the form says what is wrong."""
    member = request.member
    if not sheet.is_valid():
        return None
    command = WriteInvoice(
        practice_id=member.practice_id,
        key=sheet.typing.key,
        by=member.actor,
        content=sheet.content(),
        issue=issue,
        invoice_id=draft.id if draft else None,
    )
    try:
        written = write_invoice(command, timezone.now())
    except Refusal as refusal:
        sheet.refuse(refusal)
        return None
    messages.success(request, _("Invoice issued.") if issue else _("Draft saved."))
    return written.invoice_id


def _page(
    request: PracticeRequest,
    sheet: Sheet,
    draft: InvoiceFacts | None,
    *,
    do: str = "",
    status: int = 200,
    quick: QuickPatientForm | None = None,
) -> HttpResponse:
    sheet.work_out()
    typing = sheet.typing
    found = []
    looked_for = sheet.catalogue.patient is None and typing.patient_q
    if looked_for and do in ("find", "update"):
        found = find_patients(practice_id=sheet.practice.id, text=typing.patient_q, limit=12)
    context = {
        "sheet": sheet,
        "draft": draft,
        "form_url": reverse("invoice_edit", args=[draft.id]) if draft else reverse("invoice_new"),
        "before": saved_before(request) if status == 422 else "",
        "stands": (status == 200 and request.POST.get("stands")) or stands_of(draft),
        "found": found,
        "looked_for": looked_for,
        "may_issue": request.member.may("invoices.issue"),
        "create_url": link_to("patient_new") if request.member.may("patients.edit") else "",
        "quick": quick or QuickPatientForm(),
    }
    return render(request, FORM, context, status=status)


def _new(member: Member, now: datetime) -> Typing:
    practice = member.practice
    places = locations_of(practice_id=practice.id)
    people = practitioners_of(practice_id=practice.id)
    mine = next((one for one in people if one.user_id == member.user_id), None)
    return Typing(
        key=uuid4().hex,
        head={
            "issued_on": day_words(practice.day_of(now)),
            "location": str(places[0].id) if places else "",
            "practitioner": str(mine.id) if mine and member.user_id else "",
        },
    )


def _of_visit(member: Member, typing: Typing, attendee_id: int) -> None:
    """Fill in what the visit bills. :raises NotFound: if this practice has no such visit"""
    content = visit_page(member, attendee_id, timezone.now()).content
    typing.patient = str(content.patient_id)
    typing.head |= {
        "attendee": str(attendee_id),
        "practitioner": str(content.practitioner_id or ""),
        "location": str(content.location_id or ""),
    }
    typing.lines = [
        {
            "item": str(line.item_id or ""),
            "quantity": number_words(line.quantity),
            "discount": f"{number_words(line.discount_percent)}%" if line.discount_percent else "",
            "service_on": day_words(line.service_on),
        }
        for line in content.lines
    ] or [dict(BLANK)]


def _of_draft(facts: InvoiceFacts) -> Typing:
    practice = facts.practice
    return Typing(
        patient=str(facts.patient_id),
        for_patient=str(facts.patient_id),
        key=uuid4().hex,
        head={
            "attendee": str(facts.attendee_id or ""),
            "practitioner": str(facts.practitioner_id or ""),
            "location": str(facts.place.id if facts.place else ""),
            "bill_to": str(facts.bill_to_id or ""),
            "bill_to_text": facts.bill_to_text,
            "issued_on": day_words(facts.issued_on or practice.day_of(timezone.now())),
            "due_on": day_words(facts.due_on),
            "notes": facts.notes,
        },
        lines=[_typed(facts, line) for line in facts.lines],
    )


def stands_of(draft: InvoiceFacts | None) -> str:
    """What the draft says now, in short; "" for a new invoice."""
    if draft is None:
        return ""
    typing = _of_draft(draft)
    said = repr((typing.patient, typing.head, typing.lines))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _typed(facts: InvoiceFacts, line: LineFacts) -> Typed:
    practice = facts.practice
    item = str(line.item_id or "")
    discount = Discount(Decimal(line.discount_percent), practice.money(line.discount_minor))
    return {
        "item": item,
        "filled": item,
        "description": line.description,
        "quantity": number_words(line.quantity),
        "price": amount_text(practice.money(line.unit_price_minor)),
        "discount": discount.words,
        "tax": str(line.tax_rate_id or ""),
        "category": str(line.category_id),
        "service_on": day_words(line.service_on),
    }
