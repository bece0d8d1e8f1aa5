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
from creditwell.usecases.add_bonus_sessions import TakeBackBonus, take_back_bonus
from creditwell.usecases.extend_package import UndoExtension, undo_extension
from creditwell.usecases.swap_session import UndoSwap, undo_swap
from creditwell.usecases.transfer_package import UndoPackageTransfer, undo_package_transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAsked:
    """
    Which act is taken back, why (where that is asked), and the key that makes it one act;
    `release`: booked visits that stand in the way give their sessions back.
    """

    act: ActLine
    key: str
    reason: str = ""
    release: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """
    How a kind of act is taken back: who may, what its page says, the use case behind it, whether
    visits may stand in the way (`releases`), whether it wants a reason, and whether this very act
    can be (`fits`).
    """

    permission: str
    title: str | Promise
    lead: str | Promise
    done: str | Promise
    act: Callable[[Member, UndoAsked, datetime], None]
    releases: bool = False
    asks_reason: bool = False
    fits: Callable[[ActLine], bool] = lambda _act: True


def _extension(member: Member, asked: UndoAsked, now: datetime) -> None:
    command = UndoExtension(
        practice_id=member.practice_id,
        key=asked.key,
        by=member.actor,
        act_id=asked.act.id,
        release=asked.release,
    )
    undo_extension(command, now)


def _bonus(member: Member, asked: UndoAsked, now: datetime) -> None:
    command = TakeBackBonus(
        practice_id=member.practice_id, key=asked.key, by=member.actor, act_id=asked.act.id
    )
    take_back_bonus(command, now)


def _transfer(member: Member, asked: UndoAsked, now: datetime) -> None:
    command = UndoPackageTransfer(
        practice_id=member.practice_id, key=asked.key, by=member.actor, act_id=asked.act.id
    )
    undo_package_transfer(command, now)


def _swap(member: Member, asked: UndoAsked, now: datetime) -> None:
    command = UndoSwap(
        practice_id=member.practice_id,
        key=asked.key,
        by=member.actor,
        act_id=asked.act.id,
        reason=asked.reason,
    )
    undo_swap(command, now)


TRANSFER = Undo(
    permission="packages.transfer",
    title=_("Undo the transfer"),
    lead=_("The sessions go back to where they came from, while none of them is used or booked."),
    done=_("Undone. The sessions are back where they came from."),
    act=_transfer,
)

UNDO: dict[str, Undo] = {
    ActKind.EXTENDED: Undo(
        permission="packages.change",
        title=_("Undo the extension"),
        lead=_("The former last day is put back."),
        done=_("Undone. The former last day counts again."),
        act=_extension,
        releases=True,
    ),
    ActKind.BONUS: Undo(
        permission="packages.change",
        title=_("Take the bonus back"),
        lead=_("What was added for nothing is taken off again, while all of it is free."),
        done=_("Taken back."),
        act=_bonus,
    ),
    ActKind.SWAPPED: Undo(
        permission="packages.change",
        title=_("Undo the swap"),
        lead=_(
            "The session is what it was before. An invoice of the difference, of which nothing was "
            "paid, is credited."
        ),
        done=_("The swap is undone."),
        act=_swap,
        asks_reason=True,
        fits=lambda act: not act.details.get("credit_note_ids"),
    ),
    ActKind.SENT: TRANSFER,
    ActKind.RECEIVED: TRANSFER,
}
"""By kind of act. Whoever adds an act that can be undone adds it here."""


def undo_of(act: ActLine) -> Undo | None:
    """How an act can be taken back, or None."""
    found = UNDO.get(act.kind)
    if found is None or act.undone or act.undoes:
        return None
    return found if found.fits(act) else None
