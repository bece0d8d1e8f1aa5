"""Book a visit, or a series of visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations, wording
from creditwell.scheduling.models import Appointment, Series
from creditwell.scheduling.rules import Repeat, repeated
from creditwell.tenancy.access import Actor, PracticeFacts, practice_facts


class DatesTaken(Refusal):
    """Some visits of a series cannot be booked; none was."""

    code = "dates_taken"

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(
            _("Nothing was booked, because not every date is free: %(dates)s")
            % {"dates": " ".join(sentences)},
            param="only_free",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAppointment:
    """
    `patient_id` may be left out for a group that fills up later. `minutes` is as the type says when
    None. `anyway` books outside working hours too; `only_free` leaves out taken dates of a series.
    """

    practice_id: int
    by: Actor
    key: str = ""
    patient_id: int | None
    practitioner_id: int
    location_id: int
    type_id: int
    starts_at: datetime
    minutes: int | None = None
    notes: str = ""
    repeat: Repeat | None = None
    anyway: bool = False
    only_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBooked:
    """The first appointment and its attendee, all of them, and the days left out."""

    appointment_id: int
    attendee_id: int | None
    appointment_ids: list[int]
    left_out: list[str]


@usecase(AppointmentBooked)
def book_appointment(command: BookAppointment, now: datetime) -> AppointmentBooked:
    """
    Give a practitioner's time to a patient, once or every so many weeks.

    :raises NotFound: naming the field, if practitioner, location, type or patient is not there
    :raises DoubleBooked: if the time is taken
    :raises NotWorking: outside working hours or in time off, unless `anyway`
    :raises DatesTaken: if a date of a series is not free, unless `only_free`
    :raises WrongRepeat, NoSuchTime: if the series cannot be meant
    """
    facts = practice_facts(command.practice_id)
    starts = repeated(command.starts_at, command.repeat, facts.zone)
    series = None
    if command.repeat is not None and len(starts) > 1:
        series = operations.start_series(
            practice_id=facts.id, every_weeks=command.repeat.every_weeks, at=now
        )
    placed: list[Appointment] = []
    refused: list[tuple[str, Refusal]] = []
    for starts_at in starts:
        try:
            placed.append(_place(command, facts, starts_at, series, now))
        except (operations.DoubleBooked, operations.NotWorking) as refusal:
            if series is None:
                raise
            refused.append((wording.day(starts_at, facts), refusal))
    if refused and not (command.only_free and placed):
        raise DatesTaken([refusal.sentence for _day, refusal in refused])
    attendees = [_join(command, appointment, now) for appointment in placed]
    _tell(command, placed, now)
    return AppointmentBooked(
        appointment_id=placed[0].pk,
        attendee_id=attendees[0],
        appointment_ids=[appointment.pk for appointment in placed],
        left_out=[day for day, _refusal in refused],
    )


def _place(
    command: BookAppointment,
    facts: PracticeFacts,
    starts_at: datetime,
    series: Series | None,
    now: datetime,
) -> Appointment:
    slot = operations.slot_of(
        practice_id=command.practice_id,
        practitioner_id=command.practitioner_id,
        location_id=command.location_id,
        type_id=command.type_id,
        starts_at=starts_at,
        minutes=command.minutes,
    )
    if not command.anyway:
        operations.require_working(facts=facts, slot=slot)
    return operations.place(facts=facts, slot=slot, at=now, notes=command.notes, series=series)


def _join(command: BookAppointment, appointment: Appointment, now: datetime) -> int | None:
    if command.patient_id is None and appointment.appointment_type.max_attendees > 1:
        return None
    attendee = operations.join(appointment=appointment, patient_id=command.patient_id or 0, at=now)
    return attendee.pk


def _tell(command: BookAppointment, placed: list[Appointment], now: datetime) -> None:
    for appointment in placed:
        note(
            "book_appointment",
            ("appointment", appointment.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={
                "starts_at": appointment.starts_at.isoformat(),
                "practitioner_id": appointment.practitioner_id,
                "patient_id": command.patient_id,
                "series_id": appointment.series_id,
            },
        )
        emit(
            "appointment.booked",
            {"appointment_id": appointment.pk},
            practice_id=command.practice_id,
            at=now,
        )
