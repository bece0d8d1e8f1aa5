"""Numbers without gaps: the counter row stays locked until the transaction ends."""

from __future__ import annotations

from django.db import connection


def next_number(*, practice_id: int, series: str) -> int:
    """
    Give out the next number of a series, starting at 1.

    Call it last: everybody else who wants a number of this series waits until the commit.
    """
    assert connection.in_atomic_block, "a number taken outside a transaction can be lost"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_counter (practice_id, series, value) VALUES (%s, %s, 1) "
            "ON CONFLICT (practice_id, series) DO UPDATE SET value = kernel_counter.value + 1 "
            "RETURNING value",
            [practice_id, series],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
