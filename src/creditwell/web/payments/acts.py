"""What a button on a receipt does: void, un-apply, email."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.models import Allocation, Payment, PaymentPart
from creditwell.tenancy.access import access
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment
from creditwell.usecases.email_receipt import EmailReceipt, email_receipt
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.void_payment import VoidPayment, void_payment
from creditwell.web.components.fields import DayField, read_amount
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.quick import as_id
from creditwell.web.payments.receipts import show_receipt


@require_POST
@door("payments.void")
def payment_void(request: PracticeRequest, pk: int) -> HttpResponse:
    """Void a payment; a reason is asked for."""
    member = request.member
    access(Payment, member, pk, "payments.void")
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        sentence = _("Say why the payment is voided; it stays in its history.")
        return show_receipt(request, pk, refused={"void": sentence})
    command = VoidPayment(
        practice_id=member.practice_id,
        key=request.POST.get("key", "")[:80],
        by=member.actor,
        payment_id=pk,
        reason=reason,
    )
    try:
        voided = void_payment(command, timezone.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return show_receipt(request, pk, refused={"void": refusal.sentence})
    count = len(voided.invoice_ids)
    messages.success(
        request,
        ngettext(
            "Payment voided. %(count)s invoice is open again.",
            "Payment voided. %(count)s invoices are open again.",
            count,
        )
        % {"count": count}
        if count
        else _("Payment voided."),
    )
    return redirect("payment", pk)


@require_POST
@door("payments.dishonour")
def payment_dishonour(request: PracticeRequest, pk: int) -> HttpResponse:
    """The bank took the payment back, or part of it."""
    member, post = request.member, request.POST
    access(Payment, member, pk, "payments.dishonour")
    typed = {name: post.get(name, "")[:200].strip() for name in ("amount", "on", "reason")}
    parts = PaymentPart.objects.filter(practice_id=member.practice_id, payment_id=pk)
    part = parts.filter(pk=as_id(post.get("part", "")) or 0).first()
    if part is None:
        sentence = _("Choose which part of the payment the bank took back.")
        return show_receipt(request, pk, refused={"dishonour": sentence}, dishonour=typed)
    try:
        amount = read_amount(typed["amount"], member.practice.currency) if typed["amount"] else None
        on = DayField(required=False).clean(typed["on"])
        done = dishonour_payment(
            DishonourPayment(
                practice_id=member.practice_id,
                key=post.get("key", "")[:80],
                by=member.actor,
                part_id=part.pk,
                amount_minor=None if amount is None else amount.minor,
                reason=typed["reason"],
                on=on,
            ),
            timezone.now(),
        )
    except NotFound:
        raise
    except ValidationError as error:
        sentence = " ".join(str(line) for line in error.messages)
        return show_receipt(request, pk, refused={"dishonour": sentence}, dishonour=typed)
    except Refusal as refusal:
        return show_receipt(request, pk, refused={"dishonour": refusal.sentence}, dishonour=typed)
    count = len(done.invoice_ids)
    messages.success(
        request,
        ngettext(
            "Written down. %(count)s invoice is owing again.",
            "Written down. %(count)s invoices are owing again.",
            count,
        )
        % {"count": count}
        if count
        else _("Written down. It came off the account credit."),
    )
    return redirect("payment", pk)


@require_POST
@door("payments.allocate")
def payment_take_back(request: PracticeRequest, pk: int, allocation: int) -> HttpResponse:
    """Un-apply: the credit is there again, the invoice asks again."""
    member = request.member
    payment = access(Payment, member, pk, "payments.allocate")
    row = access(Allocation, member, allocation, "payments.allocate")
    if row.lot_id != payment.lot_id:
        raise NotFound
    try:
        take_back_allocation(
            TakeBackAllocation(
                practice_id=member.practice_id,
                key=request.POST.get("key", "")[:80],
                by=member.actor,
                allocation_id=allocation,
            ),
            timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return show_receipt(request, pk, refused={"": refusal.sentence})
    messages.success(request, _("Taken back. The amount is account credit again."))
    return redirect("payment", pk)


@require_POST
@door("payments.take")
def receipt_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Send the receipt to an address."""
    member = request.member
    access(Payment, member, pk, "payments.take")
    try:
        email_receipt(
            EmailReceipt(
                practice_id=member.practice_id,
                key=request.POST.get("key", "")[:80],
                by=member.actor,
                payment_id=pk,
                to=request.POST.get("to", "")[:254],
            ),
            timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return show_receipt(request, pk, refused={"email": refusal.sentence})
    messages.success(request, _("The receipt is on its way."))
    return redirect("payment", pk)
