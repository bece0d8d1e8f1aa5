"""Links to pages by name, for the pages that are there."""

from __future__ import annotations

from functools import lru_cache

from django.urls import NoReverseMatch, get_urlconf, reverse


def link_to(name: str) -> str:
    """Address of a page without arguments, or "" when this installation has no such page."""
    return _link_to(name, get_urlconf())


@lru_cache(maxsize=256)
def _link_to(name: str, urlconf: str | None) -> str:
    try:
        return reverse(name, urlconf=urlconf)
    except NoReverseMatch:
        return ""


def page_link(name: str, *args: int) -> str:
    """Address of a page of one thing, or "" when this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
