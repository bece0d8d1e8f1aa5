"""The owner says how much may be refunded by one person alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.operations import change_practice
from creditwell.usecases.update_practice import OutOfRange


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRefundLimits:
    """Both at once, in minor units; None: no limit."""

    practice_id: int
    by: Actor
    receptionist_refunds_up_to_minor: int | None
    refunds_need_two_above_minor: int | None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLimitsSet:
    changed: list[str]


@usecase(RefundLimitsSet)
def set_refund_limits(command: SetRefundLimits, now: datetime) -> RefundLimitsSet:
    """
    Write the limits; they hold for refunds from now on.

    :raises OutOfRange: for an amount below zero
    """
    limits = {
        "receptionist_refunds_up_to_minor": command.receptionist_refunds_up_to_minor,
        "refunds_need_two_above_minor": command.refunds_need_two_above_minor,
    }
    for name, minor in limits.items():
        if minor is not None and minor < 0:
            raise OutOfRange(name)
    changed = change_practice(practice_id=command.practice_id, changes=limits)
    if changed:
        note(
            "set_refund_limits",
            ("practice", command.practice_id),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={name: list(pair) for name, pair in changed.items()},
        )
    return RefundLimitsSet(changed=sorted(changed))
