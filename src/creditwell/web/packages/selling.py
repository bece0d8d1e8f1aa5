"""Sell a package to a patient: which one, at what price, how it is paid, for which visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from creditwell.invoicing.lines import LineInput, priced_lines, total_of
from creditwell.invoicing.queries import billed_visits
from creditwell.kernel.errors import Invalid, Refusal
from creditwell.money.money import Money
from creditwell.packages.queries import places_of
from creditwell.packages.queries_products import ProductFacts, list_products
from creditwell.packages.queries_sold import SoldThen, sold_on
from creditwell.payments.wallets import own_purse
from creditwell.people.queries import PatientFacts, contact_choices, patient_facts
from creditwell.scheduling.queries import locations_of
from creditwell.scheduling.queries_patient import Visit, visits_of
from creditwell.tenancy.access import Member
from creditwell.usecases.sell_package import PackageSold, SellPackage, sell_package
from creditwell.web.components.fields import DayField, Form
from creditwell.web.components.formats import clock_text, day_short_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.fields import DiscountField
from creditwell.web.invoices.links import address_of, with_query
from creditwell.web.packages.words import content_text, validity_text
from creditwell.web.patients.quick import as_id
from creditwell.web.payments.kept import way_back
from creditwell.web.payments.once import recall, remember, saved_before

TEMPLATE = "packages/sell.html"
MOST_VISITS = 50
SELLS_IN = ("booked", "arrived", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A package to choose; `price` is what this patient pays, tax included."""

    product: ProductFacts
    content: str
    validity: str
    price: Money
    by_concession: bool
    paid_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What there is before anything is chosen."""

    member: Member
    patient: PatientFacts
    offered: tuple[Offered, ...]
    visits: tuple[tuple[int, str], ...]
    contacts: tuple[tuple[int, str], ...]
    lots: tuple[tuple[int | None, int], ...]  # (category it is for, what is left) of own credit
    sold: Mapping[int, SoldThen]  # today already, by product
    today: date

    def credit_for(self, product: ProductFacts | None) -> Money:
        """The patient's own account credit, as far as it may pay for a package."""
        fits = (None, product.category_id if product else None)
        return self.member.practice.money(sum(left for pk, left in self.lots if pk in fits))

    def one(self, product_id: int | None) -> ProductFacts | None:
        found = (one.product for one in self.offered if one.product.id == product_id)
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """That the patient has bought the very same today; where that is seen, "" without the right."""

    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the sale comes to; `total` None while something cannot be read."""

    total: Money | None
    by_credit: Money
    owing: Money | None
    credit: Money  # there is
    twin: Twin | None = None


class SellForm(Form):
    """Which package, for which visit, and how its invoice is written."""

    product = forms.TypedChoiceField(
        label=gettext_lazy("Package"),
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the package.")},
    )
    attendee = forms.TypedChoiceField(
        label=gettext_lazy("Use it for a visit"), coerce=int, empty_value=None, required=False
    )
    credit = forms.BooleanField(label=gettext_lazy("Pay from account credit"), required=False)
    bill_to = forms.TypedChoiceField(
        label=gettext_lazy("Bill to"), coerce=int, empty_value=None, required=False
    )
    another = forms.BooleanField(label=gettext_lazy("Sell another one"), required=False)
    issued_on = DayField(label=gettext_lazy("Invoice date"), required=False)
    due_on = DayField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("Left empty: by your payment terms."),
    )

    def __init__(self, *args: Any, ground: Ground, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ground = ground
        currency = ground.member.practice.currency
        self.fields["discount"] = DiscountField(
            currency,
            label=_("Discount"),
            help_text=_("A percentage, as 10%, or an amount off the price."),
        )
        self._offer("product", [(one.product.id, one.product.name) for one in ground.offered])
        self._offer("attendee", [("", _("No visit yet")), *ground.visits])
        self._offer("bill_to", [("", _("The patient")), *ground.contacts])

    def clean_another(self) -> bool:
        """Ask before the same is sold twice on a day: perhaps somebody went back to this form."""
        another: bool = self.cleaned_data["another"]
        product_id = self.cleaned_data.get("product")
        if not another and (twin := twin_of(self.ground, product_id)):
            raise forms.ValidationError(
                _("%(words)s Tick this if they buy another one.") % {"words": twin.words}
            )
        return another

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.sell")
def package_sell(request: PracticeRequest, pk: int) -> HttpResponse:
    """
    Choose a package and sell it; `?product=` and `?attendee=` choose, `?back=payment` comes back to
    the payment form.
    """
    now = timezone.now()
    ground = read_ground(request.member, pk, now)
    if request.method != "POST":
        return _page(request, ground, SellForm(ground=ground, initial=_initial(request, ground)))
    form = SellForm(request.POST, ground=ground)
    if request.POST.get("do") == "preview":
        return render(request, f"{TEMPLATE}#sum", {"sums": _sums(ground, form), "form": form})
    if answer := recall(request):
        return answer
    if form.is_valid():
        try:
            sold = sell_package(_command(request, ground, form), now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, sold_words(ground.member, sold))
            return remember(request, after_sale(request, ground.patient.id, sold))
    return recall(request, anew=True) or _page(request, ground, form)


def read_ground(member: Member, patient_id: int, now: datetime) -> Ground:
    """
    Everything to choose from; a dozen queries whatever the practice's size.

    :raises NotFound: if this practice has no such patient
    """
    practice = member.practice
    patient = patient_facts(practice_id=practice.id, patient_id=patient_id)
    products = list_products(practice, concession_id=patient.details.concession_id)
    today = practice.day_of(now)
    purse = own_purse(practice_id=practice.id, payer_id=patient.payer_id, on=today)
    return Ground(
        member=member,
        patient=patient,
        offered=tuple(
            Offered(
                product=one,
                content=content_text(one, practice),
                validity=validity_text(one.terms),
                price=one.charged,
                by_concession=one.price != one.usual_price,
                paid_first=one.terms.usable_when == "paid",
            )
            for one in products
            if one.terms.renews_count is None  # those are started as memberships
        ),
        visits=_visits(member, patient_id),
        contacts=tuple(contact_choices(practice_id=practice.id)),
        lots=tuple((lot.category_id, lot.left_minor) for lot in purse.lots),
        sold=sold_on(practice_id=practice.id, patient_id=patient_id, day=today),
        today=today,
    )


def twin_of(ground: Ground, product_id: int | None) -> Twin | None:
    """What was sold of a product to the patient today already, in words; None if nothing was."""
    sold = ground.sold.get(product_id or 0)
    if sold is None:
        return None
    gaps = {
        "patient": ground.patient.name,
        "number": ground.member.practice.invoice_number(sold.invoice_number),
        "who": sold.by,
    }
    words = (
        _("%(who)s sold this to %(patient)s today already, by invoice %(number)s.")
        if sold.by
        else _("This was sold to %(patient)s today already, by invoice %(number)s.")
    )
    url = page_link("package", sold.package_id) or page_link("invoice", sold.invoice_id)
    return Twin(words=words % gaps, url=url)


def _visits(member: Member, patient_id: int) -> tuple[tuple[int, str], ...]:
    """The latest visits that no invoice asks for and no package covers."""
    practice_id = member.practice_id
    found = [
        visit
        for visit in visits_of(practice_id=practice_id, patient_id=patient_id, limit=MOST_VISITS)
        if visit.state in SELLS_IN
    ]
    ids = [visit.id for visit in found]
    billed = billed_visits(practice_id=practice_id, attendee_ids=ids)
    covered = places_of(practice_id=practice_id, attendee_ids=ids)
    return tuple(
        (visit.id, _visit_words(visit))
        for visit in found
        if visit.id not in billed and visit.id not in covered
    )


def _visit_words(visit: Visit) -> str:
    return _("%(day)s, %(clock)s, %(type)s, %(practitioner)s") % {
        "day": day_short_text(visit.starts_at),
        "clock": clock_text(visit.starts_at),
        "type": visit.kind,
        "practitioner": visit.practitioner,
    }


def _initial(request: PracticeRequest, ground: Ground) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "") for name in ("product", "attendee")}
    product = ground.one(as_id(asked["product"]))
    if product is None and len(ground.offered) == 1:
        product = ground.offered[0].product
    credit = bool(product and 0 < product.charged.minor <= ground.credit_for(product).minor)
    waits = product is not None and _paid_first(product) and not credit
    return {
        "product": product.id if product else "",
        "attendee": "" if waits else asked["attendee"],  # it could not be used for the visit yet
        "bill_to": ground.patient.details.bill_to_id or "",
        "issued_on": ground.today,
        "credit": credit,
    }


def _paid_first(product: ProductFacts) -> bool:
    return product.terms.usable_when == "paid" and product.charged.minor > 0


def _sums(ground: Ground, form: SellForm) -> Sums:
    """What it comes to as the form stands, whether it could be sold like that or not."""
    product, line, credit = _read(ground, form)
    nothing = ground.member.practice.money(0)
    total = _total(ground, line) if line else None
    there = ground.credit_for(product)
    by_credit = min(total, there) if credit and total is not None else nothing
    return Sums(
        total=total,
        by_credit=by_credit,
        owing=None if total is None else total - by_credit,
        credit=there,
        twin=twin_of(ground, product.id if product else None),
    )


def _read(ground: Ground, form: SellForm) -> tuple[ProductFacts | None, LineInput | None, bool]:
    """The package, its line and whether credit is to pay; no line if something is not readable."""
    if not form.is_bound:
        product = ground.one(form.initial["product"] or None)
        line = LineInput(item_id=product.item_id) if product else None
        return product, line, form.initial["credit"]
    form.is_valid()
    said = form.cleaned_data
    product = ground.one(said.get("product"))
    if product is None or "discount" not in said:
        return product, None, bool(said.get("credit"))
    line = LineInput(
        item_id=product.item_id,
        discount_percent=said["discount"].percent,
        discount_minor=said["discount"].money.minor,
    )
    return product, line, said["credit"]


def _total(ground: Ground, line: LineInput) -> Money | None:
    practice = ground.member.practice
    concession_id = ground.patient.details.concession_id
    try:
        rows = priced_lines(practice=practice, lines=[line], concession_id=concession_id)
    except Invalid:  # the sale itself says why
        return None
    return total_of(practice, rows).total


def _command(request: PracticeRequest, ground: Ground, form: SellForm) -> SellPackage:
    member, said = request.member, form.cleaned_data
    places = locations_of(practice_id=member.practice_id)
    return SellPackage(
        practice_id=member.practice_id,
        key=request.POST.get("key", "")[:100],
        by=member.actor,
        patient_id=ground.patient.id,
        product_id=said["product"],
        attendee_id=said["attendee"],
        credit_minor=_sums(ground, form).by_credit.minor,
        discount_percent=said["discount"].percent,
        discount_minor=said["discount"].money.minor,
        bill_to_id=said["bill_to"],
        bill_to_patient=said["bill_to"] is None,
        location_id=places[0].id if places and said["attendee"] is None else None,
        issued_on=said["issued_on"],
        due_on=said["due_on"],
    )


def sold_words(member: Member, sold: PackageSold) -> str:
    """What was done, in a sentence."""
    gaps = {"number": member.practice.invoice_number(sold.number)}
    if sold.covered:
        return _("Package sold by invoice %(number)s and used for the visit.") % gaps
    return _("Package sold by invoice %(number)s.") % gaps


def after_sale(request: PracticeRequest, patient_id: int, sold: PackageSold) -> str:
    """On to the payment of what is owing, back to where one came from, or to the package."""
    may_take = request.member.may("payments.take")
    if request.POST.get("back", request.GET.get("back")) == "payment" and may_take:
        return way_back(request, patient_id, invoiced=True)
    if sold.owing_minor and may_take:
        return with_query(address_of("payment_new"), patient=patient_id, invoice=sold.invoice_id)
    return address_of("package", sold.package_id) or address_of("invoice", sold.invoice_id)


def _page(request: PracticeRequest, ground: Ground, form: SellForm) -> HttpResponse:
    patient_id = ground.patient.id
    back = "payment" if request.GET.get("back") == "payment" else ""
    back_url = way_back(request, patient_id) if back else ""
    before = saved_before(request)  # whoever reads that it was, and saves again, means another one
    context = {
        "page": ground,
        "form": form,
        "sums": _sums(ground, form),
        "chosen": str(form["product"].value() or ""),
        "before": before,
        "key": (not before and request.POST.get("key", "")[:100]) or uuid4().hex,
        "back": back or request.POST.get("back", ""),
        "patient_url": address_of("patient", patient_id),
        "cancel_url": back_url or address_of("patient", patient_id),
        "products_url": address_of("package_products"),
        "membership_url": address_of("membership_new", patient_id)
        if request.member.may("memberships.edit")
        else "",
    }
    return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)
