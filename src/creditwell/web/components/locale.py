"""The locale of money and dates: the practice's, for as long as a request lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

DEFAULT = "en_AU"

_current: ContextVar[str] = ContextVar("creditwell_locale", default=DEFAULT)


def current() -> str:
    """Babel's name of the locale in force, such as "en_AU"."""
    return _current.get()


@contextmanager
def written_in(locale: str) -> Iterator[None]:
    """Write money and dates in this locale inside the block (a request, a document, an email)."""
    token = _current.set(locale or DEFAULT)
    try:
        yield
    finally:
        _current.reset(token)
