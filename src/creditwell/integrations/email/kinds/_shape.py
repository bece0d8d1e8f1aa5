"""What a kind of message is, and the gaps and sentences that several have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Gap:
    """`amount`: kept out where the practice wants no amounts. `always`: it is never empty."""

    name: str
    meaning: Words
    amount: bool = False
    always: bool = True

    @property
    def in_subject(self) -> bool:
        """A subject is one line that cannot be left out, and is read over shoulders."""
        return self.always and not self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    `body` are the paragraphs of the built-in text, `quiet` those without amounts (none: the same).

    `by_itself`: it is sent without anybody asking for it, so it can be switched off, and goes to
    nobody without an address; `off_at_first` until a practice switches it on. `needs`: gaps that
    the text cannot be without.
    """

    name: str
    word: Words
    when: Words
    gaps: tuple[Gap, ...]
    subject: Words
    body: tuple[Words, ...]
    quiet: tuple[Words, ...] = ()
    by_itself: bool = False
    off_at_first: bool = False
    needs: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        return {gap.name for gap in self.gaps}


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject and text with gaps in them."""

    subject: str
    body: str


def built_in(kind: Kind, *, amounts: bool) -> Wording:
    """The text that a practice has until it writes its own, in the language in force."""
    paragraphs: Sequence[Words] = kind.body if amounts or not kind.quiet else kind.quiet
    return Wording(str(kind.subject), "\n\n".join(str(one) for one in paragraphs))


NAME = Gap("name", _("Whom it is written to"))
PRACTICE = Gap("practice", _("The name of your practice"))
NUMBER = Gap("number", _("The number, as it is printed"))
DAY = Gap("day", _("The day it happened"))
AMOUNT = Gap("amount", _("The amount"), amount=True)
HELLO, FROM = _("Hello {name},"), "{practice}"
