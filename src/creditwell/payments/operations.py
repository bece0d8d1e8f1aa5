"""Write payments and allocations. Amounts are minor units of the practice's currency."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from creditwell.credit.operations import NewLot, write_lot
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.numbering import next_number
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.ledger.post import Journal, NewAccount, Posted
from creditwell.payments.models import Allocation, Payment, PaymentPart
from creditwell.payments.rules import Part
from creditwell.people.operations import MergedAway
from creditwell.tenancy.access import FACTS_SQL, PracticeFacts, Written, facts_from


class NotAPerson(Refusal):
    """A gift voucher is a payer of its own: it is sold, redeemed and refunded, nothing else."""

    code = "not_a_person"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is a gift voucher. Sell, redeem or refund it on its own page; choose a "
                "patient or contact here."
            ),
            param="payer",
        )


_VOUCHER_SQL = """EXISTS (SELECT FROM payments_voucher v
           WHERE v.practice_id = y.practice_id AND v.payer_id = y.id)"""
_LOCK_SQL = f"""
SELECT y.id, y.merged_into_id, {_VOUCHER_SQL}, {FACTS_SQL}
  FROM people_payer y JOIN tenancy_practice p ON p.id = y.practice_id
 WHERE y.practice_id = %s AND y.id = %s FOR NO KEY UPDATE OF y
"""  # noqa: S608  # names of our own columns; prepared, for every act of money begins with it


def lock_payer(
    *, practice_id: int, payer_id: int, voucher: bool = False
) -> tuple[int, PracticeFacts] | None:
    """
    Take the payer's row until the commit, with the facts of the practice; one query.

    Every act that moves a payer's money begins here (house rule 11: the person first). A gift
    voucher's payer is refused, unless the act may be about a `voucher`.

    :raises MergedAway: if the record was merged into another: no money comes to it
    :raises NotAPerson: if it is a gift voucher's
    """
    assert connection.in_atomic_block, "a lock outside a transaction is none"
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SQL, [practice_id, payer_id])
        row = cursor.fetchone()
    if row is None:
        return None
    if row[1] is not None:
        raise MergedAway
    if row[2] and not voucher:
        raise NotAPerson
    return row[0], facts_from(row[3:])


_LOCK_SEVERAL_SQL = f"""
SELECT y.id, y.merged_into_id, {_VOUCHER_SQL}, {FACTS_SQL}
  FROM people_payer y JOIN tenancy_practice p ON p.id = y.practice_id
 WHERE y.practice_id = %s AND y.id = ANY(%s::bigint[]) ORDER BY y.id FOR NO KEY UPDATE OF y
"""  # noqa: S608  # names of our own columns; prepared


def lock_several(
    *, practice_id: int, payer_ids: Iterable[int], vouchers: bool = False
) -> PracticeFacts:
    """
    Take the rows of several payers, in the order of their ids: two acts never wait in a ring.

    Payers of gift vouchers are refused, unless the act is one about `vouchers`.

    :raises NotFound: if one of them is not of this practice
    :raises MergedAway: if one of the records was merged into another
    :raises NotAPerson: if one is a gift voucher's
    """
    assert connection.in_atomic_block, "a lock outside a transaction is none"
    wanted = sorted(set(payer_ids))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SEVERAL_SQL, [practice_id, wanted])
        rows = cursor.fetchall()
    if len(rows) < len(wanted):
        raise NotFound(_("There is no such patient in this practice."), param="payer")
    if any(row[1] is not None for row in rows):
        raise MergedAway
    if not vouchers and any(row[2] for row in rows):
        raise NotAPerson
    return facts_from(rows[0][3:])


def require_still(payer_id: int, locked_id: int) -> None:
    """
    Of a thing that was read again once the payer was locked: whether it is still that payer's.

    :raises MergedAway: if it moved while we waited, for two records became one (or two again)
    """
    if payer_id != locked_id:
        raise MergedAway


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A payment about to be written."""

    practice_id: int
    payer_id: int
    parts: Sequence[Part]
    received_on: date
    expires_on: date | None = None  # of the credit that it brings
    location_id: int | None = None
    note: str = ""
    replaces_id: int | None = None

    @property
    def total_minor(self) -> int:
        return sum(part.draft.amount.minor for part in self.parts)


def post_taking(journal: Journal, taking: Taking) -> tuple[NewAccount, int]:
    """Add the payment's entry: funds of each source (and rounding) onto a new lot."""
    lot = journal.open_lot(taking.payer_id)
    sums: dict[tuple[str, int], int] = {}
    for part in taking.parts:
        for kind, reference, minor in (
            ("funds", part.draft.source_id, part.received.minor),
            ("rounding", 0, part.rounding.minor),
        ):
            if minor:
                sums[kind, reference] = sums.get((kind, reference), 0) - minor
    legs = [
        (journal.clinic_wide(kind, reference), minor)
        for (kind, reference), minor in sorted(sums.items())
    ]
    entry = journal.entry("payment", taking.received_on, [(lot, taking.total_minor), *legs])
    return lot, entry


