"""A patient, a family or a funder asks for the account statement by email."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.people.models import Contact, Family, Patient
from creditwell.tenancy.access import Actor
from creditwell.usecases.email_receipt import checked_address


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailStatement:
    """The account from one day to another, both included; exactly one of the three ids."""

    practice_id: int
    key: str
    by: Actor
    since: date
    until: date
    to: str
    patient_id: int | None = None
    family_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAsked:
    patient_id: int | None
    family_id: int | None
    contact_id: int | None


@usecase(StatementAsked)
def email_statement(command: EmailStatement, now: datetime) -> StatementAsked:
    """
    Ask for the statement to be sent; the worker writes and sends it.

    :raises NotFound: if whose statement it is is not of this practice
    :raises Invalid: without an email address, or when the days are the wrong way round
    """
    to = checked_address(command.to)
    if command.since > command.until:
        raise Invalid(_("The first day comes after the last. Swap them."), param="since")
    kind, pk = _whose(command)
    days = {"since": command.since.isoformat(), "until": command.until.isoformat()}
    note(
        "email_statement",
        (kind, pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details=days,
    )
    emit(
        "statement.email_requested",
        {f"{kind}_id": pk, "to": to, **days},
        practice_id=command.practice_id,
        at=now,
    )
    return StatementAsked(
        patient_id=command.patient_id,
        family_id=command.family_id,
        contact_id=command.contact_id,
    )


def _whose(command: EmailStatement) -> tuple[str, int]:
    models: dict[str, type[Patient | Family | Contact]] = {
        "patient": Patient,
        "family": Family,
        "contact": Contact,
    }
    asked = [(kind, getattr(command, f"{kind}_id")) for kind in models]
    ((kind, pk),) = [(kind, pk) for kind, pk in asked if pk is not None]
    found = models[kind]._default_manager.filter(practice_id=command.practice_id, pk=pk)
    if not found.exists():
        raise NotFound
    return kind, pk
