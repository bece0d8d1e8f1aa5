"""Reads of practices, places and people, as plain data."""

from __future__ import annotations

from creditwell.tenancy.models import Practice, User


def is_set_up() -> bool:
    """Whether anybody has opened a practice or signed up here."""
    return Practice.objects.exists() or User.objects.exists()
