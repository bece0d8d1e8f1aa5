"""Book a visit, or a series of visits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.booking import FIRST, Choice, NoSuchSession
from creditwell.packages.holding import hold_for_patient
from creditwell.scheduling import operations, wording
from creditwell.scheduling.models import Appointment, Attendee, Series
from creditwell.scheduling.rules import Repeat, repeated
from creditwell.tenancy.access import Actor, PracticeFacts, Written, practice_facts
from creditwell.usecases import _sessions


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
    `package` says which package the visits use; as a rule the first that is good for each of them.
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
    package: Choice = FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBooked:
    """
    The first appointment and its attendee, all of them, the days left out, and which appointments
    use a session of a package.
    """

    appointment_id: int
    attendee_id: int | None
    appointment_ids: list[int]
    left_out: list[str]
    covered_ids: list[int] = field(default_factory=list)


@usecase(AppointmentBooked)
def book_appointment(command: BookAppointment, now: datetime) -> AppointmentBooked:
    """
    Give a practitioner's time to a patient, once or every so many weeks.

    :raises NotFound: naming the field, if practitioner, location, type or patient is not there
    :raises DoubleBooked: if the time is taken
    :raises NotWorking: outside working hours or in time off, unless `anyway`
    :raises DatesTaken: if a date of a series is not free, unless `only_free`
    :raises WrongRepeat, NoSuchTime: if the series cannot be meant
    :raises NoSuchSession: if a package was named that is not good for the first visit
    """
    facts = _hold(command)
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
    covered = _cover(command, facts, [one for one in attendees if one is not None], now)
    _tell(command, placed, now)
    return AppointmentBooked(
        appointment_id=placed[0].pk,
        attendee_id=attendees[0].pk if attendees[0] else None,
        appointment_ids=[appointment.pk for appointment in placed],
        left_out=[day for day, _refusal in refused],
        covered_ids=covered,
    )


def _hold(command: BookAppointment) -> PracticeFacts:
    if command.patient_id is None:
        return practice_facts(command.practice_id)
    return hold_for_patient(practice_id=command.practice_id, patient_id=command.patient_id)


def _cover(
    command: BookAppointment, facts: PracticeFacts, attendees: list[Attendee], now: datetime
) -> list[int]:
    """
    Sessions for the visits, in order; appointments that have one. A package that was named has to
    be good for the first visit; later ones of a series fall back on the next.
    """
    covered = []
    written = Written(command.by, now)
    for n, attendee in enumerate(attendees):
        try:
            package_id = _sessions.book(facts, attendee, command.package, written=written)
        except NoSuchSession:
            if n == 0:
                raise
            package_id = _sessions.book(facts, attendee, FIRST, written=written)
        if package_id is not None:
            covered.append(attendee.appointment_id)
    return covered


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


def _join(command: BookAppointment, appointment: Appointment, now: datetime) -> Attendee | None:
    if command.patient_id is None and appointment.appointment_type.max_attendees > 1:
        return None
    return operations.join(appointment=appointment, patient_id=command.patient_id or 0, at=now)


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
