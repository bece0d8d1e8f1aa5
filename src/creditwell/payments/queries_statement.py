"""The account statement: opening, what happened, closing, and what stands open at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from creditwell.money.money import Money
from creditwell.payments.queries import AccountRow, account_history
from creditwell.payments.queries_credit import InvoiceStory, LotStory, explanation
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """What is owing, by days past due at the end of the statement."""

    current: Money
    days_30: Money
    days_60: Money
    days_90: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account from one day to another, both included; sums are as at the last day."""

    since: date
    until: date
    opening: Money
    rows: tuple[AccountRow, ...]
    closing: Money
    owing: Money
    credit: Money
    lots: tuple[LotStory, ...]
    invoices: tuple[InvoiceStory, ...]
    aged: Aged


def statement(practice: PracticeFacts, payer_id: int, since: date, until: date) -> Statement:
    """Read the account of a payer over some days; a bounded number of queries."""
    rows = account_history(practice.id, payer_id, until=until, practice=practice)
    before = [row for row in rows if row.on < since]
    shown = tuple(row for row in rows if row.on >= since)
    opening = before[-1].balance if before else practice.money(0)
    stands = explanation(practice, payer_id, as_of=until)
    return Statement(
        since=since,
        until=until,
        opening=opening,
        rows=shown,
        closing=shown[-1].balance if shown else opening,
        owing=stands.owing,
        credit=stands.credit,
        lots=stands.open_lots,
        invoices=stands.open_invoices,
        aged=_aged(practice, stands.open_invoices, until),
    )


def usual_days(today: date) -> tuple[date, date]:
    """What a statement covers when nobody says otherwise: this month and the two before."""
    first = today.replace(day=1)
    for _n in range(2):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, today


def _aged(practice: PracticeFacts, invoices: tuple[InvoiceStory, ...], until: date) -> Aged:
    sums = [0, 0, 0, 0]
    for story in invoices:
        over = (until - (story.due_on or story.on)).days
        at = 0 if over <= 0 else 1 if over <= 30 else 2 if over <= 60 else 3
        sums[at] += story.owing.minor
    current, days_30, days_60, days_90 = (practice.money(minor) for minor in sums)
    return Aged(current=current, days_30=days_30, days_60=days_60, days_90=days_90)
