"""Explain this balance: of a patient, of a contact, of a family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditwell.money.money import Money
from creditwell.payments.queries_credit import Explanation, explanation, explanations
from creditwell.people.queries import contact_facts, patient_facts
from creditwell.people.queries_families import FamilyFacts, family_facts
from creditwell.web.credit.days import day_of
from creditwell.web.door.guard import door
from creditwell.web.door.links import link_to, page_link
from creditwell.web.door.requests import PracticeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose balance it is: the name, its page ("" where there is none), the list it is in."""

    name: str
    url: str
    list: str
    list_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One person's part of a family's balance."""

    patient_id: int
    name: str
    relation: str
    url: str
    told: Explanation


@dataclass(frozen=True, slots=True)
class Together:
    """What a family comes to."""

    credit: Money
    owing: Money

    @property
    def balance(self) -> Money:
        return self.owing - self.credit


@require_GET
@door("payments.view")
def credit_explain(request: PracticeRequest, pk: int) -> HttpResponse:
    """Explain the balance of a patient, now or at the end of a day."""
    practice = request.practice
    patient = patient_facts(practice_id=practice.id, patient_id=pk)
    whose = of_patients(patient.name, page_link("patient", pk))
    return _one(request, whose, patient.payer_id, page_link("statement", pk))


@require_GET
@door("payments.view")
def contact_explain(request: PracticeRequest, pk: int) -> HttpResponse:
    """Explain the balance of a contact whose credit patients draw on."""
    contact = contact_facts(practice_id=request.practice.id, contact_id=pk)
    whose = of_contact(contact.name, pk)
    return _one(request, whose, contact.payer_id, page_link("contact_statement", pk))


@require_GET
@door("payments.view")
def family_explain(request: PracticeRequest, pk: int) -> HttpResponse:
    """Explain the balance of a family: all members together, and each one's part."""
    practice = request.practice
    family = family_facts(practice_id=practice.id, family_id=pk)
    day = day_of(request.GET, "as_of")
    parts = _parts(family, explanations(practice, family.payer_ids, as_of=day))
    context = {
        **_common(request, of_family(family), day),
        "statement_url": page_link("family_statement", pk),
        "parts": parts,
        "told": Together(
            Money.total((part.told.credit for part in parts), practice.currency),
            Money.total((part.told.owing for part in parts), practice.currency),
        ),
    }
    return render(request, "credit/explain_family.html", context)


def of_patients(name: str, url: str) -> Whose:
    """Somebody among the patients."""
    return Whose(name=name, url=url, list=_("Patients"), list_url=link_to("patients"))


def of_contact(name: str, pk: int) -> Whose:
    """A contact."""
    url = page_link("contact", pk) or page_link("contact_edit", pk)
    return Whose(name=name, url=url, list=_("Contacts"), list_url=link_to("contacts"))


def of_family(family: FamilyFacts) -> Whose:
    """A family; families are found by their patients."""
    return of_patients(family.name, page_link("family", family.id))


def _one(request: PracticeRequest, whose: Whose, payer_id: int, statement_url: str) -> HttpResponse:
    day = day_of(request.GET, "as_of")
    context = {
        **_common(request, whose, day),
        "statement_url": statement_url,
        "told": explanation(request.practice, payer_id, as_of=day),
    }
    return render(request, "credit/explain.html", context)


def _common(request: PracticeRequest, whose: Whose, day: date | None) -> dict[str, object]:
    today = request.practice.day_of(timezone.now())
    return {
        "whose": whose,
        "as_of": day,
        "today": today,
        "may_extend": request.member.may("credit.extend"),
    }


def _parts(family: FamilyFacts, told: dict[int, Explanation]) -> tuple[Part, ...]:
    return tuple(
        Part(
            patient_id=member.patient_id,
            name=member.name,
            relation=member.relation,
            url=page_link("credit_explain", member.patient_id),
            told=told[member.payer_id],
        )
        for member in family.members
    )
