"""The last line of every money test."""

from __future__ import annotations

from django.db import connection

from creditwell.tenancy.models import Practice
from creditwell.usecases.check_books import check_practice


def assert_books_straight(practice: Practice) -> None:
    """Nothing in the books of this practice breaks a promise."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    faults = check_practice(practice.pk)
    assert not faults, faults
