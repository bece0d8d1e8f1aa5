"""Grace: credit lasts longer, and what had run out already is there again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.credit.models import Lot
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments.expiring import post_grace, standing_expiries, write_grace
from creditwell.payments.models import LotExpiry
from creditwell.payments.operations import lock_payer, require_still
from creditwell.tenancy.access import Actor, PracticeFacts, Written


class NothingToExtend(Refusal):
    """The credit does not expire, or nothing of it is left or has expired."""

    code = "nothing_to_extend"

    def __init__(self) -> None:
        super().__init__(
            _("There is nothing to extend: this credit does not expire, or all of it was used.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendCredit:
    """`until` is the new last day; none: it never expires."""

    practice_id: int
    key: str
    by: Actor
    lot_id: int
    until: date | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """`returned_minor` had expired and is there again."""

    lot_id: int
    expires_on: str | None
    returned_minor: int


@usecase(Extended)
def extend_credit(command: ExtendCredit, now: datetime) -> Extended:
    """
    Move the last day of a lot; before expiry that is all, after it what expired comes back, dated
    today.

    :raises NotFound: if this practice has no such credit
    :raises NothingToExtend: if it does not expire, or there is nothing of it
    :raises Invalid: if the day is not later than the one it has, or is over
    """
    lot, practice = _locked(command)
    today = practice.day_of(now)
    expiries = standing_expiries(practice_id=practice.id, lot_id=lot.pk)
    if lot.expires_on is None or not (lot.account.balance_minor or expiries):
        raise NothingToExtend
    if command.until is not None and command.until < today:
        raise Invalid(_("Choose today or a later day."), param="until")
    if command.until is not None and command.until <= lot.expires_on:
        raise Invalid(_("Choose a day after the one on which it expires now."), param="until")
    returned = _give_back(command, lot, expiries, today, now)
    Lot.objects.filter(practice_id=practice.id, pk=lot.pk).update(
        expires_on=command.until, expiry_noticed_on=None
    )
    until = command.until.isoformat() if command.until else None
    note(
        "extend_credit",
        ("lot", lot.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={
            "payer_id": lot.payer_id,
            "expires_on": [lot.expires_on.isoformat(), until or ""],
            "returned_minor": returned,
            "reason": command.reason.strip(),
        },
    )
    emit(
        "credit.extended",
        {"payer_id": lot.payer_id, "lot_id": lot.pk},
        practice_id=practice.id,
        at=now,
    )
    return Extended(lot_id=lot.pk, expires_on=until, returned_minor=returned)


def _give_back(
    command: ExtendCredit, lot: Lot, expiries: list[LotExpiry], today: date, now: datetime
) -> int:
    if not expiries:
        return 0
    journal = Journal(lot.practice_id)
    entries = post_grace(journal, expiries, account_id=lot.account_id, on=today)
    write_grace(
        expiries,
        entries,
        journal.post(),
        on=today,
        reason=command.reason.strip(),
        written=Written(command.by, now),
    )
    return sum(row.amount_minor - row.returned_minor for row in expiries)


def _locked(command: ExtendCredit) -> tuple[Lot, PracticeFacts]:
    """Lock the payer first, then read the lot again."""
    lots = Lot.objects.filter(practice_id=command.practice_id, pk=command.lot_id)
    payer_id = lots.values_list("payer_id", flat=True).first()
    if payer_id is None:
        raise NotFound
    found = lock_payer(practice_id=command.practice_id, payer_id=payer_id, voucher=True)
    if found is None:
        raise NotFound
    lot = lots.select_related("account").get()
    require_still(lot.payer_id, found[0])
    return lot, found[1]
