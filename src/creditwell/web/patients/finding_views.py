"""Pages that find a patient, and the one that makes a patient inside another form."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creditwell.kernel.errors import Refusal
from creditwell.people.queries import patient_facts
from creditwell.usecases.create_patient import create_patient
from creditwell.web.components.picker import asked
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.finding import found_patients
from creditwell.web.patients.quick import Chosen, QuickPatientForm, quick_command


@require_GET
@door("patients.view")
def patient_search(request: PracticeRequest) -> HttpResponse:
    """Answer a patient picker with its list; as a page of its own where there is no script."""
    question = asked(request)
    archived = request.GET.get("archived") == "1"
    matches = found_patients(request.member, question.query, timezone.now(), archived=archived)
    may_create = request.member.may("patients.edit")
    context = {
        "question": question,
        "matches": matches,
        "archived": archived,
        "create": question.create if may_create else "",
        "may_create": may_create,
    }
    page = "patients/_matches.html" if request.htmx else "patients/search.html"
    return render(request, page, context)


@require_POST
@door("patients.edit")
def patient_quick_create(request: PracticeRequest) -> HttpResponse:
    """
    Create a patient for the form that asks (`picker` is the id of its field) and choose them.

    Answers with the fields, empty and closed again, and the event `picker:created`; when refused,
    with the fields and the reason. Without script it goes to the patient's page.
    """
    picker = _picker(request)
    form = QuickPatientForm(request.POST)
    chosen = _create(request, form)
    if chosen is None:
        return render(request, "patients/_quick.html", {"form": form, "picker": picker}, status=422)
    if not request.htmx:
        return redirect("patient", chosen.id)
    context = {"form": QuickPatientForm(), "picker": picker, "chosen": chosen}
    answer = render(request, "patients/_quick.html", context)
    detail = {"picker": picker, "id": str(chosen.id), "name": chosen.name}
    answer.headers["HX-Trigger"] = json.dumps({"picker:created": detail})
    return answer


def _create(request: PracticeRequest, form: QuickPatientForm) -> Chosen | None:
    if not form.is_valid():
        return None
    if same := form.cleaned_data["same_as"]:
        facts = patient_facts(practice_id=request.member.practice_id, patient_id=same)
        return Chosen(id=facts.id, name=facts.name)
    key = request.POST.get("key", "")[:90]
    try:
        created = create_patient(
            quick_command(form, request.member, key=f"{key}:patient" if key else ""),
            timezone.now(),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    return Chosen(id=created.patient_id, name=created.name)


def _picker(request: PracticeRequest) -> str:
    text = request.POST.get("picker", "patient")
    return "".join(c for c in text if c.isalnum() or c in "-_")[:40] or "patient"
