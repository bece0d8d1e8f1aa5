"""Who is told of what: the one table from topics to handlers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from creditwell.integrations.email import handlers as email
from creditwell.outbox.deliver import Told

Handler = Callable[[Told, datetime], None]
"""Hears of an event; may hear of it twice, and must do the same thing once."""

SUBSCRIBERS: dict[str, tuple[Handler, ...]] = {
    **dict.fromkeys(email.DRAFTS, (email.write,)),
    email.COPY: (email.copy,),
}
