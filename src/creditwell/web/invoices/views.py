"""The list of invoices, and one invoice."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from creditwell.integrations.documents import build
from creditwell.web.components.spreadsheet import csv_answer
from creditwell.web.door.guard import door
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices import export
from creditwell.web.invoices.form_views import stands_of
from creditwell.web.invoices.links import address_of, may
from creditwell.web.invoices.list_page import FilterForm, list_page, show_of, wanted_of
from creditwell.web.invoices.pages import invoice_page, title_words
from creditwell.web.packages.sold import sold_by


@require_safe
@door("invoices.view")
def invoices(request: PracticeRequest) -> HttpResponse:
    """All invoices, or those of a state, of a person, of some days."""
    page = list_page(request.member, request.GET, timezone.now())
    context = {"page": page, "pay_url": address_of("payment_new"), **may(request.member)}
    return render(request, "invoices/list.html", context)


@require_GET
@door("invoices.view")
def invoices_csv(request: PracticeRequest) -> HttpResponse:
    """What the list would show, all pages of it, as CSV."""
    practice = request.practice
    form = FilterForm(request.GET, practice_id=practice.id)
    wanted = wanted_of(request.member, form, timezone.now())
    rows = export.rows(practice, wanted, show_of(request.GET))
    return csv_answer("invoices.csv", export.head(), rows)


@require_safe
@door("invoices.view")
def invoice(request: PracticeRequest, pk: int) -> HttpResponse:
    """One invoice as it will print, with what was paid and what happened."""
    page = invoice_page(request.member, pk, timezone.now())
    document = page.document
    context = {
        "page": page,
        "title": title_words(document.title),
        "packages": sold_by(request.member, pk, timezone.now()),
        "has_discount": any(line.discount for line in document.lines),
        "key": uuid4().hex,
        "stands": stands_of(page.facts) if page.state == "draft" else "",
        **may(request.member),
    }
    return render(request, "invoices/invoice.html", context)


@require_GET
@door("invoices.view")
def invoice_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The invoice as PDF."""
    name, pdf = build.invoice_pdf(request.member.practice_id, pk)
    return pdf_answer(name, pdf)
