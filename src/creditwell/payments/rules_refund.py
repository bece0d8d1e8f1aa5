"""Whether a refund needs somebody else's approval, and what becomes of credit. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Need(models.TextChoices):
    """Why a second person has to approve."""

    NONE = "", _("Nobody has to approve this.")
    LIMIT = "limit", _("It is more than you may refund alone.")
    TWO = "two", _("Refunds of this size need two people.")


def approval_needed(
    total_minor: int, *, alone_up_to_minor: int | None, two_above_minor: int | None
) -> Need:
    """
    What stands between a sum and its refund: a limit of one's own, or of everybody.

    An amount equal to a limit is within it.
    """
    if two_above_minor is not None and total_minor > two_above_minor:
        return Need.TWO
    if alone_up_to_minor is not None and total_minor > alone_up_to_minor:
        return Need.LIMIT
    return Need.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class FromLot:
    """
    So much of a lot goes back: by the part of the payment that the money came by, or, of an opening
    balance, by a source that is chosen. Without a part, by the only one there is.
    """

    lot_id: int
    minor: int
    part_id: int | None = None
    source_id: int | None = None
