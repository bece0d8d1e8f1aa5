"""Gift vouchers are sold: one payment, whose whole sum becomes the vouchers' money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.credit.models import LotKind
from creditwell.credit.rules import last_day
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import operations, rules, vouchers
from creditwell.payments.vouchers import NewVoucher
from creditwell.people.rules import check_email
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases.take_payment import PartInput, part_drafts

MOST_VOUCHERS = 50

__all__ = ["NewVoucher", "SellVouchers", "Sold", "sell_vouchers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SellVouchers:
    """
    `parts` add up to the values. `email_to`: each voucher goes by email to its "recipient", to the
    "buyer", or ("") to nobody.
    """

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    parts: tuple[PartInput, ...]
    vouchers: tuple[NewVoucher, ...]
    received_on: date | None = None
    location_id: int | None = None
    note: str = ""
    email_receipt: bool = False
    email_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    payment_id: int
    number: int
    total_minor: int
    voucher_ids: list[int]
    codes: list[str]


@usecase(Sold)
def sell_vouchers(command: SellVouchers, now: datetime) -> Sold:
    """
    Take the buyer's payment and make vouchers of all of it, in one act. Credit cannot buy them.

    :raises NotFound: if the buyer or a payment source is not of this practice
    :raises NotAPerson: if the buyer is a voucher itself
    :raises Invalid: without vouchers, values above zero that add up, or for a day to come
    :raises BooksClosed: if the day's books are closed
    """
    tidy = tuple(_tidy(voucher, at) for at, voucher in enumerate(command.vouchers))
    found = operations.lock_payer(practice_id=command.practice_id, payer_id=command.payer_id)
    if found is None:
        raise NotFound(_("There is no such patient in this practice."), param="payer")
    practice, written = found[1], Written(command.by, now)
    taking = _taking(command, practice, practice.day_of(now))
    _add_up(practice, taking.total_minor, tidy)
    journal = Journal(practice.id)
    posting = operations.post_payment(journal, taking, lambda _lot: [])
    expires_on = last_day(practice, LotKind.VOUCHER, taking.received_on)
    sales = [
        vouchers.post_voucher(
            journal, voucher, lot=posting.lot, on=taking.received_on, expires_on=expires_on
        )
        for voucher in tidy
    ]
    recorded = operations.write_payment(posting, journal.post(), written)
    voucher_ids = [
        vouchers.write_voucher(
            sale,
            recorded.posted,
            payment_id=recorded.payment_id,
            lot_id=recorded.lot_id,
            written=written,
        )
        for sale in sales
    ]
    _tell(command, recorded, voucher_ids, tidy, now)
    return Sold(
        payment_id=recorded.payment_id,
        number=recorded.number,
        total_minor=taking.total_minor,
        voucher_ids=voucher_ids,
        codes=[sale.code for sale in sales],
    )


def _tidy(voucher: NewVoucher, at: int) -> NewVoucher:
    """What is written on it, without gaps around. :raises Invalid: naming which one is wrong"""
    try:
        if voucher.value_minor <= 0:
            raise Invalid(_("Enter what the voucher is worth, above zero."), param="value")
        message, email = " ".join(voucher.message.split()), voucher.recipient_email.strip()
        check_email(email, "recipient_email")
        if len(message) > 300:
            raise Invalid(_("Shorten the message to 300 characters."), param="message")
        return NewVoucher(
            value_minor=voucher.value_minor,
            recipient_name=" ".join(voucher.recipient_name.split())[:120],
            recipient_email=email,
            message=message,
        )
    except Invalid as refusal:
        refusal.position = at
        raise


def _taking(command: SellVouchers, practice: PracticeFacts, today: date) -> operations.Taking:
    if not command.parts:
        raise Invalid(_("Enter the amount received under a payment source."), param="parts")
    if command.received_on is not None and command.received_on > today:
        raise Invalid(
            _("Money cannot be received on a day that has not come yet. Choose today or earlier."),
            param="date",
        )
    if any(part.amount_minor <= 0 for part in command.parts):
        raise Invalid(_("Enter an amount above zero."), param="parts")
    if command.email_to not in ("", "recipient", "buyer"):
        raise Invalid(_("Choose one of the list."), param="email_to")
    drafts = part_drafts(practice, command.parts)
    return operations.Taking(
        practice_id=practice.id,
        payer_id=command.payer_id,
        parts=[rules.part_of(draft, practice.cash_rounding_minor) for draft in drafts],
        received_on=command.received_on or today,
        location_id=command.location_id,
        note=command.note,
    )


def _add_up(practice: PracticeFacts, total_minor: int, sold: tuple[NewVoucher, ...]) -> None:
    if not 0 < len(sold) <= MOST_VOUCHERS:
        raise Invalid(
            _("Sell between 1 and %(most)s vouchers at once.") % {"most": MOST_VOUCHERS},
            param="vouchers",
        )
    worth = sum(voucher.value_minor for voucher in sold)
    if worth != total_minor:
        raise Invalid(
            _("%(received)s was entered, but the vouchers come to %(worth)s. They must agree.")
            % {
                "received": practice.money(total_minor).decimal,
                "worth": practice.money(worth).decimal,
            },
            param="parts",
        )


def _tell(
    command: SellVouchers,
    recorded: operations.Recorded,
    voucher_ids: list[int],
    sold: tuple[NewVoucher, ...],
    now: datetime,
) -> None:
    practice_id = command.practice_id
    note(
        "take_payment",
        ("payment", recorded.payment_id),
        practice_id=practice_id,
        by=command.by,
        at=now,
        details={
            "payer_id": command.payer_id,
            "total_minor": sum(voucher.value_minor for voucher in sold),
            "number": recorded.number,
            "vouchers": voucher_ids,
        },
    )
    for voucher_id, voucher in zip(voucher_ids, sold, strict=True):
        note(
            "sell_voucher",
            ("voucher", voucher_id),
            practice_id=practice_id,
            by=command.by,
            at=now,
            details={"payment_id": recorded.payment_id, "value_minor": voucher.value_minor},
        )
        emit(
            "voucher.sold",
            {"voucher_id": voucher_id, "email_to": command.email_to},
            practice_id=practice_id,
            at=now,
        )
    emit(
        "payment.taken",
        {"payment_id": recorded.payment_id, "email": command.email_receipt},
        practice_id=practice_id,
        at=now,
    )
