"""The doors of the short lists: look, add, change, put away, bring back, move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.usecases.archive_concession import ArchiveConcession, archive_concession
from creditwell.usecases.archive_payment_source import ArchivePaymentSource, archive_payment_source
from creditwell.usecases.archive_tax_rate import ArchiveTaxRate, archive_tax_rate
from creditwell.usecases.order_payment_sources import OrderPaymentSources, order_payment_sources
from creditwell.usecases.remove_category import RemoveCategory, remove_category
from creditwell.usecases.restore_concession import RestoreConcession, restore_concession
from creditwell.usecases.restore_payment_source import RestorePaymentSource, restore_payment_source
from creditwell.usecases.restore_tax_rate import RestoreTaxRate, restore_tax_rate
from creditwell.web.catalog.forms import NamedForm
from creditwell.web.catalog.lists import CATEGORIES, CONCESSIONS, SOURCES, TAXES, Listed, list_page
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest

PageView = Callable[[HttpRequest], HttpResponse]
RowView = Callable[..., HttpResponse]


def looking(listed: Listed) -> PageView:
    """The page of a list, with an empty form for those who may add to it."""

    @require_GET
    @door("catalog.view")
    def look(request: PracticeRequest) -> HttpResponse:
        return _page(request, listed, listed.form(member=request.member))

    return look


def adding(listed: Listed) -> PageView:
    """The same page; what the form sends is added."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @door("catalog.edit")
    def add(request: PracticeRequest) -> HttpResponse:
        form = listed.form(_sent(request), member=request.member)
        return _answer(request, listed, form, key=request.POST.get("key", "")[:100])

    return add


def changing(listed: Listed) -> RowView:
    """The same page with one row in the form; what it sends is kept."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @door("catalog.edit")
    def change(request: PracticeRequest, pk: int) -> HttpResponse:
        initial = listed.initial(request.member.practice_id, pk)
        form = listed.form(_sent(request), member=request.member, pk=pk, initial=initial)
        if not form.is_bound:  # on a phone the form is below the list
            form.fields["name"].widget.attrs["autofocus"] = True
        return _answer(request, listed, form, key="")

    return change


def acting(listed: Listed, act: Callable[..., Any], command: Any, noun: str, said: Any) -> RowView:
    """A button of a row: one use case, then back to the list with a word or the refusal."""

    @require_POST
    @door("catalog.edit")
    def do(request: PracticeRequest, pk: int) -> HttpResponse:
        member = request.member
        whose = {"practice_id": member.practice_id, "by": member.actor, f"{noun}_id": pk}
        try:
            act(command(**whose, **_steps(request, command)), timezone.now())
        except NotFound:
            raise
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, said())
        return redirect(listed.url)

    return do


def _steps(request: PracticeRequest, command: Any) -> dict[str, int]:
    if command is not OrderPaymentSources:
        return {}
    return {"steps": -1 if request.POST.get("steps") == "-1" else 1}


def _sent(request: PracticeRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _answer(request: PracticeRequest, listed: Listed, form: NamedForm, *, key: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            listed.save(form.command(key), timezone.now())  # type: ignore[attr-defined]  # each has one
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            name = form.cleaned_data["name"]
            messages.success(request, _("%(name)s is saved.") % {"name": name})
            return redirect(listed.url)
    return _page(request, listed, form, key=key)


def _page(
    request: PracticeRequest, listed: Listed, form: NamedForm, *, key: str = ""
) -> HttpResponse:
    page = list_page(listed, request.member, pk=form.pk)
    context = {"page": page, "form": form, "key": key or uuid4().hex}
    return render(request, "catalog/list.html", context, status=422 if form.is_bound else 200)


def _archived() -> str:
    return _("Archived. It can be restored here.")


def _restored() -> str:
    return _("It is on offer again.")


taxes, tax_new, tax_edit = looking(TAXES), adding(TAXES), changing(TAXES)
tax_archive = acting(TAXES, archive_tax_rate, ArchiveTaxRate, "tax_rate", _archived)
tax_restore = acting(TAXES, restore_tax_rate, RestoreTaxRate, "tax_rate", _restored)

sources, source_new, source_edit = looking(SOURCES), adding(SOURCES), changing(SOURCES)
source_archive = acting(
    SOURCES, archive_payment_source, ArchivePaymentSource, "payment_source", _archived
)
source_restore = acting(
    SOURCES, restore_payment_source, RestorePaymentSource, "payment_source", _restored
)
source_move = acting(
    SOURCES,
    order_payment_sources,
    OrderPaymentSources,
    "payment_source",
    lambda: _("The order is saved."),
)

concessions, concession_new = looking(CONCESSIONS), adding(CONCESSIONS)
concession_edit = changing(CONCESSIONS)
concession_archive = acting(
    CONCESSIONS, archive_concession, ArchiveConcession, "concession", _archived
)
concession_restore = acting(
    CONCESSIONS, restore_concession, RestoreConcession, "concession", _restored
)

categories, category_new = looking(CATEGORIES), adding(CATEGORIES)
category_edit = changing(CATEGORIES)
category_remove = acting(
    CATEGORIES, remove_category, RemoveCategory, "category", lambda: _("The category is removed.")
)
