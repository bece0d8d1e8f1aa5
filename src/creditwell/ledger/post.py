"""The one door to the journal: a whole act's accounts and entries in one call to the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, Refusal
from creditwell.ledger.models import Posting


class Overdrawn(Refusal):
    """There is less in a lot (or package) than was asked for."""

    code = "overdrawn"

    def __init__(self) -> None:
        super().__init__(
            _("There is not enough account credit left for this. Nothing was saved; look again.")
        )


class Overpaid(Refusal):
    """More was given to an invoice than it asks for."""

    code = "overpaid"

    def __init__(self) -> None:
        super().__init__(
            _("This is more than the invoice still asks for. Nothing was saved; look again.")
        )


class AlreadyReversed(Refusal):
    """An entry can be put right once; after that, correct the correction."""

    code = "already_reversed"

    def __init__(self) -> None:
        super().__init__(_("This was already taken back. Nothing was changed."))


class BooksClosed(Refusal):
    """The day lies in a period whose books are closed."""

    code = "books_closed"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("The books of this day are closed. Choose a later date, or ask to open the books."),
            param="date",
        )


REFUSED_BY.update(
    ledger_account_not_overdrawn=Overdrawn,
    ledger_account_not_overpaid=Overpaid,
    ledger_entry_reversed_once=AlreadyReversed,
    ledger_books_closed=BooksClosed,
)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that this act opens; its index in the act stands for its id."""

    index: int


@dataclass(frozen=True, slots=True)
class Posted:
    """Ids in the order in which accounts and entries were named."""

    account_ids: list[int]
    entry_ids: list[int]

    def id_of(self, account: NewAccount) -> int:
        return self.account_ids[account.index]


Leg = tuple["int | NewAccount", int]
"""An account and minor units: positive to its good, negative off it."""


@dataclass(slots=True)
class Journal:
    """
    What one act writes into the books of one practice. Name everything, then `post()` once.

    Amounts are minor units of the practice's currency.
    """

    practice_id: int
    accounts: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def clinic_wide(self, kind: str, reference: int = 0) -> NewAccount:
        """An account of the whole practice (funds of a source, revenue of a category …)."""
        return self._account({"kind": kind, "reference": reference})

    def open_lot(self, holder_id: int) -> NewAccount:
        """Open an account for credit that we hold for a payer: it never falls below zero."""
        return self._account({"kind": "lot", "holder": holder_id, "floor": 0})

    def open_invoice(self, holder_id: int) -> NewAccount:
        """Open an account for what an invoice asks of a payer: it never rises above zero."""
        return self._account({"kind": "invoice", "holder": holder_id, "ceiling": 0})

    def open_package(self, holder_id: int) -> NewAccount:
        """Open an account for what of a package's price is not earned yet: never below zero."""
        return self._account({"kind": "package", "holder": holder_id, "floor": 0})

    def entry(
        self, kind: str, on: date, legs: Sequence[Leg], *, reverses: int | None = None
    ) -> int:
        """Add one balanced entry; returns its index in the act."""
        assert sum(minor for _account, minor in legs) == 0, legs
        rows = [
            [None, account.index, minor]
            if isinstance(account, NewAccount)
            else [account, None, minor]
            for account, minor in legs
            if minor != 0
        ]
        assert len(rows) >= 2, legs
        self.entries.append(
            {"kind": kind, "on": on.isoformat(), "legs": rows, "reverses": reverses}
        )
        return len(self.entries) - 1

    def move(
        self, kind: str, on: date, *, source: int | NewAccount, target: int | NewAccount, minor: int
    ) -> int:
        """Add an entry that takes from one account and gives to another."""
        assert minor > 0, minor
        return self.entry(kind, on, [(source, -minor), (target, minor)])

    def reverse(self, kind: str, on: date, entry_id: int) -> int:
        """Add the same legs backwards; the database lets that happen once."""
        legs: list[Leg] = [
            (account_id, -minor)
            for account_id, minor in Posting.objects.filter(
                practice_id=self.practice_id, entry_id=entry_id
            ).values_list("account_id", "amount_minor")
        ]
        return self.entry(kind, on, legs, reverses=entry_id)

    def post(self) -> Posted:
        """
        Write it all, in one call.

        :raises IntegrityError: named after what refused: the use-case wrapper turns it into
            Overdrawn, Overpaid, AlreadyReversed or BooksClosed
        """
        assert connection.in_atomic_block, "an entry stands in the transaction of its act"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT account_ids, entry_ids FROM ledger_post(%s, %s::jsonb, %s::jsonb)",
                [self.practice_id, json.dumps(self.accounts), json.dumps(self.entries)],
            )
            row = cursor.fetchone()
        assert row is not None
        return Posted(list(row[0]), list(row[1]))

    def _account(self, account: dict[str, Any]) -> NewAccount:
        if account in self.accounts and "reference" in account:
            return NewAccount(self.accounts.index(account))
        self.accounts.append(account)
        return NewAccount(len(self.accounts) - 1)
