"""The payment form: opened, filled in, refused, saved; for a new payment and for an edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.money.money import Money
from creditwell.payments.queries_form import payment_as_taken
from creditwell.payments.voiding import (
    PaymentDishonoured,
    PaymentNotStanding,
    PaymentPassedOn,
    PaymentRefunded,
)
from creditwell.tenancy.access import access
from creditwell.usecases.apply_credit import Applied, ApplyCredit, apply_credit
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.take_payment import PartInput, TakePayment, take_payment
from creditwell.web.components.fields import DayField
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.finding import found_patients
from creditwell.web.patients.quick import QuickPatientForm, as_id, chosen_patient
from creditwell.web.payments.ground import Ground, ground_for, ground_of_edit, typed_again
from creditwell.web.payments.kept import keep, typed_before
from creditwell.web.payments.once import recall, remember, saved_before
from creditwell.web.payments.page import errors_of, errors_of_refusal, make_page
from creditwell.web.payments.payers import contact_rows
from creditwell.web.payments.sheet import Errors, Reading, wishes_of, work_out
from creditwell.web.payments.told import no_receipt, twin_warning, used_words
from creditwell.web.payments.typed import REDEEM, SELL, Typed, is_rework, new_key, read_typed

LAST_LOCATION = "payment-location"
"""Session key: where the last payment was received, which is where the next one will be."""


@door("payments.take")
def payment_new(request: PracticeRequest) -> HttpResponse:
    """Take a payment, or let account credit pay when no source has an amount."""
    now = timezone.now()
    if request.method == "POST":
        return _sent(request, now)
    practice = request.practice
    invoice_id = as_id(request.GET.get("invoice", ""))
    patient_id = as_id(request.GET.get("patient", ""))
    payer_id = as_id(request.GET.get("payer", ""))
    location_id = request.session.get(LAST_LOCATION)
    if invoice_id is not None:
        invoice = access(Invoice, request.member, invoice_id, "payments.take")
        patient_id, location_id = invoice.patient_id, invoice.location_id
    typed = Typed(
        key=new_key(),
        patient_id=patient_id,
        payer_id=payer_id,
        family="family" in request.GET,
        invoice_id=invoice_id,
        location_id=location_id,
        received_on=practice.day_of(now).isoformat(),
        order=practice.allocation_order,
        fresh="amount-0" if patient_id or payer_id else "patient",
    )
    typed = typed_before(request, typed)
    ground = ground_for(request.member, typed, now)
    if ground.hidden and not ground.invoices and invoice_id is None:
        typed = replace(typed, family=True)  # there is nothing else that this money could pay
        ground = ground_for(request.member, typed, now)
    return _show(request, ground, work_out(ground, _ordered(typed, ground)), now)


@require_POST
@door("payments.take")
def payment_sheet(request: PracticeRequest) -> HttpResponse:
    """
    Work the form out while it is being filled in; nothing is saved.

    After a pause in typing the answer is the sums alone; after a choice (patient, order, sources)
    the fields anew.
    """
    now = timezone.now()
    member, typed = request.member, read_typed(request.POST)
    if payment_id := as_id(request.POST.get("payment", "")):
        ground = ground_of_edit(
            member, payment_as_taken(practice_id=member.practice_id, payment_id=payment_id)
        )
    else:
        ground = ground_for(member, typed, now)
    reading = work_out(ground, _ordered(typed, ground))
    whole = is_rework(request.POST) or typed.replan
    part = "payments/form.html#fields" if whole else "payments/form.html#sums"
    return _show(request, ground, reading, now, template=part)


@door("payments.edit")
def payment_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change a payment: it is taken back and taken anew; both stay in the history."""
    now = timezone.now()
    member = request.member
    taken = payment_as_taken(practice_id=member.practice_id, payment_id=pk)
    if request.method == "POST" and (answer := recall(request)):
        return answer
    if not taken.stands:
        raise PaymentNotStanding
    if taken.refunded:
        raise PaymentRefunded
    ground = ground_of_edit(member, taken)
    if request.method != "POST":
        typed = replace(typed_again(taken, member.practice, key=new_key()), fresh="amount-0")
        return _show(request, ground, work_out(ground, typed), now)
    return _edited(request, ground, pk, now)


