"""A patient asks for the account statement by email."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.people.models import Patient
from creditwell.tenancy.access import Actor
from creditwell.usecases.email_receipt import checked_address


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailStatement:
    """The account from one day to another, both included."""

    practice_id: int
    key: str
    by: Actor
    patient_id: int
    since: date
    until: date
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAsked:
    patient_id: int


@usecase(StatementAsked)
def email_statement(command: EmailStatement, now: datetime) -> StatementAsked:
    """
    Ask for the statement to be sent; the worker writes and sends it.

    :raises NotFound: if the patient is not of this practice
    :raises Invalid: without an email address, or when the days are the wrong way round
    """
    to = checked_address(command.to)
    if command.since > command.until:
        raise Invalid(_("The first day comes after the last. Swap them."), param="since")
    if not Patient.objects.filter(practice_id=command.practice_id, pk=command.patient_id).exists():
        raise NotFound
    days = {"since": command.since.isoformat(), "until": command.until.isoformat()}
    note(
        "email_statement",
        ("patient", command.patient_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details=days,
    )
    emit(
        "statement.email_requested",
        {"patient_id": command.patient_id, "to": to, **days},
        practice_id=command.practice_id,
        at=now,
    )
    return StatementAsked(patient_id=command.patient_id)
