"""What every end and every giving of a permission says to the trail and to the outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from creditwell.audit.note import note
from creditwell.credit.models import Share
from creditwell.outbox.emit import emit
from creditwell.tenancy.access import Actor


def tell_given(share_ids: Iterable[int], *, practice_id: int, by: Actor, at: datetime) -> None:
    """Permissions were given, or stand again: a note in both histories, one event each."""
    for share in _shares(practice_id, share_ids):
        terms = {"mode": share.mode, "cap_minor": share.cap_minor}
        _note("share_credit", share, terms, by, at)
        emit("share.given", {"share_id": share.pk}, practice_id=practice_id, at=at)


def tell_ended(
    share_ids: Iterable[int], *, practice_id: int, by: Actor, at: datetime, why: str
) -> None:
    """Permissions were ended; `why` names the use case, for the trail. One event each."""
    for share in _shares(practice_id, share_ids):
        _note("stop_sharing", share, {"why": why}, by, at)
        emit("share.ended", {"share_id": share.pk}, practice_id=practice_id, at=at)


def _shares(practice_id: int, share_ids: Iterable[int]) -> QuerySet[Share]:
    return Share.objects.filter(practice_id=practice_id, pk__in=list(share_ids)).order_by("pk")


def _note(action: str, share: Share, facts: Mapping[str, Any], by: Actor, at: datetime) -> None:
    ends = {"share_id": share.pk, "owner_id": share.owner_id, "user_id": share.user_id}
    for payer_id in (share.owner_id, share.user_id):
        note(
            action,
            ("payer", payer_id),
            practice_id=share.practice_id,
            by=by,
            at=at,
            details={**ends, **facts},
        )
