"""Permissions to use somebody else's credit: given, ended, moved when two records become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from creditwell.credit.models import Share
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.people.operations import MergedAway, lock_payers
from creditwell.people.queries_families import PayerPlace, payer_places
from creditwell.tenancy.access import Actor

CAPPED = frozenset({Share.Mode.MONTHLY.value, Share.Mode.TOTAL.value})
"""Modes that need an amount; the others take none."""

NOTE_LENGTH = 200


class SharedWithSelf(Invalid):
    """Everybody may use their own credit: it needs no permission."""

    code = "shared_with_self"

    def __init__(self) -> None:
        super().__init__(
            _("Choose somebody else: everybody may use their own credit."), param="user"
        )


class NotAMode(Invalid):
    """A permission of a kind that does not exist."""

    code = "share_mode"

    def __init__(self) -> None:
        super().__init__(_("Choose how much may be used."), param="mode")


class CapMissing(Invalid):
    """A permission up to an amount needs the amount, more than nothing."""

    code = "cap_missing"

    def __init__(self) -> None:
        super().__init__(_("Enter the amount that may be used, more than nothing."), param="cap")


class CapNotMeant(Invalid):
    """A permission without a limit came with an amount."""

    code = "cap_not_meant"

    def __init__(self) -> None:
        super().__init__(
            _("Leave the amount empty, or choose a permission up to an amount."), param="cap"
        )


class OnlyPatientsUse(Invalid):
    """An organisation gives credit to patients; it does not use theirs."""

    code = "only_patients_use"

    def __init__(self) -> None:
        super().__init__(
            _("Choose a patient: organisations do not use somebody’s credit."), param="user"
        )


class PutAway(Refusal):
    """One of both is archived: nothing new is agreed with them."""

    code = "put_away"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(name)s is archived. Restore the record first.") % {"name": name}, param="user"
        )


class NoSuchShare(NotFound):
    """There is no such permission in this practice, or it was ended already."""

    code = "no_such_share"

    def __init__(self) -> None:
        super().__init__(_("This permission was ended already, or never given."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is allowed. `cap_minor` (minor units) with the modes that have one, else None."""

    mode: str
    cap_minor: int | None = None
    note: str = ""  # how the owner agreed


def tidy_terms(terms: Terms) -> Terms:
    """
    Refuse what cannot be meant.

    :raises NotAMode: if there is no such kind of permission
    :raises CapMissing, CapNotMeant: if amount and kind do not fit
    """
    if terms.mode not in Share.Mode.values:
        raise NotAMode
    if terms.mode in CAPPED and (terms.cap_minor is None or terms.cap_minor <= 0):
        raise CapMissing
    if terms.mode not in CAPPED and terms.cap_minor is not None:
        raise CapNotMeant
    note = " ".join(terms.note.split())[:NOTE_LENGTH]
    return Terms(mode=terms.mode, cap_minor=terms.cap_minor, note=note)


def lock_ends(*, practice_id: int, owner_id: int, user_id: int) -> tuple[PayerPlace, PayerPlace]:
    """
    Hold owner and user (payers) for the rest of the transaction: whoever spends the owner's credit
    waits, and finds the permission as it then is.

    :raises SharedWithSelf: if both are one
    :raises NotFound: if one of them is not of this practice
    :raises MergedAway: if one of them was merged into another record
    """
    if owner_id == user_id:
        raise SharedWithSelf
    ends = (owner_id, user_id)
    lock_payers(practice_id=practice_id, payer_ids=ends)
    places = payer_places(practice_id=practice_id, payer_ids=ends)
    for payer_id, param in ((owner_id, "owner"), (user_id, "user")):
        if payer_id not in places:
            raise NotFound(param=param)
        if places[payer_id].merged:
            raise MergedAway
    return places[owner_id], places[user_id]


def require_able(owner: PayerPlace, user: PayerPlace) -> None:
    """
    Whether something new may be agreed between the two.

    :raises OnlyPatientsUse: if the user is an organisation
    :raises PutAway: if one of them is archived
    """
    if user.patient_id is None:
        raise OnlyPatientsUse
    for end in (owner, user):
        if end.archived:
            raise PutAway(end.name)


def standing(*, practice_id: int, owner_id: int, user_id: int) -> Share | None:
    """The permission that stands in this direction, or None."""
    return _open(practice_id).filter(owner_id=owner_id, user_id=user_id).first()


