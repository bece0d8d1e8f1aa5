"""Somebody lets somebody else use their credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.credit.sharing import (
    Terms,
    end,
    give,
    lock_ends,
    require_able,
    says,
    standing,
    tidy_terms,
)
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.usecases._sharing import tell_ended, tell_given


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCredit:
    """The credit of the payer `owner_id` may pay for the payer `user_id`, within the terms."""

    practice_id: int
    by: Actor
    key: str = ""
    owner_id: int
    user_id: int
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditShared:
    """`ended_id` is the permission that this one replaces, if one stood."""

    share_id: int
    ended_id: int | None = None


@usecase(CreditShared)
def share_credit(command: ShareCredit, now: datetime) -> CreditShared:
    """
    Give a permission; one that stands between the two, in this direction, is ended in the same
    act. What is said already is left as it is. It counts at once.

    :raises SharedWithSelf: if both are one
    :raises NotFound: if one of them is not of this practice
    :raises MergedAway: if a record was merged into another
    :raises OnlyPatientsUse: if an organisation is to use somebody's credit
    :raises PutAway: if one of them is archived
    :raises NotAMode, CapMissing, CapNotMeant: if the terms cannot be meant
    """
    practice_id, ends = command.practice_id, (command.owner_id, command.user_id)
    terms = tidy_terms(command.terms)
    owner, user = lock_ends(practice_id=practice_id, owner_id=ends[0], user_id=ends[1])
    require_able(owner, user)
    before = standing(practice_id=practice_id, owner_id=ends[0], user_id=ends[1])
    if before is not None and says(before, terms):
        return CreditShared(share_id=before.pk)
    if before is not None:
        end(practice_id=practice_id, share_ids=[before.pk], by=command.by, now=now)
        tell_ended([before.pk], practice_id=practice_id, by=command.by, at=now, why="share_credit")
    share_id = give(practice_id=practice_id, ends=ends, terms=terms, by=command.by, now=now)
    tell_given([share_id], practice_id=practice_id, by=command.by, at=now)
    return CreditShared(share_id=share_id, ended_id=before.pk if before else None)
