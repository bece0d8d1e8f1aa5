"""Somebody brings a gift voucher: its money becomes credit of a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.credit.queries import OpenLot, open_lots
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import transferring
from creditwell.payments.models import Voucher
from creditwell.payments.operations import lock_several
from creditwell.payments.rules_voucher import masked
from creditwell.payments.vouchers import find_voucher
from creditwell.people.models import Patient
from creditwell.tenancy.access import Actor, PracticeFacts, Written


class VoucherDisabled(Refusal):
    """The voucher was withdrawn or refunded."""

    code = "voucher_disabled"

    def __init__(self) -> None:
        super().__init__(
            _("This voucher was disabled. Its page says why, and who can enable it again."),
            param="code",
        )


class VoucherExpired(Refusal):
    """The voucher's last day is over."""

    code = "voucher_expired"

    def __init__(self) -> None:
        super().__init__(
            _("This voucher has expired. To accept it all the same, extend its credit first."),
            param="code",
        )


class NothingLeft(Refusal):
    """The voucher was redeemed whole."""

    code = "nothing_left"

    def __init__(self) -> None:
        super().__init__(_("Nothing is left of this voucher: it was used before."), param="code")


class MoreThanLeft(Invalid):
    """More is asked for than is left of the voucher."""

    code = "more_than_left"

    def __init__(self, left: str) -> None:
        super().__init__(
            _("Only %(left)s is left of this voucher. Enter that or less.") % {"left": left},
            param="amount",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemVoucher:
    """`code` as typed or scanned; `amount_minor` None: all that is left."""

    practice_id: int
    key: str
    by: Actor
    code: str
    patient_id: int
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    voucher_id: int
    transfer_id: int
    number: int
    payer_id: int
    total_minor: int
    left_minor: int
    lot_ids: list[int]


@usecase(Redeemed)
def redeem_voucher(command: RedeemVoucher, now: datetime) -> Redeemed:
    """
    Move the voucher's money, or part of it, to a patient. Kind, expiry and the way back stay.

    :raises WrongCode, NoSuchVoucher, TooManyGuesses: see payments.vouchers.find_voucher
    :raises NotFound: if the patient is not of this practice
    :raises VoucherDisabled, VoucherExpired, NothingLeft: if it cannot be redeemed
    :raises MoreThanLeft: if less is left than that
    """
    found = find_voucher(practice_id=command.practice_id, text=command.code, by=command.by, now=now)
    payer_id = _payer_of(command)
    practice = lock_several(
        practice_id=command.practice_id, payer_ids=[payer_id, found.payer_id], vouchers=True
    )
    today = practice.day_of(now)
    takes = _takes(command, practice, found.pk, today)
    left = sum(take.lot.left_minor - take.amount_minor for take in takes)
    sending = transferring.Sending(
        practice_id=practice.id,
        to_payer_id=payer_id,
        takes=takes,
        on=max([today, *(take.lot.there_since for take in takes)]),
        reason=_("Voucher %(code)s") % {"code": masked(found.code)},
    )
    journal = Journal(practice.id)
    opened, entry = transferring.post_transfer(journal, sending)
    sent = transferring.write_transfer(
        sending, opened, entry, journal.post(), written=Written(command.by, now)
    )
    _tell(command, found.pk, sent, sending.total_minor, now)
    return Redeemed(
        voucher_id=found.pk,
        transfer_id=sent.transfer_id,
        number=sent.number,
        payer_id=payer_id,
        total_minor=sending.total_minor,
        left_minor=left,
        lot_ids=sent.lot_ids,
    )


def _payer_of(command: RedeemVoucher) -> int:
    rows = Patient.objects.filter(practice_id=command.practice_id, pk=command.patient_id)
    payer_id = rows.values_list("payer_id", flat=True).first()
    if payer_id is None:
        raise NotFound(_("There is no such patient in this practice."), param="patient")
    return payer_id


def _takes(
    command: RedeemVoucher, practice: PracticeFacts, voucher_id: int, today: date
) -> list[transferring.Take]:
    """What comes off the voucher's lot, now that nobody else can move it."""
    voucher = Voucher.objects.get(practice_id=practice.id, pk=voucher_id)
    if voucher.disabled_at is not None:
        raise VoucherDisabled
    lots = open_lots(practice_id=practice.id, payer_ids=[voucher.payer_id])
    if not lots:
        raise NothingLeft
    _require_valid(lots, today)
    left = sum(lot.left_minor for lot in lots)
    amount = left if command.amount_minor is None else command.amount_minor
    if amount <= 0:
        raise Invalid(_("Enter an amount above zero."), param="amount")
    if amount > left:
        raise MoreThanLeft(str(practice.money(left).decimal))
    return transferring.take_from(lots, amount)


def _require_valid(lots: list[OpenLot], today: date) -> None:
    if any(lot.expires_on is not None and lot.expires_on < today for lot in lots):
        raise VoucherExpired


def _tell(
    command: RedeemVoucher,
    voucher_id: int,
    sent: transferring.Sent,
    total_minor: int,
    now: datetime,
) -> None:
    note(
        "redeem_voucher",
        ("voucher", voucher_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "patient_id": command.patient_id,
            "transfer_id": sent.transfer_id,
            "total_minor": total_minor,
        },
    )
    emit(
        "voucher.redeemed",
        {"voucher_id": voucher_id, "transfer_id": sent.transfer_id},
        practice_id=command.practice_id,
        at=now,
    )
