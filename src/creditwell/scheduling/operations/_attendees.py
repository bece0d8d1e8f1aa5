"""Who comes to an appointment, and how it went."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, NotFound, Refusal, constraint_of
from creditwell.people.models import Patient
from creditwell.scheduling.models import Appointment, AppointmentType, Attendee
from creditwell.scheduling.operations._appointments import IsCancelled, lock_appointment, revive
from creditwell.scheduling.rules import LIVE, may_cancel
from creditwell.tenancy.access import PracticeFacts

ONCE = "scheduling_attendee_once"


class GroupFull(Refusal):
    """All places of the appointment are taken."""

    code = "group_full"

    def __init__(self, places: int) -> None:
        super().__init__(
            _("All %(count)s places of this appointment are taken. Choose another one.")
            % {"count": places}
            if places > 1
            else _("This appointment is for one patient. Book another one."),
            param="patient",
        )


class AlreadyComing(Refusal):
    """The patient has a place in this appointment."""

    code = "already_coming"

    def __init__(self) -> None:
        super().__init__(
            _("This patient already has a place in this appointment."), param="patient"
        )


REFUSED_BY[ONCE] = AlreadyComing


class NotAllowedNow(Refusal):
    """The visit is in a state from which this cannot be done."""

    code = "wrong_state"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class NotYetDay(Refusal):
    """The visit is on a day to come. Asked for "anyway", it is done."""

    code = "not_yet_day"

    def __init__(self, day: str) -> None:
        """`day`: the visit's, in words."""
        super().__init__(
            _("This visit is on %(day)s, still to come. Say that it is meant all the same.")
            % {"day": day},
            param="anyway",
        )


class HasInvoice(Refusal):
    """Something was billed for the visit, so it cannot be taken off the record."""

    code = "has_invoice"

    def __init__(self) -> None:
        super().__init__(
            _("There is an invoice for this visit. Cancel the visit instead of removing it.")
        )


REFUSED_BY["invoicing_invoice_attendee_id_same_practice"] = HasInvoice


def lock_attendee(*, practice_id: int, attendee_id: int) -> Attendee:
    """
    Get an attendee and hold it and its appointment until the transaction ends.

    :raises NotFound: if this practice has no such attendee
    """
    rows = Attendee.objects.filter(practice_id=practice_id, pk=attendee_id)
    appointment_id = rows.values_list("appointment_id", flat=True).first()
    if appointment_id is None:
        raise NotFound
    appointment = lock_appointment(practice_id=practice_id, appointment_id=appointment_id)
    attendee = rows.select_for_update().first()
    if attendee is None:
        raise NotFound
    attendee.appointment = appointment
    return attendee


def join(*, appointment: Appointment, patient_id: int, at: datetime) -> Attendee:
    """
    Give a patient a place; the appointment is locked by the caller or was just made.

    :raises NotFound: if the practice has no such patient, or the patient is archived
    :raises IsCancelled: if the appointment is
    :raises GroupFull: without a free place
    :raises AlreadyComing: if the patient has one
    """
    if appointment.status == Appointment.Status.CANCELLED:
        raise IsCancelled
    patient = Patient.objects.filter(
        practice_id=appointment.practice_id, pk=patient_id, archived_at__isnull=True
    ).first()
    if patient is None:
        raise NotFound(_("There is no such patient in this practice."), param="patient")
    _require_place(appointment)
    attendee = Attendee(
        practice_id=appointment.practice_id, appointment=appointment, patient=patient, changed_at=at
    )
    _save(attendee, insert=True)
    return attendee


def require_room(*, appointment: Appointment, kind: AppointmentType) -> None:
    """:raises GroupFull: if more patients come than a type takes"""
    if appointment.attendees.filter(status__in=LIVE).count() > kind.max_attendees:
        raise GroupFull(kind.max_attendees)


def _require_place(appointment: Appointment) -> None:
    taken = appointment.attendees.filter(status__in=LIVE).count()
    if taken >= appointment.appointment_type.max_attendees:
        raise GroupFull(appointment.appointment_type.max_attendees)


def mark(*, attendee: Attendee, status: str, at: datetime) -> bool:
    """
    Write down whether somebody came; False when it is so already.

    :raises NotAllowedNow: if the visit is cancelled
    """
    assert status in LIVE, "cancelling has its own way"
    if attendee.status == Attendee.Status.CANCELLED:
        raise NotAllowedNow(_("This visit is cancelled. Undo cancelling it first."))
    if attendee.status == status:
        return False
    attendee.status = status
    attendee.changed_at = at
    attendee.save(update_fields=["status", "changed_at"])
    return True


def leave(*, attendee: Attendee, reason: str, note: str, at: datetime) -> None:
    """
    Cancel one visit. Where only one may come, the appointment goes with it and its time is free.

    :raises NotAllowedNow: if it took place, or is cancelled already
    """
    if attendee.status == Attendee.Status.CANCELLED:
        raise NotAllowedNow(_("This visit is cancelled already."))
    if not may_cancel(attendee.status):
        raise NotAllowedNow(_("This visit took place. Set it back to booked before cancelling it."))
    attendee.status = Attendee.Status.CANCELLED
    attendee.cancel_reason, attendee.cancel_note = reason, note
    attendee.changed_at = at
    attendee.save(update_fields=["status", "cancel_reason", "cancel_note", "changed_at"])
    appointment = attendee.appointment
    if appointment.appointment_type.max_attendees == 1:
        appointment.status = Appointment.Status.CANCELLED
        appointment.save(update_fields=["status"])


def come_back(*, facts: PracticeFacts, attendee: Attendee, at: datetime) -> None:
    """
    Set a visit back to booked, also a cancelled one, whose time is then taken again.

    :raises DoubleBooked: if the time was given to another meanwhile
    :raises GroupFull: if the place was
    """
    appointment = attendee.appointment
    if attendee.status == Attendee.Status.CANCELLED:
        if appointment.status == Appointment.Status.CANCELLED:
            revive(facts=facts, appointment=appointment)
        _require_place(appointment)
    attendee.status = Attendee.Status.BOOKED
    attendee.cancel_reason = attendee.cancel_note = ""
    attendee.changed_at = at
    _save(attendee, insert=False)


def take_out(*, attendee: Attendee) -> None:
    """
    Remove somebody who was put into a group by mistake; leaves no visit behind.

    :raises NotAllowedNow: if they have arrived, or it is the only patient of an appointment
    :raises HasInvoice: when the transaction ends, if an invoice points at the visit
    """
    if attendee.appointment.appointment_type.max_attendees == 1:
        raise NotAllowedNow(_("Cancel the appointment instead of removing its patient."))
    if attendee.status != Attendee.Status.BOOKED:
        raise NotAllowedNow(_("Only somebody who is booked can be removed. Cancel the visit."))
    attendee.delete()


def _save(attendee: Attendee, *, insert: bool) -> None:
    try:
        with transaction.atomic():
            attendee.save(force_insert=insert, force_update=not insert)
    except IntegrityError as error:
        if constraint_of(error) == ONCE:
            raise AlreadyComing from error
        raise