def _edited(request: PracticeRequest, ground: Ground, pk: int, now: datetime) -> HttpResponse:
    reading = work_out(ground, _ordered(read_typed(request.POST), ground))
    if is_rework(request.POST):
        return _show(request, ground, reading, now)
    errors = _moved_on(request, ground) or errors_of(reading)
    received_on = _day(reading.typed, errors)
    if not errors:
        command = EditPayment(
            practice_id=request.member.practice_id,
            key=reading.typed.key,
            by=request.member.actor,
            payment_id=pk,
            parts=_parts(reading),
            received_on=received_on,
            pay=_pairs(reading.pay),
            note=reading.typed.note,
        )
        try:
            edited = edit_payment(command, now)
        except (
            NotFound,
            PaymentNotStanding,
            PaymentRefunded,
            PaymentDishonoured,
            PaymentPassedOn,
        ):
            raise
        except Refusal as refusal:
            errors = errors_of_refusal(refusal, reading)
        else:
            messages.success(request, _("Payment changed. The old receipt says replaced."))
            return remember(request, page_link("payment", edited.payment_id))
    return _show(request, ground, reading, now, errors=errors)


def _sent(request: PracticeRequest, now: datetime) -> HttpResponse:
    member = request.member
    typed = read_typed(request.POST)
    if is_rework(request.POST):
        return _reworked(request, typed, now)
    if answer := recall(request):
        return answer
    quick = QuickPatientForm(request.POST)
    if typed.payer_id is None:
        patient_id = chosen_patient(request, quick, key=typed.key, now=now)
        typed = replace(typed, patient_id=patient_id)
    ground = ground_for(member, typed, now)
    reading = work_out(ground, _ordered(typed, ground))
    errors = _moved_on(request, ground) or errors_of(reading)
    received_on = _day(typed, errors)
    if ground.payer_id is None:
        errors = {"patient": [_("Choose the patient, or create a new one.")], **errors}
    if not errors and ground.payer_id is not None:
        try:
            return _save(request, ground, reading, received_on, now)
        except Refusal as refusal:
            errors = errors_of_refusal(refusal, reading)
    if answer := recall(request, anew=True):
        return answer
    return _show(request, ground, reading, now, errors=errors, quick=quick)


def _reworked(request: PracticeRequest, typed: Typed, now: datetime) -> HttpResponse:
    """Nothing is saved: the form again, or another page from which one comes back to it."""
    ground = ground_for(request.member, typed, now)
    ways = {SELL: _sell_url, REDEEM: _redeem_url}
    url = next(
        (url_of(request, ground) for name, url_of in ways.items() if name in request.POST), ""
    )
    if url and ground.patient:
        keep(request, ground.patient.id)
        return redirect(url)
    return _show(request, ground, work_out(ground, _ordered(typed, ground)), now)


def _moved_on(request: PracticeRequest, ground: Ground) -> Errors:
    """Refuse a form whose invoices or credit changed since it was shown: it would do otherwise."""
    if request.POST.get("stands", "") in ("", ground.stands):
        return {}
    return {
        "": [
            _(
                "What is owing, or the account credit, has changed since this form was opened. "
                "Nothing was saved. Look at the amounts again before you save."
            )
        ]
    }


def _save(
    request: PracticeRequest,
    ground: Ground,
    reading: Reading,
    received_on: date | None,
    now: datetime,
) -> HttpResponse:
    typed, member = reading.typed, request.member
    payer_id = ground.payer_id
    assert payer_id is not None
    if not reading.sheet.parts and not reading.pay:
        applied = apply_credit(
            ApplyCredit(
                practice_id=member.practice_id,
                key=typed.key,
                by=member.actor,
                payer_id=payer_id,
                use=_pairs(reading.use_credit),
                family_credit=_lent(reading),
                agreed=tuple(wishes_of(typed).agreed.items()),
                from_invoice_id=typed.invoice_id,
                on=received_on,
            ),
            now,
        )
        return _credit_used(request, ground, reading, applied)
    taken = take_payment(
        TakePayment(
            practice_id=member.practice_id,
            key=typed.key,
            by=member.actor,
            payer_id=payer_id,
            parts=_parts(reading),
            received_on=received_on,
            pay=_pairs(reading.pay),
            use_credit=_pairs(reading.use_credit),
            family_credit=_lent(reading),
            agreed=tuple(wishes_of(typed).agreed.items()),
            from_invoice_id=typed.invoice_id,
            location_id=typed.location_id,
            note=typed.note,
            email_receipt=typed.email,
        ),
        now,
    )
    request.session[LAST_LOCATION] = typed.location_id
    return _taken(request, ground, reading, taken.payment_id, now)


