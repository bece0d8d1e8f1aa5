"""Patients: list, search, look up, create, change, archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, cast

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import (
    Day,
    Done,
    Email,
    Flag,
    Id,
    In,
    Line,
    QueryId,
    Remark,
    Short,
    Text,
)
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.people.models import Patient
from creditwell.people.operations import MergedAway, NoSuchChoice
from creditwell.people.queries import find_patients
from creditwell.people.rules import Nameless, NotAnAddress, NotBornYet, PatientDetails
from creditwell.usecases.archive_patient import ArchivePatient, archive_patient
from creditwell.usecases.create_patient import CreatePatient, LikelyDuplicate, create_patient
from creditwell.usecases.restore_patient import RestorePatient, restore_patient
from creditwell.usecases.update_patient import UpdatePatient, update_patient

patients = Routes("Patients")

REFUSALS = (Nameless, NotBornYet, NotAnAddress, NoSuchChoice)


class PatientWhole(In):
    """Everything that is known of a patient: nothing may be missing, so nothing is lost."""

    first_name: Line
    last_name: Line
    preferred_name: Line
    pronouns: Short
    date_of_birth: Day | None
    email: Email
    phone: Short
    other_phone: Short
    address: Text
    concession_id: Id | None
    alert: Remark
    notes: Text
    bill_to_id: Id | None = Field(description="The contact that invoices are addressed to.")
    invoice_to: Text = Field(description="Free text that invoices are addressed to.")
    invoice_email: Email
    referred_by_id: Id | None = Field(description="A contact.")


class PatientIn(In):
    """A new patient; `somebody_else` says that likely duplicates were seen and are others."""

    first_name: Line
    last_name: Line = ""
    preferred_name: Line = ""
    pronouns: Short = ""
    date_of_birth: Day | None = None
    email: Email = ""
    phone: Short = ""
    other_phone: Short = ""
    address: Text = ""
    concession_id: Id | None = None
    alert: Remark = ""
    notes: Text = ""
    bill_to_id: Id | None = Field(None, description="The contact that invoices are addressed to.")
    invoice_to: Text = Field("", description="Free text that invoices are addressed to.")
    invoice_email: Email = ""
    referred_by_id: Id | None = Field(None, description="A contact.")
    somebody_else: Flag = False


class PatientFilters(Page):
    """Which patients."""

    search: Annotated[str, Field(max_length=100, pattern="^[^\x00]*$")] | None = Field(
        None,
        description="Beginnings of names, digits of a phone number, an email address or a day of "
        "birth; the best 100 found, on one page, best first.",
    )
    archived: bool = Field(False, description="Only those put away.")


class PatientOut(TypedDict):
    """A patient; `payer_id` is who their money belongs to in the books."""

    id: int
    payer_id: int
    first_name: str
    last_name: str
    preferred_name: str
    pronouns: str
    date_of_birth: date | None
    email: str
    phone: str
    other_phone: str
    address: str
    concession_id: int | None
    alert: str
    notes: str
    bill_to_id: int | None
    invoice_to: str
    invoice_email: str
    referred_by_id: int | None
    merged_into_id: int | None
    archived_at: datetime | None
    created_at: datetime


class PatientCreated(TypedDict):
    """The new patient."""

    id: int
    payer_id: int
    name: str


class Changed(TypedDict):
    """The fields that are different now."""

    id: int
    changed: list[str]


@patients.get("/patients", needs="patients.view")
def list_patients(call: Call, filters: Query[PatientFilters]) -> Listed[PatientOut]:
    """List patients, or search them.

    Records merged into another are left out.
    """
    rows = Patient.objects.filter(practice_id=call.practice_id, merged_into__isnull=True)
    if filters.search is None:
        rows = rows.filter(archived_at__isnull=not filters.archived)
        return page_of(rows.values(*COLUMNS), filters, _shown)
    found = find_patients(
        practice_id=call.practice_id, text=filters.search, limit=100, archived=filters.archived
    )
    wanted = [line.id for line in found if line.archived == filters.archived]
    by_id = {row["id"]: row for row in rows.filter(pk__in=wanted).values(*COLUMNS)}
    kept = [by_id[pk] for pk in wanted if pk in by_id][: filters.limit]
    return {"data": _shown(kept), "has_more": False, "next_cursor": None}


@patients.get("/patients/{patient_id}", needs="patients.view")
def get_patient(call: Call, patient_id: QueryId) -> PatientOut:
    """Look a patient up."""
    rows = Patient.objects.filter(practice_id=call.practice_id, pk=patient_id)
    found = list(rows.values(*COLUMNS))
    if not found:
        raise NotFound
    return _shown(found)[0]


@patients.post("/patients", needs="patients.edit", refuses=(Invalid, *REFUSALS, LikelyDuplicate))
def new_patient(call: Call, body: PatientIn) -> PatientCreated:
    """Create a patient.

    Refuses when there is somebody very much like them, unless told that this is somebody else.
    """
    created = create_patient(
        CreatePatient(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            details=PatientDetails(**body.model_dump(exclude={"somebody_else"})),
            somebody_else=body.somebody_else,
        ),
        call.now,
    )
    return {"id": created.patient_id, "payer_id": created.payer_id, "name": created.name}


@patients.put("/patients/{patient_id}", needs="patients.edit", refuses=(Invalid, *REFUSALS))
def change_patient(call: Call, patient_id: QueryId, body: PatientWhole) -> Changed:
    """Write a patient anew.

    The body is the whole record, so that two programs cannot wipe out each other's fields unseen.
    """
    updated = update_patient(
        UpdatePatient(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            patient_id=patient_id,
            details=PatientDetails(**body.model_dump()),
        ),
        call.now,
    )
    return {"id": patient_id, "changed": updated.changed}


@patients.post("/patients/{patient_id}/archive", needs="patients.edit", status=200)
def put_patient_away(call: Call, patient_id: QueryId) -> Done:
    """Put a patient away. Money, invoices and history stay as they are."""
    archive_patient(
        ArchivePatient(
            practice_id=call.practice_id, by=call.by, key=call.key, patient_id=patient_id
        ),
        call.now,
    )
    return {"id": patient_id}


@patients.post(
    "/patients/{patient_id}/restore", needs="patients.edit", status=200, refuses=(MergedAway,)
)
def bring_patient_back(call: Call, patient_id: QueryId) -> Done:
    """Bring an archived patient back."""
    restore_patient(
        RestorePatient(
            practice_id=call.practice_id, by=call.by, key=call.key, patient_id=patient_id
        ),
        call.now,
    )
    return {"id": patient_id}


COLUMNS = tuple(PatientOut.__annotations__)


def _shown(rows: Sequence[Row]) -> list[PatientOut]:
    return [cast(PatientOut, row) for row in rows]
