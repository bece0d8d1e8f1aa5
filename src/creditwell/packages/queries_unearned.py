"""
What of packages is not earned yet: the roll-forward between two days, and the packages behind it.

How it is added up stands in `ledger.roll_forward`; here stand the packages and their groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from creditwell.ledger import roll_forward as ledger
from creditwell.ledger.roll_forward import Group, Source, Sums
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

BY = ("product", "practitioner", "location", "measure")
NOTHING = "0"
"""The key of packages without a practitioner or location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """
    Unearned value from one day to another: opening + all that moved = closing.

    What lowered it is negative. `key` is the group: the id of a product's item, a practitioner, a
    location ("0": none), or a measure; "" for all together. Transfers come to nothing in all.
    """

    key: str
    opening: Money
    sold: Money
    used: Money
    forfeited: Money
    refunded: Money
    kept: Money
    expired: Money
    transferred: Money
    corrected: Money
    closing: Money


RollForward = ledger.RollForward[Roll]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPackage:
    """A package with something unearned at the end of a day."""

    id: int
    name: str
    patient_id: int
    owner: str
    sold_on: date
    expires_on: date | None
    invoice_id: int
    invoice: str
    unearned: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPackages:
    """One page of packages, the oldest first; `count` and `total` are of all pages."""

    packages: tuple[HeldPackage, ...]
    count: int
    total: Money


# The practitioner is the one whom the sale's invoice names, the location too.
_PLACED = """placed AS MATERIALIZED (
  SELECT k.id, k.account_id, k.name, k.patient_id, k.payer_id, k.sold_on, k.expires_on,
         i.id AS invoice_id, i.number,
         t.item_id::text AS product, k.measure AS measure,
         coalesce(i.practitioner_id, 0)::text AS practitioner,
         coalesce(i.location_id, 0)::text AS location
    FROM packages_package k
    JOIN packages_product t ON t.practice_id = k.practice_id AND t.id = k.product_id
    JOIN invoicing_invoiceline l ON l.practice_id = k.practice_id AND l.id = k.line_id
    JOIN invoicing_invoice i ON i.practice_id = l.practice_id AND i.id = l.invoice_id
   WHERE k.practice_id = %(practice)s)
"""
_PACKAGES = Source(
    kind="package",
    by=BY,
    placed=_PLACED,
    lines={
        "sold": ("invoice",),
        "used": ("session_use", "session_use_return"),
        "forfeited": ("session_forfeit", "session_forfeit_return"),
        "refunded": ("credit_note",),
        "kept": ("package_kept",),
        "expired": ("package_expiry", "package_expiry_return"),
        "transferred": ("package_transfer", "package_transfer_return"),
    },
    columns="""placed.id, placed.name, placed.patient_id, w.name, placed.sold_on,
       placed.expires_on, placed.invoice_id, placed.number""",
    joins="JOIN people_payer w ON w.practice_id = %(practice)s AND w.id = placed.payer_id",
    order="placed.sold_on, placed.id",
)


def roll_forward(
    practice: PracticeFacts, since: date, until: date, *, by: str = "product"
) -> RollForward:
    """
    What of packages is not earned, from one day to another, both included, in groups; two queries.

    `by` is one of BY. The rows with the largest closing figure stand first.
    """

    def row_of(key: str, sums: Sums) -> Roll:
        return Roll(key=key, **_PACKAGES.amounts(practice, sums))

    def place_of(row: Roll) -> tuple[int, str]:
        return -row.closing.minor, row.key

    return ledger.rolled(_PACKAGES, practice, (since, until), by=by, row_of=row_of, order=place_of)


def held_packages(
    practice: PracticeFacts,
    until: date,
    group: Group | None = None,
    *,
    after: int = 0,
    limit: int | None = 50,
) -> HeldPackages:
    """
    The packages that made up the unearned value at the end of a day, or one group of it; one query.

    `group` is (one of BY, a key of its rows). With `limit` None all of them, for exports.
    """
    found = ledger.standing(_PACKAGES, practice, until, group, after=after, limit=limit)
    return HeldPackages(
        packages=tuple(_held(practice, row) for row in found.rows),
        count=found.count,
        total=found.total,
    )


def _held(practice: PracticeFacts, row: tuple[Any, ...]) -> HeldPackage:
    return HeldPackage(
        id=row[0],
        name=row[1],
        patient_id=row[2],
        owner=row[3],
        sold_on=row[4],
        expires_on=row[5],
        invoice_id=row[6],
        invoice=practice.invoice_number(row[7]),
        unearned=practice.money(row[8]),
    )
