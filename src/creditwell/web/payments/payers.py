"""Find whoever pays: patients, and contacts such as an insurer or an employer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditwell.ledger.queries import standings_of
from creditwell.money.money import Money
from creditwell.people.queries import find_contacts
from creditwell.tenancy.access import Member
from creditwell.web.components.picker import asked
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.finding import found_patients
from creditwell.web.payments.typed import CONTACT

MOST = 4
"""Contacts offered below the patients found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A contact among whom a payment can come from; `choice` is what the picker posts."""

    choice: str
    name: str
    kind_name: str
    phone: str
    owing: Money
    credit: Money


@require_GET
@door("payments.take")
def payer_search(request: PracticeRequest) -> HttpResponse:
    """Answer the picker of the payment form with its list."""
    question, now = asked(request), timezone.now()
    context = {
        "question": question,
        "matches": found_patients(request.member, question.query, now),
        "contacts": contact_rows(request.member, question.query, now),
        "create": question.create if request.member.may("patients.edit") else "",
    }
    return render(request, "patients/_matches.html", context)


def contact_rows(member: Member, text: str, now: datetime) -> list[ContactRow]:
    """Contacts whom the text means, with what they owe and have; three queries."""
    found = find_contacts(practice_id=member.practice_id, text=text, limit=MOST)
    standings = standings_of(
        practice_id=member.practice_id, holder_ids=[line.payer_id for line in found]
    )
    return [
        ContactRow(
            choice=f"{CONTACT}{line.payer_id}",
            name=line.name,
            kind_name=line.kind_name,
            phone=line.phone,
            owing=member.practice.money(standings[line.payer_id].owing_minor),
            credit=member.practice.money(standings[line.payer_id].credit_minor),
        )
        for line in found
    ]
