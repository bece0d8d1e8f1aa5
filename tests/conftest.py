"""What every test stands on: a PostgreSQL of the test run's own, and a browser."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import expect

from creditwell.scheduling.models import AppointmentType
from tests.browser import ARGUMENTS, BROWSERS, find_browser
from tests.cast import Cast, make_cast
from tests.factories import Clinic, make_clinic
from tests.screens import watch as watch
from tests.sold import make_visit_type

os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(BROWSERS))
# Playwright's synchronous interface keeps an event loop in the test's thread; Django would take the
# test for asynchronous code and refuse to ask the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# How fast a machine draws and runs under load says nothing of the code.
settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any-machine")
expect.set_options(timeout=20_000)

_server = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the tests' own PostgreSQL, unless DATABASE_URL names another; workers share it."""
    if config.option.collectonly or config.option.help or os.environ.get("DATABASE_URL"):
        return
    from django.conf import settings as configured

    from creditwell.config.postgres.server import running

    _server.enter_context(running(configured.DATA_DIR, careless=True))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it with the run; a worker of xdist only takes its leave."""
    _server.close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the Chromium that is here; without one the browser tests fail, they are not skipped."""
    path = find_browser()
    if path is None:
        pytest.fail(
            "There is no Chromium for the browser tests. `make test` gets one, or name yours in "
            "the environment variable CHROMIUM."
        )
    return {**browser_type_launch_args, "executable_path": path, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A front desk in Sydney; without motion, so that pictures are the same each time."""
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
        "locale": "en-AU",
        "timezone_id": "Australia/Sydney",
    }


@pytest.fixture(autouse=True)
def the_day_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    For the doors, which read the clock, it is the tests' own day (`tests.factories.NOW`) as well:
    what a page does comes after what a use case did, this year and next.
    """
    from django.utils import timezone

    from tests.factories import NOW

    began = time.monotonic()
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(seconds=time.monotonic() - began))


@pytest.fixture
def clinic() -> Clinic:
    """A practice with one of everything; tests of other practices make their own."""
    return make_clinic()


@pytest.fixture
def cast() -> Cast:
    """A practice with somebody in each role, and another practice beside it."""
    return make_cast()


@pytest.fixture
def massage(clinic: Clinic) -> AppointmentType:
    """A kind of visit that packages cover, for 100.00."""
    return make_visit_type(clinic, name="Massage")
