"""The statements of a family and of a funder, as page, PDF and email: never why, only how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditwell.integrations.documents import build_shared
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.queries_statement_shared import family_statement as read_family
from creditwell.payments.queries_statement_shared import funder_statement as read_funder
from creditwell.people.queries import contact_facts
from creditwell.people.queries_families import family_facts
from creditwell.tenancy.queries_place import place_of
from creditwell.usecases.email_statement import EmailStatement, email_statement
from creditwell.web.credit.days import Days, days_of
from creditwell.web.credit.explained import Whose, of_contact, of_family
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Whose statements: the word that its pages begin with, and the template."""

    word: str
    template: str

    def link(self, page: str, pk: int) -> str:
        return page_link(f"{self.word}_{page}", pk)


FAMILY = Kind(word="family", template="credit/family_statement.html")
CONTACT = Kind(word="contact", template="credit/contact_statement.html")


@require_GET
@door("payments.view")
def family_statement(request: PracticeRequest, pk: int) -> HttpResponse:
    """The statement of a family: each person's part, and all together."""
    return _show_family(request, pk, request.GET)


@require_GET
@door("payments.view")
def family_statement_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The same as PDF."""
    days = days_of(request, request.GET)
    return pdf_answer(
        *build_shared.family_statement_pdf(request.practice.id, pk, days.since, days.until)
    )


@require_POST
@door("payments.take")
def family_statement_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Send it to an address."""
    refused = _send(request, FAMILY, pk)
    return (
        _show_family(request, pk, request.POST, refused=refused) if refused else _back(request, pk)
    )


@require_GET
@door("payments.view")
def contact_statement(request: PracticeRequest, pk: int) -> HttpResponse:
    """The statement of a funder: who drew on its credit, and what is left."""
    return _show_contact(request, pk, request.GET)


@require_GET
@door("payments.view")
def contact_statement_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The same as PDF."""
    days = days_of(request, request.GET)
    return pdf_answer(
        *build_shared.funder_statement_pdf(request.practice.id, pk, days.since, days.until)
    )


@require_POST
@door("payments.take")
def contact_statement_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Send it to an address."""
    refused = _send(request, CONTACT, pk)
    if refused:
        return _show_contact(request, pk, request.POST, refused=refused)
    return _back(request, pk, CONTACT)


def _show_family(
    request: PracticeRequest, pk: int, asked: QueryDict, *, refused: str = ""
) -> HttpResponse:
    family = family_facts(practice_id=request.practice.id, family_id=pk)
    members = {member.payer_id: member.name for member in family.members}
    days = days_of(request, asked)
    context = {
        **_common(request, FAMILY, pk, of_family(family), days),
        "found": read_family(request.practice, members, days.since, days.until),
        "refused": refused,
        "to": asked.get("to", ""),
        "address": (),
    }
    return render(request, FAMILY.template, context, status=422 if refused else 200)


def _show_contact(
    request: PracticeRequest, pk: int, asked: QueryDict, *, refused: str = ""
) -> HttpResponse:
    contact = contact_facts(practice_id=request.practice.id, contact_id=pk)
    days = days_of(request, asked)
    context = {
        **_common(request, CONTACT, pk, of_contact(contact.name, pk), days),
        "found": read_funder(request.practice, contact.payer_id, days.since, days.until),
        "refused": refused,
        "to": asked.get("to", "") or contact.email,
        "address": [line for line in contact.address.splitlines() if line.strip()],
    }
    return render(request, CONTACT.template, context, status=422 if refused else 200)


def _common(
    request: PracticeRequest, kind: Kind, pk: int, whose: Whose, days: Days
) -> dict[str, Any]:
    may_send = request.member.may("payments.take")
    return {
        "whose": whose,
        "days": days,
        "place": place_of(practice_id=request.practice.id),
        "explain_url": kind.link("explain", pk),
        "pdf_url": kind.link("statement_pdf", pk),
        "email_url": kind.link("statement_email", pk) if may_send else "",
        "key": new_key(),
    }


def _send(request: PracticeRequest, kind: Kind, pk: int) -> str:
    """Ask for it to be sent; says what stands in the way, "" when nothing did."""
    days = days_of(request, request.POST)
    whose: dict[str, Any] = {f"{kind.word}_id": pk}
    command = EmailStatement(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        since=days.since,
        until=days.until,
        to=request.POST.get("to", "")[:254],
        **whose,
    )
    try:
        email_statement(command, timezone.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return refusal.sentence
    messages.success(request, _("The statement is on its way."))
    return ""


def _back(request: PracticeRequest, pk: int, kind: Kind = FAMILY) -> HttpResponse:
    days = days_of(request, request.POST)
    return redirect(f"{kind.link('statement', pk)}?since={days.since}&until={days.until}")
