"""Taking an act on a package back: which kinds can be, who may, and by which use case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.packages.models import ActKind
from creditwell.packages.queries_page import ActLine
from creditwell.tenancy.access import Member
from creditwell.usecases.swap_session import UndoSwap, undo_swap


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAsked:
    """Which act of which package, why, and the key that makes it one act."""

    package_id: int
    act_id: int
    reason: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """
    How a kind of act is taken back: who may, what the question says, the use case behind it, and
    whether this very act can be (a use by a visit is taken back at the visit).
    """

    permission: str
    question: str | Promise
    explains: str | Promise
    done: str | Promise
    act: Callable[[Member, UndoAsked, datetime], None]
    fits: Callable[[ActLine], bool] = lambda _act: True


def _undo_swap(member: Member, asked: UndoAsked, now: datetime) -> None:
    undo_swap(
        UndoSwap(
            practice_id=member.practice_id,
            key=asked.key,
            by=member.actor,
            act_id=asked.act_id,
            reason=asked.reason,
        ),
        now,
    )


UNDO: dict[str, Undo] = {
    ActKind.SWAPPED: Undo(
        permission="packages.change",
        question=_("Undo the swap?"),
        explains=_(
            "The session is what it was before. An invoice of the difference, of which nothing was "
            "paid, is credited."
        ),
        done=_("The swap is undone."),
        act=_undo_swap,
        fits=lambda act: not act.details.get("credit_note_ids"),
    ),
}
"""By kind of act. Whoever adds an act that can be undone adds it here."""


def undo_of(act: ActLine) -> Undo | None:
    """How an act can be taken back, or None."""
    found = UNDO.get(act.kind)
    return found if found is not None and found.fits(act) else None
