"""Sell a package and use it for this visit: pressed in the pop-up of an appointment."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import Invalid, Refusal
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import access
from creditwell.usecases.sell_package import PackageSold, SellPackage, sell_package
from creditwell.web.calendar.acts import done, not_done
from creditwell.web.calendar.asked import as_id
from creditwell.web.door.guard import door, is_htmx
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.selling import after_sale, sold_words

LARGEST = 10**12


@require_POST
@door("packages.sell")
def visit_sell_package(request: PracticeRequest, pk: int) -> HttpResponse:
    """
    Sell the package, use it for the visit, and go on to its payment; where credit paid all of it,
    stay with the appointment.
    """
    visit = access(Attendee, request.member, pk, "packages.sell")
    try:
        sold = sell_package(_command(request, visit), timezone.now())
    except Refusal as refusal:
        if refusal.status == 404 and refusal.param:
            refusal = Invalid(refusal.sentence, param=refusal.param)
        return not_done(request, visit.appointment_id, refusal)
    if sold.owing_minor and request.member.may("payments.take"):
        return _to_payment(request, visit.patient_id, sold)
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


def _to_payment(request: PracticeRequest, patient_id: int, sold: PackageSold) -> HttpResponse:
    messages.success(request, sold_words(request.member, sold))
    place = after_sale(request, patient_id, sold)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": place})
    return redirect(place)
