"""Credit goes from one payer to another: one act, neither takings nor a refund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.credit.queries import OpenLot, open_lots
from creditwell.credit.rules import order_of_use, usable
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import transferring
from creditwell.payments.operations import lock_several
from creditwell.people.queries_families import in_one_family
from creditwell.tenancy.access import Actor, PracticeFacts, Written


class NotFamily(Refusal):
    """Receptionists move credit within a family; to anybody else a bookkeeper does."""

    code = "not_family"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _(
                "These two are not in one family. Add them to a family first, or ask a bookkeeper "
                "or the owner to transfer the credit."
            ),
            param="to",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCredit:
    """
    `lots` is (lot id, minor units) chosen by hand; without, `amount_minor` of the giver's lots in
    the written order of use. `anywhere`: the actor may move credit to somebody outside the family.
    """

    practice_id: int
    key: str
    by: Actor
    from_payer_id: int
    to_payer_id: int
    reason: str
    amount_minor: int = 0
    lots: tuple[tuple[int, int], ...] = ()
    on: date | None = None
    anywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    transfer_id: int
    number: int
    total_minor: int
    lot_ids: list[int]


@usecase(Transferred)
def transfer_credit(command: TransferCredit, now: datetime) -> Transferred:
    """
    Move credit; each lot keeps its origin, expiry, refundability and what it may pay for.

    :raises NotFound: if a payer or lot is not of this practice
    :raises NotFamily: if they are no family and the actor may only transfer within one
    :raises Invalid: for oneself, without an amount or reason, or on a day when it was not there
    :raises Overdrawn: if there is less than that
    """
    practice = _lock(command)
    today = practice.day_of(now)
    on = _day(command, today)
    takes = _takes(command, practice, on, today)
    sending = transferring.Sending(
        practice_id=practice.id,
        to_payer_id=command.to_payer_id,
        takes=takes,
        on=on,
        reason=command.reason.strip(),
    )
    journal = Journal(practice.id)
    opened, entry = transferring.post_transfer(journal, sending)
    sent = transferring.write_transfer(
        sending, opened, entry, journal.post(), written=Written(command.by, now)
    )
    note(
        "transfer_credit",
        ("transfer", sent.transfer_id),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={
            "from_payer_id": command.from_payer_id,
            "to_payer_id": command.to_payer_id,
            "total_minor": sending.total_minor,
            "reason": sending.reason,
        },
    )
    emit("transfer.made", {"transfer_id": sent.transfer_id}, practice_id=practice.id, at=now)
    return Transferred(
        transfer_id=sent.transfer_id,
        number=sent.number,
        total_minor=sending.total_minor,
        lot_ids=sent.lot_ids,
    )


def _lock(command: TransferCredit) -> PracticeFacts:
    if command.from_payer_id == command.to_payer_id:
        raise Invalid(_("Choose somebody else to give the credit to."), param="to")
    if not command.reason.strip():
        raise Invalid(_("Say why the credit moves; it stands on both receipts."), param="reason")
    practice = lock_several(
        practice_id=command.practice_id, payer_ids=[command.from_payer_id, command.to_payer_id]
    )
    if not command.anywhere and not in_one_family(
        practice_id=practice.id, payer_ids=(command.from_payer_id, command.to_payer_id)
    ):
        raise NotFamily
    return practice


def _day(command: TransferCredit, today: date) -> date:
    if command.on is not None and command.on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    return command.on or today


def _takes(
    command: TransferCredit, practice: PracticeFacts, on: date, today: date
) -> list[transferring.Take]:
    every = open_lots(practice_id=practice.id, payer_ids=[command.from_payer_id])
    lots = usable(every, today)
    _refuse_expired({lot.id for lot in every} - {lot.id for lot in lots}, command)
    takes = _chosen(command, lots) if command.lots else _in_order(command, practice, lots)
    if any(take.lot.there_since > on for take in takes):
        raise Invalid(
            _("The credit was not there yet on that day. Choose a later day."), param="date"
        )
    return takes


def _refuse_expired(expired: set[int], command: TransferCredit) -> None:
    if any(lot_id in expired for lot_id, _minor in command.lots):
        raise Invalid(
            _("This credit has expired. Give it grace first, then transfer it."), param="lots"
        )


def _chosen(command: TransferCredit, lots: list[OpenLot]) -> list[transferring.Take]:
    by_id = {lot.id: lot for lot in lots}
    if any(minor <= 0 for _lot, minor in command.lots):
        raise Invalid(_("Enter an amount above zero."), param="amount")
    if len({lot_id for lot_id, _minor in command.lots}) < len(command.lots):
        raise Invalid(_("Name each credit once."), param="lots")
    if any(lot_id not in by_id for lot_id, _minor in command.lots):
        raise NotFound(_("There is no such credit of this payer (any more)."), param="lots")
    # More than there is of a lot is refused by the database: it has the last word anyway.
    return [transferring.Take(by_id[lot_id], minor) for lot_id, minor in command.lots]


def _in_order(
    command: TransferCredit, practice: PracticeFacts, lots: list[OpenLot]
) -> list[transferring.Take]:
    if command.amount_minor <= 0:
        raise Invalid(_("Enter an amount above zero."), param="amount")
    takes = transferring.take_from(order_of_use(lots), command.amount_minor)
    covered = sum(take.amount_minor for take in takes)
    if covered < command.amount_minor:
        raise Invalid(
            _("There is only %(amount)s of account credit to transfer.")
            % {"amount": practice.money(covered).decimal},
            param="amount",
        )
    return takes
