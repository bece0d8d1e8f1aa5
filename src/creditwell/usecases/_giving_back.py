"""What is left of a package is given back: to account credit, or to where the money came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.outbox.emit import emit
from creditwell.packages import ending
from creditwell.packages.crediting import payers_behind
from creditwell.packages.holding import ChangedMeanwhile, PackageEnded, lock_packages
from creditwell.packages.models import Package
from creditwell.packages.paying_back import WaysBack
from creditwell.tenancy.access import Actor, PracticeFacts


class FiguresChanged(Refusal):
    """Something happened to the package since the figures were worked out."""

    code = "figures_changed"

    def __init__(self) -> None:
        super().__init__(
            _("Something changed since the figures were worked out. Look at them again, then save.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """
    `ask` says what and how. `seen_minor` is what the figures came to when they were looked at; if
    they come to something else now, nothing is done.
    """

    practice_id: int
    key: str
    by: Actor
    package_id: int
    reason: str
    ask: ending.Ask = field(default_factory=ending.Ask)
    seen_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """
    `back_minor` in all: `off_owing_minor` is asked no more, `credit_minor` is account credit,
    `refunded_minor` went back to its sources. `request_ids`: refunds that somebody has to approve.
    """

    package_id: int
    back_minor: int
    kept_minor: int
    off_owing_minor: int
    credit_minor: int
    refunded_minor: int
    credit_note_ids: list[int]
    refund_ids: list[int]
    request_ids: list[int]
    over: bool


def hold(*, practice_id: int, package_id: int) -> tuple[Package, PracticeFacts]:
    """
    Take a package, its payer, and everybody on whose invoices it was charged or whose credit paid.

    :raises NotFound: if this practice has no such package
    :raises PackageEnded: if it is over
    :raises ChangedMeanwhile: if somebody else's credit paid for it while we waited
    """
    known = Package.objects.filter(practice_id=practice_id, pk=package_id).first()
    if known is None:
        raise NotFound(_("There is no such package in this practice."), param="package")
    payers = payers_behind(practice_id=practice_id, package=known)
    found, practice = lock_packages(
        practice_id=practice_id, package_ids=[package_id], payer_ids=payers
    )
    package = found[package_id]
    if package.ended_at is not None:
        raise PackageEnded
    if not payers_behind(practice_id=practice_id, package=package) <= {*payers, package.payer_id}:
        raise ChangedMeanwhile
    return package, practice


def plan(
    command: GiveBack, package: Package, practice: PracticeFacts, now: datetime
) -> ending.EndPlan:
    """
    Work the figures out anew and compare them with those that were looked at.

    :raises Invalid: without a reason
    :raises VisitsBooked: if visits would lose their session and nobody said so
    :raises FiguresChanged: if they are not those that were looked at
    """
    if not command.reason.strip():
        raise Invalid(_("Say why; it stands in the package's history."), param="reason")
    made = ending.plan_end(practice, package, command.ask, on=practice.day_of(now))
    if made.released and not command.ask.release:
        raise ending.VisitsBooked(made.released)
    if command.seen_minor is not None and command.seen_minor != made.figures.back.minor:
        raise FiguresChanged
    return made


def answer_of(
    command: GiveBack,
    made: ending.EndPlan,
    done: ending.Ended,
    ways: WaysBack,
    *,
    refund_ids: list[int],
    request_ids: list[int],
) -> GivenBack:
    """What was done, in figures; what waits for approval is account credit until then."""
    refunded = ways.going_minor if refund_ids else 0
    return GivenBack(
        package_id=command.package_id,
        back_minor=made.figures.back.minor,
        kept_minor=made.figures.kept.minor,
        off_owing_minor=made.off_owing_minor,
        credit_minor=made.freed_minor - refunded,
        refunded_minor=refunded,
        credit_note_ids=done.credit_note_ids,
        refund_ids=refund_ids,
        request_ids=request_ids,
        over=made.over,
    )


def details_of(answer: GivenBack, command: GiveBack) -> Mapping[str, Any]:
    """For the trail."""
    return {
        "total_minor": answer.back_minor,
        "kept_minor": answer.kept_minor,
        "refunded_minor": answer.refunded_minor,
        "method": str(command.ask.method),
        "reason": command.reason.strip(),
    }


def tell_notes(note_ids: list[int], *, practice_id: int, at: datetime) -> None:
    """Credit notes that a package made are heard of as any others."""
    for note_id in note_ids:
        emit(
            "credit_note.issued",
            {"credit_note_id": note_id, "email": False},
            practice_id=practice_id,
            at=at,
        )
