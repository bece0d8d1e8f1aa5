"""Pages of families."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from creditwell.kernel.errors import Refusal
from creditwell.people.families import NewMember, NotInFamily, usual_name
from creditwell.people.operations import MergedAway
from creditwell.people.queries import patient_facts
from creditwell.people.queries_families import family_facts
from creditwell.usecases.add_family_member import AddFamilyMember, add_family_member
from creditwell.usecases.create_family import CreateFamily, create_family
from creditwell.usecases.remove_family_member import RemoveFamilyMember, remove_family_member
from creditwell.usecases.rename_family import RenameFamily, rename_family
from creditwell.web.calendar.picking import Picked, picked_patient
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.families.forms import FamilyForm, MemberForm, NameForm
from creditwell.web.families.pages import family_page
from creditwell.web.patients.quick import QuickPatientForm


@require_GET
@door("patients.view")
def family(request: PracticeRequest, pk: int) -> HttpResponse:
    """Members with their credit, and who may use whose."""
    return render(
        request, "families/family.html", {"page": family_page(request.member, pk, timezone.now())}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.edit")
def family_new(request: PracticeRequest, pk: int) -> HttpResponse:
    """Make a family of a patient and, if one is chosen, a second one."""
    member, posted = request.member, request.method == "POST"
    patient = patient_facts(practice_id=member.practice_id, patient_id=pk)
    if patient.merged_into_id is not None:
        raise MergedAway
    first = patient.details.preferred_name or patient.details.first_name
    form = FamilyForm(
        request.POST if posted else None,
        first_name=first,
        name=usual_name(patient.details.last_name, patient.name),
    )
    key = request.POST.get("key", "")[:90] or uuid4().hex
    quick = QuickPatientForm(request.POST if posted else None)
    picked = picked_patient(request, quick, key=key, now=timezone.now()) if posted else Picked()
    if posted and form.is_valid() and _settled(picked, quick, needed=False):
        members = [NewMember(patient_id=pk, relation=form.cleaned_data["own_relation"])]
        if picked.id is not None:
            members.append(NewMember(patient_id=picked.id, relation=form.cleaned_data["relation"]))
        command = CreateFamily(
            practice_id=member.practice_id,
            by=member.actor,
            key=key,
            name=form.cleaned_data["name"],
            members=tuple(members),
        )
        try:
            created = create_family(command, timezone.now())
        except Refusal as refusal:
            picked = _refuse(form, picked, refusal)
        else:
            messages.success(request, _("Family created. Now say who may use whose credit."))
            return redirect("family", created.family_id)
    context = {"form": form, "patient": patient, "picked": picked, "quick": quick, "key": key}
    return _answer(request, "families/new.html", context, posted=posted)


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.edit")
def family_rename(request: PracticeRequest, pk: int) -> HttpResponse:
    """Call a family otherwise."""
    facts = family_facts(practice_id=request.member.practice_id, family_id=pk)
    form = NameForm(request.POST or None, initial={"name": facts.name})
    if request.method == "POST" and form.is_valid():
        command = RenameFamily(
            practice_id=request.member.practice_id,
            by=request.member.actor,
            family_id=pk,
            name=form.cleaned_data["name"],
        )
        try:
            rename_family(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Name saved."))
            return redirect("family", pk)
    context = {"form": form, "family": facts}
    return _answer(request, "families/rename.html", context, posted=form.is_bound)


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.edit")
def family_add(request: PracticeRequest, pk: int) -> HttpResponse:
    """Add a patient, found by three letters or created on the way."""
    member, posted = request.member, request.method == "POST"
    facts = family_facts(practice_id=member.practice_id, family_id=pk)
    form = MemberForm(request.POST if posted else None)
    key = request.POST.get("key", "")[:90] or uuid4().hex
    quick = QuickPatientForm(request.POST if posted else None)
    picked = picked_patient(request, quick, key=key, now=timezone.now()) if posted else Picked()
    if posted and not _settled(picked, quick, needed=True) and not picked.asked_to_find:
        picked = picked.with_error(_("Choose the patient who joins the family."))
    elif posted and form.is_valid() and picked.id:
        command = AddFamilyMember(
            practice_id=member.practice_id,
            by=member.actor,
            key=key,
            family_id=pk,
            patient_id=picked.id,
            relation=form.cleaned_data["relation"],
        )
        try:
            add_family_member(command, timezone.now())
        except Refusal as refusal:
            picked = _refuse(form, picked, refusal)
        else:
            messages.success(request, _("%(name)s is in the family now.") % {"name": picked.name})
            return redirect("family", pk)
    context = {"form": form, "family": facts, "picked": picked, "quick": quick, "key": key}
    return _answer(request, "families/add.html", context, posted=posted)


@require_http_methods(["GET", "HEAD", "POST"])
@door("credit.share")
def family_remove(request: PracticeRequest, pk: int, patient: int) -> HttpResponse:
    """Ask, then take a patient out of the family; permissions with the others end."""
    page = family_page(request.member, pk, timezone.now())
    leaving = next((one for one in page.members if one.id == patient), None)
    if leaving is None:
        raise NotInFamily
    if request.method != "POST":
        return render(request, "families/remove.html", {"page": page, "leaving": leaving})
    command = RemoveFamilyMember(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        family_id=pk,
        patient_id=patient,
    )
    removed = remove_family_member(command, timezone.now())
    number = len(removed.ended)
    messages.success(
        request,
        ngettext(
            "Removed. %(number)d permission ended.",
            "Removed. %(number)d permissions ended.",
            number,
        )
        % {"number": number}
        if number
        else _("Removed from the family."),
    )
    return redirect("patient", patient) if removed.dissolved else redirect("family", pk)


def _settled(picked: Picked, quick: QuickPatientForm, *, needed: bool) -> bool:
    """Whether it is clear who is meant: somebody, or nobody where that will do."""
    if picked.asked_to_find or (quick.wanted and picked.id is None):
        return False
    return picked.id is not None or not (needed or picked.query)


def _refuse(form: FamilyForm | MemberForm, picked: Picked, refusal: Refusal) -> Picked:
    if refusal.param == "patient":
        return picked.with_error(refusal.sentence)
    form.refuse(refusal)
    return picked


def _answer(
    request: PracticeRequest, template: str, context: dict[str, object], *, posted: bool
) -> HttpResponse:
    page = {**context, "may_create": request.member.may("patients.edit")}
    return render(request, template, page, status=422 if posted else 200)
