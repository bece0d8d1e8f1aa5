"""Sell a package and use it for this visit: pressed in the pop-up of an appointment."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import Invalid, Refusal
from creditwell.packages.queries import place_of
from creditwell.packages.queries_sold import sold_on
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import access
from creditwell.usecases.sell_package import SellPackage, sell_package
from creditwell.web.calendar.acts import done, not_done
from creditwell.web.calendar.asked import as_id
from creditwell.web.door.guard import door, is_htmx
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.links import address_of, with_query
from creditwell.web.packages.act_page import again
from creditwell.web.packages.selling import after_sale, sold_words
from creditwell.web.payments.once import remember

LARGEST = 10**12


@require_POST
@door("packages.sell")
def visit_sell_package(request: PracticeRequest, pk: int) -> HttpResponse:
    """
    Sell the package, use it for the visit, and go on to its payment; where credit paid all of it,
    stay with the appointment.
    """
    visit = access(Attendee, request.member, pk, "packages.sell")
    now = timezone.now()
    if answer := again(request) or _ask_first(request, visit, now):
        return _go(request, answer.headers["Location"])
    try:
        sold = sell_package(_command(request, visit), now)
    except Refusal as refusal:
        if refusal.status == 404 and refusal.param:
            refusal = Invalid(refusal.sentence, param=refusal.param)
        return not_done(request, visit.appointment_id, refusal)
    if sold.owing_minor and request.member.may("payments.take"):
        messages.success(request, sold_words(request.member, sold))
        place = after_sale(request, visit.patient_id, sold)
        return _go(request, remember(request, place).headers["Location"])
    remember(request, page_link("appointment", visit.appointment_id))
    return done(request, visit.appointment_id, sold_words(request.member, sold))


def _command(request: PracticeRequest, visit: Attendee) -> SellPackage:
    """:raises Invalid: without a package."""
    product_id = as_id(request.POST.get("product", ""))
    if product_id is None:
        raise Invalid(_("Choose the package."), param="product")
    credit = as_id(request.POST.get("credit", "")) or 0
    return SellPackage(
        practice_id=request.member.practice_id,
        key=request.POST.get("key", "")[:100],
        by=request.member.actor,
        patient_id=visit.patient_id,
        product_id=product_id,
        attendee_id=visit.pk,
        credit_minor=min(credit, LARGEST),
    )


def _ask_first(request: PracticeRequest, visit: Attendee, now: datetime) -> HttpResponse | None:
    """To the page of the sale, which asks, where the same was sold to the patient today already."""
    product_id = as_id(request.POST.get("product", ""))
    today = request.practice.day_of(now)
    found = sold_on(practice_id=visit.practice_id, patient_id=visit.patient_id, day=today)
    covered = place_of(practice_id=visit.practice_id, attendee_id=visit.pk)
    if product_id not in found or covered:
        return None
    if answer := again(request, anew=True):
        return answer
    page = address_of("package_sell", visit.patient_id)
    return redirect(with_query(page, product=product_id, attendee=visit.pk))


def _go(request: PracticeRequest, place: str) -> HttpResponse:
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": place})
    return redirect(place)
