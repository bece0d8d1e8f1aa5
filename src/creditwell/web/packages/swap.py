"""Swap a session for another kind of visit or an item, with what it costs said first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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

from creditwell.money.money import Money
from creditwell.packages import swapping
from creditwell.packages.models import Package, Session, SoldPart
from creditwell.packages.queries_left import PartLeft, left_of
from creditwell.tenancy.access import PracticeFacts, access
from creditwell.usecases.swap_session import (
    SessionSwapped,
    SwapSession,
    swap_session,
    usual_difference,
)
from creditwell.web.components.fields import Form, MoneyField
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.act_page import save_once
from creditwell.web.payments.once import recall
from creditwell.web.payments.typed import new_key


class SwapForm(Form):
    """Which session, for what, and for how much more or less."""

    part = forms.TypedChoiceField(label=gettext_lazy("Session of"), coerce=int)
    target = forms.ChoiceField(
        label=gettext_lazy("Becomes one for"),
        error_messages={"required": gettext_lazy("Choose what it is swapped for.")},
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        practice: PracticeFacts,
        parts: tuple[PartLeft, ...],
        targets: list[swapping.Target],
        covered: set[str],
        **kwargs: Any,
    ) -> None:
        """`covered`: what each of the parts is good for as it is, which is not offered."""
        super().__init__(*args, **kwargs)
        targets = [one for one in targets if one.key not in covered]
        self.targets = {one.key: one for one in targets}
        part = self._choices("part")
        part.choices = [(one.id, one.name) for one in parts]
        part.error_messages["invalid_choice"] = swapping.NoFreeSession().sentence
        kinds = [(one.key, _words(practice, one)) for one in targets if one.type_id]
        items = [(one.key, _words(practice, one)) for one in targets if one.item_id]
        groups = [(_("Kinds of visit"), kinds), (_("Items"), items)]
        target = self._choices("target")
        target.choices = [
            ("", _("Choose…")),
            *((name, rows) for name, rows in groups if rows),
        ]
        if self.data.get("target") in covered:
            target.error_messages["invalid_choice"] = swapping.CoveredAlready().sentence
        self.fields["difference"] = MoneyField(
            practice.currency,
            negative=True,
            required=False,
            label=_("Difference"),
            help_text=_(
                "Leave it empty for the difference of today's prices. Below zero is given back."
            ),
        )

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField), name
        return field

    def command(self, request: PracticeRequest, package_id: int) -> SwapSession:
        target = self.targets[self.cleaned_data["target"]]
        difference: Money | None = self.cleaned_data["difference"]
        return SwapSession(
            practice_id=request.practice.id,
            key=request.POST.get("key", "")[:80],
            by=request.member.actor,
            package_id=package_id,
            part_id=self.cleaned_data["part"],
            type_id=target.type_id,
            item_id=target.item_id,
            difference_minor=None if difference is None else difference.minor,
            reason=self.cleaned_data["reason"],
        )


def _words(practice: PracticeFacts, target: swapping.Target) -> str:
    return f"{target.name}, {money_text(practice.money(target.price_minor))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the swap comes to: prices as quoted, and with tax what is charged or given back."""

    price_before: Money
    price_after: Money
    difference: Money
    charged: Money
    back: Money
    worth_before: Money
    worth_after: Money
    most_back: Money | None  # where the prices differ by more than the session cost, that


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.change")
def package_swap(request: PracticeRequest, pk: int) -> HttpResponse:
    """Choose a session and what it becomes; say what it costs; swap."""
    now = timezone.now()
    access(Package, request.member, pk, "packages.change")
    package = Package.objects.select_related("line", "tax_rate").get(
        practice_id=request.practice.id, pk=pk
    )
    saving = request.method == "POST" and request.POST.get("do", "save") == "save"
    if saving and (answer := recall(request)):
        return answer
    parts = tuple(part for part in left_of(request.practice, package).parts if part.free_units)
    form = SwapForm(
        request.POST or None,
        practice=request.practice,
        parts=parts,
        targets=swapping.targets(request.practice),
        covered=_covered(request.practice, parts),
        initial={"part": parts[0].id if parts else None},
    )
    save = partial(_save, request, package, form, now)
    too_late = package.ended_at is not None
    if saving and (answer := save_once(request, form, save, too_late=too_late)):
        return answer
    context = {
        "form": form,
        "package": {"id": pk, "name": package.name},
        "possible": _possible(package, parts) or request.method == "POST",
        "several": len(parts) > 1,
        "figures": _figures(request.practice, package, form) if form.is_bound else None,
        "cancel_url": page_link("package", pk),
        "key": request.POST.get("key", "")[:80] or new_key(),
    }
    if request.htmx:
        return render(request, "packages/swap.html#preview", context)
    return render(request, "packages/swap.html", context, status=422 if saving else 200)


def _covered(practice: PracticeFacts, parts: tuple[PartLeft, ...]) -> set[str]:
    """What a session of any of these parts can be used for without being swapped."""
    each = [swapping.covered_by(practice, one.id) for one in parts]
    return set.intersection(*each) if each else set()


def _possible(package: Package, parts: tuple[PartLeft, ...]) -> bool:
    return package.measure == "sessions" and bool(parts) and package.ended_at is None


def _figures(practice: PracticeFacts, package: Package, form: SwapForm) -> Figures | None:
    """The figures of what is chosen, or None while something is missing."""
    form.is_valid()
    data = form.cleaned_data
    target = form.targets.get(data.get("target", ""))
    session = _would_go(practice, package, data.get("part"))
    if target is None or session is None or "difference" in form.errors:
        return None
    typed: Money | None = data.get("difference")
    if target.key in swapping.covered_by(practice, session.part_id):
        form.add_error("target", swapping.CoveredAlready().sentence)
        return None
    usual = usual_difference(practice, package, session, target)
    before = swapping.price_of_part(practice, session.part_id)
    difference = usual if typed is None else typed.minor
    gross = swapping.with_tax(practice, package, abs(difference))
    worth = session.value_minor + session.tax_minor
    return Figures(
        price_before=practice.money(before),
        price_after=practice.money(target.price_minor),
        difference=practice.money(difference),
        charged=practice.money(gross if difference > 0 else 0),
        back=practice.money(gross if difference < 0 else 0),
        worth_before=practice.money(worth),
        worth_after=practice.money(worth + (gross if difference > 0 else -gross)),
        most_back=practice.money(worth)
        if typed is None and usual != target.price_minor - before
        else None,
    )


def _would_go(practice: PracticeFacts, package: Package, part_id: int | None) -> Session | None:
    known = SoldPart.objects.filter(practice_id=practice.id, package_id=package.pk)
    if part_id is None or not known.filter(pk=part_id).exists():
        return None
    return swapping.candidates(practice, package, part_id).first()


def _save(request: PracticeRequest, package: Package, form: SwapForm, now: datetime) -> str:
    done = swap_session(form.command(request, package.pk), now)
    messages.success(request, _said(request, done))
    return (
        page_link("invoice", done.invoice_id)
        if done.invoice_id
        else page_link("package", package.pk)
    )


def _said(request: PracticeRequest, done: SessionSwapped) -> str:
    if done.invoice_id:
        return _("Swapped. The difference is on this invoice.")
    if done.credit_note_ids:
        return _("Swapped. The difference was given back by a credit note.")
    return _("Swapped.")
