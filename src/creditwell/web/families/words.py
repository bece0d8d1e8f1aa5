"""Permissions in plain words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from creditwell.money.money import Money
from creditwell.web.components.formats import money_text


def terms_text(mode: str, cap: Money | None, owner: str) -> str:
    """How much may be used, for a cell: "up to $200.00 each month"."""
    gaps = {"cap": money_text(cap) if cap else "", "owner": owner}
    return {
        "always": _("Always"),
        "monthly": _("Up to %(cap)s each month") % gaps,
        "total": _("Up to %(cap)s in all") % gaps,
        "ask": _("Ask %(owner)s first") % gaps,
    }[mode]


def used_text(mode: str, cap: Money, used: Money) -> str:
    """What was used of an amount, and what is left of it."""
    left = cap - used if cap > used else cap - cap
    gaps = {"used": money_text(used), "left": money_text(left)}
    if mode == "monthly":
        return _("%(used)s used this month, %(left)s left") % gaps
    return _("%(used)s used, %(left)s left") % gaps


def none_text(owner: str, user: str) -> str:
    """That nothing is permitted, as a sentence."""
    return _("%(user)s may not use %(owner)s’s credit.") % {"owner": owner, "user": user}


def whole_text(mode: str, cap: Money | None, owner: str, user: str) -> str:
    """The permission as a sentence: "Ben may use Anna’s credit, up to $200.00 each month."."""
    gaps = {"cap": money_text(cap) if cap else "", "owner": owner, "user": user}
    return {
        "always": _("%(user)s may use %(owner)s’s credit, always.") % gaps,
        "monthly": _("%(user)s may use %(owner)s’s credit, up to %(cap)s each month.") % gaps,
        "total": _("%(user)s may use %(owner)s’s credit, up to %(cap)s in all.") % gaps,
        "ask": _("%(user)s may use %(owner)s’s credit, but ask %(owner)s first.") % gaps,
    }[mode]
