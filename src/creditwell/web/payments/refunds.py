"""Give account credit back: a calculator by source, and the page of a refund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from babel.numbers import get_currency_symbol
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.money.money import Money
from creditwell.payments.queries_refund import (
    Refundable,
    RefundablePart,
    refund_facts,
    refundable,
)
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.tenancy.queries_place import place_of
from creditwell.usecases.refund_credit import RefundCredit, TooSmallForCash, refund_credit
from creditwell.web.components.fields import DayField, read_amount
from creditwell.web.components.formats import amount_text, money_text
from creditwell.web.components.locale import current
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.quick import as_id
from creditwell.web.payments.once import recall, remember
from creditwell.web.payments.page import Mistake
from creditwell.web.payments.typed import new_key

Errors = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A source that credit came by, with what was typed; `till` is said where cash is rounded."""

    part: RefundablePart
    typed: str
    error: str
    till: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPage:
    """The refund form."""

    patient: PatientFacts
    patient_url: str
    found: Refundable
    lines: tuple[PartLine, ...]
    total: Money
    in_till: Money
    credit_after: Money
    reason: str
    on: str
    today: date
    key: str
    symbol: str
    payment_id: int
    mistakes: tuple[Mistake, ...]
    reason_error: str
    on_error: str
    problem: str


@dataclass(frozen=True, slots=True)
class Account:
    """Whose credit it is, and what of it can go back."""

    patient: PatientFacts
    found: Refundable


@dataclass(slots=True)
class Asked:
    """What was typed, read."""

    texts: dict[int, str]
    amounts: dict[int, Money]
    errors: Errors


@door("payments.refund")
def refund_new(request: PracticeRequest) -> HttpResponse:
    """Choose how much goes back by which source; refuse clearly; refund."""
    now = timezone.now()
    query = request.POST if request.method == "POST" else request.GET
    patient_id = as_id(query.get("patient", ""))
    if patient_id is None:
        raise NotFound(_("Choose the patient first: refunds begin on a patient or a receipt."))
    account = _account(request, patient_id)
    found = account.found
    if request.method != "POST":
        asked = _suggested(found, as_id(request.GET.get("payment", "")))
        return _show(request, account, asked, now)
    if answer := recall(request):
        return answer
    asked = _read(request, found)
    errors = {**asked.errors, **_beyond(found, asked, request.practice.cash_rounding_minor)}
    on = _day(request.POST, errors)
    if not errors:
        command = RefundCredit(
            practice_id=request.practice.id,
            key=request.POST.get("key", "")[:80],
            by=request.member.actor,
            payer_id=account.patient.payer_id,
            parts=tuple((pk, amount.minor) for pk, amount in asked.amounts.items() if amount),
            reason=request.POST.get("reason", "").strip()[:200],
            on=on,
        )
        try:
            done = refund_credit(command, now)
        except NotFound:
            raise
        except Refusal as refusal:
            fields = {"reason": "reason", "date": "on", "parts": _first(found)}
            errors[fields.get(refusal.param, "")] = refusal.sentence
        else:
            sum_text = money_text(request.practice.money(done.total_minor))
            messages.success(request, _("%(sum)s was refunded.") % {"sum": sum_text})
            return remember(request, page_link("refund", done.refund_id))
    asked.errors = errors
    return _show(request, account, asked, now, status=422)


@require_POST
@door("payments.refund")
def refund_sums(request: PracticeRequest) -> HttpResponse:
    """What the refund comes to while it is being typed; nothing is saved."""
    patient_id = as_id(request.POST.get("patient", ""))
    if patient_id is None:
        raise NotFound
    account = _account(request, patient_id)
    found = account.found
    asked = _read(request, found)
    asked.errors = {}
    return _show(request, account, asked, timezone.now(), part="#sums")


@require_GET
@door("payments.view")
def refund(request: PracticeRequest, pk: int) -> HttpResponse:
    """The page of a refund; it prints as a paper for the payer."""
    facts = refund_facts(request.practice, pk)
    context = {
        "r": facts,
        "place": place_of(practice_id=request.practice.id),
        "patient_url": page_link("patient", facts.patient_id) if facts.patient_id else "",
        "explain_url": page_link("credit_explain", facts.patient_id) if facts.patient_id else "",
    }
    return render(request, "payments/refund.html", context)


def _account(request: PracticeRequest, patient_id: int) -> Account:
    patient = patient_facts(practice_id=request.practice.id, patient_id=patient_id)
    return Account(patient, refundable(request.practice, patient.payer_id))


