"""The bank takes money back: out of the payment's lot, wherever that credit went since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from creditwell.credit.models import Lot
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.rows import insert_row, insert_rows, plus
from creditwell.ledger.post import Journal, Leg, Posted
from creditwell.ledger.queries_history import legs_of
from creditwell.payments import returns, transferring
from creditwell.payments.models import (
    Dishonour,
    LotExpiry,
    LotExpiryReturn,
    Payment,
    PaymentPart,
)
from creditwell.payments.operations import lock_several
from creditwell.payments.unwinding import (
    Held,
    History,
    Movement,
    Node,
    PassedOn,
    Plan,
    Step,
    unwind,
)
from creditwell.payments.voiding import PaymentNotStanding
from creditwell.tenancy.access import PracticeFacts, Written


class OverDishonoured(Refusal):
    """The bank cannot take back more than came by this part of the payment."""

    code = "over_dishonoured"

    def __init__(self) -> None:
        super().__init__(
            _("This is more than came in by this source and was not taken back. Check the amount."),
            param="amount",
        )


class PaymentMoving(Refusal):
    """Credit of the payment was passed on in the same moment."""

    code = "payment_moving"

    def __init__(self) -> None:
        super().__init__(
            _("Credit of this payment was transferred just now. Look at it, then try again.")
        )


@dataclass(slots=True, kw_only=True)
class Tree:
    """Everything that became of a payment's credit, locked."""

    root: Node
    lots: dict[int, Lot]
    allocations: dict[int, returns.Active]
    transfers: dict[int, transferring.Standing]
    expiries: dict[int, LotExpiry]


def hold_part(*, practice_id: int, part_id: int) -> tuple[PracticeFacts, PaymentPart]:
    """
    Lock everybody who holds credit of this part's payment, in the order of their ids, then the
    part. If the credit passes to one more person while we wait, let go and begin again.

    :raises NotFound: if it is not of this practice
    :raises PaymentNotStanding: if the payment was voided or replaced
    """
    lot_id = (
        PaymentPart.objects.filter(practice_id=practice_id, pk=part_id)
        .values_list("payment__lot_id", flat=True)
        .first()
    )
    if lot_id is None:
        raise NotFound
    practice = _lock_holders(practice_id, lot_id)
    part = (
        PaymentPart.objects.select_for_update(of=("self",), no_key=True)
        .select_related("payment__lot", "payment__payer")
        .get(practice_id=practice_id, pk=part_id)
    )
    if part.payment.status != Payment.Status.RECORDED:
        raise PaymentNotStanding
    return practice, part


def _lock_holders(practice_id: int, lot_id: int) -> PracticeFacts:
    for _try in range(5):
        holders = _holders(practice_id, lot_id)
        point = transaction.savepoint()
        practice = lock_several(practice_id=practice_id, payer_ids=holders, vouchers=True)
        if _holders(practice_id, lot_id) <= holders:
            transaction.savepoint_commit(point)
            return practice
        transaction.savepoint_rollback(point)  # gives the locks back: the order is kept
    raise PaymentMoving


def _holders(practice_id: int, lot_id: int) -> set[int]:
    rows = Lot.objects.filter(_of_root(lot_id), practice_id=practice_id)
    return set(rows.values_list("payer_id", flat=True))


def _of_root(lot_id: int) -> Q:
    return Q(pk=lot_id) | Q(root_id=lot_id)


def read_tree(*, practice_id: int, lot_id: int) -> Tree:
    """Read what became of a lot's credit; five queries, however far it went."""
    lots = {
        lot.pk: lot
        for lot in Lot.objects.filter(_of_root(lot_id), practice_id=practice_id).select_related(
            "account"
        )
    }
    expiries = {
        row.pk: row
        for row in LotExpiry.objects.select_for_update(of=("self",), no_key=True)
        .filter(practice_id=practice_id, lot_id__in=lots, returned_minor__lt=F("amount_minor"))
        .order_by("-expired_on", "-pk")
    }
    allocations = {
        row.id: row for row in returns.active_allocations(practice_id=practice_id, lot_ids=lots)
    }
    parts = transferring.standing_parts(practice_id=practice_id, from_lot_ids=lots)
    tree = Tree(
        root=Node(lot_id, 0, 0),
        lots=lots,
        allocations=allocations,
        transfers={part.id: part for part in parts},
        expiries=expiries,
    )
    tree.root = _node(tree, lots[lot_id])
    return tree


