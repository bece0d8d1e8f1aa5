"""Giving, changing and ending a permission to use somebody else's credit."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from creditwell.credit.models import Share
from creditwell.credit.queries_share import ShareLine, open_shares
from creditwell.credit.sharing import SharedWithSelf, Terms, require_able
from creditwell.kernel.errors import Refusal
from creditwell.people.models import Patient
from creditwell.people.operations import MergedAway
from creditwell.people.queries_families import PayerPlace, payer_place
from creditwell.tenancy.access import access
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.stop_sharing import StopSharing, stop_sharing
from creditwell.web.calendar.picking import Picked, picked_patient
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.families.forms import ShareForm
from creditwell.web.families.shares import end_of, shares_of
from creditwell.web.patients.quick import QuickPatientForm, as_id

BACK = {"patient": "patient", "contact": "contact", "family": "family"}
"""Pages that lead to a permission and that one returns to: `?back=family-7`."""


@require_http_methods(["GET", "HEAD", "POST"])
@door("credit.share")
def share(request: PracticeRequest, owner: int, user: int) -> HttpResponse:
    """
    Whether one payer may use the credit of another: give the permission, or change it.

    :raises NotFound: if this practice has no such payer
    :raises SharedWithSelf, MergedAway, OnlyPatientsUse, PutAway: if nothing can be agreed
    """
    member = request.member
    giver, taker = _ends(member.practice_id, owner, user)
    stands = _stands(member.practice_id, owner, user)
    if stands is None:
        require_able(giver, taker)
    form = ShareForm(
        request.POST or None, practice=member.practice, owner=giver.short, stands=stands
    )
    back = request.POST.get("back", request.GET.get("back", ""))[:40]
    if request.method == "POST" and form.is_valid() and _give(request, owner, user, form):
        return _return(back, giver)
    shown = shares_of(member, [owner], timezone.now(), back=back).between(owner, user)
    context = {
        "form": form,
        "owner": end_of(giver),
        "user": end_of(taker),
        "stands": shown,
        "back": back,
        "back_url": _back_url(back, giver),
        "key": request.POST.get("key", "")[:90] or uuid4().hex,
    }
    return render(request, "families/share.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door("credit.share")
def share_new(request: PracticeRequest, owner: int) -> HttpResponse:
    """
    Let a patient who is not in the family use a payer's credit: whom, and how much.

    :raises NotFound: if this practice has no such payer
    :raises MergedAway: if the record was merged into another
    """
    member, posted = request.member, request.method == "POST"
    giver = payer_place(practice_id=member.practice_id, payer_id=owner)
    if giver.merged:
        raise MergedAway
    form = ShareForm(request.POST if posted else None, practice=member.practice, owner=giver.short)
    quick = QuickPatientForm(request.POST if posted else None)
    key = request.POST.get("key", "")[:90] or uuid4().hex
    picked = picked_patient(request, quick, key=key, now=timezone.now()) if posted else Picked()
    if posted and picked.id is None and not picked.asked_to_find and not quick.errors:
        picked = picked.with_error(_("Choose the patient who may use the credit."))
    if posted and form.is_valid() and picked.id is not None:
        user = access(Patient, member, picked.id, "patients.view").payer_id
        if _give(request, owner, user, form):
            return _return("", giver)
    context = {
        "form": form,
        "owner": end_of(giver),
        "picked": picked,
        "quick": quick,
        "may_create": member.may("patients.edit"),
        "key": key,
    }
    return render(request, "families/share_new.html", context, status=422 if posted else 200)


@require_POST
@door("credit.share")
def share_stop(request: PracticeRequest, pk: int) -> HttpResponse:
    """End a permission; it counts at once."""
    row = access(Share, request.member, pk, "credit.share")
    giver = payer_place(practice_id=request.member.practice_id, payer_id=row.owner_id)
    command = StopSharing(
        practice_id=request.member.practice_id, by=request.member.actor, share_id=pk
    )
    stop_sharing(command, timezone.now())
    messages.success(request, _("Stopped. This counts at once; what was paid stays paid."))
    return _return(request.POST.get("back", "")[:40], giver)


def _ends(practice_id: int, owner: int, user: int) -> tuple[PayerPlace, PayerPlace]:
    giver = payer_place(practice_id=practice_id, payer_id=owner)
    taker = payer_place(practice_id=practice_id, payer_id=user)
    if owner == user:
        raise SharedWithSelf
    if giver.merged or taker.merged:
        raise MergedAway
    return giver, taker


def _stands(practice_id: int, owner: int, user: int) -> ShareLine | None:
    lines = open_shares(practice_id=practice_id, payer_ids=[owner])
    return next((one for one in lines if (one.owner_id, one.user_id) == (owner, user)), None)


def _give(request: PracticeRequest, owner: int, user: int, form: ShareForm) -> bool:
    """Whether the permission was given; if not, the form says why."""
    terms: Terms = form.terms()
    command = ShareCredit(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        key=request.POST.get("key", "")[:90],
        owner_id=owner,
        user_id=user,
        terms=terms,
    )
    try:
        share_credit(command, timezone.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Permission saved. It counts from now on."))
    return True


def _return(back: str, giver: PayerPlace) -> HttpResponse:
    return redirect(_back_url(back, giver))


def _back_url(back: str, giver: PayerPlace) -> str:
    """The page that led here, else the owner's own."""
    kind, _dash, number = back.partition("-")
    pk = as_id(number)
    if kind in BACK and pk is not None:
        return page_link(BACK[kind], pk)
    return end_of(giver).url
