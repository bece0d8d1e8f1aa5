"""A session of a package is used without an appointment; and that is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import AlreadyReversed
from creditwell.outbox.emit import emit
from creditwell.packages import by_hand, using
from creditwell.packages.holding import lock_package_and_patient, lock_packages
from creditwell.packages.models import Session
from creditwell.tenancy.access import Actor, Written
from creditwell.usecases._last_session import tell_last_session


class WrongUseDay(Invalid):
    """A session is used today, or was used since the package was sold."""

    code = "wrong_use_day"

    def __init__(self) -> None:
        super().__init__(
            _("Choose today or an earlier day, but none before the package was sold."), param="on"
        )


class OneAtATime(Invalid):
    """Sessions that are counted are used one by one, each with a line of its own."""

    code = "one_at_a_time"

    def __init__(self) -> None:
        super().__init__(
            _("Sessions are used one at a time. Use the next one after this one."), param="units"
        )


class NotByHand(Refusal):
    """A visit has this session: what becomes of it is decided there."""

    code = "not_by_hand"

    def __init__(self) -> None:
        super().__init__(
            _("This session belongs to an appointment, so it is changed or given back there.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UseSession:
    """
    Who used what on which day: the owner, or somebody who may use it too. `units` are minutes or
    minor units of money where those are counted; of counted sessions it is one.
    """

    practice_id: int
    key: str
    by: Actor
    package_id: int
    part_id: int
    patient_id: int
    on: date
    units: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUsed:
    package_id: int
    session_id: int


@usecase(SessionUsed)
def use_session(command: UseSession, now: datetime) -> SessionUsed:
    """
    Use a free session that no appointment has; its share is earned on that day.

    :raises NotFound, PackageEnded: if package, part or patient are not there, or it is over
    :raises OneAtATime: of several units of counted sessions
    :raises WrongUseDay: for a day to come, or before the sale
    :raises NotUsableThen: if it had expired by then, or was paused
    :raises NotPaidYet: if it is used only once it is paid
    :raises NotTheirs, LimitReached: if the patient may not use it, or not so much
    :raises WrongUnits: of minutes or money: if it is nothing, or more than is left
    :raises SessionGone: of sessions: if none is free
    """
    package, patient, practice = lock_package_and_patient(
        practice_id=command.practice_id,
        package_id=command.package_id,
        patient_id=command.patient_id,
        param="patient",
    )
    if package.measure == "sessions" and command.units != 1:
        raise OneAtATime
    on, today = command.on, practice.day_of(now)
    if on > today or on < package.sold_on:
        raise WrongUseDay
    use = by_hand.Use(
        part_id=command.part_id,
        patient_id=patient.pk,
        on=on,
        units=command.units,
        reason=" ".join(command.reason.split())[:200],
    )
    session = by_hand.use(practice, package, use, written=Written(command.by, now))
    note(
        "use_session",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"patient_id": patient.pk, "units": session.units, "on": on.isoformat()},
    )
    emit(
        "session.used",
        {"session_id": session.pk, "package_id": package.pk},
        practice_id=practice.id,
        at=now,
    )
    tell_last_session(practice, package, now)
    return SessionUsed(package_id=package.pk, session_id=session.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSession:
    practice_id: int
    key: str
    by: Actor
    session_id: int


@usecase(SessionUsed)
def return_session(command: ReturnSession, now: datetime) -> SessionUsed:
    """
    Take a use without an appointment back: the session is free again.

    :raises NotFound: if this practice has no such session
    :raises NotByHand: if a visit has it
    :raises AlreadyReversed: if it is not used (any more)
    """
    practice_id = command.practice_id
    rows = Session.objects.filter(practice_id=practice_id, pk=command.session_id)
    package_id = rows.values_list("package_id", flat=True).first()
    if package_id is None:
        raise NotFound
    _found, practice = lock_packages(practice_id=practice_id, package_ids=[package_id])
    session = rows.select_related("package__tax_rate").select_for_update(of=("self",)).get()
    if session.attendee_id is not None:
        raise NotByHand
    if session.status != "used":
        raise AlreadyReversed
    using.take_back(practice, session, written=Written(command.by, now))
    note(
        "return_session",
        ("package", session.package_id),
        practice_id=practice_id,
        by=command.by,
        at=now,
        details={"units": session.units},
    )
    emit("package.changed", {"package_id": session.package_id}, practice_id=practice_id, at=now)
    return SessionUsed(package_id=session.package_id, session_id=session.pk)
