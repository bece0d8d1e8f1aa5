"""Give back what is left of a package: a calculator that says every figure before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.packages import ending
from creditwell.packages.holding import PackageEnded
from creditwell.packages.models import Package
from creditwell.packages.paying_back import Way, WaysBack, all_stay, freed_by, ways_back
from creditwell.packages.queries_left import BookedVisit, Left, left_of
from creditwell.packages.rules_refund import Method
from creditwell.payments.queries_handing_over import HandedOver, handed_over
from creditwell.payments.rules_refund import Need
from creditwell.tenancy.access import PracticeFacts, access
from creditwell.tenancy.queries_limits import refund_limits
from creditwell.usecases.convert_package import convert_package
from creditwell.usecases.refund_package import GiveBack, GivenBack, need_of, refund_package
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.act_page import save_once
from creditwell.web.packages.give_back_form import (
    CREDIT,
    REFUND,
    GiveBackForm,
    first_values,
    standing_words,
)
from creditwell.web.payments.once import recall
from creditwell.web.payments.typed import new_key

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_AND_POST
@door("packages.refund")
def package_refund(request: PracticeRequest, pk: int) -> HttpResponse:
    """Refund what is left of a package, or so much of it."""
    return _give_back(request, pk, REFUND)


@GET_AND_POST
@door("packages.refund")
def package_convert(request: PracticeRequest, pk: int) -> HttpResponse:
    """The same, and it stays account credit."""
    return _give_back(request, pk, CREDIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayLine:
    """Where a sum goes, and what more is to be said of it."""

    name: str
    amount: Money
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What will happen, in figures."""

    leaving: Money
    for_list: Money
    fee: Money
    back: Money
    used_at_list: Money
    used: Money
    off_owing: Money
    ways: tuple[WayLine, ...]
    stays: tuple[WayLine, ...]
    cash: HandedOver | None  # None where nothing goes back in money
    refunded: Money
    kept: Money
    tax: Money
    by_list: bool
    need: Need
    limit: Money | None
    over: bool

    @property
    def why(self) -> str | Promise:
        return self.need.label


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBackPage:
    """The calculator."""

    package_id: int
    name: str
    url: str
    cancel_url: str
    left: Left
    standing: str
    visits: tuple[BookedVisit, ...]
    outcome: Outcome | None
    problem: str
    key: str
    title: str


def _give_back(request: PracticeRequest, pk: int, into: str) -> HttpResponse:
    now = timezone.now()
    package = _package(request, pk)
    left = left_of(request.practice, package)
    saving = request.method == "POST" and request.POST.get("do", "save") == "save"
    if saving and (answer := recall(request)):
        return answer
    if package.ended_at is not None or not (left.free_units or left.booked):
        again = recall(request, anew=True) if saving else None
        return again or _nothing(request, package, PackageEnded() if package.ended_at else None)
    form = _form(request, package, left, into)
    save = partial(_save, request, package, form, now)
    if saving and (answer := save_once(request, form, save)):
        return answer
    outcome, problem = _outcome(request, package, form, now)
    context = {
        "form": form,
        "page": GiveBackPage(
            package_id=package.pk,
            name=package.name,
            url=request.path,
            cancel_url=_page_of(package),
            left=left,
            standing=standing_words(left),
            visits=left.booked,
            outcome=outcome,
            problem=problem,
            key=request.POST.get("key", "")[:80] or new_key(),
            title=_title(form),
        ),
    }
    if request.htmx:
        return render(request, "packages/give_back.html#preview", context)
    return render(request, "packages/give_back.html", context, status=422 if saving else 200)


def _package(request: PracticeRequest, pk: int) -> Package:
    access(Package, request.member, pk, "packages.refund")
    rows = Package.objects.select_related("line", "tax_rate", "payer")
    return rows.get(practice_id=request.practice.id, pk=pk)


def _nothing(
    request: PracticeRequest, package: Package, refusal: PackageEnded | None
) -> HttpResponse:
    if request.htmx:  # figures asked for while the page is already being left
        return HttpResponse(status=204)
    context = {
        "name": package.name,
        "cancel_url": _page_of(package),
        "sentence": (refusal or ending.NothingLeft()).sentence,
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "packages/nothing_left.html", context, status=status)


def _form(request: PracticeRequest, package: Package, left: Left, into: str) -> GiveBackForm:
    if request.method == "POST":
        return GiveBackForm(request.POST, practice=request.practice, left=left)
    fee = min(request.practice.money(package.refund_fee_minor), left.whole)
    first = first_values(into=into, fee=fee)
    return GiveBackForm(initial=first, practice=request.practice, left=left)


def _title(form: GiveBackForm) -> str:
    into = form["into"].value()
    return _("Convert to account credit") if into == CREDIT else _("Refund the package")


