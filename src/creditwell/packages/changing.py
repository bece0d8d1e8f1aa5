"""Change a package that was sold: its last day, pauses, sessions for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.rows import insert_rows
from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.acts import Line, write_act
from creditwell.packages.booking import Why, give_back
from creditwell.packages.models import ActKind, Package, PackageAct, Session, SoldPart
from creditwell.packages.rules import Share
from creditwell.packages.selling import Place, session_row
from creditwell.scheduling import wording
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import PracticeFacts, Written

MOST_BONUS = 1000


class ReasonMissing(Invalid):
    """What changes a package that was sold wants a reason."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Say why; it stays in the package’s history."), param="reason")


class BookedThen(Refusal):
    """Visits that use the package are booked on days on which it could not be used."""

    code = "booked_then"

    def __init__(self, days: Sequence[str]) -> None:
        super().__init__(
            ngettext(
                "A visit is booked with this package on %(days)s. Move it, or let it give its "
                "session back.",
                "Visits are booked with this package on %(days)s. Move them, or let them give "
                "their sessions back.",
                len(days),
            )
            % {"days": ", ".join(days)},
            param="release",
        )


class NotUndone(Refusal):
    """Something else happened since, so this act cannot be taken back."""

    code = "not_undone"

    def __init__(self) -> None:
        super().__init__(
            _("This cannot be taken back any more: something else happened to the package since.")
        )


def why(reason: str) -> str:
    """The reason without gaps around. :raises ReasonMissing: if there is none"""
    tidy = " ".join(reason.split())[:200]
    if not tidy:
        raise ReasonMissing
    return tidy


def act_of(*, practice_id: int, act_id: int, kind: str) -> PackageAct:
    """
    A line of a history that can be taken back; whoever calls holds its package.

    :raises NotFound: if there is no such act
    :raises AlreadyReversed: if it was taken back before
    """
    act = PackageAct.objects.filter(practice_id=practice_id, pk=act_id, kind=kind).first()
    if act is None:
        raise NotFound
    if PackageAct.objects.filter(practice_id=practice_id, undoes_id=act.pk).exists():
        raise AlreadyReversed
    return act


def package_of_act(*, practice_id: int, act_id: int) -> int:
    """Whose history a line is of, to be held. :raises NotFound: if there is no such act"""
    found = PackageAct.objects.filter(practice_id=practice_id, pk=act_id)
    package_id = found.values_list("package_id", flat=True).first()
    if package_id is None:
        raise NotFound
    return package_id


def booked_between(
    practice: PracticeFacts, package: Package, since: date | None, until: date | None
) -> list[Session]:
    """Booked sessions whose visit is on these days (None: no bound), in the order of the visits."""
    rows = (
        Session.objects.select_for_update(of=("self",))
        .select_related("attendee__appointment")
        .filter(practice_id=practice.id, package_id=package.pk, status="booked")
        .order_by("attendee__appointment__starts_at", "pk")
    )
    return [
        row
        for row in rows
        if (since is None or _visit_on(practice, row) >= since)
        and (until is None or _visit_on(practice, row) <= until)
    ]


def _visit_on(practice: PracticeFacts, session: Session) -> date:
    assert isinstance(session.attendee, Attendee), session.pk
    return practice.day_of(session.attendee.appointment.starts_at)


def clear_days(
    practice: PracticeFacts, sessions: Sequence[Session], *, release: bool, written: Written
) -> None:
    """
    Let booked sessions be given back; their visits stay, without a package.

    :raises BookedThen: naming the days, unless `release`
    """
    if sessions and not release:
        raise BookedThen([wording.day(_visit_on(practice, one), practice) for one in sessions])
    for one in sessions:
        reason = _("The package cannot be used on that day any more")
        give_back(practice, one, written=written, why=Why(reason=reason))


def set_last_day(
    practice: PracticeFacts, package: Package, until: date | None, act: Line, written: Written
) -> int:
    """Give a package another last day (None: no end); returns the act."""
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        expires_on=until, expiry_noticed_on=None
    )
    package.expires_on = until
    return write_act(practice.id, act, written)


def add_bonus(
    practice: PracticeFacts,
    package: Package,
    part: SoldPart,
    units: int,
    *,
    reason: str,
    written: Written,
) -> int:
    """Add free units that nothing was paid for; returns the act."""
    today = practice.day_of(written.at)
    place = Place(practice_id=practice.id, package_id=package.pk, since_on=today, at=written.at)
    nothing = practice.money(0)
    pieces = [1] * units if package.measure == "sessions" else [units]
    ids = insert_rows(
        Session,
        [
            session_row(place, part.pk, Share(units=n, value=nothing, tax=nothing, bonus=n))
            for n in pieces
        ],
    )
    SoldPart.objects.filter(practice_id=practice.id, pk=part.pk).update(units=F("units") + units)
    line = Line(
        package_id=package.pk,
        kind=ActKind.BONUS,
        on=today,
        reason=reason,
        details={"part_id": part.pk, "units": units, "session_ids": ids},
    )
    return write_act(practice.id, line, written)


def take_bonus_back(practice: PracticeFacts, act: PackageAct, *, written: Written) -> None:
    """
    Take added units off again.

    :raises NotUndone: if one of them is not free, not there any more, or was swapped since
    """
    rows = Session.objects.select_for_update(of=("self",)).filter(
        practice_id=practice.id,
        package_id=act.package_id,
        part_id=act.details["part_id"],
        pk__in=act.details["session_ids"],
        status="free",
        value_minor=0,
        tax_minor=0,
    )
    units = int(act.details["units"])
    if sum(row.units for row in rows) != units:
        raise NotUndone
    rows.update(units=0, bonus_units=0)
    SoldPart.objects.filter(practice_id=practice.id, pk=act.details["part_id"]).update(
        units=F("units") - units
    )
    line = Line(
        package_id=act.package_id,
        kind=ActKind.BONUS_RETURNED,
        on=practice.day_of(written.at),
        details={"units": units},
        undoes_id=act.pk,
    )
    write_act(practice.id, line, written)
