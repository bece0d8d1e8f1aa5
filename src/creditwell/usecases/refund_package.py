"""What is left of a package goes back to where the money came from."""

from __future__ import annotations

from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import ending
from creditwell.packages.models import ActKind
from creditwell.packages.paying_back import WaysBack, freed_by, ways_back
from creditwell.payments import refunding
from creditwell.payments.rules_refund import Need, approval_needed
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.tenancy.queries_limits import refund_limits
from creditwell.usecases._giving_back import (
    GiveBack,
    GivenBack,
    answer_of,
    details_of,
    hold,
    plan,
    tell_notes,
)
from creditwell.usecases.request_refund import leave_request

__all__ = ["GiveBack", "GivenBack", "need_of", "refund_package"]


@usecase(GivenBack)
def refund_package(command: GiveBack, now: datetime) -> GivenBack:
    """
    Give back what is left (or so much of it), in one act: credit notes, then what was paid goes by
    the sources it came by. Goodwill, opening balances and less than a coin stay account credit.

    Above what this person may refund alone all of it is account credit, and a request waits for
    somebody else. The sessions are dead either way.

    :raises NotFound, PackageEnded, ChangedMeanwhile: as `hold`
    :raises FiguresChanged, VisitsBooked, Invalid: as `plan`
    :raises NothingLeft, TooManySessions, FeeTooLarge, NoSuchMethod: as `plan_end`
    :raises OverRefunded, TooSmallForCash: as `refund_credit`
    """
    package, practice = hold(practice_id=command.practice_id, package_id=command.package_id)
    made = plan(command, package, practice, now)
    written = Written(command.by, now)
    ways = ways_back(practice, freed_by(made.notes))
    need = need_of(practice, command.by, ways)
    done = ending.post_end(
        practice,
        package,
        made,
        ending.Told(
            kind=ActKind.REFUNDED,
            reason=command.reason.strip(),
            details={
                "method": str(command.ask.method),
                "refunded_minor": 0 if need else ways.going_minor,
            },
        ),
        written=written,
    )
    refund_ids: list[int] = []
    request_ids: list[int] = []
    if need:
        request_ids = _ask(practice, ways, command, written)
    else:
        refund_ids = _pay(practice, ways, command, written)
    answer = answer_of(command, made, done, ways, refund_ids=refund_ids, request_ids=request_ids)
    note(
        "refund_package",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details=details_of(answer, command),
    )
    tell_notes(done.credit_note_ids, practice_id=practice.id, at=now)
    emit("package.refunded", {"package_id": package.pk}, practice_id=practice.id, at=now)
    return answer


def need_of(practice: PracticeFacts, by: Actor, ways: WaysBack) -> Need:
    """Whether somebody else has to approve what would go back to its sources."""
    limits = refund_limits(practice_id=practice.id, by=by)
    return approval_needed(
        ways.going_minor,
        alone_up_to_minor=limits.alone_up_to_minor,
        two_above_minor=limits.two_above_minor,
    )


def _pay(practice: PracticeFacts, ways: WaysBack, command: GiveBack, written: Written) -> list[int]:
    """One refund for each payer whose money it was; they are held."""
    on = practice.day_of(written.at)
    ids = []
    for payer_id in ways.payer_ids:
        wanted = ways.wanted_by(payer_id)
        pieces = refunding.pieces_of(practice_id=practice.id, payer_id=payer_id, wanted=wanted)
        refunding.require_there(practice, pieces, on)
        made = refunding.make_refund(
            practice, payer_id, pieces, on=on, reason=command.reason.strip(), written=written
        )
        note(
            "refund_credit",
            ("refund", made.refund_id),
            practice_id=practice.id,
            by=written.by,
            at=written.at,
            details={
                "payer_id": payer_id,
                "total_minor": made.total_minor,
                "reason": command.reason.strip(),
                "package_id": command.package_id,
            },
        )
        emit(
            "credit.refunded",
            {"refund_id": made.refund_id},
            practice_id=practice.id,
            at=written.at,
        )
        ids.append(made.refund_id)
    return ids


def _ask(practice: PracticeFacts, ways: WaysBack, command: GiveBack, written: Written) -> list[int]:
    """One request for each payer; until it is approved the money is account credit."""
    return [
        leave_request(
            practice,
            payer_id,
            ways.wanted_by(payer_id),
            command.reason.strip(),
            written,
        ).request_id
        for payer_id in ways.payer_ids
    ]
