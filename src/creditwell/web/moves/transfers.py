"""The list of transfers, the page of one, and what its buttons do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from creditwell.audit.queries import notes_about
from creditwell.integrations.documents import build_transfer
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.models import Transfer
from creditwell.payments.queries_transfer import Side, TransferFacts, list_transfers, transfer_facts
from creditwell.tenancy.access import access
from creditwell.usecases.email_transfer import GIVER, RECEIVER, EmailTransfer, email_transfer
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key

ACTIONS: dict[str, tuple[str | Promise, str]] = {
    "transfer_credit": (gettext_lazy("Credit transferred"), "allocated"),
    "undo_transfer": (gettext_lazy("Transfer undone"), "void"),
    "email_transfer": (gettext_lazy("Receipt emailed"), "sent"),
}
"""What happened to a transfer, in words and as a state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCard:
    """One side of the transfer; a link that may not be followed is ""."""

    side: Side
    name: str  # giver or receiver
    word: str
    patient_url: str
    explain_url: str
    pdf_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    at: datetime
    text: str | Promise
    who: str
    detail: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPage:
    """A transfer and what may be done with it; `undo_url` and `email_url` may be ""."""

    facts: TransferFacts
    sides: tuple[SideCard, ...]
    happened: tuple[Happened, ...]
    undo_url: str
    email_url: str
    key: str


@require_GET
@door("payments.view")
def transfers(request: PracticeRequest) -> HttpResponse:
    """All transfers, newest first; they are no takings."""
    text = request.GET.get("page", "")
    number = max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    lines, more = list_transfers(request.practice, page=number)
    context = {
        "lines": lines,
        "number": number,
        "previous": f"?page={number - 1}" if number > 1 else "",
        "next": f"?page={number + 1}" if more else "",
    }
    return render(request, "moves/transfers.html", context)


@require_GET
@door("payments.view")
def transfer(request: PracticeRequest, pk: int) -> HttpResponse:
    """The page of a transfer."""
    return _show(request, pk)


@require_POST
@door("credit.transfer")
def transfer_undo(request: PracticeRequest, pk: int) -> HttpResponse:
    """Put the credit back, with a reason."""
    member = request.member
    access(Transfer, member, pk, "credit.transfer")
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        return _show(request, pk, refused={"undo": _("Say why; it stays in the history.")})
    try:
        undo_transfer(
            UndoTransfer(
                practice_id=member.practice_id,
                key=request.POST.get("key", "")[:80],
                by=member.actor,
                transfer_id=pk,
                reason=reason,
            ),
            timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(request, pk, refused={"undo": refusal.sentence})
    messages.success(request, _("Undone. The credit is back where it came from."))
    return redirect("transfer", pk)


@require_POST
@door("payments.take")
def transfer_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Send one side its receipt."""
    member = request.member
    access(Transfer, member, pk, "payments.take")
    side = request.POST.get("side", "")
    try:
        email_transfer(
            EmailTransfer(
                practice_id=member.practice_id,
                key=request.POST.get("key", "")[:80],
                by=member.actor,
                transfer_id=pk,
                side=side if side in (GIVER, RECEIVER) else GIVER,
                to=request.POST.get("to", "")[:254],
            ),
            timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(request, pk, refused={side: refusal.sentence})
    messages.success(request, _("The receipt is on its way."))
    return redirect("transfer", pk)


@require_GET
@door("payments.view")
def giver_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The giver's receipt as PDF."""
    access(Transfer, request.member, pk, "payments.view")
    return pdf_answer(*build_transfer.giver_pdf(request.practice.id, pk))


@require_GET
@door("payments.view")
def receiver_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The receiver's receipt as PDF."""
    access(Transfer, request.member, pk, "payments.view")
    return pdf_answer(*build_transfer.receiver_pdf(request.practice.id, pk))


def _show(
    request: PracticeRequest, pk: int, *, refused: dict[str, str] | None = None
) -> HttpResponse:
    context = {"page": _page(request, pk), "refused": refused or {}}
    return render(request, "moves/transfer.html", context, status=422 if refused else 200)


def _page(request: PracticeRequest, pk: int) -> TransferPage:
    member, facts = request.member, transfer_facts(request.practice, pk)
    notes = notes_about(practice_id=member.practice_id, subjects=[("transfer", pk)])
    may_undo = member.may("credit.transfer") and facts.stands and not facts.used
    return TransferPage(
        facts=facts,
        sides=(
            _card(facts.giver, GIVER, _("From"), page_link("transfer_giver_pdf", pk)),
            _card(facts.receiver, RECEIVER, _("To"), page_link("transfer_receiver_pdf", pk)),
        ),
        happened=tuple(
            Happened(
                at=note.at,
                text=ACTIONS[note.action][0],
                who=note.who,
                detail=str(note.details.get("reason", "")),
                state=ACTIONS[note.action][1],
            )
            for note in notes
            if note.action in ACTIONS
        ),
        undo_url=page_link("transfer_undo", pk) if may_undo else "",
        email_url=page_link("transfer_email", pk) if member.may("payments.take") else "",
        key=new_key(),
    )


def _card(side: Side, name: str, word: str, pdf_url: str) -> SideCard:
    patient = side.patient_id
    return SideCard(
        side=side,
        name=name,
        word=word,
        patient_url=page_link("patient", patient) if patient else "",
        explain_url=page_link("credit_explain", patient) if patient else "",
        pdf_url=pdf_url,
    )
