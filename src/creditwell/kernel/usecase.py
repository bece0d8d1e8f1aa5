"""What every use case has in common: one transaction, and the same answer to the same request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import wraps
from time import sleep
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from creditwell.kernel.errors import Refusal, refusal_of
from creditwell.kernel.rows import AtEnd, act


class KeyReused(Refusal):
    """The same idempotency key came with a different request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This was sent before with something else in it, and saved then. Nothing was saved "
                "now; begin anew to save this as well."
            )
        )


class Command(Protocol):
    """A frozen dataclass with the practice it acts in and the key that makes it one act."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def practice_id(self) -> int: ...
    @property
    def key(self) -> str: ...


class Answer(Protocol):
    """A frozen dataclass of plain values (numbers, text, lists): it is kept as JSON."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


TRIES = 3
"""How often an act begins that others keep from ending."""

ASIDE = 0.1
"""
Seconds that an act stands aside before it begins again, twice as long before the last time. At once
it might take a row before the act that was let pass wakes up for it, and both would wait as before.
"""

C = TypeVar("C", bound=Command)
A = TypeVar("A", bound=Answer)


def usecase(
    answer_type: type[A],
) -> Callable[[Callable[[C, datetime], A]], Callable[[C, datetime], A]]:
    """
    Make a use case of a function: one durable transaction, idempotent by `command.key`.

    The same command under the same key returns the first answer and does nothing; a refused or
    broken request leaves no claim behind and may be tried again. An empty key means that the
    caller does not ask for idempotency. What the database refuses comes out as its refusal. An act
    that the database stopped, because it and another waited for each other, is begun again.

    :raises KeyReused: if the key came with a different command before
    """

    def decorate(work: Callable[[C, datetime], A]) -> Callable[[C, datetime], A]:
        @wraps(work)
        def run(command: C, now: datetime) -> A:
            for tried in range(1, TRIES):
                try:
                    return _in_one(work, answer_type, command, now)
                except OperationalError as error:
                    # Two acts waited for each other, and the database let the other one pass:
                    # nothing of ours is left, so we begin again.
                    if not isinstance(error.__cause__, DeadlockDetected):
                        raise
                    sleep(ASIDE * tried)
            return _in_one(work, answer_type, command, now)

        return run

    return decorate


def _in_one(work: Callable[[C, datetime], A], answer_type: type[A], command: C, now: datetime) -> A:
    """In one durable transaction, with the database's refusals named."""
    try:
        with transaction.atomic(durable=True), act() as at_end:
            if command.key:
                return _once(work, answer_type, command, now, at_end)
            answer = work(command, now)
            at_end.write()
            return answer
    except IntegrityError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


def _once(
    work: Callable[[C, datetime], A],
    answer_type: type[A],
    command: C,
    now: datetime,
    at_end: AtEnd,
) -> A:
    fingerprint = _fingerprint(work.__name__, command)
    with connection.cursor() as cursor:
        # A rival with the same key waits here until we commit or roll back.
        cursor.execute(
            "INSERT INTO kernel_request (practice_id, key, fingerprint, created_at) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (practice_id, key) DO NOTHING RETURNING id",
            [command.practice_id, command.key, fingerprint, now],
        )
        if cursor.fetchone() is None:
            return answer_type(**_first_answer(command, fingerprint))
    answer = work(command, now)
    at_end.write(
        "UPDATE kernel_request SET answer = %s::jsonb WHERE practice_id = %s AND key = %s",
        [json.dumps(answer, default=_plain), command.practice_id, command.key],
    )
    return answer


def _first_answer(command: Command, fingerprint: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fingerprint, answer FROM kernel_request WHERE practice_id = %s AND key = %s",
            [command.practice_id, command.key],
        )
        row = cursor.fetchone()
    assert row is not None
    if row[0] != fingerprint:
        raise KeyReused
    answer: dict[str, Any] = json.loads(row[1]) if isinstance(row[1], str) else row[1]
    return answer


def _fingerprint(name: str, command: Command) -> str:
    text = json.dumps([name, command], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """What JSON has no word for: a dataclass by its fields, anything else as text."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)
