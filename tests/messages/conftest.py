from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def no_jobs_from_before(request: pytest.FixtureRequest) -> None:
    """The test flush leaves the tables of the queue alone."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
