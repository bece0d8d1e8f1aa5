"""A payment was written down wrongly: reversed and taken anew, shown as one edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.credit.rules import last_day, later
from creditwell.invoicing.queries import OpenInvoice, open_invoices
from creditwell.kernel.errors import Invalid, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal, NewAccount
from creditwell.money.money import Money
from creditwell.outbox.emit import emit
from creditwell.payments import operations, rules, voiding
from creditwell.payments.returns import Return
from creditwell.payments.vouchers import vouchers_of
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases.take_payment import DoesNotAddUp, PartInput, Taken, amounts, part_drafts


class SoldVouchers(Refusal):
    """What was sold by a payment would not follow it into another."""

    code = "sold_vouchers"

    def __init__(self) -> None:
        super().__init__(
            _("This payment sold gift vouchers. Void it, and sell them again as they should be.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPayment:
    """
    The payment as it should have been. With `pay` None it settles what it settled before, as far
    as the new sum reaches.
    """

    practice_id: int
    key: str
    by: Actor
    payment_id: int
    parts: tuple[PartInput, ...]
    received_on: date | None = None  # None: as it was
    pay: tuple[tuple[int, int], ...] | None = None
    note: str = ""


@usecase(Taken)
def edit_payment(command: EditPayment, now: datetime) -> Taken:
    """
    Replace a payment by another; both stay in the history, linked.

    :raises NotFound, PaymentNotStanding, PaymentRefunded: see payments.voiding
    :raises SoldVouchers: if it sold gift vouchers
    :raises DoesNotAddUp: if the new amounts contradict each other
    :raises BooksClosed: if the new day's books are closed
    """
    payment, practice = voiding.standing_payment(
        practice_id=command.practice_id, payment_id=command.payment_id
    )
    if vouchers_of(practice_id=practice.id, payment_id=payment.pk):
        raise SoldVouchers
    written, today = Written(command.by, now), practice.day_of(now)
    received_on = command.received_on or payment.received_on
    if received_on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    if not command.parts:
        raise Invalid(_("Enter the amount received under a payment source."), param="parts")
    journal = Journal(practice.id)
    undoing = voiding.post_undoing(journal, payment, practice, today)
    sheet = _worksheet(command, practice, undoing.backs)
    taking = operations.Taking(
        practice_id=practice.id,
        payer_id=payment.payer_id,
        parts=sheet.parts,
        received_on=received_on,
        expires_on=later(payment.lot.expires_on, last_day(practice, "payment", received_on)),
        location_id=payment.location_id,
        note=command.note,
        replaces_id=payment.pk,
    )
    posting = operations.post_payment(
        journal, taking, lambda lot: _allocations(sheet, lot, undoing.backs, received_on)
    )
    posted = journal.post()
    voiding.write_undoing(undoing, posted, status="replaced", reason=_("Edited"), written=written)
    recorded = operations.write_payment(posting, posted, written)
    _tell(command, payment.total_minor, taking.total_minor, recorded.payment_id, now)
    return Taken(
        payment_id=recorded.payment_id,
        number=recorded.number,
        lot_id=recorded.lot_id,
        total_minor=taking.total_minor,
        to_credit_minor=sheet.to_credit.minor,
        allocation_ids=recorded.allocation_ids,
    )


def _allocations(
    sheet: rules.Worksheet, lot: NewAccount, backs: Sequence[Return], received_on: date
) -> list[operations.NewAllocation]:
    return [
        operations.NewAllocation(
            lot_id=0,
            lot_account=lot,
            invoice_id=row.invoice.id,
            invoice_account_id=row.invoice.account_id,
            amount_minor=minor,
            on=_day_again(row, backs, received_on),
            share_id=share_id,
            agreed=agreed,
        )
        for row in sheet.rows
        if row.pay
        for share_id, agreed, minor in _leave_again(row, backs)
    ]


def _leave_again(row: rules.Row, backs: Sequence[Return]) -> list[tuple[int | None, str, int]]:
    """
    By whose leave the payment's credit pays an invoice: (permission, how it was agreed, minor
    units). What was used by a permission goes on counting to its cap; the rest needs none.
    """
    found: list[tuple[int | None, str, int]] = []
    rest = row.pay.minor
    for back in backs:
        lent = back.allocation
        part = min(back.amount_minor, rest)
        if lent.invoice_id == row.invoice.id and lent.share_id is not None and part > 0:
            found.append((lent.share_id, lent.agreed, part))
            rest -= part
    if rest:
        found.append((None, "", rest))
    return found


def _worksheet(
    command: EditPayment, practice: PracticeFacts, backs: Sequence[Return]
) -> rules.Worksheet:
    drafts = part_drafts(practice, command.parts)
    freed: dict[int, Money] = {}
    for back in backs:
        invoice_id = back.allocation.invoice_id
        freed[invoice_id] = freed.get(invoice_id, practice.money(0)) + practice.money(
            back.amount_minor
        )
    pay = None if command.pay is None else amounts(practice, command.pay)
    invoices = _invoices_again(practice, freed, set(pay or ()))
    if pay is None:
        received = Money.total((draft.amount for draft in drafts), practice.currency)
        capped = [replace(i, owing_minor=freed[i.id].minor) for i in invoices if i.id in freed]
        pay = rules.plan(order="oldest", available=received, invoices=capped)
    sheet = rules.examine(
        parts=drafts,
        invoices=invoices,
        pay=pay,
        credit=rules.Credit(before=practice.money(0)),
        cash_rounding_minor=practice.cash_rounding_minor,
    )
    if sheet.problems:
        raise DoesNotAddUp(sheet.problems)
    return sheet


def _invoices_again(
    practice: PracticeFacts, freed: dict[int, Money], wanted: set[int]
) -> list[OpenInvoice]:
    """The invoices as they will stand once the old payment is taken back."""
    found = open_invoices(practice_id=practice.id, ids={*freed, *wanted}, settled_too=True)
    zero = practice.money(0)
    return [
        replace(invoice, owing_minor=invoice.owing_minor + freed.get(invoice.id, zero).minor)
        for invoice in found
    ]


def _day_again(row: rules.Row, backs: Sequence[Return], received_on: date) -> date:
    """
    As before where as much was applied before, so that the edit moves no other day's figures; what
    is more than before waits until the invoice asked for it.
    """
    mine = [back for back in backs if back.allocation.invoice_id == row.invoice.id]
    as_before = row.pay.minor <= sum(back.amount_minor for back in mine)
    asked_since = row.invoice.issued_on if as_before else row.invoice.asked_since
    return max(received_on, asked_since, *(back.on for back in mine))


def _tell(command: EditPayment, old_minor: int, new_minor: int, new_id: int, now: datetime) -> None:
    for subject_id in (command.payment_id, new_id):
        note(
            "edit_payment",
            ("payment", subject_id),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={
                "old_payment_id": command.payment_id,
                "new_payment_id": new_id,
                "old_total_minor": old_minor,
                "total_minor": new_minor,
            },
        )
    emit(
        "payment.edited",
        {"old_payment_id": command.payment_id, "payment_id": new_id},
        practice_id=command.practice_id,
        at=now,
    )
