"""Appointments and who comes to them."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Query
from pydantic import Field

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Done, Flag, Id, In, Moment, QueryId, Reason, Text
from creditwell.api.v1.appointment_answers import (
    AppointmentOut,
    AttendeeStatus,
    Booked,
    Cancelled,
    package_of_visit,
    shown,
)
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.packages.booking import FIRST, Choice, LimitReached, NoSuchSession, SessionGone
from creditwell.packages.forfeiting import BY_RULE, Keeping, WaiverReason, WrongPercent
from creditwell.packages.holding import ChangedMeanwhile
from creditwell.scheduling.models import Appointment, Attendee, CancelReason
from creditwell.scheduling.operations import (
    AlreadyComing,
    DoubleBooked,
    GroupFull,
    HasInvoice,
    IsCancelled,
    NotAllowedNow,
    NotWorking,
    NotYetDay,
    Settled,
)
from creditwell.scheduling.queries import appointment_brief, appointments_with_ids
from creditwell.scheduling.rules import NoSuchTime, Repeat, WrongRepeat
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import BookAppointment, DatesTaken, book_appointment
from creditwell.usecases.cancel_appointment import CancelAppointment, cancel_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.mark_attendance import (
    MarkAttendance,
    mark_arrived,
    mark_completed,
    mark_did_not_arrive,
)
from creditwell.usecases.move_appointment import MoveAppointment, move_appointment
from creditwell.usecases.remove_attendee import RemoveAttendee, remove_attendee
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance

appointments = Routes("Appointments")

NAMES = {
    "type": "appointment_type_id",
    "patient": "patient_id",
    "practitioner": "practitioner_id",
    "location": "location_id",
    "time": "starts_at",
    "repeat_count": "repeat",
}
Why = Annotated[str, Field(pattern=f"^({'|'.join(CancelReason.values)})$")]
MARKS = {
    "arrived": mark_arrived,
    "completed": mark_completed,
    "did_not_arrive": mark_did_not_arrive,
}


TAKEN = (NoSuchSession, LimitReached, SessionGone, ChangedMeanwhile)
"""What may be refused because of the package that a visit uses."""
KEPT = (WrongPercent, WaiverReason, ChangedMeanwhile)
"""And because of what is kept of its session."""


class RepeatIn(In):
    """The same visit every so many weeks, so many times in all."""

    every_weeks: Annotated[int, Field(ge=1, le=52, strict=True)]
    count: Annotated[int, Field(ge=1, le=52, strict=True)]


class PackageChoice(In):
    """Which package the visit uses: one that is named, or (`none`) no package at all."""

    none: Flag = False
    package_id: Id | None = None
    part_id: Id | None = None


class KeepIn(In):
    """
    What is kept of a package's session, in percent; as its rule says unless sent. What differs from
    the rule wants a reason.
    """

    percent: Annotated[int, Field(ge=0, le=100, strict=True)]
    reason: Reason = ""


class AppointmentIn(In):
    """
    A visit to book. `anyway` books outside working hours too; `only_free` leaves out the dates of a
    series that are taken. Without a patient it is a group that fills up later.
    """

    practitioner_id: Id
    location_id: Id
    appointment_type_id: Id
    starts_at: Moment
    patient_id: Id | None = None
    minutes: Annotated[int, Field(ge=5, le=1440, strict=True)] | None = Field(
        None, description="As the type says unless sent."
    )
    notes: Text = ""
    repeat: RepeatIn | None = None
    anyway: Flag = False
    only_free: Flag = False
    package: PackageChoice | None = Field(None, description="The first that is good for it.")


class MoveIn(In):
    """Where it goes; it stays as long as it was."""

    starts_at: Moment
    practitioner_id: Id | None = None
    anyway: Flag = False


class CancelIn(In):
    """Why; `later_too` cancels what follows in the series as well."""

    reason: Why
    comment: Reason = ""
    later_too: Flag = False
    keep: KeepIn | None = None


class AttendeeIn(In):
    """Who comes too."""

    patient_id: Id
    package: PackageChoice | None = Field(None, description="The first that is good for it.")


class StatusIn(In):
    """
    `reason` (and `comment`) only with `cancelled`, `keep` also with `did_not_arrive`; `booked`
    takes a mark back. `anyway` marks a visit on a day to come as well.
    """

    status: Annotated[str, Field(pattern="^(booked|arrived|completed|did_not_arrive|cancelled)$")]
    reason: Why | None = None
    comment: Reason = ""
    keep: KeepIn | None = None
    anyway: Flag = False


class AppointmentFilters(Page):
    """Which appointments: those that touch the stretch from `since` up to `until`."""

    since: Moment | None = None
    until: Moment | None = None
    practitioner_id: QueryId | None = None
    location_id: QueryId | None = None
    patient_id: QueryId | None = None


@appointments.get("/appointments", needs="calendar.view")
def list_appointments(call: Call, filters: Query[AppointmentFilters]) -> Listed[AppointmentOut]:
    """List appointments, cancelled ones too."""
    wanted: dict[str, Any] = {
        "ends_at__gt": filters.since,
        "starts_at__lt": filters.until,
        "practitioner_id": filters.practitioner_id,
        "location_id": filters.location_id,
    }
    chosen = {name: value for name, value in wanted.items() if value is not None}
    rows = Appointment.objects.filter(practice_id=call.practice_id, **chosen)
    if filters.patient_id is not None:
        theirs = Attendee.objects.filter(
            practice_id=call.practice_id, patient_id=filters.patient_id
        )
        rows = rows.filter(pk__in=theirs.values("appointment_id"))
    return page_of(
        rows.values("id"),
        filters,
        lambda found: shown(
            call.practice_id,
            appointments_with_ids(
                practice_id=call.practice_id, appointment_ids=[row["id"] for row in found]
            ),
        ),
    )


@appointments.get("/appointments/{appointment_id}", needs="calendar.view")
def get_appointment(call: Call, appointment_id: QueryId) -> AppointmentOut:
    """Look an appointment up."""
    one = appointment_brief(practice_id=call.practice_id, appointment_id=appointment_id)
    return shown(call.practice_id, [one])[0]


@appointments.post(
    "/appointments",
    needs="appointments.edit",
    refuses=(
        NotFound,
        Invalid,
        DoubleBooked,
        NotWorking,
        DatesTaken,
        WrongRepeat,
        NoSuchTime,
        *TAKEN,
    ),
    names=NAMES,
)
def create_appointment(call: Call, body: AppointmentIn) -> Booked:
    """Book a visit, or a series of visits."""
    repeat = body.repeat
    booked = book_appointment(
        BookAppointment(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            patient_id=body.patient_id,
            practitioner_id=body.practitioner_id,
            location_id=body.location_id,
            type_id=body.appointment_type_id,
            starts_at=body.starts_at,
            minutes=body.minutes,
            notes=body.notes,
            repeat=Repeat(every_weeks=repeat.every_weeks, count=repeat.count) if repeat else None,
            anyway=body.anyway,
            only_free=body.only_free,
            package=_choice(body.package),
        ),
        call.now,
    )
    return {
        "id": booked.appointment_id,
        "attendee_id": booked.attendee_id,
        "appointment_ids": booked.appointment_ids,
        "left_out": booked.left_out,
    }


@appointments.post(
    "/appointments/{appointment_id}/move",
    needs="appointments.edit",
    status=200,
    refuses=(Invalid, DoubleBooked, NotWorking, IsCancelled, Settled),
    names=NAMES,
)
def shift_appointment(call: Call, appointment_id: QueryId, body: MoveIn) -> Done:
    """Move an appointment to another time or practitioner."""
    move_appointment(
        MoveAppointment(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            appointment_id=appointment_id,
            starts_at=body.starts_at,
            practitioner_id=body.practitioner_id,
            anyway=body.anyway,
        ),
        call.now,
    )
    return {"id": appointment_id}


@appointments.post(
    "/appointments/{appointment_id}/cancel",
    needs="appointments.edit",
    status=200,
    refuses=(Invalid, IsCancelled, Settled, *KEPT),
)
def call_appointment_off(call: Call, appointment_id: QueryId, body: CancelIn) -> Cancelled:
    """Cancel an appointment with everybody in it."""
    cancelled = cancel_appointment(
        CancelAppointment(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            appointment_id=appointment_id,
            reason=body.reason,
            comment=body.comment,
            later_too=body.later_too,
            keeping=_keeping(body.keep),
        ),
        call.now,
    )
    return {"appointment_ids": cancelled.appointment_ids}


@appointments.post(
    "/appointments/{appointment_id}/attendees",
    needs="appointments.edit",
    refuses=(Invalid, GroupFull, AlreadyComing, IsCancelled, *TAKEN),
    names=NAMES,
)
def create_attendee(call: Call, appointment_id: QueryId, body: AttendeeIn) -> AttendeeStatus:
    """Give a patient a place in a group."""
    added = add_attendee(
        AddAttendee(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            appointment_id=appointment_id,
            patient_id=body.patient_id,
            package=_choice(body.package),
        ),
        call.now,
    )
    return _status(call, added.attendee_id, appointment_id, "booked")


@appointments.delete(
    "/attendees/{attendee_id}", needs="appointments.edit", refuses=(NotAllowedNow, HasInvoice)
)
def delete_attendee(call: Call, attendee_id: QueryId) -> Done:
    """Take somebody out of a group who was put in by mistake."""
    remove_attendee(
        RemoveAttendee(
            practice_id=call.practice_id, by=call.by, key=call.key, attendee_id=attendee_id
        ),
        call.now,
    )
    return {"id": attendee_id}


@appointments.post(
    "/attendees/{attendee_id}/status",
    needs="appointments.edit",
    status=200,
    refuses=(Invalid, NotAllowedNow, NotYetDay, DoubleBooked, GroupFull, AlreadyComing, *KEPT),
)
def set_attendee_status(call: Call, attendee_id: QueryId, body: StatusIn) -> AttendeeStatus:
    """Say that a patient arrived, was treated, did not arrive or cancelled, or take it back."""
    common: dict[str, Any] = {
        "practice_id": call.practice_id,
        "by": call.by,
        "key": call.key,
        "attendee_id": attendee_id,
    }
    done: Any
    if body.status == "cancelled":
        why = body.reason or CancelReason.OTHER.value
        done = cancel_attendance(
            CancelAttendance(
                **common, reason=why, comment=body.comment, keeping=_keeping(body.keep)
            ),
            call.now,
        )
    elif body.status == "booked":
        done = reset_attendance(ResetAttendance(**common), call.now)
    else:
        done = MARKS[body.status](
            MarkAttendance(**common, keeping=_keeping(body.keep), anyway=body.anyway), call.now
        )
    return _status(call, attendee_id, done.appointment_id, body.status)


def _choice(package: PackageChoice | None) -> Choice:
    return FIRST if package is None else choice_of(**package.model_dump())


def choice_of(*, package_id: int | None, part_id: int | None, none: bool = False) -> Choice:
    """:raises Invalid: if what was sent contradicts itself"""
    if part_id is not None and package_id is None:
        raise Invalid(_("Say which package the part is of, too."), param="package_id")
    if none and package_id is not None:
        raise Invalid(_("Send either a package, or that none is used."), param="package_id")
    return Choice(package_id=package_id, part_id=part_id, none=none)


def _keeping(keep: KeepIn | None) -> Keeping:
    return BY_RULE if keep is None else Keeping(percent=keep.percent, reason=keep.reason)


def _status(call: Call, attendee_id: int, appointment_id: int, status: str) -> AttendeeStatus:
    return {
        "id": attendee_id,
        "appointment_id": appointment_id,
        "status": status,
        "package": package_of_visit(call.practice_id, attendee_id),
    }
