"""Account credit pays invoices: an allocation, not a payment of 0.00."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.invoicing.queries import OpenInvoice, open_invoices
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import operations, rules, spending, wallets
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases._low_credit import tell_low_credit
from creditwell.usecases.take_payment import amounts, require_sound


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCredit:
    """
    `use` is (invoice id, minor units) of the payer's own credit, `family_credit` (invoice id,
    owner's payer id, minor units) of somebody else's. With neither: the payer's invoices by the
    practice's allocation order, from their own credit, then from what others let them use.

    `agreed` says how an owner agreed who is to be asked first; `lots` are used before others.
    """

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    use: tuple[tuple[int, int], ...] | None = None
    family_credit: tuple[tuple[int, int, int], ...] = ()
    agreed: tuple[tuple[int, str], ...] = ()
    lots: tuple[int, ...] = ()
    from_invoice_id: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    allocation_ids: list[int]
    invoice_ids: list[int]
    total_minor: int
    credit_after_minor: int  # the payer's own
    family_minor: int = 0  # of the total, what others gave


class NothingToApply(Invalid):
    """There is no credit, or nothing that it could pay."""

    code = "nothing_to_apply"

    def __init__(self) -> None:
        super().__init__(
            _("Nothing was entered: no amount received, and no account credit to use.")
        )


@usecase(Applied)
def apply_credit(command: ApplyCredit, now: datetime) -> Applied:
    """
    Pay invoices from account credit, in the written order of lots: one's own, then the family's.

    :raises NotFound: if a payer is not of this practice
    :raises NothingToApply: without credit or without anything to pay
    :raises DoesNotAddUp: if more is asked for than there is, than an invoice asks, than a
        permission allows, or of somebody who gave none
    :raises BooksClosed: if the day's books are closed
    """
    return apply_within(command, now)


def apply_within(command: ApplyCredit, now: datetime) -> Applied:
    """The same as part of a larger act, in its transaction, which holds everybody by then."""
    practice, owners = _lock(command)
    today = practice.day_of(now)
    if command.on is not None and command.on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    wishes = spending.Wishes(lots=command.lots, agreed=dict(command.agreed))
    invoices = _invoices(command, practice)
    means = _means(command, practice, invoices, owners, today)
    sheet = _worksheet(command, practice, invoices, means, wishes)
    require_sound(sheet, means, wishes)
    news = spending.allocations(
        spending.uses_of(sheet, means, wishes),
        [row.invoice for row in sheet.rows],
        wishes,
        on=command.on or today,
    )
    tell_low_credit(practice, sheet, means, now)
    return _write(command, sheet, news, now)


def _lock(command: ApplyCredit) -> tuple[PracticeFacts, set[int]]:
    """Everybody whose credit may be used, before any of it is read."""
    owners = {owner_id for _invoice, owner_id, _minor in command.family_credit}
    if _by_the_order(command):
        owners |= wallets.owners_for(practice_id=command.practice_id, user_ids=[command.payer_id])
    owners.add(command.payer_id)
    return operations.lock_several(practice_id=command.practice_id, payer_ids=owners), owners


def _by_the_order(command: ApplyCredit) -> bool:
    return command.use is None and not command.family_credit


def _invoices(command: ApplyCredit, practice: PracticeFacts) -> list[OpenInvoice]:
    """Those that are named, else those of the payer in the practice's order."""
    if not _by_the_order(command):
        named = {pk for pk, _minor in command.use or ()}
        named |= {pk for pk, _owner, _minor in command.family_credit}
        return open_invoices(practice_id=practice.id, ids=named) if named else []
    return rules.in_order(
        open_invoices(practice_id=practice.id, payer_id=command.payer_id),
        order=practice.allocation_order if command.from_invoice_id is None else "source",
        from_invoice_id=command.from_invoice_id,
    )


def _means(
    command: ApplyCredit,
    practice: PracticeFacts,
    invoices: Sequence[OpenInvoice],
    owners: set[int],
    today: date,
) -> spending.Means:
    """Credit of those who are locked; somebody who allows it this very moment comes too late."""
    others = any(invoice.payer_id != command.payer_id for invoice in invoices)
    found = spending.means_for(
        practice,
        command.payer_id,
        invoices,
        on=today,
        shared=others or owners != {command.payer_id},
    )
    return replace(found, purses=tuple(purse for purse in found.purses if purse.owner_id in owners))


def _worksheet(
    command: ApplyCredit,
    practice: PracticeFacts,
    invoices: Sequence[OpenInvoice],
    means: spending.Means,
    wishes: spending.Wishes,
) -> rules.Worksheet:
    if _by_the_order(command):
        own, lent = spending.planned(means, invoices, wishes)
        use_credit = {pk: practice.money(minor) for pk, minor in own.items()}
        family = spending.family_uses(practice, [(*key, minor) for key, minor in lent.items()])
    else:
        use_credit = amounts(practice, command.use or ())
        family = spending.family_uses(practice, command.family_credit)
    if not use_credit and not family:
        raise NothingToApply
    return rules.examine(
        parts=[],
        invoices=invoices,
        pay={},
        credit=rules.Credit(
            before=practice.money(means.own.left_minor), own=use_credit, family=family
        ),
        cash_rounding_minor=practice.cash_rounding_minor,
    )


def _write(
    command: ApplyCredit,
    sheet: rules.Worksheet,
    news: list[operations.NewAllocation],
    now: datetime,
) -> Applied:
    journal = Journal(command.practice_id)
    entries = operations.post_allocations(journal, news)
    act = operations.Act(
        practice_id=command.practice_id, written=Written(command.by, now), posted=journal.post()
    )
    allocation_ids = operations.write_allocations(news, entries, act)
    total = (sheet.credit_used + sheet.family_used).minor
    note(
        "apply_credit",
        ("payer", command.payer_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "total_minor": total,
            "invoices": [[new.invoice_id, new.amount_minor] for new in news],
            "family": [[use.owner_id, use.amount.minor] for use in sheet.family],
        },
    )
    emit(
        "credit.applied",
        {"payer_id": command.payer_id, "first_allocation_id": allocation_ids[0]},
        practice_id=command.practice_id,
        at=now,
    )
    return Applied(
        allocation_ids=allocation_ids,
        invoice_ids=sorted({new.invoice_id for new in news}),
        total_minor=total,
        credit_after_minor=sheet.credit_after.minor,
        family_minor=sheet.family_used.minor,
    )
