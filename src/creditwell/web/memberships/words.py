"""What a membership says of itself, in whole sentences."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from creditwell.packages.queries import PackageStanding
from creditwell.packages.queries_memberships import MembershipLine
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.formats import day_text
from creditwell.web.packages.standings import units_text


def lapsed_text(standing: PackageStanding, practice: PracticeFacts) -> str:
    """What was not used in time; "" if nothing."""
    expired = sum(part.expired for part in standing.parts)
    if not expired:
        return ""
    return _("%(units)s lapsed") % {"units": units_text(expired, standing.measure, practice)}


def next_text(line: MembershipLine) -> str:
    """What comes next, in a few words for the list."""
    if line.cancelled_on is not None:
        if line.is_over:
            return _("Ended %(day)s") % {"day": day_text(line.cancelled_on)}
        return _("Ends %(day)s") % {"day": day_text(line.cancelled_on)}
    if line.renews:
        if line.periods_count == 0:
            return _("Begins %(day)s") % {"day": day_text(line.renews_on)}
        return _("Renews %(day)s") % {"day": day_text(line.renews_on)}
    if line.resumes_on is not None:
        return _("Paused until %(day)s") % {"day": day_text(line.resumes_on)}
    return _("Until somebody resumes it")


def pause_text(line: MembershipLine, today: date) -> str:
    """The pause in a sentence; "" without one."""
    if line.status != "paused" or line.paused_on is None:
        return ""
    gaps = {"first": day_text(line.paused_on)}
    if line.resumes_on is not None:
        gaps["last"] = day_text(line.resumes_on)
        if line.paused_on > today:
            return _("A pause is planned from %(first)s; it goes on on %(last)s.") % gaps
        return _("Paused since %(first)s; it goes on on %(last)s.") % gaps
    if line.paused_on > today:
        return _("A pause is planned from %(first)s, until somebody resumes it.") % gaps
    return _("Paused since %(first)s, until somebody resumes it.") % gaps