def says(share: Share, terms: Terms) -> bool:
    """Whether a permission says exactly this."""
    return (share.mode, share.cap_minor, share.note) == (terms.mode, terms.cap_minor, terms.note)


def open_share(*, practice_id: int, share_id: int) -> Share:
    """
    A permission that stands.

    :raises NoSuchShare: if there is none, or it was ended
    """
    share = _open(practice_id).filter(pk=share_id).first()
    if share is None:
        raise NoSuchShare
    return share


def give(*, practice_id: int, ends: tuple[int, int], terms: Terms, by: Actor, now: datetime) -> int:
    """Write a permission from `ends[0]` to `ends[1]` (payers); returns its id."""
    return insert_row(
        Share,
        {
            "practice_id": practice_id,
            "owner_id": ends[0],
            "user_id": ends[1],
            "mode": terms.mode,
            "cap_minor": terms.cap_minor,
            "note": terms.note,
            "given_at": now,
            "given_by_id": by.user_id,
        },
    )


def end(*, practice_id: int, share_ids: Sequence[int], by: Actor, now: datetime) -> list[int]:
    """End permissions; those ended already stay as they are. Returns what was ended now."""
    found = _open(practice_id).filter(pk__in=share_ids).select_for_update(no_key=True)
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    Share.objects.filter(practice_id=practice_id, pk__in=ids).update(
        ended_at=now, ended_by_id=by.user_id
    )
    return ids


def open_between(*, practice_id: int, payer_id: int, others: Sequence[int]) -> list[int]:
    """Permissions that stand between a payer and these others, either way."""
    either = Q(owner_id=payer_id, user_id__in=others) | Q(user_id=payer_id, owner_id__in=others)
    return list(_open(practice_id).filter(either).order_by("pk").values_list("pk", flat=True))


def move_payer(
    *, practice_id: int, from_id: int, to_id: int, by: Actor, now: datetime
) -> dict[str, list[int]]:
    """
    Two records became one: permissions of the one are the other's.

    One between the two is ended, and so is one that the kept record has already; what was used
    under it stays with it. Returns what moved and what was ended, for `move_back`.
    """
    between = open_between(practice_id=practice_id, payer_id=from_id, others=[to_id])
    doubled = _doubled(practice_id, from_id, to_id)
    ended = end(practice_id=practice_id, share_ids=[*between, *doubled], by=by, now=now)
    shares = Share.objects.filter(practice_id=practice_id)
    given = _ids(shares.filter(owner_id=from_id).exclude(user_id=to_id))
    had = _ids(shares.filter(user_id=from_id).exclude(owner_id=to_id))
    shares.filter(pk__in=given).update(owner_id=to_id)
    shares.filter(pk__in=had).update(user_id=to_id)
    return {"given": given, "had": had, "ended": ended}


def move_back(*, practice_id: int, from_id: int, to_id: int, done: Mapping[str, Any]) -> list[int]:
    """
    Take `move_payer` back. What the merge ended stands again, unless something else was agreed
    since; returns the ids of those.
    """
    shares = Share.objects.filter(practice_id=practice_id)
    shares.filter(pk__in=done["given"], owner_id=from_id).update(owner_id=to_id)
    shares.filter(pk__in=done["had"], user_id=from_id).update(user_id=to_id)
    restored = []
    for share in shares.filter(pk__in=done["ended"]).order_by("pk"):
        if not standing(practice_id=practice_id, owner_id=share.owner_id, user_id=share.user_id):
            shares.filter(pk=share.pk).update(ended_at=None, ended_by_id=None)
            restored.append(share.pk)
    return restored


def _doubled(practice_id: int, from_id: int, to_id: int) -> list[int]:
    shares = _open(practice_id)
    users = shares.filter(owner_id=to_id).values_list("user_id", flat=True)
    owners = shares.filter(user_id=to_id).values_list("owner_id", flat=True)
    return [
        *_ids(shares.filter(owner_id=from_id, user_id__in=list(users))),
        *_ids(shares.filter(user_id=from_id, owner_id__in=list(owners))),
    ]


def _open(practice_id: int) -> QuerySet[Share]:
    return Share.objects.filter(practice_id=practice_id, ended_at__isnull=True)


def _ids(shares: QuerySet[Share]) -> list[int]:
    return list(shares.order_by("pk").values_list("pk", flat=True))
