"""Prove the books of every practice; changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from creditwell.invoicing.check import check_invoicing
from creditwell.ledger.check import Fault, check_ledger
from creditwell.packages.check import check_packages
from creditwell.payments.check import check_payments
from creditwell.tenancy.models import Practice

CHECKS = (check_ledger, check_invoicing, check_payments, check_packages)


def check_practice(practice_id: int) -> list[Fault]:
    """Every promise that a row of this practice breaks; an empty list means straight books."""
    return [fault for check in CHECKS for fault in check(practice_id)]


def check_books(tick: Callable[[str, int, int], None] = lambda *_: None) -> list[Fault]:
    """
    Check all practices, each in one snapshot, so that work going on meanwhile is no fault.

    `tick(step, done, of how many)` is told of the progress.
    """
    practices = list(Practice.objects.order_by("pk").values_list("pk", "name"))
    faults: list[Fault] = []
    for done, (practice_id, name) in enumerate(practices):
        tick(name, done, len(practices))
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            faults += check_practice(practice_id)
    tick("", len(practices), len(practices))
    return faults