def write_taking(
    taking: Taking, *, account_id: int, entry_id: int, written: Written
) -> tuple[int, int, int]:
    """Insert lot, payment and parts; returns (payment id, receipt number, lot id)."""
    lot_id = write_lot(
        NewLot(
            practice_id=taking.practice_id,
            payer_id=taking.payer_id,
            account_id=account_id,
            kind="payment",
            original_minor=taking.total_minor,
            received_on=taking.received_on,
            created_at=written.at,
            expires_on=taking.expires_on,
        )
    )
    payment_id, number = _write_payment(taking, lot_id, entry_id, written)
    insert_rows(
        PaymentPart,
        [
            {
                "practice_id": taking.practice_id,
                "payment_id": payment_id,
                "source_id": part.draft.source_id,
                "amount_minor": part.received.minor,
                "rounding_minor": part.rounding.minor,
                "refunded_minor": 0,
                "dishonoured_minor": 0,
                "reference": part.draft.reference,
            }
            for part in taking.parts
        ],
    )
    return payment_id, number, lot_id


def _write_payment(taking: Taking, lot_id: int, entry_id: int, written: Written) -> tuple[int, int]:
    number = next_number(practice_id=taking.practice_id, series="receipt")
    payment_id = insert_row(
        Payment,
        {
            "practice_id": taking.practice_id,
            "status": "recorded",
            "payer_id": taking.payer_id,
            "number": number,
            "received_on": taking.received_on,
            "total_minor": taking.total_minor,
            "lot_id": lot_id,
            "entry_id": entry_id,
            "location_id": taking.location_id,
            "replaces_id": taking.replaces_id,
            "note": taking.note,
            "void_reason": "",
            "recorded_at": written.at,
            "recorded_by_id": written.by.user_id,
        },
    )
    return payment_id, number


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAllocation:
    """
    Credit of a lot pays part of an invoice. Of a lot that the same act opens, `lot_id` is 0 until
    it is written.
    """

    lot_id: int
    lot_account: int | NewAccount
    invoice_id: int
    invoice_account_id: int
    amount_minor: int
    on: date
    share_id: int | None = None  # of somebody else's credit: by which permission
    agreed: str = ""


def post_allocations(journal: Journal, news: Sequence[NewAllocation]) -> list[int]:
    """Add an entry for each; returns their indexes."""
    return [
        journal.move(
            "allocation",
            new.on,
            source=new.lot_account,
            target=new.invoice_account_id,
            minor=new.amount_minor,
        )
        for new in news
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the allocations of one act have in common."""

    practice_id: int
    written: Written
    posted: Posted
    payment_id: int | None = None
    new_lot_id: int = 0


def write_allocations(news: Sequence[NewAllocation], entries: Sequence[int], act: Act) -> list[int]:
    """Insert the rows of posted allocations; returns their ids."""
    rows: list[dict[str, Any]] = [
        {
            "practice_id": act.practice_id,
            "lot_id": new.lot_id or act.new_lot_id,
            "invoice_id": new.invoice_id,
            "amount_minor": new.amount_minor,
            "returned_minor": 0,
            "allocated_on": new.on,
            "payment_id": None if new.lot_id else act.payment_id,
            "share_id": new.share_id,
            "agreed": new.agreed,
            "entry_id": act.posted.entry_ids[entry],
            **act.written.columns,
        }
        for new, entry in zip(news, entries, strict=True)
    ]
    return insert_rows(Allocation, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A payment with what it settled, as written."""

    payment_id: int
    number: int
    lot_id: int
    allocation_ids: list[int]
    posted: Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A payment on its way into the books: its entry, and the allocations made with it."""

    taking: Taking
    lot: NewAccount
    entry: int
    news: Sequence[NewAllocation]
    allocation_entries: Sequence[int]


def post_payment(
    journal: Journal,
    taking: Taking,
    allocations: Callable[[NewAccount], Sequence[NewAllocation]],
) -> Posting:
    """Add a payment and its allocations; `allocations` is told the account of the new lot."""
    lot, entry = post_taking(journal, taking)
    news = allocations(lot)
    return Posting(
        taking=taking,
        lot=lot,
        entry=entry,
        news=news,
        allocation_entries=post_allocations(journal, news),
    )


def write_payment(posting: Posting, posted: Posted, written: Written) -> Recorded:
    """Insert the rows of a posted payment."""
    taking = posting.taking
    payment_id, number, lot_id = write_taking(
        taking,
        account_id=posted.id_of(posting.lot),
        entry_id=posted.entry_ids[posting.entry],
        written=written,
    )
    act = Act(
        practice_id=taking.practice_id,
        written=written,
        posted=posted,
        payment_id=payment_id,
        new_lot_id=lot_id,
    )
    return Recorded(
        payment_id=payment_id,
        number=number,
        lot_id=lot_id,
        allocation_ids=write_allocations(posting.news, posting.allocation_entries, act),
        posted=posted,
    )
