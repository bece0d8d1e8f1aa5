"""Reports of what is held read each table once, also where PostgreSQL knows nothing of its size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection

from creditwell.packages import queries_unearned as unearned
from creditwell.payments import queries_liability as liability
from creditwell.tenancy.access import PracticeFacts, facts_of
from tests.acts import pay
from tests.factories import Clinic, make_clinic

pytestmark = pytest.mark.django_db
SINCE, UNTIL = date(2026, 1, 1), date(2026, 11, 24)


@pytest.fixture
def clinic() -> Clinic:
    clinic = make_clinic()
    pay(clinic, 10000)
    return clinic


class Plans:
    """How a query is carried out as it is asked, and how it would be if nothing were said of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.otherwise: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        def plan() -> str:
            execute(f"EXPLAIN {sql}", params, many, context)
            return "\n".join(line for (line,) in context["cursor"].fetchall())

        if sql.lstrip().startswith("WITH"):
            before = setting()
            self.asked.append(plan())
            execute("SET LOCAL enable_nestloop = on", None, many, context)
            self.otherwise.append(plan())
            execute(f"SET LOCAL enable_nestloop = {before}", None, many, context)
        return execute(sql, params, many, context)


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        return str(cursor.fetchone()[0])


def rolled(practice: PracticeFacts) -> None:
    for by in liability.BY:
        liability.roll_forward(practice, SINCE, UNTIL, by=by)


def held(practice: PracticeFacts) -> None:
    liability.held_lots(practice, UNTIL)
    liability.held_lots(practice, UNTIL, ("kind", "payment"), limit=None)


def rolled_packages(practice: PracticeFacts) -> None:
    for by in unearned.BY:
        unearned.roll_forward(practice, SINCE, UNTIL, by=by)


def held_packages(practice: PracticeFacts) -> None:
    unearned.held_packages(practice, UNTIL)


@pytest.mark.parametrize("read", [rolled, held, rolled_packages, held_packages])
def test_no_table_is_begun_anew_for_each_row_of_another(
    clinic: Clinic, read: Callable[[PracticeFacts], None]
) -> None:
    plans = Plans()
    with connection.execute_wrapper(plans):
        read(facts_of(clinic.practice))
    assert plans.asked
    assert not [plan for plan in plans.asked if "Nested Loop" in plan]
    assert all("Nested Loop" in plan for plan in plans.otherwise), "so it would be, left alone"
    assert setting() == "on", "other queries choose for themselves"
