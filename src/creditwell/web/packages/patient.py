"""The packages of one patient: their own, and those that others let them use."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from creditwell.packages.queries import packages_of
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.standings import OPEN, standing_cards
from creditwell.web.patients.record_page import record


@require_safe
@door("packages.view")
def patient_packages(request: PracticeRequest, pk: int) -> HttpResponse:
    """All packages of the patient, open ones first."""
    member, now = request.member, timezone.now()
    member.require("patients.view")
    page = record(member, pk, now, tab="patient_packages")
    today = member.practice.day_of(now)
    found = packages_of(practice_id=member.practice_id, patient_id=pk, today=today)
    cards = standing_cards(member, found)
    own = [card for card in cards if not card.shared]
    context = {
        "page": page,
        "open": [card for card in own if card.state in OPEN],
        "over": [card for card in own if card.state not in OPEN],
        "shared": [card for card in cards if card.shared and card.state in OPEN],
        "sell_url": page_link("package_sell", pk) if member.may("packages.sell") else "",
    }
    return render(request, "packages/patient.html", context)
