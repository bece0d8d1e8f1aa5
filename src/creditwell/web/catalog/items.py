"""The pages of items: the list, the form, putting away and bringing back."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditwell.catalog import queries
from creditwell.catalog.models import Item, ItemKind
from creditwell.kernel.errors import Refusal
from creditwell.packages.queries_products import products_by_item
from creditwell.tenancy.access import access
from creditwell.usecases.archive_item import ArchiveItem, archive_item
from creditwell.usecases.restore_item import RestoreItem, restore_item
from creditwell.usecases.save_item import save_item
from creditwell.web.catalog.forms import ItemForm
from creditwell.web.catalog.pages import items_page, items_url
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.quick import as_id

LAST_PAGE = 10_000


@require_GET
@door("catalog.view")
def items(request: PracticeRequest) -> HttpResponse:
    """Services, products, other things or what is archived; searched by name or code."""
    tab = request.GET.get("show", "")
    number = request.GET.get("page", "")
    page = items_page(
        request.member,
        tab=tab if tab in queries.ITEM_TABS else queries.ITEM_TABS[0],
        search=request.GET.get("q", "").strip()[:80],
        page=min(as_id(number) or 1, LAST_PAGE),
    )
    template = "catalog/items.html#rows" if request.htmx else "catalog/items.html"
    return render(request, template, {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@door("catalog.edit")
def item_new(request: PracticeRequest) -> HttpResponse:
    """Add an item."""
    kind = request.GET.get("kind", "")
    initial = {"kind": kind} if kind in queries.ITEM_TABS else {}
    form = ItemForm(_sent(request), member=request.member, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = _saved(request, form, key=request.POST.get("key", "")[:100])
        if answer is not None:
            return answer
    return _form_page(request, form, key=request.POST.get("key", "")[:100] or uuid4().hex)


@require_http_methods(["GET", "HEAD", "POST"])
@door("catalog.edit")
def item(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change an item."""
    record = queries.item_record(request.member.practice_id, pk)
    if record.kind == ItemKind.PACKAGE:
        product = products_by_item(practice_id=request.member.practice_id, item_ids=[pk])
        return redirect("package_product", product[pk]) if pk in product else redirect("items")
    form = ItemForm(_sent(request), member=request.member, item=record)
    if request.method == "POST" and form.is_valid():
        answer = _saved(request, form, key="")
        if answer is not None:
            return answer
    return _form_page(request, form)


@require_POST
@door("catalog.edit")
def item_archive(request: PracticeRequest, pk: int) -> HttpResponse:
    """Sell an item no longer."""
    found = access(Item, request.member, pk, "catalog.edit")
    member = request.member
    command = ArchiveItem(practice_id=member.practice_id, by=member.actor, item_id=pk)
    archive_item(command, timezone.now())
    said = _("%(name)s is archived. You find it under Archived.") % {"name": found.name}
    messages.success(request, said)
    return redirect("items")


@require_POST
@door("catalog.edit")
def item_restore(request: PracticeRequest, pk: int) -> HttpResponse:
    """Sell an item again."""
    found = access(Item, request.member, pk, "catalog.edit")
    member = request.member
    command = RestoreItem(practice_id=member.practice_id, by=member.actor, item_id=pk)
    restore_item(command, timezone.now())
    messages.success(request, _("%(name)s is on offer again.") % {"name": found.name})
    return redirect("item", pk)


def _sent(request: PracticeRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _saved(request: PracticeRequest, form: ItemForm, *, key: str) -> HttpResponse | None:
    """Save and go to the list, or put the refusal on the form."""
    try:
        save_item(form.command(key), timezone.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["name"]})
    return redirect(items_url(form.cleaned_data["kind"]))


def _form_page(request: PracticeRequest, form: ItemForm, *, key: str = "") -> HttpResponse:
    context = {"form": form, "item": form.item, "key": key}
    return render(request, "catalog/item.html", context, status=422 if form.is_bound else 200)
