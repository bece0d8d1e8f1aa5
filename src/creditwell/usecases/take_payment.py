"""Somebody pays: invoices are settled as asked, the rest becomes account credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.catalog.queries import source_kinds
from creditwell.credit.rules import last_day
from creditwell.invoicing.queries import OpenInvoice, open_invoices
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal, NewAccount
from creditwell.money.money import Money
from creditwell.outbox.emit import emit
from creditwell.payments import operations, rules, spending
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases._low_credit import tell_low_credit


class DoesNotAddUp(Invalid):
    """The amounts of a payment contradict each other; `problems` names each field."""

    code = "does_not_add_up"

    def __init__(self, problems: Sequence[rules.Problem]) -> None:
        super().__init__(problems[0].sentence, param=problems[0].param)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartInput:
    """An amount (minor units) under a payment source."""

    source_id: int
    amount_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePayment:
    """
    `pay` and `use_credit` are (invoice id, minor units). With `pay` None the practice's allocation
    order decides; `use_credit` is what the payer's account credit from before gives, and
    `family_credit`, as (invoice id, owner's payer id, minor units), that of somebody else: nothing
    unless named. `agreed` says how an owner agreed who is to be asked first, `lots` which of the
    lots are to be used before others.
    """

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    parts: tuple[PartInput, ...]
    received_on: date | None = None
    pay: tuple[tuple[int, int], ...] | None = None
    use_credit: tuple[tuple[int, int], ...] = ()
    family_credit: tuple[tuple[int, int, int], ...] = ()
    agreed: tuple[tuple[int, str], ...] = ()
    lots: tuple[int, ...] = ()
    from_invoice_id: int | None = None
    location_id: int | None = None
    note: str = ""
    email_receipt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """`to_credit_minor` is what was not allocated."""

    payment_id: int
    number: int
    lot_id: int
    total_minor: int
    to_credit_minor: int
    allocation_ids: list[int]


@usecase(Taken)
def take_payment(command: TakePayment, now: datetime) -> Taken:
    """
    Record money received from a payer, settle invoices with it, keep the rest as account credit.

    :raises NotFound: if payer, source or invoice are not of this practice
    :raises Invalid: without any amount, or for a day in the future
    :raises DoesNotAddUp: if more is applied than there is, or than an invoice asks
    :raises BooksClosed: if the day's books are closed
    """
    payer, practice = _payer(command)
    written = Written(command.by, now)
    today = practice.day_of(now)
    received_on = _day(command.received_on, today)
    sheet, means, wishes = _worksheet(command, practice, today)
    taking = operations.Taking(
        practice_id=practice.id,
        payer_id=payer,
        parts=sheet.parts,
        received_on=received_on,
        expires_on=last_day(practice, "payment", received_on),
        location_id=command.location_id,
        note=command.note,
    )
    journal = Journal(practice.id)
    posting = operations.post_payment(
        journal,
        taking,
        lambda lot: [
            *_of_payment(sheet, lot, received_on),
            *spending.allocations(
                spending.uses_of(sheet, means, wishes) if means else (),
                [row.invoice for row in sheet.rows],
                wishes,
                on=received_on,
            ),
        ],
    )
    recorded = operations.write_payment(posting, journal.post(), written)
    _tell(command, recorded, taking.total_minor, now)
    tell_low_credit(practice, sheet, means, now)
    return Taken(
        payment_id=recorded.payment_id,
        number=recorded.number,
        lot_id=recorded.lot_id,
        total_minor=taking.total_minor,
        to_credit_minor=sheet.to_credit.minor,
        allocation_ids=recorded.allocation_ids,
    )


def _tell(
    command: TakePayment, recorded: operations.Recorded, total_minor: int, now: datetime
) -> None:
    note(
        "take_payment",
        ("payment", recorded.payment_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "payer_id": command.payer_id,
            "total_minor": total_minor,
            "number": recorded.number,
        },
    )
    emit(
        "payment.taken",
        {"payment_id": recorded.payment_id, "email": command.email_receipt},
        practice_id=command.practice_id,
        at=now,
    )


def _payer(command: TakePayment) -> tuple[int, PracticeFacts]:
    if not command.parts:
        raise Invalid(_("Enter the amount received under a payment source."), param="parts")
    owners = {owner_id for _invoice, owner_id, _minor in command.family_credit}
    return command.payer_id, operations.lock_several(
        practice_id=command.practice_id, payer_ids={command.payer_id, *owners}
    )


def _day(received_on: date | None, today: date) -> date:
    if received_on is not None and received_on > today:
        raise Invalid(
            _("Money cannot be received on a day that has not come yet. Choose today or earlier."),
            param="date",
        )
    return received_on or today


def part_drafts(practice: PracticeFacts, parts: Sequence[PartInput]) -> list[rules.PartDraft]:
    """Look the sources up; one query. :raises NotFound: if one is not of this practice."""
    kinds = source_kinds(practice.id, {part.source_id for part in parts})
    if any(part.source_id not in kinds for part in parts):
        raise NotFound(_("There is no such payment source."), param="parts")
    return [
        rules.PartDraft(
            part.source_id, kinds[part.source_id], practice.money(part.amount_minor), part.reference
        )
        for part in parts
    ]


def _worksheet(
    command: TakePayment, practice: PracticeFacts, today: date
) -> tuple[rules.Worksheet, spending.Means | None, spending.Wishes]:
    drafts = part_drafts(practice, command.parts)
    use_credit = amounts(practice, command.use_credit)
    family = spending.family_uses(practice, command.family_credit)
    wishes = spending.Wishes(lots=command.lots, agreed=dict(command.agreed))
    taken = dict(use_credit)
    for use in family:
        taken[use.invoice_id] = taken.get(use.invoice_id, practice.money(0)) + use.amount
    invoices, pay = _invoices(command, practice, drafts, taken)
    means = None
    if use_credit or family:
        others = bool(family) or any(i.payer_id != command.payer_id for i in invoices)
        means = spending.means_for(practice, command.payer_id, invoices, on=today, shared=others)
    sheet = rules.examine(
        parts=drafts,
        invoices=invoices,
        pay=pay,
        credit=rules.Credit(
            before=practice.money(means.own.left_minor if means else 0),
            own=use_credit,
            family=family,
        ),
        cash_rounding_minor=practice.cash_rounding_minor,
    )
    require_sound(sheet, means, wishes)
    return sheet, means, wishes


def require_sound(
    sheet: rules.Worksheet, means: spending.Means | None, wishes: spending.Wishes
) -> None:
    """:raises DoesNotAddUp: naming everything that is wrong with the worksheet."""
    problems = list(sheet.problems)
    if means is not None:
        problems += spending.problems_of(sheet, means, wishes)
    if problems:
        raise DoesNotAddUp(problems)


def _invoices(
    command: TakePayment,
    practice: PracticeFacts,
    drafts: Sequence[rules.PartDraft],
    taken: dict[int, Money],
) -> tuple[list[OpenInvoice], dict[int, Money]]:
    if command.pay is None:
        if practice.allocation_order == "none" and not taken:
            return [], {}
        invoices = open_invoices(practice_id=practice.id, payer_id=command.payer_id)
        others = taken.keys() - {invoice.id for invoice in invoices}
        if others:
            invoices += open_invoices(practice_id=practice.id, ids=others)
        received = Money.total((draft.amount for draft in drafts), practice.currency)
        return invoices, rules.plan(
            order=practice.allocation_order,
            available=received,
            invoices=[i for i in invoices if i.payer_id == command.payer_id],
            taken=taken,
            from_invoice_id=command.from_invoice_id,
        )
    pay = amounts(practice, command.pay)
    wanted = {*pay, *taken}
    return (open_invoices(practice_id=practice.id, ids=wanted) if wanted else []), pay


def amounts(practice: PracticeFacts, pairs: Sequence[tuple[int, int]]) -> dict[int, Money]:
    """Amounts by invoice id; the same invoice named twice adds up, nothing is dropped."""
    result: dict[int, Money] = {}
    for invoice_id, minor in pairs:
        if minor:
            result[invoice_id] = result.get(invoice_id, practice.money(0)) + practice.money(minor)
    return result


def _of_payment(
    sheet: rules.Worksheet, lot: NewAccount, received_on: date
) -> list[operations.NewAllocation]:
    return [
        operations.NewAllocation(
            lot_id=0,
            lot_account=lot,
            invoice_id=row.invoice.id,
            invoice_account_id=row.invoice.account_id,
            amount_minor=row.pay.minor,
            on=rules.day_of_allocation(
                there_since=received_on, asked_since=row.invoice.asked_since, on=received_on
            ),
        )
        for row in sheet.rows
        if row.pay
    ]