def _suggested(found: Refundable, payment_id: int | None) -> Asked:
    """From a receipt: all of that payment that is left, spread over its sources."""
    amounts: dict[int, Money] = {}
    left: Money | None = None
    for part in found.parts:
        if part.payment_id == payment_id:
            left = part.lot_left if left is None else left
            amounts[part.part_id] = min(part.most, left)
            left -= amounts[part.part_id]
    texts = {pk: amount_text(amount) for pk, amount in amounts.items() if amount}
    return Asked(texts, amounts, {})


def _read(request: PracticeRequest, found: Refundable) -> Asked:
    asked = Asked({}, {}, {})
    for part in found.parts:
        text = request.POST.get(f"part-{part.part_id}", "")[:40].strip()
        if text.endswith("="):
            text = amount_text(part.most)
        asked.texts[part.part_id] = text
        try:
            if text:
                asked.amounts[part.part_id] = read_amount(text, request.practice.currency)
        except ValidationError as error:
            asked.errors[f"part-{part.part_id}"] = " ".join(str(line) for line in error.messages)
    return asked


def _beyond(found: Refundable, asked: Asked, cash_rounding_minor: int) -> Errors:
    """Where more is asked for than there is, by source, by payment; or less than a coin."""
    errors: Errors = {}
    by_payment: dict[int, Money] = {}
    for part in found.parts:
        amount = asked.amounts.get(part.part_id)
        if not amount:
            continue
        name = f"part-{part.part_id}"
        before = by_payment.get(part.payment_id, Money.zero(amount.currency))
        by_payment[part.payment_id] = before + amount
        if amount > part.most:
            errors[name] = _("At most %(sum)s can go back by this source.") % {
                "sum": money_text(part.most)
            }
        elif by_payment[part.payment_id] > part.lot_left:
            errors[name] = _(
                "Of payment %(number)s only %(sum)s is not allocated. Un-apply it first, "
                "or refund less."
            ) % {"number": part.number, "sum": money_text(part.lot_left)}
        elif not part.back(amount, cash_rounding_minor):
            errors[name] = TooSmallForCash().sentence
    return errors


def _first(found: Refundable) -> str:
    return f"part-{found.parts[0].part_id}" if found.parts else ""


def _day(post: QueryDict, errors: Errors) -> date | None:
    try:
        day: date | None = DayField(required=False).clean(post.get("on", ""))
    except ValidationError as error:
        errors["on"] = " ".join(str(line) for line in error.messages)
        return None
    return day


def _show(
    request: PracticeRequest,
    account: Account,
    asked: Asked,
    now: datetime,
    *,
    status: int = 200,
    part: str = "",
) -> HttpResponse:
    page = _page(request, account, asked, request.practice.day_of(now))
    return render(request, f"payments/refund_new.html{part}", {"page": page}, status=status)


def _page(request: PracticeRequest, account: Account, asked: Asked, today: date) -> RefundPage:
    patient, found = account.patient, account.found
    practice, post = request.practice, request.POST
    lines = []
    in_till = practice.money(0)
    for part in found.parts:
        amount = asked.amounts.get(part.part_id, practice.money(0))
        till = part.back(amount, practice.cash_rounding_minor)
        in_till += till
        lines.append(
            PartLine(
                part=part,
                typed=asked.texts.get(part.part_id, ""),
                error=asked.errors.get(f"part-{part.part_id}", ""),
                till=till if till != amount else None,
            )
        )
    total = Money.total(asked.amounts.values(), practice.currency)
    problems = list(_beyond(found, asked, practice.cash_rounding_minor).values())
    labels = {
        f"part-{part.part_id}": _("%(source)s, payment %(number)s")
        % {"source": part.source, "number": part.number}
        for part in found.parts
    }
    labels.update(reason=_("Reason"), on=_("Refunded on"))
    return RefundPage(
        patient=patient,
        patient_url=page_link("patient", patient.id),
        found=found,
        lines=tuple(lines),
        total=total,
        in_till=in_till,
        credit_after=found.credit - total,
        reason=post.get("reason", "")[:200],
        on=post.get("on", "")[:20] or today.isoformat(),
        today=today,
        key=post.get("key", "")[:80] or new_key(),
        symbol=get_currency_symbol(practice.currency, locale=current()),
        payment_id=as_id(request.GET.get("payment", "")) or 0,
        mistakes=tuple(
            Mistake(field=name, label=labels.get(name, ""), sentence=sentence)
            for name, sentence in asked.errors.items()
        ),
        reason_error=asked.errors.get("reason", ""),
        on_error=asked.errors.get("on", ""),
        problem=problems[0] if problems else "",
    )
