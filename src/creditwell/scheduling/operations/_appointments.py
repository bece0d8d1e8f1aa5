"""A practitioner's time: given, moved, called off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, NotFound, Refusal, constraint_of
from creditwell.scheduling import queries, wording
from creditwell.scheduling.models import Appointment, AppointmentType, Practitioner, Series
from creditwell.scheduling.rules import OVER, Stretch, works_through
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.models import Location

NO_OVERLAP = "scheduling_appointment_no_overlap"


class DoubleBooked(Refusal):
    """The practitioner has another appointment at that time."""

    code = "double_booked"

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            sentence
            or _("The practitioner has another appointment at that time. Choose another time."),
            param="time",
        )


REFUSED_BY[NO_OVERLAP] = DoubleBooked


class NotWorking(Refusal):
    """Outside the practitioner's hours or in time off. Asked for "anyway", it is done."""

    code = "not_working"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, param="anyway")


class Settled(Refusal):
    """How the visit went is already written down, so its time stays what it was."""

    code = "settled"

    def __init__(self) -> None:
        super().__init__(
            _("This visit is already marked as over. Set it back to booked before changing it.")
        )


class IsCancelled(Refusal):
    """A cancelled appointment cannot be changed."""

    code = "is_cancelled"

    def __init__(self) -> None:
        super().__init__(_("This appointment is cancelled. Book it again, or undo cancelling it."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Who, where, for what and when."""

    practitioner: Practitioner
    location: Location
    kind: AppointmentType
    time: Stretch


def slot_of(
    *,
    practice_id: int,
    practitioner_id: int,
    location_id: int,
    type_id: int,
    starts_at: datetime,
    minutes: int | None = None,
) -> Slot:
    """
    Put a slot together; without `minutes` it is as long as the type says.

    :raises NotFound: naming the field, if the practice has no such practitioner, location or type
    """
    kind = AppointmentType.objects.filter(practice_id=practice_id, pk=type_id).first()
    practitioner = Practitioner.objects.filter(practice_id=practice_id, pk=practitioner_id).first()
    location = Location.objects.filter(practice_id=practice_id, pk=location_id).first()
    if kind is None:
        raise NotFound(param="appointment_type")
    if practitioner is None:
        raise NotFound(param="practitioner")
    if location is None:
        raise NotFound(param="location")
    length = timedelta(minutes=minutes or kind.duration_minutes)
    return Slot(
        practitioner=practitioner,
        location=location,
        kind=kind,
        time=Stretch(starts_at, starts_at + length),
    )


def require_working(*, facts: PracticeFacts, slot: Slot) -> None:
    """:raises NotWorking: outside the hours at that location, or in time off"""
    hours = queries.hours_of(practice_id=facts.id, practitioner_id=slot.practitioner.pk)
    here = [one.weekly for one in hours if one.location_id == slot.location.pk]
    gaps = {"name": slot.practitioner.name, **wording.span(slot.time, facts)}
    if hours and not (here and works_through(slot.time, here, facts.zone)):
        raise NotWorking(
            _("%(name)s does not work at %(location)s on %(day)s from %(from)s to %(to)s.")
            % {**gaps, "location": slot.location.name}
        )
    off = queries.blocks_between(
        practice_id=facts.id,
        since=slot.time.starts_at,
        until=slot.time.ends_at,
        practitioner_id=slot.practitioner.pk,
    )
    if off:
        reason = off[0].reason or _("time off")
        gaps = {"name": slot.practitioner.name, "reason": reason}
        gaps |= wording.span(Stretch(off[0].starts_at, off[0].ends_at), facts)
        raise NotWorking(_("%(name)s has %(reason)s on %(day)s from %(from)s to %(to)s.") % gaps)


def start_series(*, practice_id: int, every_weeks: int, at: datetime) -> Series:
    """Begin a series; its appointments are placed one by one."""
    return Series.objects.create(practice_id=practice_id, every_weeks=every_weeks, created_at=at)


def place(
    *,
    facts: PracticeFacts,
    slot: Slot,
    at: datetime,
    notes: str = "",
    series: Series | None = None,
) -> Appointment:
    """
    Give the practitioner's time away.

    :raises DoubleBooked: naming the other appointment's time; the transaction goes on
    """
    appointment = Appointment(
        practice_id=facts.id,
        practitioner=slot.practitioner,
        location=slot.location,
        appointment_type=slot.kind,
        starts_at=slot.time.starts_at,
        ends_at=slot.time.ends_at,
        notes=notes,
        series=series,
        created_at=at,
    )
    _save(appointment, facts, slot, insert=True)
    return appointment


def shift(
    *, facts: PracticeFacts, appointment: Appointment, slot: Slot, notes: str | None = None
) -> None:
    """
    Put an appointment to another slot.

    :raises IsCancelled: if it was cancelled
    :raises Settled: if the time changes and a visit in it is over
    :raises DoubleBooked: naming the other appointment's time
    """
    if appointment.status == Appointment.Status.CANCELLED:
        raise IsCancelled
    moved = (appointment.starts_at, appointment.practitioner_id) != (
        slot.time.starts_at,
        slot.practitioner.pk,
    )
    if moved and appointment.attendees.filter(status__in=OVER).exists():
        raise Settled
    appointment.practitioner = slot.practitioner
    appointment.location = slot.location
    appointment.appointment_type = slot.kind
    appointment.starts_at, appointment.ends_at = slot.time.starts_at, slot.time.ends_at
    if notes is not None:
        appointment.notes = notes
    _save(appointment, facts, slot, insert=False)


def revive(*, facts: PracticeFacts, appointment: Appointment) -> None:
    """
    Take the time of a cancelled appointment again.

    :raises DoubleBooked: if it has been given to another meanwhile
    """
    appointment.status = Appointment.Status.BOOKED
    slot = Slot(
        practitioner=appointment.practitioner,
        location=appointment.location,
        kind=appointment.appointment_type,
        time=Stretch(appointment.starts_at, appointment.ends_at),
    )
    _save(appointment, facts, slot, insert=False)


def _save(appointment: Appointment, facts: PracticeFacts, slot: Slot, *, insert: bool) -> None:
    try:
        with transaction.atomic():
            appointment.save(force_insert=insert, force_update=not insert)
    except IntegrityError as error:
        if constraint_of(error) != NO_OVERLAP:
            raise
        raise _double_booked(appointment, facts, slot) from error


def _double_booked(appointment: Appointment, facts: PracticeFacts, slot: Slot) -> DoubleBooked:
    """Say what is there; it is committed, or the database would have waited for it."""
    other = (
        Appointment.objects.filter(
            practice_id=facts.id,
            practitioner_id=slot.practitioner.pk,
            starts_at__lt=slot.time.ends_at,
            ends_at__gt=slot.time.starts_at,
        )
        .exclude(status=Appointment.Status.CANCELLED)
        .exclude(pk=appointment.pk)
        .order_by("starts_at")
        .first()
    )
    if other is None:
        return DoubleBooked()
    gaps = wording.span(Stretch(other.starts_at, other.ends_at), facts)
    return DoubleBooked(
        _(
            "%(name)s already has an appointment on %(day)s from %(from)s to %(to)s. "
            "Choose another time."
        )
        % {"name": slot.practitioner.name, **gaps}
    )


def lock_appointment(*, practice_id: int, appointment_id: int) -> Appointment:
    """
    Get an appointment and hold it until the transaction ends.

    :raises NotFound: if this practice has no such appointment
    """
    found = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("practitioner", "location", "appointment_type")
        .filter(practice_id=practice_id, pk=appointment_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def lock_later_of_series(*, appointment: Appointment) -> list[Appointment]:
    """Booked appointments of the same series after this one, by time, held."""
    if appointment.series_id is None:
        return []
    return list(
        Appointment.objects.select_for_update(of=("self",))
        .filter(
            practice_id=appointment.practice_id,
            series_id=appointment.series_id,
            starts_at__gt=appointment.starts_at,
            status=Appointment.Status.BOOKED,
        )
        .order_by("starts_at", "id")
    )


def call_off(*, appointment: Appointment) -> None:
    """
    Cancel an appointment, which frees its time. Its attendees are the caller's to tell.

    :raises IsCancelled: if it was already
    :raises Settled: if a visit in it is over
    """
    if appointment.status == Appointment.Status.CANCELLED:
        raise IsCancelled
    if appointment.attendees.filter(status__in=OVER).exists():
        raise Settled
    appointment.status = Appointment.Status.CANCELLED
    appointment.save(update_fields=["status"])
