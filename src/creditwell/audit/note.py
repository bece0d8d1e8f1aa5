"""Write down who did what, in the same transaction: with the last statement of the act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from creditwell.audit.models import Note
from creditwell.kernel.rows import insert_at_end
from creditwell.tenancy.access import Actor


def note(
    action: str,
    subject: tuple[str, int],
    *,
    practice_id: int,
    by: Actor,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """
    Add a note.

    `details` holds what a person reading the trail wants to know (amounts in minor units, old and
    new values), never a password or token.
    """
    insert_at_end(
        Note,
        {
            "practice_id": practice_id,
            "at": at,
            "user_id": by.user_id,
            "api_key_id": by.api_key_id,
            "action": action,
            "subject": subject[0],
            "subject_id": subject[1],
            "details": dict(details or {}),
        },
    )
