"""
Messages that go out by themselves: what becomes of somebody's package or membership.

None of them names the package: its name may tell what somebody is treated for.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from creditwell.integrations.email.kinds._shape import (
    AMOUNT,
    FROM,
    HELLO,
    NAME,
    NUMBER,
    PRACTICE,
    Gap,
    Kind,
)

LEFT = Gap("left", _("What is left of it: sessions, minutes or an amount"), always=False)
TALK_TO_US = _("If you cannot come in time, please talk to us.")
IT_WAS_LEFT = _("What was left of it: {left}.")

PACKAGES = (
    Kind(
        name="package_expiring",
        word=_("Package expires soon"),
        when=_(
            "Once, some days before a package runs out of which something is left; how many days "
            "stands in the settings of account credit. Of a membership at most a week before, and "
            "only if more is left than rolls over."
        ),
        gaps=(NAME, PRACTICE, LEFT, Gap("expires_on", _("The last day it can be used"))),
        subject=_("Your package at {practice}: use it by {expires_on}"),
        body=(
            HELLO,
            _("Your package can be used until {expires_on}."),
            _("What is left of it: {left}."),
            _("To use it, book a visit."),
            TALK_TO_US,
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="package_last",
        word=_("One session left"),
        when=_("When a visit uses a session of a package, and one is left after it."),
        gaps=(
            NAME,
            PRACTICE,
            Gap("expires_on", _("The last day it can be used; empty: it has no end"), always=False),
        ),
        subject=_("Your package at {practice}: one session left"),
        body=(
            HELLO,
            _("One session of your package is left."),
            _("It can be used until {expires_on}."),
            _("If you would like to go on after it, ask us for the next one."),
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="package_expired",
        word=_("Package expired"),
        when=_("When a package has run out of which something was left."),
        gaps=(NAME, PRACTICE, LEFT, Gap("expires_on", _("The last day it could be used"))),
        subject=_("Your package at {practice} has expired"),
        body=(
            HELLO,
            _("Your package could be used until {expires_on} and has expired."),
            IT_WAS_LEFT,
            _("If you meant to use it, please talk to us soon: we tell you what can be done."),
            FROM,
        ),
        by_itself=True,
        off_at_first=True,
    ),
    Kind(
        name="membership_renewed",
        word=_("Membership renewed"),
        when=_("When the next period of a membership has begun; its invoice is attached."),
        gaps=(
            NAME,
            PRACTICE,
            NUMBER,
            AMOUNT,
            Gap("first", _("The first day of the period")),
            Gap("last", _("The last day of the period")),
            Gap("paid", _("A sentence that says so when nothing is to be paid"), always=False),
            Gap("owing", _("What is to be paid"), amount=True, always=False),
            Gap("due_on", _("The day it is due; empty when it is paid"), always=False),
        ),
        subject=_("Your membership at {practice}"),
        body=(
            HELLO,
            _("Your membership goes on from {first} to {last}. Invoice {number} is attached."),
            "{paid}",
            _("Please pay {owing} by {due_on}."),
            FROM,
        ),
        quiet=(
            HELLO,
            _("Your membership goes on from {first} to {last}. Invoice {number} is attached."),
            "{paid}",
            _("Please pay it by {due_on}."),
            FROM,
        ),
        by_itself=True,
        off_at_first=True,
    ),
    Kind(
        name="membership_cancelled",
        word=_("Membership cancelled"),
        when=_("When a membership is cancelled."),
        gaps=(NAME, PRACTICE, Gap("last", _("The last day of the membership"))),
        subject=_("Your membership at {practice} is cancelled"),
        body=(
            HELLO,
            _("Your membership is cancelled. Its last day is {last}."),
            _("If you did not expect this, please tell us."),
            FROM,
        ),
        by_itself=True,
        off_at_first=True,
    ),
)
