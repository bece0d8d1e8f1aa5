"""What is left of a package becomes account credit of whoever paid."""

from __future__ import annotations

from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import ending
from creditwell.packages.models import ActKind
from creditwell.packages.paying_back import all_stay, freed_by
from creditwell.tenancy.access import Written
from creditwell.usecases._giving_back import (
    GiveBack,
    GivenBack,
    answer_of,
    details_of,
    hold,
    plan,
    tell_notes,
)

__all__ = ["GiveBack", "GivenBack", "convert_package"]


@usecase(GivenBack)
def convert_package(command: GiveBack, now: datetime) -> GivenBack:
    """
    Give back what is left (or so much of it): what was paid is account credit again in the lots it
    came from, what was not is asked no more. The sessions are dead.

    :raises NotFound, PackageEnded, ChangedMeanwhile: as `hold`
    :raises FiguresChanged, VisitsBooked, Invalid: as `plan`
    :raises NothingLeft, TooManySessions, FeeTooLarge, NoSuchMethod: as `plan_end`
    """
    package, practice = hold(practice_id=command.practice_id, package_id=command.package_id)
    made = plan(command, package, practice, now)
    done = ending.post_end(
        practice,
        package,
        made,
        ending.Told(
            kind=ActKind.CONVERTED,
            reason=command.reason.strip(),
            details={"method": str(command.ask.method)},
        ),
        written=Written(command.by, now),
    )
    ways = all_stay(practice, freed_by(made.notes))
    answer = answer_of(command, made, done, ways, refund_ids=[], request_ids=[])
    note(
        "convert_package",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details=details_of(answer, command),
    )
    tell_notes(done.credit_note_ids, practice_id=practice.id, at=now)
    emit("package.converted", {"package_id": package.pk}, practice_id=practice.id, at=now)
    return answer
