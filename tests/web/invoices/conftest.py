"""A clinic with its people, and browsers of theirs."""

from __future__ import annotations

import pytest
from django.contrib.auth.backends import ModelBackend
from django.test import Client

from tests.cast import Cast, make_cast

BACKEND = f"{ModelBackend.__module__}.{ModelBackend.__qualname__}"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def desk(cast) -> Client:
    """Bob's browser: he works at the front desk."""
    return client_of(cast.bob)


@pytest.fixture
def owner(cast) -> Client:
    """Alice's browser."""
    return client_of(cast.alice)
