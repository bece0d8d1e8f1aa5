"""Transfer credit: to whom, how much, of which credit; what both sides will have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from babel.numbers import get_currency_symbol
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.ledger.queries import standings_of
from creditwell.money.money import Money
from creditwell.payments.queries_transfer import LotChoice, Side, lots_to_move, sides_of
from creditwell.people.queries import contact_facts, patient_facts
from creditwell.people.queries_families import Relative, in_one_family, relatives_of
from creditwell.tenancy.access import Member
from creditwell.usecases.transfer_credit import NotFamily, TransferCredit, transfer_credit
from creditwell.web.calendar.picking import two_chosen
from creditwell.web.components.fields import DayField, read_amount
from creditwell.web.components.formats import money_text
from creditwell.web.components.locale import current
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.quick import as_id
from creditwell.web.payments.once import recall, remember
from creditwell.web.payments.typed import new_key


@dataclass(slots=True)
class Asked:
    """
    What was typed, read. `to` is the payer chosen, `picked` whom the picker holds; `errors` by the
    name of the field.
    """

    to: Side | None = None
    picked: Side | None = None
    amount: Money | None = None
    lots: dict[int, Money] = field(default_factory=dict)
    on: date | None = None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """A lot of the giver with what was typed beside it."""

    lot: LotChoice
    typed: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSum:
    """Credit of one side, before and after."""

    name: str
    before: Money
    after: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPage:
    """The form."""

    giver: Side
    giver_url: str
    credit: Money  # that can be given
    relatives: tuple[Relative, ...]
    to: Side | None
    picked: Side | None  # whom the picker holds
    query: str  # what was typed into it
    other: bool  # somebody outside the family is chosen, or there is no family
    asks_other: bool  # somebody outside the family may be chosen
    lines: tuple[LotLine, ...]
    choosing: bool  # credit is chosen lot by lot
    total: Money
    sums: tuple[SideSum, ...]
    warning: str
    may_anywhere: bool
    amount: str
    reason: str
    on: str
    today: date
    key: str
    symbol: str
    errors: dict[str, str]


@door("credit.transfer")
def transfer_new(request: PracticeRequest) -> HttpResponse:
    """Ask for everything, refuse clearly, transfer."""
    now = timezone.now()
    query = request.POST if request.method == "POST" else request.GET
    giver = _giver(request, query)
    if request.method != "POST":
        asked = Asked()
        if chosen := as_id(request.GET.get("to", "")):
            asked.to = asked.picked = _side_of_patient(request, chosen)
        return _show(request, giver, asked, now)
    if answer := recall(request):
        return answer
    return _sent(request, giver, now)


def _sent(request: PracticeRequest, giver: Side, now: datetime) -> HttpResponse:
    asked = _read(request)
    if asked.to is None:
        asked.errors.setdefault("to", _("Choose who gets the credit."))
    if asked.amount is None and not asked.lots:
        asked.errors.setdefault("amount", _("Enter how much, or choose the credit."))
    if asked.errors or asked.to is None:
        return _show(request, giver, asked, now, status=422)
    try:
        done = transfer_credit(_command(request, giver, asked, asked.to), now)
    except NotFound:
        raise
    except Refusal as refusal:
        names = {"to": "to", "date": "on", "reason": "reason", "lots": "amount"}
        asked.errors[names.get(refusal.param, "amount")] = refusal.sentence
        return _show(request, giver, asked, now, status=422)
    total = money_text(request.practice.money(done.total_minor))
    sentence = _("%(sum)s transferred to %(name)s.")
    messages.success(request, sentence % {"sum": total, "name": asked.to.name})
    return remember(request, page_link("transfer", done.transfer_id))


@require_POST
@door("credit.transfer")
def transfer_sums(request: PracticeRequest) -> HttpResponse:
    """What both sides will have, while the form is being filled in; nothing is saved."""
    giver = _giver(request, request.POST)
    asked = _read(request)
    return _show(request, giver, asked, timezone.now(), part="#sums")


def _command(request: PracticeRequest, giver: Side, asked: Asked, to: Side) -> TransferCredit:
    post = request.POST
    return TransferCredit(
        practice_id=request.practice.id,
        key=post.get("key", "")[:80],
        by=request.member.actor,
        from_payer_id=giver.payer_id,
        to_payer_id=to.payer_id,
        reason=post.get("reason", "").strip()[:200],
        amount_minor=asked.amount.minor if asked.amount and not asked.lots else 0,
        lots=tuple((lot_id, amount.minor) for lot_id, amount in asked.lots.items()),
        on=asked.on,
        anywhere=request.member.may("credit.transfer_anywhere"),
    )


def _giver(request: PracticeRequest, query: QueryDict) -> Side:
    practice = request.practice
    if patient_id := as_id(query.get("patient", "")):
        return _side_of_patient(request, patient_id)
    if contact_id := as_id(query.get("contact", "")):
        contact = contact_facts(practice_id=practice.id, contact_id=contact_id)
        return sides_of(practice, [contact.payer_id])[contact.payer_id]
    payer_id = as_id(query.get("from", ""))
    if payer_id and (found := sides_of(practice, [payer_id]).get(payer_id)):
        return found
    raise NotFound(_("Choose whose credit it is first: a transfer begins on their page."))


def _side_of_patient(request: PracticeRequest, patient_id: int) -> Side:
    payer_id = patient_facts(practice_id=request.practice.id, patient_id=patient_id).payer_id
    return sides_of(request.practice, [payer_id])[payer_id]


def _read(request: PracticeRequest) -> Asked:
    post, asked = request.POST, Asked()
    if chosen := as_id(post.get("to", "")):
        asked.to = asked.picked = _side_of_patient(request, chosen)
    if relative := as_id(post.get("relative", "")):
        asked.to = sides_of(request.practice, [relative]).get(relative)
        if asked.picked != asked.to and (asked.picked or post.get("to-q", "").strip()):
            asked.errors["to"] = two_chosen()
    asked.amount = _amount(request, "amount", asked.errors)
    for name in post:
        lot_id = as_id(name.removeprefix("lot-")) if name.startswith("lot-") else None
        if lot_id and (amount := _amount(request, name, asked.errors)):
            asked.lots[lot_id] = amount
    try:
        asked.on = DayField(required=False).clean(post.get("on", "")[:20])
    except ValidationError as error:
        asked.errors["on"] = " ".join(str(line) for line in error.messages)
    return asked


def _amount(request: PracticeRequest, name: str, errors: dict[str, str]) -> Money | None:
    text = request.POST.get(name, "")[:40].strip()
    if not text:
        return None
    try:
        return read_amount(text, request.practice.currency)
    except ValidationError as error:
        errors[name] = " ".join(str(line) for line in error.messages)
        return None


def _show(
    request: PracticeRequest,
    giver: Side,
    asked: Asked,
    now: datetime,
    *,
    status: int = 200,
    part: str = "",
) -> HttpResponse:
    page = _page(request, giver, asked, request.practice.day_of(now))
    return render(request, f"moves/transfer_new.html{part}", {"page": page}, status=status)


def _page(request: PracticeRequest, giver: Side, asked: Asked, today: date) -> TransferPage:
    practice, post = request.practice, request.POST
    lots = lots_to_move(practice, giver.payer_id, today)
    credit = Money.total((lot.left for lot in lots), practice.currency)
    typed = Money.total(asked.lots.values(), practice.currency)
    total = typed if asked.lots else asked.amount or practice.money(0)
    relatives = relatives_of(practice_id=practice.id, payer_id=giver.payer_id)
    near = {one.payer_id for one in relatives}
    may_anywhere = request.member.may("credit.transfer_anywhere")
    by_radio = asked.to is asked.picked and asked.to is not None and asked.to.payer_id in near
    query = "" if by_radio else post.get("to-q", "")[:80]
    picked = None if by_radio else asked.picked
    return TransferPage(
        giver=giver,
        giver_url=page_link("patient", giver.patient_id) if giver.patient_id else "",
        credit=credit,
        relatives=tuple(relatives),
        to=asked.to,
        picked=picked,
        query=query,
        asks_other=may_anywhere or picked is not None or bool(query.strip()),
        other=not relatives or (asked.to is not None and asked.to.payer_id not in near),
        lines=tuple(
            LotLine(
                lot=lot,
                typed=post.get(f"lot-{lot.id}", "")[:40],
                error=asked.errors.get(f"lot-{lot.id}", ""),
            )
            for lot in lots
        ),
        choosing=bool(asked.lots),
        total=total,
        sums=_sums(request, giver, asked.to, total),
        warning=_warning(request.member, giver, asked, total, credit),
        may_anywhere=may_anywhere,
        amount=post.get("amount", "")[:40],
        reason=post.get("reason", "")[:200],
        on=post.get("on", "")[:20] or today.isoformat(),
        today=today,
        key=post.get("key", "")[:80] or new_key(),
        symbol=get_currency_symbol(practice.currency, locale=current()),
        errors=asked.errors,
    )


def _sums(
    request: PracticeRequest, giver: Side, to: Side | None, total: Money
) -> tuple[SideSum, ...]:
    sides = [giver, *([to] if to is not None and to.payer_id != giver.payer_id else [])]
    standing = standings_of(
        practice_id=request.practice.id, holder_ids=[side.payer_id for side in sides]
    )
    money = request.practice.money
    found = []
    for side, moved in zip(sides, (-total, total), strict=False):
        before = money(standing[side.payer_id].credit_minor)
        found.append(SideSum(name=side.name, before=before, after=before + moved))
    return tuple(found)


def _warning(member: Member, giver: Side, asked: Asked, total: Money, credit: Money) -> str:
    """What would be refused, said before it is sent."""
    if total > credit:
        return _("There is only %(sum)s of account credit to transfer.") % {
            "sum": money_text(credit)
        }
    if asked.to is None:
        return ""
    if asked.errors.get("to"):
        return asked.errors["to"]
    if asked.to.payer_id == giver.payer_id:
        return _("Choose somebody else to give the credit to.")
    if member.may("credit.transfer_anywhere"):
        return ""
    pair = (giver.payer_id, asked.to.payer_id)
    if in_one_family(practice_id=member.practice_id, payer_ids=pair):
        return ""
    return NotFamily().sentence
