"""Merging two records of one person, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditwell.kernel.errors import Refusal
from creditwell.people.models import Merge
from creditwell.people.queries import patient_facts
from creditwell.tenancy.access import access
from creditwell.usecases.merge_patients import MergePatients, merge_patients
from creditwell.usecases.undo_merge import UndoMerge, undo_merge
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.merge_page import candidates, comparison


@require_GET
@door("patients.merge")
def patient_merge(request: PracticeRequest, pk: int) -> HttpResponse:
    """Choose the other record: those that look like it, or search."""
    patient = patient_facts(practice_id=request.member.practice_id, patient_id=pk)
    text = request.GET.get("q", "").strip()[:80]
    found = candidates(request.member, patient, text, timezone.now())
    context = {"patient": patient, "text": text, "candidates": found}
    return render(request, "patients/merge.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.merge")
def patient_compare(request: PracticeRequest, pk: int, other: int) -> HttpResponse:
    """Compare both, choose which is kept, and merge."""
    refusal: Refusal | None = None
    pair = comparison(request.member, pk, other)
    keep = request.POST.get("keep", "")
    if request.method == "POST":
        kept, merged = (other, pk) if keep == str(other) else (pk, other)
        command = MergePatients(
            practice_id=request.member.practice_id,
            by=request.member.actor,
            kept_id=kept,
            merged_id=merged,
        )
        try:
            merge_patients(command, timezone.now())
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _("Merged. The tab Details can take it back."))
            return redirect("patient", kept)
    context = {
        "pair": pair,
        "sides": (pair.one, pair.other),
        "keep": int(keep) if keep in (str(pk), str(other)) else pair.suggested,
        "refusal": refusal.sentence if refusal else "",
    }
    return render(request, "patients/compare.html", context, status=422 if refusal else 200)


@require_POST
@door("patients.merge")
def merge_undo(request: PracticeRequest, pk: int) -> HttpResponse:
    """Make two records of it again."""
    access(Merge, request.member, pk, "patients.merge")
    command = UndoMerge(
        practice_id=request.member.practice_id, by=request.member.actor, merge_id=pk
    )
    undone = undo_merge(command, timezone.now())
    messages.success(request, _("These are two records again. This is the one that came back."))
    return redirect("patient", undone.restored_id)
