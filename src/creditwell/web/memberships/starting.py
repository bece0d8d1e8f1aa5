"""Start a membership, from the patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from creditwell.kernel.errors import Refusal
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.packages.queries_products import ProductFacts, list_products
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.usecases.start_membership import (
    MembershipStarted,
    StartMembership,
    start_membership,
)
from creditwell.web.components.fields import DayField, Form
from creditwell.web.components.formats import day_text, money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.memberships.views import Next, next_period
from creditwell.web.packages.words import every_text
from creditwell.web.payments.typed import new_key


class StartForm(Form):
    """Which package, from when, and how the first invoice is paid."""

    product = forms.TypedChoiceField(label=_("Membership"), coerce=int, widget=forms.RadioSelect)
    starts_on = DayField(
        label=_("First day"),
        help_text=_("On a day to come it begins by itself, with its first invoice."),
    )
    use_credit = forms.BooleanField(
        label=_("Pay the first invoice from account credit if there is enough for all of it"),
        required=False,
    )
    email = forms.BooleanField(label=_("Email the invoice"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)

    def __init__(self, *args: Any, products: list[ProductFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            (one.id, f"{one.name}: {money_text(one.price)} {_often(one)}") for one in products
        ]


def _often(product: ProductFacts) -> str:
    return every_text(product.terms.renews_count or 1, product.terms.renews_unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What starting it would do; `covered`: own account credit pays the first invoice."""

    name: str
    first: Next
    begins_later: bool
    credit: Money
    covered: bool


@door("memberships.edit")
def membership_new(request: PracticeRequest, pk: int) -> HttpResponse:
    """Choose the package and the first day; what comes of it is shown before it is done."""
    practice, today = request.practice, request.practice.day_of(timezone.now())
    patient = patient_facts(practice_id=practice.id, patient_id=pk)
    products = [
        one
        for one in list_products(practice, concession_id=patient.details.concession_id)
        if one.terms.renews_count is not None
    ]
    form = _form(request, products, today)
    if form.is_bound and form.is_valid() and request.POST.get("do") != "preview":
        try:
            started = start_membership(_command(request, pk, form.cleaned_data), timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            _say(request, started, form.cleaned_data["starts_on"])
            return redirect("membership", started.membership_id)
    context = {
        "form": form,
        "patient": patient,
        "patient_url": page_link("patient", pk),
        "products_url": page_link("package_products")
        if request.member.may("packages.edit")
        else "",
        "products": products,
        "preview": _preview(request, form, products, patient, today),
    }
    if request.htmx and request.POST.get("do") == "preview":
        return render(request, "memberships/new.html#preview", context)
    asked = request.POST.get("do") == "preview"
    return render(
        request, "memberships/new.html", context, status=422 if form.is_bound and not asked else 200
    )


def _form(request: PracticeRequest, products: list[ProductFacts], today: date) -> StartForm:
    wanted = request.GET.get("product", "")
    first = products[0].id if len(products) == 1 else None
    chosen = next((one.id for one in products if str(one.id) == wanted), first)
    initial = {"product": chosen, "starts_on": today, "use_credit": True, "key": new_key()}
    return StartForm(request.POST or None, initial=initial, products=products)


def _command(request: PracticeRequest, patient_id: int, data: dict[str, Any]) -> StartMembership:
    return StartMembership(
        practice_id=request.practice.id,
        key=data["key"],
        by=request.member.actor,
        patient_id=patient_id,
        product_id=data["product"],
        starts_on=data["starts_on"],
        use_credit=data["use_credit"],
        email=data["email"],
    )


def _say(request: PracticeRequest, started: MembershipStarted, starts_on: date) -> None:
    if started.invoice_id is None:
        sentence = gettext("The membership begins on %(day)s.") % {"day": day_text(starts_on)}
    elif started.owing_minor:
        owing = money_text(request.practice.money(started.owing_minor))
        sentence = gettext("The membership has begun. %(sum)s is owing.") % {"sum": owing}
    else:
        sentence = gettext("The membership has begun, and its first invoice is paid.")
    messages.success(request, sentence)


def _preview(
    request: PracticeRequest,
    form: StartForm,
    products: list[ProductFacts],
    patient: PatientFacts,
    today: date,
) -> Preview | None:
    """None as long as no package and day are chosen."""
    chosen = form["product"].value()
    product = next((one for one in products if str(one.id) == str(chosen)), None)
    data = getattr(form, "cleaned_data", form.initial)
    starts_on = data.get("starts_on")
    if product is None or starts_on is None:
        return None
    first = next_period(request.practice, product, starts_on, anchor_on=starts_on)
    if first is None:
        return None
    held = standing_of(practice_id=request.practice.id, holder_id=patient.payer_id)
    return Preview(
        name=product.name,
        first=first,
        begins_later=starts_on > today,
        credit=request.practice.money(held.credit_minor),
        covered=bool(data.get("use_credit")) and held.credit_minor >= first.price.minor,
    )