def _node(tree: Tree, lot: Lot) -> Node:
    return Node(
        lot.pk,
        lot.account_id,
        lot.account.balance_minor or 0,
        allocations=tuple(
            Held(row.id, row.amount_minor, row.allocated_on)
            for row in tree.allocations.values()
            if row.lot_id == lot.pk
        ),
        passed_on=tuple(
            PassedOn(
                part.id,
                part.amount_minor,
                part.to_lot.received_on,
                _node(tree, tree.lots[part.to_lot.pk]),
            )
            for part in tree.transfers.values()
            if part.from_lot.pk == lot.pk
        ),
        expired=tuple(
            Held(row.pk, row.amount_minor - row.returned_minor, row.expired_on)
            for row in tree.expiries.values()
            if row.lot_id == lot.pk
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """A dishonour on its way into the books: what is taken back, and on which day it stands."""

    practice_id: int
    part: PaymentPart
    tree: Tree
    plan: Plan
    amount_minor: int
    on: date

    def day_of(self, step: Step) -> date:
        """Not before what is taken back began."""
        return max(self.on, step.since)


def plan_dishonour(
    practice: PracticeFacts, part: PaymentPart, amount_minor: int, *, on: date, today: date
) -> Undoing:
    """
    What has to be taken back, and when: on the day the bank took it; today, if the credit was not
    there to be taken on that day (it was elsewhere, and came back since).

    :raises OverDishonoured: if more is taken than came by the part and was not taken before
    :raises Invalid: for a day before the payment, or to come
    """
    came = part.amount_minor + part.rounding_minor
    if not 0 < amount_minor <= came - part.dishonoured_minor:
        raise OverDishonoured
    if on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    if on < part.payment.received_on:
        raise Invalid(_("The bank cannot take money back before it came."), param="date")
    tree = read_tree(practice_id=practice.id, lot_id=part.payment.lot_id)
    plan = unwind(tree.root, amount_minor)
    asked = Undoing(
        practice_id=practice.id, part=part, tree=tree, plan=plan, amount_minor=amount_minor, on=on
    )
    if on == today or _history(asked).bears(_movements(asked)):
        return asked
    return Undoing(
        practice_id=practice.id,
        part=part,
        tree=tree,
        plan=plan,
        amount_minor=amount_minor,
        on=today,
    )


def _history(undoing: Undoing) -> History:
    accounts = [lot.account_id for lot in undoing.tree.lots.values()]
    legs = legs_of(practice_id=undoing.practice_id, account_ids=accounts)
    return History.of(Movement(leg.account_id, leg.on, leg.amount_minor) for leg in legs)


def _movements(undoing: Undoing) -> list[Movement]:
    tree, moves = undoing.tree, []
    for step in undoing.plan.steps:
        on = undoing.day_of(step)
        moves.append(Movement(tree.lots[step.onto].account_id, on, step.minor))
        if step.kind == "transfer":
            from_lot = tree.transfers[step.id].to_lot
            moves.append(Movement(from_lot.account_id, on, -step.minor))
    root = tree.lots[undoing.part.payment.lot_id]
    return [*moves, Movement(root.account_id, undoing.on, -undoing.plan.got_minor)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Indexes of the entries: of each step, in their order, and of the dishonour itself."""

    steps: Sequence[int]
    dishonour: int


def post_dishonour(journal: Journal, undoing: Undoing) -> Entries:
    """Add the entries: everything back first, then off the lot (and what is lost) to the bank."""
    steps = [_post_step(journal, undoing, step) for step in undoing.plan.steps]
    part, plan = undoing.part, undoing.plan
    whole = undoing.amount_minor == part.amount_minor + part.rounding_minor
    rounding = part.rounding_minor if whole else 0
    legs: list[Leg] = [
        (undoing.tree.root.account_id, -plan.got_minor),
        (journal.clinic_wide("funds", part.source_id), undoing.amount_minor - rounding),
        (journal.clinic_wide("rounding"), rounding),
        (journal.clinic_wide("dishonour_loss"), -plan.loss_minor),
    ]
    entry = journal.entry("dishonour", undoing.on, [leg for leg in legs if leg[1]])
    return Entries(steps=steps, dishonour=entry)


def _post_step(journal: Journal, undoing: Undoing, step: Step) -> int:
    on, tree = undoing.day_of(step), undoing.tree
    if step.kind == "allocation":
        back = returns.Return(tree.allocations[step.id], step.minor, on)
        return returns.post_returns(journal, [back])[0]
    if step.kind == "transfer":
        moved = transferring.Back(tree.transfers[step.id], step.minor, on)
        return transferring.post_backs(journal, [moved])[0]
    return journal.move(
        "expiry_return",
        on,
        source=journal.clinic_wide(tree.expiries[step.id].into),
        target=tree.lots[step.onto].account_id,
        minor=step.minor,
    )


def write_dishonour(
    undoing: Undoing, entries: Entries, posted: Posted, *, reason: str, written: Written
) -> int:
    """Insert the rows and mark what was taken back; returns the id of the dishonour."""
    done = list(zip(undoing.plan.steps, entries.steps, strict=True))
    tree = undoing.tree
    back = [(step, entry) for step, entry in done if step.kind == "allocation"]
    returns.write_returns(
        [
            returns.Return(tree.allocations[step.id], step.minor, undoing.day_of(step))
            for step, _entry in back
        ],
        [entry for _step, entry in back],
        posted,
        practice_id=undoing.practice_id,
        reason=reason,
        written=written,
    )
    moved = [(step, entry) for step, entry in done if step.kind == "transfer"]
    transferring.write_backs(
        [
            transferring.Back(tree.transfers[step.id], step.minor, undoing.day_of(step))
            for step, _entry in moved
        ],
        [entry for _step, entry in moved],
        posted,
        reason=reason,
        written=written,
    )
    graced = [(step, posted.entry_ids[entry]) for step, entry in done if step.kind == "expiry"]
    _write_grace(undoing, graced, reason=reason, written=written)
    return _write_dishonour(undoing, posted.entry_ids[entries.dishonour], reason, written)


def _write_grace(
    undoing: Undoing, done: Iterable[tuple[Step, int]], *, reason: str, written: Written
) -> None:
    rows = list(done)
    insert_rows(
        LotExpiryReturn,
        [
            {
                "practice_id": undoing.practice_id,
                "expiry_id": step.id,
                "amount_minor": step.minor,
                "returned_on": undoing.day_of(step),
                "reason": reason,
                "entry_id": entry_id,
                **written.columns,
            }
            for step, entry_id in rows
        ],
    )
    for step, _entry_id in rows:
        LotExpiry.objects.filter(practice_id=undoing.practice_id, pk=step.id).update(
            returned_minor=plus("returned_minor", step.minor)
        )


def _write_dishonour(undoing: Undoing, entry_id: int, reason: str, written: Written) -> int:
    PaymentPart.objects.filter(practice_id=undoing.practice_id, pk=undoing.part.pk).update(
        dishonoured_minor=plus("dishonoured_minor", undoing.amount_minor)
    )
    return insert_row(
        Dishonour,
        {
            "practice_id": undoing.practice_id,
            "part_id": undoing.part.pk,
            "amount_minor": undoing.amount_minor,
            "loss_minor": undoing.plan.loss_minor,
            "dishonoured_on": undoing.on,
            "reason": reason,
            "entry_id": entry_id,
            **written.columns,
        },
    )


def owing_again(undoing: Undoing) -> dict[int, int]:
    """By invoice: what was taken back from it."""
    sums: dict[int, int] = {}
    for step in undoing.plan.steps:
        if step.kind == "allocation":
            invoice_id = undoing.tree.allocations[step.id].invoice_id
            sums[invoice_id] = sums.get(invoice_id, 0) + step.minor
    return sums
