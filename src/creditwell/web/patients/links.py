"""Links of a patient's page to pages that may or may not be there."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from creditwell.web.door.links import link_to


def link(name: str, *args: int) -> str:
    """Address of a page, or "" when this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def link_for_patient(name: str, pk: int) -> str:
    """Address of a form that begins with this patient, or ""."""
    page = link_to(name)
    return f"{page}?patient={pk}" if page else ""
