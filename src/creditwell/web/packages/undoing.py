"""Taking an act on a package back: which kinds can be, who may, and by which use case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from creditwell.packages.queries_page import ActLine
from creditwell.tenancy.access import Member


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


UNDO: dict[str, Undo] = {}
"""By kind of act. Whoever adds an act that can be undone adds it here."""


def undo_of(act: ActLine) -> Undo | None:
    """How an act can be taken back, or None."""
    found = UNDO.get(act.kind)
    return found if found is not None and found.fits(act) else None