def _outcome(
    request: PracticeRequest, package: Package, form: GiveBackForm, now: datetime
) -> tuple[Outcome | None, str]:
    """The figures of what is typed, or the sentence that says why there are none."""
    practice = request.practice
    if form.is_bound:
        form.is_valid()
        if form.unread:
            return None, form.why_unread
        ask, into = form.ask(), form.cleaned_data.get("into", REFUND)
    else:
        ask, into = ending.Ask(), str(form.initial["into"])
    try:
        plan = ending.plan_end(practice, package, ask, on=practice.day_of(now), hold=False)
    except Refusal as refusal:
        return None, refusal.sentence
    freed = freed_by(plan.notes)
    ways = ways_back(practice, freed) if into == REFUND else all_stay(practice, freed)
    return _figures(request, package, plan, ways, by_list=ask.method == Method.AT_LIST), ""


def _figures(
    request: PracticeRequest,
    package: Package,
    plan: ending.EndPlan,
    ways: WaysBack,
    *,
    by_list: bool,
) -> Outcome:
    practice, money = request.practice, request.practice.money
    need = need_of(practice, request.member.actor, ways)
    limits = refund_limits(practice_id=practice.id, by=request.member.actor)
    limit = {Need.LIMIT: limits.alone_up_to_minor, Need.TWO: limits.two_above_minor}.get(need)
    going, cash = _going(practice, ways)
    return Outcome(
        leaving=plan.figures.leaving,
        for_list=plan.figures.for_list,
        fee=plan.figures.fee,
        back=plan.figures.back,
        used_at_list=plan.worth.used_at_list,
        used=plan.worth.used,
        off_owing=money(plan.off_owing_minor),
        ways=tuple(
            WayLine(
                name=way.source,
                amount=paid,
                hint=_of_whom(package, way.payer_id, way.payer_name) or way.reference,
            )
            for way, paid in going
        ),
        stays=tuple(
            WayLine(
                name=_stays_word(one.lot_kind, refunding=bool(ways.ways)),
                amount=money(one.minor),
                hint=_of_whom(package, one.payer_id, one.payer_name),
            )
            for one in ways.stays
        ),
        cash=cash,
        refunded=money(ways.going_minor),
        kept=plan.figures.kept,
        tax=money(plan.tax_minor),
        by_list=by_list,
        need=need,
        limit=None if limit is None else money(limit),
        over=plan.over,
    )


def _going(
    practice: PracticeFacts, ways: WaysBack
) -> tuple[list[tuple[Way, Money]], HandedOver | None]:
    """What leaves by each way, worked out for each payer as their refund does it."""
    going: list[tuple[Way, Money]] = []
    cash: HandedOver | None = None
    for payer_id in ways.payer_ids:
        theirs = [way for way in ways.ways if way.payer_id == payer_id]
        handed = handed_over(practice, payer_id, ways.wanted_by(payer_id))
        if handed is None:
            going += ((way, practice.money(way.till_minor)) for way in theirs)
            continue
        going += zip(theirs, handed.coins, strict=True)
        cash = cash + handed if cash else handed
    return going, cash


def _of_whom(package: Package, payer_id: int, name: str) -> str:
    return "" if payer_id == package.payer_id else _("paid by %(name)s") % {"name": name}


def _stays_word(kind: str, *, refunding: bool) -> str:
    if kind == "goodwill":
        return _("Goodwill, account credit again")
    return _("Account credit, no source to go back to") if refunding else _("Account credit again")


def _save(request: PracticeRequest, package: Package, form: GiveBackForm, now: datetime) -> str:
    """Do it; returns the page of what was made."""
    seen = request.POST.get("seen", "")
    command = GiveBack(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        package_id=package.pk,
        reason=form.cleaned_data["reason"],
        ask=form.ask(),
        seen_minor=int(seen) if seen.isdecimal() and len(seen) < 16 else None,
    )
    act = refund_package if form.cleaned_data["into"] == REFUND else convert_package
    given = act(command, now)
    messages.success(request, _said(request, given))
    if len(given.refund_ids) == 1:
        return page_link("refund", given.refund_ids[0])
    if given.request_ids:
        return page_link("refund_request", given.request_ids[0])
    return _page_of(package)


def _said(request: PracticeRequest, given: GivenBack) -> str:
    money = request.practice.money
    if given.request_ids:
        return _("Asked for approval. Until then %(sum)s is account credit.") % {
            "sum": money_text(money(given.credit_minor))
        }
    if given.refunded_minor:
        return _("%(sum)s of the package was refunded.") % {
            "sum": money_text(money(given.refunded_minor))
        }
    if given.credit_minor:
        return _("%(sum)s of the package is account credit now.") % {
            "sum": money_text(money(given.credit_minor))
        }
    if given.off_owing_minor:
        return _("%(sum)s of the package is no longer asked for.") % {
            "sum": money_text(money(given.off_owing_minor))
        }
    return _("The sessions are given back. No money moves.")


def _page_of(package: Package) -> str:
    return page_link("package", package.pk) or page_link("patient", package.patient_id)
