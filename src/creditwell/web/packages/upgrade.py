"""Make a package a larger one, with every figure said before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from creditwell.invoicing.lines import priced_lines
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.packages import upgrading
from creditwell.packages.models import Package, Product
from creditwell.packages.rules import Share
from creditwell.packages.wording import amount, figure
from creditwell.tenancy.access import PracticeFacts, access
from creditwell.usecases.upgrade_package import (
    UpgradePackage,
    difference_minor,
    upgrade_line,
    upgrade_package,
)
from creditwell.web.components.fields import Form, MoneyField
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.act_page import save_once
from creditwell.web.payments.once import recall
from creditwell.web.payments.typed import new_key


class UpgradeForm(Form):
    """Which package it becomes, for how much, and whether its days begin anew."""

    product = forms.TypedChoiceField(
        label=gettext_lazy("Becomes"), coerce=int, widget=forms.RadioSelect
    )
    renew = forms.BooleanField(
        label=gettext_lazy("Its days begin anew today"), required=False, initial=True
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(
        self, *args: Any, practice: PracticeFacts, products: list[Product], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (
                one.pk,
                f"{one.item.name}, {money_text(practice.money(one.item.price_minor))}",
            )
            for one in products
        ]
        self.fields["price"] = MoneyField(
            practice.currency,
            required=False,
            label=_("To charge now"),
            help_text=_(
                "What is charged on top of what was paid. Left empty: what the other package "
                "costs more."
            ),
        )

    def command(self, request: PracticeRequest, package_id: int) -> UpgradePackage:
        price: Money | None = self.cleaned_data["price"]
        return UpgradePackage(
            practice_id=request.practice.id,
            key=request.POST.get("key", "")[:80],
            by=request.member.actor,
            package_id=package_id,
            product_id=self.cleaned_data["product"],
            price_minor=None if price is None else price.minor,
            renew=self.cleaned_data["renew"],
            reason=self.cleaned_data["reason"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One kind of session: how many there were, and will be."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the upgrade comes to."""

    steps: tuple[StepLine, ...]
    price: Money
    charged: Money  # tax included
    left: Money
    worth: Money
    each: str
    expires_on: date | None
    begins_later: bool


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.change")
def package_upgrade(request: PracticeRequest, pk: int) -> HttpResponse:
    """Choose the larger package; say what it costs and what is worth what; upgrade."""
    now, practice = timezone.now(), request.practice
    access(Package, request.member, pk, "packages.change")
    package = Package.objects.select_related("line", "tax_rate").get(practice_id=practice.id, pk=pk)
    saving = request.method == "POST" and request.POST.get("do", "save") == "save"
    if saving and (answer := recall(request)):
        return answer
    today = practice.day_of(now)
    ended, posted = package.ended_at is not None, request.method == "POST"
    offers = posted or not ended  # what was chosen stays chosen, though it is too late
    products = upgrading.upgrades_of(practice, package, today) if offers else []
    first = {"product": products[0].pk if products else None, "renew": True}
    form = UpgradeForm(request.POST or None, practice=practice, products=products, initial=first)
    save = partial(_save, request, package, form, now)
    if saving and (answer := save_once(request, form, save, too_late=ended)):
        return answer
    figures, problem = (None, "") if ended else _figures(practice, package, form, today)
    context = {
        "form": form,
        "package": {"id": pk, "name": package.name},
        "products": products,
        "possible": bool(products) or posted,
        "figures": figures,
        "problem": problem,
        "cancel_url": page_link("package", pk),
        "key": request.POST.get("key", "")[:80] or new_key(),
    }
    if request.htmx:
        return render(request, "packages/upgrade.html#preview", context)
    return render(request, "packages/upgrade.html", context, status=422 if saving else 200)


def _figures(
    practice: PracticeFacts, package: Package, form: UpgradeForm, today: date
) -> tuple[Figures | None, str]:
    """The figures of what is chosen, or the sentence that says why there are none."""
    if form.is_bound:
        form.is_valid()
        data = form.cleaned_data
    else:
        data = dict(form.initial)
    if not data.get("product") or "price" in form.errors:
        return None, ""
    renew = bool(data.get("renew"))
    try:
        plan = upgrading.plan_upgrade(practice, package, data["product"], renew=renew, today=today)
    except Refusal as refusal:
        return None, refusal.sentence
    typed: Money | None = data.get("price")
    price = difference_minor(practice, package, plan) if typed is None else typed.minor
    row = priced_lines(
        practice=practice, lines=[upgrade_line(package, plan, price)], concession_id=None
    )[0]
    total = int(row["total_minor"])
    shared = upgrading.share_out(practice, package, plan, came=(total, 0))
    left = sum(plan.left_minor)
    return (
        Figures(
            steps=tuple(
                StepLine(
                    name=step.name,
                    before=figure(step.before, package.measure, practice),
                    after=amount(step.after, package.measure, practice),
                )
                for step in plan.steps
            ),
            price=practice.money(price),
            charged=practice.money(total),
            left=practice.money(left),
            worth=practice.money(left + total),
            each=_each(practice, package, [*shared.old, *(one for _step, one in shared.new)]),
            expires_on=plan.expires_on,
            begins_later=plan.expires_on is None and plan.product.valid_count is not None,
        ),
        "",
    )


def _each(practice: PracticeFacts, package: Package, shares: list[Share]) -> str:
    """What a session that is not used is worth afterwards, from the least to the most."""
    if package.measure != "sessions":
        return ""
    worth = sorted(one.value.minor + one.tax.minor for one in shares)
    low, high = (money_text(practice.money(minor)) for minor in (worth[0], worth[-1]))
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _save(request: PracticeRequest, package: Package, form: UpgradeForm, now: datetime) -> str:
    done = upgrade_package(form.command(request, package.pk), now)
    if done.invoice_id:
        messages.success(request, _("Upgraded. The difference is on this invoice."))
        return page_link("invoice", done.invoice_id)
    messages.success(request, _("Upgraded. Nothing was charged."))
    return page_link("package", package.pk)
