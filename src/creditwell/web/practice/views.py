"""Settings: what there is, general, invoices and payments, closing the books."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from creditwell.audit.queries import of_action
from creditwell.kernel.errors import Refusal
from creditwell.tenancy.countries import country_names
from creditwell.tenancy.queries import practice_settings
from creditwell.usecases.close_books import CloseBooks, close_books
from creditwell.usecases.update_practice import UpdatePractice, update_practice
from creditwell.web.components.fields import Form
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.practice.forms import BooksForm, GeneralForm, PaymentsForm
from creditwell.web.practice.sections import sections_for


@door("practice.view")
def index(request: PracticeRequest) -> HttpResponse:
    """All sections that the person may open."""
    return render(request, "practice/index.html", {"groups": sections_for(request.member)})


@door("settings.edit")
def general(request: PracticeRequest) -> HttpResponse:
    """Name, tax number, locale, time zone, opening hours."""
    now = practice_settings(request.member.practice_id)
    form = GeneralForm(
        request.POST or None, initial=asdict(now), country=now.country, currency=now.currency
    )
    form.guard()
    if request.method == "POST" and form.is_valid() and _saved(request, form, form.cleaned_data):
        return redirect("settings_general")
    country = country_names("en").get(now.country, now.country)
    context = {"form": form, "country": country, "currency": now.currency}
    return render(request, "practice/general.html", context, status=_status(form))


@door("settings.edit")
def payments(request: PracticeRequest) -> HttpResponse:
    """Prefixes, terms, allocation order, cash rounding, notes, amounts in emails."""
    now = practice_settings(request.member.practice_id)
    form = PaymentsForm(request.POST or None, initial=asdict(now), currency=now.currency)
    form.guard()
    if request.method == "POST" and form.is_valid() and _saved(request, form, form.settings()):
        return redirect("settings_payments")
    return render(request, "practice/payments.html", {"form": form}, status=_status(form))


@door("books.close")
def books(request: PracticeRequest) -> HttpResponse:
    """The lock date, and every move of it."""
    closed_on = request.practice.books_closed_on
    form = BooksForm(request.POST or None, initial={"until": closed_on})
    if request.method == "POST" and form.is_valid():
        command = CloseBooks(
            practice_id=request.member.practice_id,
            by=request.member.actor,
            until=form.cleaned_data["until"],
            reason=form.cleaned_data["reason"],
        )
        try:
            close_books(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_books")
    moves = [
        (move.at, move.who, _day(move.details.get("until", "")), move.details.get("reason", ""))
        for move in of_action(practice_id=request.member.practice_id, action="close_books")
    ]
    context = {"form": form, "closed_on": closed_on, "moves": moves}
    return render(request, "practice/books.html", context, status=_status(form))


def _saved(request: PracticeRequest, form: Form, given: dict[str, object]) -> bool:
    """Save the settings; a refusal is shown in the form."""
    command = UpdatePractice(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        **given,  # type: ignore[arg-type]  # the fields of the form bear the names of the command
    )
    try:
        update_practice(command, timezone.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Settings saved."))
    return True


def _status(form: Form) -> int:
    return 422 if form.is_bound else 200


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
