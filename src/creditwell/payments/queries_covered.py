"""
What of open invoices credit could pay, so that nobody is asked for money that is held already.

Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from creditwell.credit.rules import Need, Purse, draw
from creditwell.invoicing.queries import OpenInvoice, open_invoices
from creditwell.payments.restrictions import room
from creditwell.payments.wallets import purses_for
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True)
class AskedInvoice:
    """An open invoice, and what of it credit could pay: its payer's, and what others allow."""

    invoice: OpenInvoice
    covered_minor: int

    @property
    def rest_minor(self) -> int:
        """What its payer may be asked for."""
        return self.invoice.owing_minor - self.covered_minor


def asked_invoices(
    practice: PracticeFacts, payer_ids: Iterable[int], *, on: date
) -> list[AskedInvoice]:
    """
    The open invoices of these payers, each payer's oldest first, with what credit could pay of
    each on a day; three queries, and one more where some credit is for one kind of item only.

    Own credit and what others let them use without being asked are shared out as they would pay:
    the oldest invoice first, no cent twice, credit for one kind of item on such lines alone. Credit
    that several people may use counts for each of them.
    """
    wanted = set(payer_ids)
    if not wanted:
        return []
    by_payer: dict[int, list[OpenInvoice]] = {}
    for invoice in open_invoices(practice_id=practice.id, payer_ids=wanted):
        by_payer.setdefault(invoice.payer_id, []).append(invoice)
    purses: dict[int, list[Purse]] = {payer: [] for payer in by_payer}
    for purse in purses_for(practice_id=practice.id, user_ids=by_payer, on=on):
        if purse.mode != "ask":
            purses[purse.user_id].append(purse)
    rooms = room(
        practice_id=practice.id,
        invoice_ids=[invoice.id for listed in by_payer.values() for invoice in listed],
        category_ids={
            lot.category_id
            for listed in purses.values()
            for purse in listed
            for lot in purse.lots
            if lot.category_id is not None
        },
    )
    found = []
    for payer, listed in by_payer.items():
        needs = [Need(invoice.id, payer, invoice.owing_minor) for invoice in listed]
        covered = dict.fromkeys((invoice.id for invoice in listed), 0)
        for use in draw(purses[payer], needs, rooms=rooms):
            covered[use.invoice_id] += use.amount_minor
        found += [AskedInvoice(invoice, covered[invoice.id]) for invoice in listed]
    return found
