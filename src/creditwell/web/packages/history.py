"""What happened to a package, in words; what can be undone says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from creditwell.money.money import Money
from creditwell.packages.models import ActKind
from creditwell.packages.queries import PackageStanding
from creditwell.packages.queries_page import ActLine
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import day_text
from creditwell.web.door.links import page_link
from creditwell.web.packages.standings import units_text
from creditwell.web.packages.undoing import undo_of

WORDS: dict[str, tuple[str | Promise, str]] = {
    ActKind.SOLD: (gettext_lazy("Sold"), "paid"),
    ActKind.BOOKED: (gettext_lazy("Booked for a visit"), "booked"),
    ActKind.GIVEN_BACK: (gettext_lazy("Given back: free again"), "refunded"),
    ActKind.USED: (gettext_lazy("Used"), "used"),
    ActKind.USE_RETURNED: (gettext_lazy("Use taken back"), "refunded"),
    ActKind.FORFEITED: (gettext_lazy("Forfeited"), "forfeited"),
    ActKind.FORFEIT_RETURNED: (gettext_lazy("Forfeit taken back"), "refunded"),
    ActKind.EXTENDED: (gettext_lazy("Extended"), "booked"),
    ActKind.PAUSED: (gettext_lazy("Paused"), "paused"),
    ActKind.RESUMED: (gettext_lazy("Resumed"), "booked"),
    ActKind.BONUS: (gettext_lazy("Bonus added"), "credit"),
    ActKind.BONUS_RETURNED: (gettext_lazy("Bonus taken back"), "refunded"),
    ActKind.SWAPPED: (gettext_lazy("Swapped"), "edited"),
    ActKind.UPGRADED: (gettext_lazy("Upgraded"), "credit"),
    ActKind.SHARED: (gettext_lazy("Shared"), "credit"),
    ActKind.SHARE_ENDED: (gettext_lazy("Sharing ended"), "cancelled"),
    ActKind.SENT: (gettext_lazy("Transferred to somebody else"), "edited"),
    ActKind.RECEIVED: (gettext_lazy("Received by transfer"), "edited"),
    ActKind.TRANSFER_RETURNED: (gettext_lazy("Transfer taken back"), "refunded"),
    ActKind.CONVERTED: (gettext_lazy("Converted to account credit"), "credit"),
    ActKind.REFUNDED: (gettext_lazy("Refunded"), "refunded"),
    ActKind.EXPIRED: (gettext_lazy("Expired"), "expired"),
    ActKind.EXPIRY_RETURNED: (gettext_lazy("Grace given: there again"), "booked"),
    ActKind.ROLLED_OVER: (gettext_lazy("Rolled over"), "booked"),
    ActKind.VOIDED: (gettext_lazy("Voided with its invoice"), "void"),
}
"""Each kind of act in words, and the mark beside it (a state)."""

Say = Callable[[ActLine, PackageStanding, Member], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """
    One act. `amount` is what it moved of the unearned value; addresses are "" where there is no
    page or nothing to undo. `on` is shown where it is not the day on which it was written.
    """

    id: int
    text: str
    detail: str
    reason: str
    amount: Money | None
    who: str
    at: datetime
    on: date | None
    mark: str
    url: str
    undo_url: str
    undone: bool


def history_lines(
    member: Member, standing: PackageStanding, acts: list[ActLine]
) -> tuple[HistoryLine, ...]:
    """The history, ready to show."""
    return tuple(_line(member, standing, act) for act in acts)


def _line(member: Member, standing: PackageStanding, act: ActLine) -> HistoryLine:
    word, mark = WORDS[act.kind]
    if act.undoes and act.kind == ActKind.EXTENDED:
        word, mark = _("Extension taken back"), "refunded"
    written_on = member.practice.day_of(act.at)
    say = DETAILS.get(act.kind)
    return HistoryLine(
        id=act.id,
        text=str(word),
        detail=say(act, standing, member) if say else "",
        reason=act.reason,
        amount=member.practice.money(act.value_minor) if act.value_minor else None,
        who=act.who,
        at=act.at,
        on=act.on if act.on != written_on else None,
        mark=mark,
        url=_url(act),
        undo_url=_undo_url(member, standing, act),
        undone=act.undone,
    )


def _undo_url(member: Member, standing: PackageStanding, act: ActLine) -> str:
    undo = undo_of(act)
    if undo is not None and member.may(undo.permission):
        return page_link("package_undo", standing.id, act.id)
    by_hand = act.kind == ActKind.USED and act.visit_id is None and not act.undone
    if by_hand and act.session_id is not None and member.may("packages.use"):
        return page_link("session_return", act.session_id)
    return ""


def _url(act: ActLine) -> str:
    if act.appointment_id is not None:
        return page_link("appointment", act.appointment_id)
    for name, page in (("to_package_id", "package"), ("from_package_id", "package")):
        if act.details.get(name):
            return page_link(page, int(act.details[name]))
    if act.details.get("invoice_id"):
        return page_link("invoice", int(act.details["invoice_id"]))
    return ""


def _visit(act: ActLine, standing: PackageStanding, member: Member) -> str:
    """Whose visit, where it is not the owner's; on which day."""
    parts = []
    if act.patient_id not in (None, standing.patient_id):
        parts.append(act.patient)
    if act.details.get("visit_on"):
        parts.append(day_text(date.fromisoformat(act.details["visit_on"])))
    if act.details.get("waived_percent"):
        parts.append(
            _("the rule keeps %(percent)s%%, which was waived")
            % {"percent": act.details["waived_percent"]}
        )
    if "percent" in act.details:
        parts.append(_("%(percent)s%% kept") % {"percent": act.details["percent"]})
    return " · ".join(parts)


