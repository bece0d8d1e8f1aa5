"""What went from one package to another: a page like a receipt, for both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from creditwell.money.money import Money
from creditwell.packages.models import ActKind
from creditwell.packages.queries import PackageStanding, packages_by_id
from creditwell.packages.queries_page import ActLine, act_lines
from creditwell.tenancy.access import Member
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.page import standing_of_package
from creditwell.web.packages.standings import StandingCard, standing_card, units_text
from creditwell.web.packages.undoing import undo_of

MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A package on one side of a transfer."""

    card: StandingCard
    owner_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    """One transfer: from whom to whom, how much, what it is worth; `undo_url` may be ""."""

    giver: Side
    receiver: Side
    units: str
    value: Money
    on: date
    who: str
    reason: str
    undone: bool
    undo_url: str


@require_safe
@door("packages.view")
def package_transfers(request: PracticeRequest, pk: int) -> HttpResponse:
    """All that was transferred out of a package, and how it came to be, the latest first."""
    member = request.member
    standing = standing_of_package(member, pk, timezone.now())
    acts = [
        act
        for act in act_lines(practice_id=member.practice_id, package_id=pk, limit=MOST)
        if act.kind in (ActKind.SENT, ActKind.RECEIVED)
    ]
    others = packages_by_id(
        practice_id=member.practice_id,
        package_ids=[_other(act) for act in acts],
        today=standing.today,
    )
    lines = [_line(member, standing, others[_other(act)], act) for act in acts]
    context = {
        "lines": lines,
        "card": standing_card(member, standing),
        "package_url": page_link("package", pk),
    }
    return render(request, "packages/transfers.html", context)


def _other(act: ActLine) -> int:
    name = "to_package_id" if act.kind == ActKind.SENT else "from_package_id"
    return int(act.details[name])


def _line(
    member: Member, standing: PackageStanding, other: PackageStanding, act: ActLine
) -> TransferLine:
    sent = act.kind == ActKind.SENT
    giver, receiver = (standing, other) if sent else (other, standing)
    undo = None if act.undone else undo_of(act)
    may_undo = undo is not None and member.may(undo.permission)
    return TransferLine(
        giver=_side(member, giver),
        receiver=_side(member, receiver),
        units=units_text(int(act.details["units"]), standing.measure, member.practice),
        value=member.practice.money(abs(act.value_minor)),
        on=act.on,
        who=act.who,
        reason=act.reason,
        undone=act.undone,
        undo_url=page_link("package_undo", standing.id, act.id) if may_undo else "",
    )


def _side(member: Member, standing: PackageStanding) -> Side:
    return Side(
        card=standing_card(member, standing), owner_url=page_link("patient", standing.patient_id)
    )
