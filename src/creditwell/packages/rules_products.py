"""What a package product may be: its content and its terms. Pure; amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.kernel.errors import Invalid
from creditwell.money.money import Money

SESSIONS = "sessions"
MOST_SESSIONS = 1_000
"""Each is a row of its own."""
MOST_UNITS = 2_000_000_000
MOST_PERIODS = 600
MOST_NOTICE_HOURS = 8_760


class NoContent(Invalid):
    """A package without anything in it."""

    code = "package_without_content"

    def __init__(self) -> None:
        super().__init__(_("Say what the package contains: add at least one row."), param="parts")


class CoversNothing(Invalid):
    """A part that no visit could use."""

    code = "part_covers_nothing"

    def __init__(self) -> None:
        super().__init__(
            _("Choose at least one kind of visit, or an item, that this can be used for."),
            param="covers",
        )


class TooFewUnits(Invalid):
    """A row of nothing."""

    code = "too_few_units"

    def __init__(self) -> None:
        super().__init__(_("Enter how much this row contains, 1 or more."), param="units")


class TooManyUnits(Invalid):
    """More than one package can hold."""

    code = "too_many_units"

    def __init__(self, most: int) -> None:
        super().__init__(
            ngettext(
                "This is more than a package can hold. Enter at most %(most)s.",
                "This is more than a package can hold. Enter at most %(most)s.",
                most,
            )
            % {"most": most},
            param="units",
        )


class PercentOutOfBounds(Invalid):
    """What is kept of a session is between nothing and all of it."""

    code = "percent_out_of_bounds"

    def __init__(self, param: str) -> None:
        super().__init__(_("Enter a percentage from 0 to 100."), param=param)


class WorthLess(Invalid):
    """An amount to spend that is less than what is paid for it."""

    code = "worth_less_than_its_price"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Patients would pay more than they can spend. Raise the amount to spend, or lower "
                "the price."
            ),
            param="price",
        )


class WrongTerm(Invalid):
    """A number beyond what makes sense, or a word that is not offered."""

    code = "wrong_term"

    def __init__(self, param: str, sentence: str) -> None:
        super().__init__(sentence, param=param)


class FeeTooLarge(Invalid):
    """Nothing would come back."""

    code = "refund_fee_too_large"

    def __init__(self) -> None:
        super().__init__(
            _("The fee for a refund is more than the package costs. Enter a smaller one."),
            param="refund_fee",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartInput:
    """
    What is in a package, as asked for: so many units for any of the types and items.

    Units are sessions, minutes, or minor units of money. `weight_minor` is what one session counts
    when the price is shared out over several parts; 0: by list price.
    """

    units: int
    type_ids: tuple[int, ...] = ()
    item_ids: tuple[int, ...] = ()
    name: str = ""
    weight_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsInput:
    """The rules of a package, as asked for; see `models.Terms`."""

    measure: str = "sessions"
    usable_when: str = "at_once"
    sharing: str = "family"
    valid_count: int | None = None
    valid_unit: str = "month"
    valid_from: str = "sale"
    notice_hours: int = 24
    late_cancel_percent: int = 0
    no_show_percent: int = 100
    refund_fee_minor: int = 0
    renews_count: int | None = None
    renews_unit: str = "month"
    rollover_most: int = 0


def check_parts(parts: Sequence[PartInput], *, measure: str) -> None:
    """
    The content of a package; a refusal says by `position` which part it is about.

    :raises NoContent, CoversNothing, TooFewUnits, TooManyUnits, WrongTerm: as named
    """
    if not parts:
        raise NoContent
    most = MOST_SESSIONS if measure == SESSIONS else MOST_UNITS
    for position, part in enumerate(parts):
        try:
            _check_part(part, most)
        except Invalid as refusal:
            refusal.position = position
            raise
    if sum(part.units for part in parts) > most:
        refused = TooManyUnits(most)
        refused.position = len(parts) - 1
        raise refused


def _check_part(part: PartInput, most: int) -> None:
    if part.units < 1:
        raise TooFewUnits
    if part.units > most:
        raise TooManyUnits(most)
    if not part.type_ids and not part.item_ids:
        raise CoversNothing
    if part.weight_minor < 0:
        raise WrongTerm("weight", _("What a session counts cannot be negative."))


def check_terms(terms: TermsInput, *, price: Money) -> None:
    """
    The rules of a package against each other and its price.

    :raises PercentOutOfBounds, FeeTooLarge, WrongTerm: as named
    """
    for name in ("late_cancel_percent", "no_show_percent"):
        if not 0 <= getattr(terms, name) <= 100:
            raise PercentOutOfBounds(name)
    _check_numbers(terms)
    if terms.refund_fee_minor > price.minor:
        raise FeeTooLarge


def _check_numbers(terms: TermsInput) -> None:
    periods = _("Enter a whole number from 1 to %(most)s.") % {"most": MOST_PERIODS}
    for name in ("valid_count", "renews_count"):
        count = getattr(terms, name)
        if count is not None and not 1 <= count <= MOST_PERIODS:
            raise WrongTerm(name, periods)
    if not 0 <= terms.notice_hours <= MOST_NOTICE_HOURS:
        raise WrongTerm(
            "notice_hours",
            _("Enter the hours of notice, from 0 to %(most)s.") % {"most": MOST_NOTICE_HOURS},
        )
    if terms.refund_fee_minor < 0:
        raise WrongTerm("refund_fee", _("A fee cannot be negative."))
    if not 0 <= terms.rollover_most <= MOST_UNITS:
        raise WrongTerm("rollover_most", _("Enter how much rolls over, 0 or more."))
    if terms.rollover_most and terms.renews_count is None:
        raise WrongTerm(
            "rollover_most", _("Only what renews can roll over. Say how often it renews.")
        )


def check_worth(parts: Sequence[PartInput], *, charged: Money) -> None:
    """
    Of a package counted in money: it is worth at least what is `charged`, tax included.

    :raises WorthLess: if not
    """
    if sum(part.units for part in parts) < charged.minor:
        raise WorthLess
