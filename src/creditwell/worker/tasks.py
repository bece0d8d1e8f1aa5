"""
What the worker does when a job comes up.

Arguments are ids, by keyword; `**future` lets an old worker take a newer job. Each task may run
twice (a worker that dies is followed by another) and does the same thing once.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from creditwell.integrations.email.operations import SEND_TASK
from creditwell.integrations.email.send import NotSentYet, send
from creditwell.outbox.deliver import mark_delivered, told
from creditwell.worker.subscribers import SUBSCRIBERS

# An event holds up the later ones of its practice, so it is given up after six minutes; the sweep
# (schedule.py) tries again. 3, 9, 27, 81, 243 seconds between attempts.
DELIVERING = RetryStrategy(max_attempts=5, exponential_wait=3)
# A mail server may be away for a night: 4 s, 16 s, 64 s, 4 min, 17 min, 68 min, 4.5 h, 18 h.
ATTEMPTS = 8
SENDING = RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4, retry_exceptions={NotSentYet})


@app.task(name="creditwell.deliver", queue="outbox", retry=DELIVERING)
def deliver(*, practice_id: int, event_id: int, **future: object) -> None:
    """Tell everybody who asked to hear of the event."""
    relay(practice_id=practice_id, event_id=event_id, now=timezone.now())


@app.task(name=SEND_TASK, queue="email", retry=SENDING, pass_context=True)
def send_message(
    context: JobContext, /, *, practice_id: int, message_id: int, **future: object
) -> None:
    """Hand a waiting message to the mail server."""
    last = context.job.attempts >= ATTEMPTS
    send(practice_id=practice_id, message_id=message_id, last=last, now=timezone.now())


def relay(*, practice_id: int, event_id: int, now: datetime) -> None:
    """Tell an event to its subscribers, then remember that it was told."""
    event = told(practice_id=practice_id, event_id=event_id)
    if event.delivered:
        return
    for handle in SUBSCRIBERS.get(event.topic, ()):
        handle(event, now)
    mark_delivered(practice_id=practice_id, event_id=event_id, at=now)
