"""Explain a balance: every lot of credit and every open invoice, down to each movement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.credit.models import Lot, LotKind
from creditwell.invoicing.models import Invoice
from creditwell.ledger.queries_history import Leg, legs_of
from creditwell.ledger.rules import in_telling_order
from creditwell.money.money import Money
from creditwell.payments.causes import Cause, Causes, cause
from creditwell.payments.queries_entries import causes_of
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One movement: positive raises what is held (or owed), `rest` is what then stood."""

    entry_id: int
    on: date
    cause: Cause
    amount: Money
    rest: Money
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LotStory:
    """
    A sum of credit with one origin: what came, what of it was used, what is left. `only_for` is
    the kind of item that it may pay for, "" for anything.
    """

    id: int
    title: str
    page: str
    page_id: int
    who: str
    detail: str
    on: date
    expires_on: date | None
    only_for: str
    came: Money
    left: Money
    moves: tuple[Move, ...]

    @property
    def used(self) -> Money:
        return self.came - self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStory:
    """An invoice: what it asked for and what it still asks for."""

    id: int
    title: str
    on: date
    due_on: date | None
    asked: Money
    owing: Money
    moves: tuple[Move, ...]

    @property
    def settled(self) -> Money:
        return self.asked - self.owing


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Credit and owing of a payer at the end of a day, and everything behind them."""

    credit: Money
    owing: Money
    open_lots: tuple[LotStory, ...]
    used_lots: tuple[LotStory, ...]
    open_invoices: tuple[InvoiceStory, ...]
    settled_invoices: tuple[InvoiceStory, ...]

    @property
    def balance(self) -> Money:
        return self.owing - self.credit


def explanation(
    practice: PracticeFacts, payer_id: int, *, as_of: date | None = None
) -> Explanation:
    """
    Explain credit and owing, now or at the end of a day; a bounded number of queries.

    Everything is added up from the journal, so it comes to ledger.queries.standing_of on any day.
    Within a day movements are told so that no rest is below zero (ledger.rules.in_telling_order).
    """
    return explanations(practice, [payer_id], as_of=as_of)[payer_id]


def explanations(
    practice: PracticeFacts, payer_ids: Sequence[int], *, as_of: date | None = None
) -> dict[int, Explanation]:
    """The same of several payers, by id, in no more queries."""
    lots = list(
        Lot.objects.filter(practice_id=practice.id, payer_id__in=payer_ids)
        .select_related("category")
        .order_by("received_on", "pk")
    )
    invoices = list(
        Invoice.objects.filter(
            practice_id=practice.id, payer_id__in=payer_ids, account__isnull=False
        ).order_by("issued_on", "number")
    )
    accounts = [lot.account_id for lot in lots]
    accounts += [row.account_id for row in invoices if row.account_id is not None]
    legs: dict[int, list[Leg]] = {}
    for leg in legs_of(practice_id=practice.id, account_ids=accounts, until=as_of):
        legs.setdefault(leg.account_id, []).append(leg)
    causes = causes_of(practice, payer_ids)
    told: dict[int, list[LotStory]] = {payer_id: [] for payer_id in payer_ids}
    asked: dict[int, list[InvoiceStory]] = {payer_id: [] for payer_id in payer_ids}
    for lot in lots:
        if lot.account_id in legs:
            told[lot.payer_id].append(_lot(practice, lot, legs[lot.account_id], causes))
    for row in invoices:
        if row.account_id is not None and row.account_id in legs:
            asked[row.payer_id].append(_invoice(practice, row, legs[row.account_id], causes))
    return {
        payer_id: _explanation(practice, told[payer_id], asked[payer_id]) for payer_id in payer_ids
    }


def _explanation(
    practice: PracticeFacts, told: Sequence[LotStory], asked: Sequence[InvoiceStory]
) -> Explanation:
    return Explanation(
        credit=Money.total((story.left for story in told), practice.currency),
        owing=Money.total((story.owing for story in asked), practice.currency),
        open_lots=tuple(story for story in told if story.left),
        used_lots=tuple(reversed([story for story in told if not story.left])),
        open_invoices=tuple(story for story in asked if story.owing),
        settled_invoices=tuple(reversed([story for story in asked if not story.owing])),
    )


def _lot(practice: PracticeFacts, lot: Lot, legs: Sequence[Leg], causes: Causes) -> LotStory:
    moves = _moves(practice, legs, causes)
    payment_id, number = causes.receipts.get(lot.pk, (0, ""))
    first = moves[0]
    title = _("Payment %(number)s") % {"number": number} if number else str(LotKind(lot.kind).label)
    if lot.origin_id is not None:
        title = first.cause.text
    return LotStory(
        id=lot.pk,
        title=title,
        page="payment" if payment_id else "",
        page_id=payment_id,
        who=first.cause.who,
        detail=first.cause.detail or lot.note,
        on=lot.received_on,
        expires_on=lot.expires_on,
        only_for=lot.category.name if lot.category else "",
        came=practice.money(lot.original_minor),
        left=moves[-1].rest,
        moves=moves,
    )


def _invoice(
    practice: PracticeFacts, row: Invoice, legs: Sequence[Leg], causes: Causes
) -> InvoiceStory:
    moves = _moves(practice, legs, causes, sign=-1)
    return InvoiceStory(
        id=row.pk,
        title=_("Invoice %(number)s") % {"number": practice.invoice_number(row.number)},
        on=row.issued_on or moves[0].on,
        due_on=row.due_on,
        asked=practice.money(row.total_minor),
        owing=moves[-1].rest,
        moves=moves,
    )


def _moves(
    practice: PracticeFacts, legs: Sequence[Leg], causes: Causes, *, sign: int = 1
) -> tuple[Move, ...]:
    rest = 0
    moves = []
    for leg in in_telling_order(legs, sign=sign):
        rest += sign * leg.amount_minor
        moves.append(
            Move(
                entry_id=leg.entry_id,
                on=leg.on,
                cause=causes.of(leg.entry_id, undoes_id=leg.undoes_id, onto=leg.amount_minor > 0)
                if sign == 1
                else cause(causes.of_invoice, leg.entry_id, leg.undoes_id),
                amount=practice.money(sign * leg.amount_minor),
                rest=practice.money(rest),
                recorded_at=leg.recorded_at,
            )
        )
    return tuple(moves)
