"""For whom a booking is: picked from the list, found without script, or created on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.people.models import Patient
from creditwell.tenancy.access import access
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.finding import PatientRow, found_patients
from creditwell.web.patients.quick import QuickPatientForm, chosen_patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """`query` is what was typed, `found` whom it may mean; `error` stands below the field."""

    id: int | None = None
    name: str = ""
    query: str = ""
    error: str = ""
    asked_to_find: bool = False
    found: tuple[PatientRow, ...] = ()

    @property
    def refused(self) -> bool:
        return bool(self.error)

    def with_error(self, sentence: str) -> Picked:
        return replace(self, error=sentence)


def picked_patient(
    request: PracticeRequest, quick: QuickPatientForm, *, key: str, now: datetime
) -> Picked:
    """
    Read who was chosen; a new patient is created here, before the booking is tried.

    :raises NotFound: if this practice has no such patient
    """
    query = request.POST.get("patient-q", "").strip()[:80]
    if "find-patient" in request.POST:
        found = tuple(found_patients(request.member, query, now)) if query else ()
        return Picked(query=query, asked_to_find=True, found=found)
    pk = chosen_patient(request, quick, key=key, now=now)
    if pk is None:
        return Picked(query=query)
    patient = access(Patient, request.member, pk, "patients.view")
    return Picked(id=pk, name=patient.payer.name)


def two_chosen() -> str:
    """Refuse one of the family with somebody else beside them: neither is taken silently."""
    return _(
        "You chose one of the family, and somebody else as well. Choose “Somebody else”, or clear "
        "the name."
    )
