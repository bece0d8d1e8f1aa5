"""Sell gift vouchers: who buys, what each is worth and for whom, how it is paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from babel.numbers import get_currency_symbol
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from creditwell.credit.models import LotKind
from creditwell.credit.rules import last_day
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.usecases.sell_vouchers import NewVoucher, SellVouchers, Sold, sell_vouchers
from creditwell.usecases.take_payment import PartInput
from creditwell.web.components.fields import DayField, read_amount
from creditwell.web.components.locale import current
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.finding import found_patients
from creditwell.web.patients.quick import QuickPatientForm, as_id, chosen_patient
from creditwell.web.payments.ground import Ground, ground_for
from creditwell.web.payments.once import recall, remember
from creditwell.web.payments.page import Who, who_of
from creditwell.web.payments.taking import LAST_LOCATION
from creditwell.web.payments.typed import Typed, new_key
from creditwell.web.vouchers.typed import TypedSale, TypedVoucher, is_rework, read_sale

Errors = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRow:
    """A voucher on the form, with what is wrong with it."""

    typed: TypedVoucher
    number: int
    worth: Money | None
    value_error: str
    email_error: str
    message_error: str
    value_fresh: bool
    name_fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SalePage:
    """The form."""

    typed: TypedSale
    who: Who | None
    rows: tuple[VoucherRow, ...]
    total: Money
    expires_on: date | None
    sources: tuple[tuple[int, str], ...]
    source_id: int
    source_name: str
    locations: tuple[tuple[int, str], ...]
    symbol: str
    today: date
    errors: Errors
    may_create: bool

    @property
    def count(self) -> int:
        """How many have a value."""
        return sum(1 for row in self.rows if row.worth)


@door("vouchers.sell")
def voucher_new(request: PracticeRequest) -> HttpResponse:
    """Ask for everything, refuse clearly, sell."""
    now = timezone.now()
    if request.method == "POST":
        return _sent(request, now)
    patient_id = as_id(request.GET.get("patient", ""))
    payer_id = as_id(request.GET.get("payer", ""))
    typed = TypedSale(
        key=new_key(),
        patient_id=patient_id,
        payer_id=payer_id,
        location_id=request.session.get(LAST_LOCATION),
        received_on=request.practice.day_of(now).isoformat(),
        fresh="value-0" if patient_id or payer_id else "patient",
    )
    return _show(request, typed, now)


@require_POST
@door("vouchers.sell")
def voucher_sheet(request: PracticeRequest) -> HttpResponse:
    """The sums while it is being filled in, or after a button the fields; nothing is saved."""
    part = "#fields" if is_rework(request.POST) else "#sums"
    return _show(request, read_sale(request.POST), timezone.now(), part=part)


def _sent(request: PracticeRequest, now: datetime) -> HttpResponse:
    typed = read_sale(request.POST)
    if is_rework(request.POST):
        return _show(request, typed, now)
    if answer := recall(request):
        return answer
    quick = QuickPatientForm(request.POST)
    if typed.payer_id is None:
        patient_id = chosen_patient(request, quick, key=typed.key, now=now)
        typed = replace(typed, patient_id=patient_id)
    ground = _ground(request, typed, now)
    errors: Errors = {}
    if ground.payer_id is None:
        errors["patient"] = _("Choose who buys, or create a new patient.")
    values = _values(ground, typed, errors, whole=True)
    received_on = _day(typed, errors)
    if not errors:
        command = _command(request, ground, typed, values, received_on)
        try:
            return _sold(request, sell_vouchers(command, now), typed)
        except Refusal as refusal:
            errors[_field_of(refusal, typed)] = refusal.sentence
    if answer := recall(request, anew=True):
        return answer
    return _show(request, typed, now, errors=errors, quick=quick)


def _sold(request: PracticeRequest, sold: Sold, typed: TypedSale) -> HttpResponse:
    """To the page of the one voucher, or to the receipt of several."""
    request.session[LAST_LOCATION] = typed.location_id
    count = len(sold.voucher_ids)
    words = ngettext("%(count)s voucher sold.", "%(count)s vouchers sold.", count)
    messages.success(request, words % {"count": count})
    one = page_link("voucher", sold.voucher_ids[0])
    return remember(request, one if count == 1 else page_link("payment", sold.payment_id))


def _ground(request: PracticeRequest, typed: TypedSale, now: datetime) -> Ground:
    who = Typed(key=typed.key, patient_id=typed.patient_id, payer_id=typed.payer_id)
    return ground_for(request.member, who, now)


def _values(ground: Ground, typed: TypedSale, errors: Errors, *, whole: bool) -> dict[int, Money]:
    """What each voucher is worth, by its row; `whole`: it is to be saved, so none may be empty."""
    found: dict[int, Money] = {}
    for one in typed.vouchers:
        if not one.value.strip():
            if whole:
                errors[f"value-{one.row}"] = _("Enter what the voucher is worth.")
            continue
        try:
            found[one.row] = read_amount(one.value, ground.practice.currency)
        except ValidationError as error:
            errors[f"value-{one.row}"] = " ".join(str(line) for line in error.messages)
    return found


def _day(typed: TypedSale, errors: Errors) -> date | None:
    try:
        day: date | None = DayField(required=False).clean(typed.received_on)
    except ValidationError as error:
        errors["received_on"] = " ".join(str(line) for line in error.messages)
        return None
    return day


def _command(
    request: PracticeRequest,
    ground: Ground,
    typed: TypedSale,
    values: dict[int, Money],
    received_on: date | None,
) -> SellVouchers:
    total = Money.total(values.values(), ground.practice.currency)
    part = PartInput(
        source_id=_source(ground, typed),
        amount_minor=total.minor,
        reference=typed.reference.strip(),
    )
    return SellVouchers(
        practice_id=ground.practice.id,
        key=typed.key,
        by=request.member.actor,
        payer_id=ground.payer_id or 0,
        parts=(part,),
        vouchers=tuple(
            NewVoucher(
                value_minor=values[one.row].minor,
                recipient_name=one.name,
                recipient_email=one.email,
                message=one.message,
            )
            for one in typed.vouchers
        ),
        received_on=received_on,
        location_id=_location(ground, typed),
        note=typed.note,
        email_receipt=typed.email_receipt,
        email_to=typed.email_to,
    )


def _source(ground: Ground, typed: TypedSale) -> int:
    known = [source.id for source in ground.sources]
    return typed.source_id if typed.source_id in known else next(iter(known), 0)


def _location(ground: Ground, typed: TypedSale) -> int | None:
    known = [place.id for place in ground.locations]
    return typed.location_id if typed.location_id in known else next(iter(known), None)


def _field_of(refusal: Refusal, typed: TypedSale) -> str:
    names = {"value": "value", "message": "message", "recipient_email": "email"}
    if refusal.param in names:
        return f"{names[refusal.param]}-{typed.vouchers[refusal.position or 0].row}"
    known = {"date": "received_on", "payer": "patient", "email_to": "email_to"}
    return known.get(refusal.param, "source")


def _show(
    request: PracticeRequest,
    typed: TypedSale,
    now: datetime,
    *,
    errors: Errors | None = None,
    **more: object,
) -> HttpResponse:
    ground = _ground(request, typed, now)
    page = _page(request, ground, typed, now, errors or {})
    finding = ground.payer_id is None and "find-patient" in request.POST
    context = {
        "page": page,
        "quick": more.get("quick") or QuickPatientForm(),
        "finding": finding,
        "matches": found_patients(request.member, typed.patient_text, now) if finding else [],
    }
    template = f"vouchers/new.html{more.get('part', '')}"
    return render(request, template, context, status=422 if errors else 200)


def _page(
    request: PracticeRequest, ground: Ground, typed: TypedSale, now: datetime, errors: Errors
) -> SalePage:
    practice = ground.practice
    today = practice.day_of(now)
    values = _values(ground, typed, {}, whole=False)
    source_id = _source(ground, typed)
    names = {source.id: source.name for source in ground.sources}
    return SalePage(
        typed=replace(typed, location_id=_location(ground, typed)),
        who=who_of(ground, today),
        rows=tuple(
            _row(one, number, values.get(one.row), typed.fresh, errors)
            for number, one in enumerate(typed.vouchers, start=1)
        ),
        total=Money.total(values.values(), practice.currency),
        expires_on=last_day(practice, LotKind.VOUCHER, _day(typed, {}) or today),
        sources=tuple((source.id, source.name) for source in ground.sources),
        source_id=source_id,
        source_name=names.get(source_id, ""),
        locations=tuple((place.id, place.name) for place in ground.locations)
        if len(ground.locations) > 1
        else (),
        symbol=get_currency_symbol(practice.currency, locale=current()),
        today=today,
        errors=errors,
        may_create=request.member.may("patients.edit"),
    )


def _row(
    one: TypedVoucher, number: int, worth: Money | None, fresh: str, errors: Errors
) -> VoucherRow:
    return VoucherRow(
        typed=one,
        number=number,
        worth=worth,
        value_error=errors.get(f"value-{one.row}", ""),
        email_error=errors.get(f"email-{one.row}", ""),
        message_error=errors.get(f"message-{one.row}", ""),
        value_fresh=fresh == f"value-{one.row}",
        name_fresh=fresh == f"name-{one.row}",
    )