def _day(text: str | None) -> str:
    return day_text(date.fromisoformat(text)) if text else _("no end")


def _last_day(act: ActLine, _standing: PackageStanding, _member: Member) -> str:
    """From one last day to another."""
    before, after = act.details.get("from"), act.details.get("until")
    if act.details.get("expires_on"):
        before, after = act.details["expires_on"]
    gaps = {"before": _day(before), "after": _day(after)}
    return _("Good until %(after)s instead of %(before)s") % gaps


def _pause(act: ActLine, _standing: PackageStanding, _member: Member) -> str:
    """Of a pause its days."""
    start, end = _day(act.details.get("from")), act.details.get("resumes")
    if act.kind == ActKind.RESUMED:
        days = int(act.details.get("days", 0))
        return ngettext("It rested for %(count)s day", "It rested for %(count)s days", days) % {
            "count": days
        }
    if end:
        return _("From %(start)s, usable again on %(end)s") % {"start": start, "end": _day(end)}
    return _("From %(start)s until it is resumed") % {"start": start}


def _units(act: ActLine, standing: PackageStanding, member: Member) -> str:
    units = act.details.get("units")
    if not isinstance(units, int):
        return ""
    return units_text(units, standing.measure, member.practice)


def _share(act: ActLine, standing: PackageStanding, member: Member) -> str:
    most = act.details.get("most_units")
    if act.kind == ActKind.SHARED and isinstance(most, int):
        limit = units_text(most, standing.measure, member.practice)
        return _("With %(name)s, up to %(limit)s") % {"name": act.patient, "limit": limit}
    return _("With %(name)s") % {"name": act.patient} if act.patient else ""


def _transfer(act: ActLine, standing: PackageStanding, member: Member) -> str:
    units = _units(act, standing, member)
    gaps = {"units": units, "name": act.patient}
    if act.kind == ActKind.SENT:
        return _("%(units)s to %(name)s") % gaps
    if act.kind == ActKind.RECEIVED:
        return _("%(units)s from %(name)s") % gaps
    return units


def _converted(act: ActLine, _standing: PackageStanding, _member: Member) -> str:
    notes: Any = act.details.get("credit_note_ids") or []
    if not notes:
        return ""
    return ngettext("By a credit note", "By %(count)s credit notes", len(notes)) % {
        "count": len(notes)
    }


def _swap(act: ActLine, _standing: PackageStanding, _member: Member) -> str:
    return f"{act.details.get('from', '')} → {act.details.get('to', '')}"


def _upgrade(act: ActLine, _standing: PackageStanding, _member: Member) -> str:
    before, after = act.details.get("names") or ("", "")
    return f"{before} → {after}"


DETAILS: dict[str, Say] = {
    ActKind.SWAPPED: _swap,
    ActKind.UPGRADED: _upgrade,
    ActKind.EXPIRED: _units,
    ActKind.BOOKED: _visit,
    ActKind.GIVEN_BACK: _visit,
    ActKind.USED: _visit,
    ActKind.USE_RETURNED: _visit,
    ActKind.FORFEITED: _visit,
    ActKind.FORFEIT_RETURNED: _visit,
    ActKind.EXTENDED: _last_day,
    ActKind.PAUSED: _pause,
    ActKind.RESUMED: _pause,
    ActKind.EXPIRED: _units,
    ActKind.EXPIRY_RETURNED: _last_day,
    ActKind.BONUS: _units,
    ActKind.BONUS_RETURNED: _units,
    ActKind.SHARED: _share,
    ActKind.SHARE_ENDED: _share,
    ActKind.SENT: _transfer,
    ActKind.RECEIVED: _transfer,
    ActKind.TRANSFER_RETURNED: _transfer,
    ActKind.CONVERTED: _converted,
    ActKind.REFUNDED: _converted,
}
"""What more is said of a kind of act. Whoever adds one adds a line."""
