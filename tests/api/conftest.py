"""What the tests of the API stand on."""

from __future__ import annotations

import pytest

from creditwell.api import auth
from tests.api.client import Program, make_key
from tests.cast import Cast, make_cast
from tests.factories import NOW


@pytest.fixture(autouse=True)
def tuesday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API's clock stands where that of the factories stands."""
    monkeypatch.setattr(auth, "clock", lambda: NOW)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def program(cast: Cast) -> Program:
    """A program with every scope in Alice's practice."""
    return Program(make_key(cast.clinic.practice, by=cast.alice))


@pytest.fixture
def stranger(cast: Cast) -> Program:
    """A program with every scope in Charlie's practice."""
    return Program(make_key(cast.other.practice, by=cast.charlie))
