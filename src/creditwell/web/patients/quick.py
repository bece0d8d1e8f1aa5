"""
A new patient inside another form: payment, booking, invoice.

The host form shows `<c-patient-quick :form="quick" picker="patient" />` below its patient picker
and asks `chosen_patient` for whom it is about. That works with and without script: with it, the
row 'Create "Ilona Szym"' of the picker opens the fields here and a button creates at once
(`patient_quick_create`); without it, the fields are sent together with the host form.

    quick = QuickPatientForm(request.POST or None)
    patient_id = chosen_patient(request, quick, key=form_key, now=now)
    if patient_id is None:      # neither chosen nor created: show the page again, quick says why
        ...
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from creditwell.kernel.errors import Refusal
from creditwell.people.queries import Duplicate
from creditwell.people.rules import PatientDetails, split_name
from creditwell.tenancy.access import Member
from creditwell.usecases.create_patient import CreatePatient, LikelyDuplicate, create_patient
from creditwell.web.components.fields import Form
from creditwell.web.door.requests import PracticeRequest

HIGHEST_ID = 2**63


class QuickPatientForm(Form):
    """
    The least that makes a patient; all optional, for the host form may be about somebody else.

    After a refusal `duplicates` holds the records that look like the same person: the template
    offers them (`same_as`) beside "this is somebody else".
    """

    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("Email"), required=False)
    somebody_else = forms.BooleanField(label=_("No, this is somebody else"), required=False)
    same_as = forms.IntegerField(required=False, min_value=1, max_value=HIGHEST_ID - 1)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "new")
        super().__init__(data, **kwargs)
        self.fields["name"].widget.attrs.update({"autocomplete": "off", "data-quick-name": ""})
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        self.duplicates: list[Duplicate] = []

    @property
    def wanted(self) -> bool:
        """Whether anything was typed that asks for a new patient."""
        names = ("name", "phone", "email")
        return self.is_bound and any(self.data.get(self.add_prefix(name)) for name in names)

    def refuse(self, refusal: Refusal) -> None:
        """As in every form, but the name is one field here."""
        if isinstance(refusal, LikelyDuplicate):
            self.duplicates = refusal.duplicates
        field = {"first_name": "name"}.get(refusal.param, refusal.param)
        self.add_error(field if field in self.fields else None, refusal.sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The patient that a form is about."""

    id: int
    name: str


def quick_command(form: QuickPatientForm, member: Member, *, key: str) -> CreatePatient:
    """What a valid form asks for."""
    first, last = split_name(form.cleaned_data["name"])
    return CreatePatient(
        practice_id=member.practice_id,
        by=member.actor,
        key=key,
        details=PatientDetails(
            first_name=first,
            last_name=last,
            phone=form.cleaned_data["phone"],
            email=form.cleaned_data["email"],
        ),
        somebody_else=form.cleaned_data["somebody_else"],
    )


def chosen_patient(
    request: PracticeRequest,
    quick: QuickPatientForm,
    *,
    key: str,
    now: datetime,
    name: str = "patient",
) -> int | None:
    """
    Id of the patient that a sent form is about: picked, one of the likely ones, or just created.

    `key` is the idempotency key of the host form. None when nobody was chosen, or when the new
    patient was refused; then `quick.errors` and `quick.duplicates` say why. The id is not proven
    to be of this practice: the host's own access check does that.

    :raises Forbidden: if a patient is to be created by somebody who may not
    """
    if (picked := as_id(request.POST.get(name, ""))) is not None:
        return picked
    if not quick.wanted or not quick.is_valid():
        return None
    if quick.cleaned_data["same_as"]:
        return int(quick.cleaned_data["same_as"])
    request.member.require("patients.edit")
    quick_key = f"{key}:patient" if key else ""
    try:
        created = create_patient(quick_command(quick, request.member, key=quick_key), now)
    except Refusal as refusal:
        quick.refuse(refusal)
        return None
    return created.patient_id


def as_id(text: str) -> int | None:
    """A number that can be the id of a row, or None."""
    if text.isascii() and text.isdigit() and 0 < int(text[:20]) < HIGHEST_ID and len(text) < 20:
        return int(text)
    return None
