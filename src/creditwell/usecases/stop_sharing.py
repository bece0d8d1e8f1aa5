"""Somebody's credit is used by the other no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.credit.sharing import NoSuchShare, end, open_share
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import lock_payers
from creditwell.tenancy.access import Actor
from creditwell.usecases._sharing import tell_ended


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSharing:
    practice_id: int
    by: Actor
    key: str = ""
    share_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingStopped:
    share_id: int


@usecase(SharingStopped)
def stop_sharing(command: StopSharing, now: datetime) -> SharingStopped:
    """
    End a permission. It counts at once: whoever is spending the owner's credit just now is
    finished first, the next one is refused. What was paid stays paid.

    :raises NoSuchShare: if there is none, or it was ended already
    """
    practice_id = command.practice_id
    share = open_share(practice_id=practice_id, share_id=command.share_id)
    lock_payers(practice_id=practice_id, payer_ids=[share.owner_id, share.user_id])
    if not end(practice_id=practice_id, share_ids=[share.pk], by=command.by, now=now):
        raise NoSuchShare
    tell_ended([share.pk], practice_id=practice_id, by=command.by, at=now, why="stop_sharing")
    return SharingStopped(share_id=share.pk)
