"""When a use of credit takes somebody below the amount that the practice calls low."""

from __future__ import annotations

from datetime import datetime

from creditwell.outbox.emit import emit
from creditwell.payments import rules, spending
from creditwell.tenancy.access import PracticeFacts


def tell_low_credit(
    practice: PracticeFacts, sheet: rules.Worksheet, means: spending.Means | None, at: datetime
) -> None:
    """
    Emit `credit.low` of each payer whose credit crosses the line by this use; no query.

    The payers are locked and `means` is what they had, so one crossing is one event. Those who
    were below it before are not told again.
    """
    low = practice.low_credit_minor
    if low is None or means is None:
        return
    used = {means.payer_id: sheet.credit_used.minor}
    for use in sheet.family:
        used[use.owner_id] = used.get(use.owner_id, 0) + use.amount.minor
    held = {
        purse.owner_id: sum(lot.left_minor for lot in purse.lots)
        for purse in means.purses
        if purse.owner_id in used
    }
    for payer_id, before in sorted(held.items()):
        if before - used[payer_id] < low <= before:
            emit("credit.low", {"payer_id": payer_id}, practice_id=practice.id, at=at)
