"""Account credit pays invoices: an allocation, not a payment of 0.00."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.credit.queries import open_lots
from creditwell.invoicing.queries import open_invoices
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import operations, rules
from creditwell.tenancy.access import Actor, Written
from creditwell.usecases.take_payment import DoesNotAddUp, amounts, of_credit


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCredit:
    """`use` is (invoice id, minor units); None: by the practice's allocation order."""

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    use: tuple[tuple[int, int], ...] | None = None
    from_invoice_id: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    allocation_ids: list[int]
    invoice_ids: list[int]
    total_minor: int
    credit_after_minor: int


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
    Pay invoices from the payer's account credit, in the written order of lots.

    :raises NothingToApply: without credit or without anything to pay
    :raises DoesNotAddUp: if more is asked for than there is, or than an invoice asks
    :raises BooksClosed: if the day's books are closed
    """
    found = operations.lock_payer(practice_id=command.practice_id, payer_id=command.payer_id)
    if found is None:
        raise NotFound(_("There is no such patient in this practice."), param="payer")
    practice = found[1]
    today = practice.day_of(now)
    if command.on is not None and command.on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    lots = open_lots(practice_id=practice.id, payer_ids=[command.payer_id])
    credit = practice.money(sum(lot.left_minor for lot in lots))
    if command.use is None:
        invoices = open_invoices(practice_id=practice.id, payer_id=command.payer_id)
        wanted = rules.plan(
            order=practice.allocation_order if command.from_invoice_id is None else "source",
            available=credit,
            invoices=invoices,
            from_invoice_id=command.from_invoice_id,
        )
    else:
        wanted = amounts(practice, command.use)
        invoices = open_invoices(practice_id=practice.id, ids=wanted)
    if not wanted:
        raise NothingToApply
    sheet = rules.examine(
        parts=[],
        invoices=invoices,
        pay={},
        use_credit=wanted,
        credit=credit,
        cash_rounding_minor=practice.cash_rounding_minor,
    )
    if sheet.problems:
        raise DoesNotAddUp(sheet.problems)
    return _write(command, sheet, of_credit(sheet, lots, command.on or today), now)


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
    total = sheet.credit_used.minor
    note(
        "apply_credit",
        ("payer", command.payer_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "total_minor": total,
            "invoices": [[new.invoice_id, new.amount_minor] for new in news],
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
    )
