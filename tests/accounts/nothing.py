"""Proof that a refusal left nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core import mail

from creditwell.audit.models import Note
from creditwell.kernel.errors import Refusal
from creditwell.outbox.models import Event
from creditwell.tenancy.models import ApiKey, Invitation, Location, Membership, Practice, User

KEPT = (Practice, User, Membership, Invitation, Location, ApiKey, Note)


def _rows() -> list[object]:
    return [list(model._default_manager.order_by("pk").values()) for model in KEPT]


@contextmanager
def refused_with(kind: type[Refusal]) -> Iterator[None]:
    """The block raises this refusal, changes nothing and sends nothing."""
    before, events, mails = _rows(), Event.objects.count(), len(mail.outbox)
    with pytest.raises(kind) as caught:
        yield
    assert type(caught.value) is kind
    assert caught.value.sentence
    assert _rows() == before
    assert (Event.objects.count(), len(mail.outbox)) == (events, mails)