def _taken(
    request: PracticeRequest, ground: Ground, reading: Reading, payment_id: int, now: datetime
) -> HttpResponse:
    """On to the receipt; where the same sum came just before, say so."""
    messages.success(request, _("Payment recorded."))
    received = reading.sheet.received
    if twin := twin_warning(request.practice, ground, received, now, payment_id):
        messages.warning(request, twin)
    return remember(request, page_link("payment", payment_id))


def _credit_used(
    request: PracticeRequest, ground: Ground, reading: Reading, applied: Applied
) -> HttpResponse:
    """Nothing was received, so there is no receipt: back to the invoice, or to the patient."""
    used = used_words(request.practice, ground, reading, applied)
    messages.success(request, f"{used} {no_receipt(reading.typed)}".strip())
    invoice_id = reading.typed.invoice_id
    if invoice_id not in applied.invoice_ids:
        invoice_id = applied.invoice_ids[0] if len(applied.invoice_ids) == 1 else None
    places = [
        page_link("invoice", invoice_id) if invoice_id else "",
        page_link("patient", ground.patient.id) if ground.patient else "",
        page_link("contact", ground.contact.id) if ground.contact else "",
        page_link("payments"),
    ]
    return remember(request, next(place for place in places if place))


def _show(
    request: PracticeRequest,
    ground: Ground,
    reading: Reading,
    now: datetime,
    *,
    errors: Errors | None = None,
    **more: object,
) -> HttpResponse:
    template = str(more.get("template", "payments/form.html"))
    page = make_page(
        ground,
        reading,
        today=request.practice.day_of(now),
        may_create=request.member.may("patients.edit"),
        refused=errors,
    )
    twin = "" if ground.taken else twin_warning(request.practice, ground, page.sheet.received, now)
    text = reading.typed.patient_text
    finding = ground.payer_id is None and "find-patient" in request.POST
    context = {
        "page": page,
        "sheet": page.sheet,
        "redeem_url": _redeem_url(request, ground),
        "sell_url": _sell_url(request, ground),
        "quick": more.get("quick") or QuickPatientForm(),
        "twin": twin,
        "before": saved_before(request) if errors else "",
        "finding": finding,
        "matches": found_patients(request.member, text, now) if finding else [],
        "contacts": contact_rows(request.member, text, now) if finding else [],
    }
    return render(request, template, context, status=422 if errors else 200)


def _sell_url(request: PracticeRequest, ground: Ground) -> str:
    """Where the patient who pays is sold a package, and from where one comes back here."""
    if ground.patient is None or ground.taken or not request.member.may("packages.sell"):
        return ""
    page = page_link("package_sell", ground.patient.id)
    return f"{page}?back=payment" if page else ""


def _redeem_url(request: PracticeRequest, ground: Ground) -> str:
    """Where a voucher becomes credit of the patient who pays, and from where one comes back."""
    if ground.patient is None or ground.taken or not request.member.may("vouchers.redeem"):
        return ""
    page = page_link("voucher_redeem")
    return f"{page}?patient={ground.patient.id}&back=payment" if page else ""


def _ordered(typed: Typed, ground: Ground) -> Typed:
    known = {"oldest", "newest", "source", "none"}
    order = typed.order if typed.order in known else ground.practice.allocation_order
    return replace(typed, order=order)


def _day(typed: Typed, errors: Errors) -> date | None:
    """The day as typed; an empty field is today. What is no day becomes an error."""
    try:
        day: date | None = DayField(required=False).clean(typed.received_on)
    except ValidationError as error:
        errors.setdefault("received_on", []).extend(str(line) for line in error.messages)
        return None
    return day


def _parts(reading: Reading) -> tuple[PartInput, ...]:
    return tuple(
        PartInput(source_id=s.source_id, amount_minor=amount.minor, reference=s.reference.strip())
        for s, amount in reading.drafts
        if amount
    )


def _lent(reading: Reading) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (invoice_id, owner_id, amount.minor)
        for (invoice_id, owner_id), amount in sorted(reading.lent.items())
    )


def _pairs(cells: dict[int, Money]) -> tuple[tuple[int, int], ...]:
    return tuple((pk, amount.minor) for pk, amount in sorted(cells.items()))
