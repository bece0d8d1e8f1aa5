"""Packages on offer: the list, one in words, its form, putting away and bringing back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditwell.catalog.queries import concessions
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.packages.models import Product
from creditwell.packages.queries_products import (
    ProductFacts,
    concession_prices,
    list_products,
    product_facts,
    worth_of,
)
from creditwell.tenancy.access import Member, access
from creditwell.usecases.archive_package_product import (
    ArchivePackageProduct,
    archive_package_product,
)
from creditwell.usecases.restore_package_product import (
    RestorePackageProduct,
    restore_package_product,
)
from creditwell.usecases.save_package_product import save_package_product
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages import words
from creditwell.web.packages.act_page import again
from creditwell.web.packages.product_sheet import ROW, ProductSheet, row_of
from creditwell.web.payments.once import remember

FORM = "packages/product_form.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductLine:
    """A package in the list."""

    product: ProductFacts
    content: str
    validity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """A package in words: all that its form says."""

    product: ProductFacts
    content: tuple[str, ...]
    rules: tuple[str, ...]
    worth: tuple[str, ...]
    validity: str
    rollover: str
    tax: str
    conceded: tuple[tuple[str, Money], ...]


@require_safe
@door("packages.view")
def package_products(request: PracticeRequest) -> HttpResponse:
    """What is on offer, or what was put away."""
    archived = request.GET.get("show") == "archived"
    practice = request.practice
    lines = [
        ProductLine(
            product=one,
            content=words.content_text(one, practice),
            validity=words.validity_text(one.terms),
        )
        for one in list_products(practice, archived=archived)
    ]
    tabs = {"archived": archived, "on_offer": not archived}
    context = {"lines": lines, **tabs, **_may(request.member)}
    return render(request, "packages/products.html", context)


@require_safe
@door("packages.view")
def package_product(request: PracticeRequest, pk: int) -> HttpResponse:
    """One package in words, for those who sell it and those who change it."""
    page = product_page(request.member, pk)
    return render(request, "packages/product.html", {"page": page, **_may(request.member)})


def product_page(member: Member, product_id: int) -> ProductPage:
    """
    Everything about a package on offer; eight queries.

    :raises NotFound: if this practice has no such package
    """
    practice = member.practice
    product = product_facts(practice, product_id)
    terms, measure = product.terms, product.terms.measure
    worth = worth_of(
        practice,
        price=product.price,
        tax_percent=product.tax_percent,
        measure=measure,
        parts=[part.input for part in product.parts],
    )
    lines = words.worth_lines(
        worth,
        measure=measure,
        names=[part.name or words.names_text(part.covers) for part in product.parts],
        units=[part.units for part in product.parts],
    )
    rules = (
        str(words.USABLE[terms.usable_when]),
        str(words.SHARING[terms.sharing]),
        words.cancel_text(terms),
        words.no_show_text(terms),
        words.fee_text(terms, practice),
    )
    prices = concession_prices(practice, product.item_id)
    return ProductPage(
        product=product,
        content=tuple(words.part_text(part, measure, practice) for part in product.parts),
        rules=tuple(rule for rule in rules if rule),
        worth=(*lines, words.singly_text(worth)),
        validity=words.validity_sentence(terms),
        rollover=words.rollover_text(terms, practice),
        tax=words.tax_text(product),
        conceded=tuple(
            (one.name, prices[one.id])
            for one in concessions(practice.id, archived=True)
            if one.id in prices
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.edit")
def package_product_new(request: PracticeRequest) -> HttpResponse:
    """Offer one more package."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.edit")
def package_product_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change a package; those that were sold stay as they were sold."""
    return _form(request, product_facts(request.practice, pk))


def _form(request: PracticeRequest, product: ProductFacts | None) -> HttpResponse:
    """One press of a button: of the one that saves, or of those that only change the form."""
    member = request.member
    if request.method != "POST":
        return _page(request, ProductSheet(member, product=product))
    do = request.POST.get("do", "save")
    if do != "save":
        return _changed(request, ProductSheet(member, product=product, post=request.POST), do)
    if answer := again(request):
        return answer
    sheet = ProductSheet(member, product=product, post=request.POST, send=True)
    if sheet.is_valid():
        command = sheet.command(request.POST.get("key", "")[:100])
        try:
            saved = save_package_product(command, timezone.now())
        except Refusal as refusal:
            sheet.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": command.name})
            return remember(request, page_link("package_product", saved.product_id))
    return again(request, anew=True) or _page(request, sheet, status=422)


def _changed(request: PracticeRequest, sheet: ProductSheet, do: str) -> HttpResponse:
    what, _dash, number = do.partition("-")
    if what == "add":
        sheet.add()
    if what == "remove":
        sheet.remove(row_of(number))
    part = {"preview": "#worth"}.get(do, "#changed") if request.htmx else ""
    return _page(request, sheet, part=part)


def _page(
    request: PracticeRequest, sheet: ProductSheet, *, part: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "form": sheet.head,
        "product": sheet.product,
        "row_name": ROW,
        "key": request.POST.get("key", "")[:100] or uuid4().hex,
        "cancel_url": reverse("package_product", args=[sheet.product.id])
        if sheet.product
        else reverse("package_products"),
    }
    return render(request, FORM + part, context, status=status)


@require_POST
@door("packages.edit")
def package_product_archive(request: PracticeRequest, pk: int) -> HttpResponse:
    """Sell a package no longer."""
    member = request.member
    product = access(Product, member, pk, "packages.edit")
    command = ArchivePackageProduct(
        practice_id=member.practice_id, by=member.actor, product_id=product.pk
    )
    archive_package_product(command, timezone.now())
    messages.success(request, _("Archived. You find it under Archived."))
    return redirect("package_products")


@require_POST
@door("packages.edit")
def package_product_restore(request: PracticeRequest, pk: int) -> HttpResponse:
    """Sell a package again."""
    member = request.member
    product = access(Product, member, pk, "packages.edit")
    command = RestorePackageProduct(
        practice_id=member.practice_id, by=member.actor, product_id=product.pk
    )
    try:
        restore_package_product(command, timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("It is on offer again."))
    return redirect("package_product", pk)


def _may(member: Member) -> dict[str, bool]:
    return {"may_edit": member.may("packages.edit")}
