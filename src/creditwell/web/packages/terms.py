"""The rules that a package was sold with, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.packages.models import Sharing, UsableWhen
from creditwell.packages.queries_page import TermsLine
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.formats import money_text
from creditwell.web.packages.words import rollover_text, validity_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsText:
    """One rule: what it is about, and what it says."""

    name: str
    text: str


def terms_texts(terms: TermsLine, practice: PracticeFacts) -> tuple[TermsText, ...]:
    """The rules of a sale; editing the product since then changed none of them."""
    found = [
        TermsText(name=_("Good for"), text=_valid(terms)),
        TermsText(name=_("Can be used"), text=str(UsableWhen(terms.usable_when).label)),
        TermsText(name=_("May be shared with"), text=str(Sharing(terms.sharing).label)),
        TermsText(name=_("Cancelled late"), text=_late(terms)),
        TermsText(name=_("Did not arrive"), text=_kept(terms.no_show_percent)),
    ]
    if terms.membership_id is not None:
        found.append(TermsText(name=_("Afterwards"), text=rollover_text(terms, practice)))
    if terms.refund_fee_minor:
        fee = money_text(practice.money(terms.refund_fee_minor))
        found.append(TermsText(name=_("Fee for a refund"), text=fee))
    return tuple(found)


def _valid(terms: TermsLine) -> str:
    """What renews is good for its period; sold once, outside a membership, it has no end."""
    if terms.membership_id is not None:
        return _("Its period of the membership")
    return validity_text(replace(terms, renews_count=None))


def _late(terms: TermsLine) -> str:
    if not terms.late_cancel_percent:
        return _("Nothing is kept")
    hours = ngettext(
        "less than %(count)s hour before", "less than %(count)s hours before", terms.notice_hours
    ) % {"count": terms.notice_hours}
    return f"{_kept(terms.late_cancel_percent)}, {hours}"


def _kept(percent: int) -> str:
    if not percent:
        return _("Nothing is kept")
    if percent == 100:
        return _("The session is kept")
    return _("%(percent)s%% is kept") % {"percent": percent}
