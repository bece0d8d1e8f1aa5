"""The list of patients; making, changing and archiving one."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditwell.kernel.errors import Refusal
from creditwell.people.models import Patient
from creditwell.people.queries import patient_facts
from creditwell.people.rules import PatientDetails, split_name
from creditwell.tenancy.access import access
from creditwell.usecases.archive_patient import ArchivePatient, archive_patient
from creditwell.usecases.create_patient import CreatePatient, create_patient
from creditwell.usecases.restore_patient import RestorePatient, restore_patient
from creditwell.usecases.update_patient import UpdatePatient, update_patient
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.forms import PatientForm
from creditwell.web.patients.list_page import list_page


@require_GET
@door("patients.view")
def patients(request: PracticeRequest) -> HttpResponse:
    """All patients, or those with credit, owing, archived, or found by what was typed."""
    page = list_page(
        request.member,
        show=request.GET.get("show", ""),
        text=request.GET.get("q", "").strip()[:80],
        number=request.GET.get("page", ""),
        now=timezone.now(),
    )
    template = "patients/list.html#rows" if request.htmx else "patients/list.html"
    return render(request, template, {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.edit")
def patient_new(request: PracticeRequest) -> HttpResponse:
    """
    Create a patient.

    A form elsewhere may send `prefill`, the name that somebody looked for: it comes as a POST, for
    names have no place in an address.
    """
    member = request.member
    if request.method != "POST" or "prefill" in request.POST:
        first, last = split_name(request.POST.get("prefill", "")[:160])
        details = PatientDetails(first_name=first, last_name=last)
        form = PatientForm(member=member, details=details)
        return _form_page(request, form, key=uuid4().hex)
    form = PatientForm(request.POST, member=member)
    if form.is_valid():
        command = CreatePatient(
            practice_id=member.practice_id,
            by=member.actor,
            key=request.POST.get("key", "")[:100],
            details=form.details(),
            somebody_else=form.cleaned_data["somebody_else"],
        )
        try:
            created = create_patient(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is a patient now.") % {"name": created.name})
            return redirect("patient", created.patient_id)
    return _form_page(request, form, key=request.POST.get("key", "")[:100])


def _form_page(request: PracticeRequest, form: PatientForm, *, key: str) -> HttpResponse:
    context = {"form": form, "patient": None, "key": key}
    return render(request, "patients/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.edit")
def patient_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change what is known of a patient."""
    member = request.member
    patient = patient_facts(practice_id=member.practice_id, patient_id=pk)
    form = PatientForm(request.POST or None, member=member, details=patient.details)
    if request.method == "POST" and form.is_valid():
        command = UpdatePatient(
            practice_id=member.practice_id,
            by=member.actor,
            patient_id=pk,
            details=form.details(),
        )
        try:
            update_patient(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Details saved."))
            return redirect("patient", pk)
    status = 422 if form.is_bound else 200
    context = {"form": form, "patient": patient}
    return render(request, "patients/form.html", context, status=status)


@require_POST
@door("patients.edit")
def patient_archive(request: PracticeRequest, pk: int) -> HttpResponse:
    """Put a patient away."""
    access(Patient, request.member, pk, "patients.edit")
    command = ArchivePatient(
        practice_id=request.member.practice_id, by=request.member.actor, patient_id=pk
    )
    archive_patient(command, timezone.now())
    messages.success(request, _("Archived. Search finds archived patients when you ask for them."))
    return redirect("patient", pk)


@require_POST
@door("patients.edit")
def patient_restore(request: PracticeRequest, pk: int) -> HttpResponse:
    """Bring a patient back."""
    access(Patient, request.member, pk, "patients.edit")
    command = RestorePatient(
        practice_id=request.member.practice_id, by=request.member.actor, patient_id=pk
    )
    restore_patient(command, timezone.now())
    messages.success(request, _("Restored."))
    return redirect("patient", pk)
