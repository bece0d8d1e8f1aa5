"""
What is left of a package, or so much of it as is named, is given back.

`plan_end` works it out, for a page as for the act; `post_end` does it. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.kernel.errors import Invalid, Refusal
from creditwell.kernel.rows import insert_row, plus
from creditwell.ledger.post import Journal
from creditwell.packages.acts import Line, write_act
from creditwell.packages.booking import Why, give_back
from creditwell.packages.crediting import (
    Leaving,
    Plan,
    plan_notes,
    post_crediting,
    write_crediting,
)
from creditwell.packages.models import Package, Session
from creditwell.packages.queries_left import BookedVisit, Left, left_of
from creditwell.packages.rules_refund import (
    Figures,
    Leaves,
    Method,
    Row,
    Worth,
    by_method,
    figures_of,
    gross,
    leave,
)
from creditwell.packages.stretches import columns_of
from creditwell.packages.wording import in_words
from creditwell.tenancy.access import PracticeFacts, Written


class NothingLeft(Refusal):
    """Everything of the package was used, has expired or was given back before."""

    code = "nothing_left"

    def __init__(self) -> None:
        super().__init__(
            _("Nothing of this package is left: all of it was used, has expired or was given back.")
        )


class TooManySessions(Invalid):
    """More would be given back of a kind of session than is free."""

    code = "too_many_sessions"

    def __init__(self, name: str, free: str, *, counted: int) -> None:
        super().__init__(
            ngettext(
                "Of %(name)s only %(free)s is free. Enter less, or cancel a visit first.",
                "Of %(name)s only %(free)s are free. Enter less, or cancel a visit first.",
                counted,
            )
            % {"name": name, "free": free},
            param="units",
        )


class VisitsBooked(Refusal):
    """Visits to come have sessions of the package, and nobody said that they lose them."""

    code = "visits_booked"

    def __init__(self, visits: tuple[BookedVisit, ...]) -> None:
        super().__init__(
            ngettext(
                "%(count)s visit is booked with this package. Tick that it loses its session, or "
                "give back only what is free.",
                "%(count)s visits are booked with this package. Tick that they lose their "
                "sessions, or give back only what is free.",
                len(visits),
            )
            % {"count": len(visits)},
            param="release",
        )


class FeeTooLarge(Invalid):
    """The fee is more than what would go back."""

    code = "refund_fee_too_large"

    def __init__(self) -> None:
        super().__init__(
            _("The fee is more than what would go back. Enter a smaller one."), param="fee"
        )


class NoSuchMethod(Invalid):
    """What is given back is worked out in one of the ways that there are."""

    code = "no_such_method"

    def __init__(self) -> None:
        super().__init__(_("Choose how it is worked out."), param="method")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """
    What is to be given back: `units` is (part, how many of its free units), None all that is left,
    booked visits too if they are released. `fee_minor` None: the package's own, as far as it goes.
    """

    units: tuple[tuple[int, int], ...] | None = None
    method: str = Method.PRO_RATA
    fee_minor: int | None = None
    release: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPlan:
    """All figures of giving back, before anything is written."""

    left: Left
    leaves: tuple[Leaves, ...]
    worth: Worth
    figures: Figures
    notes: tuple[Plan, ...]
    released: tuple[BookedVisit, ...]
    over: bool  # nothing is left afterwards

    @property
    def leaving(self) -> Leaving:
        return Leaving(
            value_minor=sum(one.goes.value.minor for one in self.leaves),
            tax_minor=sum(one.goes.tax.minor for one in self.leaves),
            gross_minor=self.figures.back.minor,
        )

    @property
    def units(self) -> int:
        return sum(one.goes.units for one in self.leaves)

    @property
    def freed_minor(self) -> int:
        """What of it was paid."""
        return sum(note.freed_minor for note in self.notes)

    @property
    def off_owing_minor(self) -> int:
        """What of it was not paid yet, and is asked no more."""
        return self.figures.back.minor - self.freed_minor

    @property
    def tax_minor(self) -> int:
        """The tax in what goes back, as far as it was due."""
        return sum(int(row["tax_minor"]) for note in self.notes for row in note.rows)


def plan_end(
    practice: PracticeFacts, package: Package, ask: Ask, *, on: date, hold: bool = True
) -> EndPlan:
    """
    Work out what is given back. `hold` takes rows that the act will change.

    :raises NothingLeft, TooManySessions, FeeTooLarge, NoSuchMethod: as named
    """
    if ask.method not in Method.values:
        raise NoSuchMethod
    left = left_of(practice, package)
    leaves = _leaves(practice, package, left, ask)
    if not leaves:
        raise NothingLeft
    worth = Worth(
        leaving=gross((one.goes for one in leaves), practice.currency),
        free=left.whole,
        used=left.used,
        used_at_list=left.used_at_list,
        kept_before=left.kept_before,
    )
    before = by_method(worth, ask.method)
    fee = practice.money(package.refund_fee_minor if ask.fee_minor is None else ask.fee_minor)
    if ask.fee_minor is not None and fee > before:
        raise FeeTooLarge
    figures = figures_of(worth, method=ask.method, fee=fee)
    notes = plan_notes(practice, package, figures.back.minor, on=on, hold=hold)
    rows = sum(len(part.free) + len(part.booked) for part in left.parts)
    whole = len(leaves) == rows and not any(one.stays.units for one in leaves)
    return EndPlan(
        left=left,
        leaves=tuple(leaves),
        worth=worth,
        figures=figures,
        notes=tuple(notes),
        released=left.booked if ask.units is None else (),
        over=whole and not left.has_expired,
    )


def _leaves(practice: PracticeFacts, package: Package, left: Left, ask: Ask) -> list[Leaves]:
    """What leaves, row by row."""
    if ask.units is None:
        rows: list[Row] = [row for part in left.parts for row in (*part.free, *part.booked)]
        return leave(rows)
    parts = {part.id: part for part in left.parts}
    chosen: list[Leaves] = []
    for part_id, units in dict(ask.units).items():
        part = parts.get(part_id)
        free = part.free_units if part else 0
        if units < 0 or units > free:
            words = in_words(free, package.measure, practice)
            counted = 1 if package.measure == "money" else free
            raise TooManySessions(part.name if part else package.name, words, counted=counted)
        if part and units:
            chosen += leave(part.free, units)
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How it stands in the package's history."""

    kind: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What was written."""

    credit_note_ids: list[int]
    act_id: int


def post_end(
    practice: PracticeFacts,
    package: Package,
    plan: EndPlan,
    told: Told,
    *,
    written: Written,
) -> Ended:
    """Release visits, write the credit notes, and mark the sessions dead; the plan was held."""
    on = practice.day_of(written.at)
    _release(practice, plan, written)
    journal = Journal(practice.id)
    crediting = post_crediting(journal, practice, package, plan.leaving, on=on, plans=plan.notes)
    note_ids: list[int] = []
    if journal.entries:
        posted = journal.post()
        why = (_("Package given back: %(reason)s") % {"reason": told.reason})[:200]
        note_ids = write_crediting(crediting, posted, on=on, reason=why, written=written)
    ids = [_kill(practice, package, one, written) for one in plan.leaves]
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        net_minor=plus("net_minor", -plan.leaving.value_minor),
        tax_minor=plus("tax_minor", -plan.leaving.tax_minor),
        ended_at=written.at if plan.over else None,
    )
    act_id = write_act(
        practice.id,
        Line(
            package_id=package.pk,
            kind=told.kind,
            on=on,
            value_minor=-crediting.left_minor,
            reason=told.reason,
            details={
                "session_ids": ids,
                "units": plan.units,
                "gross_minor": plan.figures.back.minor,
                "for_list_minor": plan.figures.for_list.minor,
                "fee_minor": plan.figures.fee.minor,
                "credit_note_ids": note_ids,
                **told.details,
            },
        ),
        written,
    )
    return Ended(credit_note_ids=note_ids, act_id=act_id)


def _release(practice: PracticeFacts, plan: EndPlan, written: Written) -> None:
    """The sessions of booked visits are free, and then leave with the others."""
    held = Session.objects.select_for_update(of=("self",)).filter(
        practice_id=practice.id, pk__in=[visit.session_id for visit in plan.released]
    )
    why = Why(reason=_("The package was given back"))
    for session in held.order_by("pk"):
        give_back(practice, session, written=written, why=why)


def _kill(practice: PracticeFacts, package: Package, one: Leaves, written: Written) -> int:
    """Mark a session as refunded; of a stretch, what goes. Returns the dead session."""
    rows = Session.objects.filter(practice_id=practice.id, pk=one.row_id, status="free")
    if one.stays.units == 0:
        changed = rows.update(status="refunded")
        assert changed == 1, one
        return one.row_id
    row = rows.get()
    rows.update(**columns_of(one.stays))
    return insert_row(
        Session,
        {
            "practice_id": practice.id,
            "package_id": package.pk,
            "part_id": row.part_id,
            "status": "refunded",
            **columns_of(one.goes),
            "since_on": row.since_on,
            "kept_percent": 100,
            "created_at": written.at,
        },
    )
