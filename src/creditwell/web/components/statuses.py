"""Every state that a chip shows: colour, shape, word. Colour never speaks alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Status:
    """`tone` is a colour class ("" is neutral), `shape` one of SHAPES, `word` what is read."""

    tone: str
    shape: str
    word: str | Promise


STATUSES: dict[str, Status] = {
    # invoices
    "draft": Status("", "dashed", _("Draft")),
    "unpaid": Status("", "ring", _("Unpaid")),
    "part": Status("warn", "half", _("Part paid")),
    "paid": Status("ok", "full", _("Paid")),
    "overdue": Status("bad", "diamond", _("Overdue")),
    "credited": Status("credit", "plus", _("Credited")),
    "part_credited": Status("credit", "plus", _("Part credited")),
    "written_off": Status("", "cross", _("Written off")),
    "void": Status("", "cross", _("Void")),
    # money
    "credit": Status("credit", "plus", _("Credit")),
    "allocated": Status("ok", "full", _("Allocated")),
    "part_allocated": Status("credit", "half", _("Part allocated")),
    "not_allocated": Status("credit", "ring", _("Not allocated")),
    "refunded": Status("", "back", _("Refunded")),
    "part_refunded": Status("warn", "half", _("Part refunded")),
    "edited": Status("", "back", _("Edited")),
    "dishonoured": Status("bad", "diamond", _("Dishonoured")),
    "voucher_open": Status("credit", "ring", _("Open")),
    "voucher_used": Status("", "full", _("Used up")),
    "voucher_disabled": Status("bad", "cross", _("Disabled")),
    # requests
    "waiting": Status("warn", "ring", _("Waiting")),
    "approved": Status("ok", "full", _("Approved")),
    "declined": Status("bad", "cross", _("Declined")),
    "withdrawn": Status("", "dashed", _("Withdrawn")),
    # appointments
    "booked": Status("", "ring", _("Booked")),
    "confirmed": Status("accent", "ring", _("Confirmed")),
    "arrived": Status("warn", "half", _("Arrived")),
    "done": Status("ok", "full", _("Completed")),
    "cancelled": Status("", "dashed", _("Cancelled")),
    "did_not_arrive": Status("bad", "cross", _("Did not arrive")),
    # visits that a package covers
    "package": Status("ok", "full", _("Package")),
    "package_unpaid": Status("warn", "half", _("Package, unpaid")),
    "session_booked": Status("", "ring", _("Session booked")),
    "session_used": Status("ok", "full", _("Session used")),
    "session_forfeited": Status("bad", "cross", _("Session forfeited")),
    "session_unpaid": Status("warn", "half", _("Package not paid yet")),
    # packages, and what becomes of their sessions
    "paused": Status("warn", "half", _("Paused")),
    "used_up": Status("", "full", _("Used up")),
    "ended": Status("", "cross", _("Over")),
    "free": Status("credit", "ring", _("Free")),
    "used": Status("ok", "full", _("Used")),
    "forfeited": Status("bad", "cross", _("Forfeited")),
    # people and things
    "active": Status("ok", "full", _("Active")),
    "archived": Status("", "dashed", _("Archived")),
    "invited": Status("accent", "half", _("Invited")),
    "expired": Status("", "cross", _("Expired")),
    "revoked": Status("", "cross", _("Revoked")),
    "merged": Status("", "back", _("Merged")),
    # messages and jobs
    "queued": Status("", "ring", _("Waiting")),
    "sent": Status("ok", "full", _("Sent")),
    "kept": Status("", "dashed", _("Kept")),
    "failed": Status("bad", "diamond", _("Failed")),
}

_RING = '<circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5"/>'
SHAPES: dict[str, str] = {
    "full": '<circle cx="6" cy="6" r="5" fill="currentColor"/>',
    "half": _RING + '<path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" fill="currentColor"/>',
    "ring": _RING,
    "diamond": '<path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor"/>',
    "dashed": _RING.replace("/>", ' stroke-dasharray="2.2 2.2"/>'),
    "plus": _RING + '<path d="M6 3.8v4.4M3.8 6h4.4" stroke="currentColor" stroke-width="1.5"/>',
    "cross": '<path d="M2.5 2.5l7 7M9.5 2.5l-7 7" stroke="currentColor" stroke-width="1.75"/>',
    "back": '<path d="M1.5 6h8M4.8 2.6 1.5 6l3.3 3.4" fill="none" stroke="currentColor" '
    'stroke-width="1.6"/>',
}


def shape(name: str) -> SafeString:
    """The small drawing of a state; decoration, the word stands beside it."""
    return mark_safe(  # noqa: S308  (constants from this file)
        f'<svg class="g" viewBox="0 0 12 12" aria-hidden="true">{SHAPES[name]}</svg>'
    )
