"""
What of a package's price is given back: credit notes on the invoices that it was charged with.

What was paid of those goes back into the lots it came from, so that it can be used again or
refunded to its source; what was not paid is no longer asked. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F

from creditwell.invoicing.credit_notes import CreditedLine, credit_rows, write_credit_note
from creditwell.invoicing.models import CreditNoteLine, InvoiceLine
from creditwell.invoicing.queries import owing_of
from creditwell.ledger.post import Journal, Leg, Posted
from creditwell.packages.holding import ChangedMeanwhile
from creditwell.packages.models import Package
from creditwell.payments import returns
from creditwell.payments.models import Allocation
from creditwell.tenancy.access import PracticeFacts, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """
    What leaves a package: its `value_minor` and `tax_minor` shares, of which `gross_minor` (at most
    both) is given back. The rest is kept as income.
    """

    value_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One credit note to come: on which line, over how much, and what of it was paid."""

    line: InvoiceLine
    gross_minor: int
    rows: list[dict[str, Any]]
    backs: list[returns.Return]

    @property
    def freed_minor(self) -> int:
        return sum(back.amount_minor for back in self.backs)


@dataclass(slots=True)
class _Note:
    """A credit note on its way: as planned, and its entries."""

    plan: Plan
    back_entries: list[int]
    entry: int


@dataclass(slots=True)
class Crediting:
    """Entries that are in the journal, to be written once it is posted."""

    notes: list[_Note] = field(default_factory=list)
    kept_minor: int = 0
    left_minor: int = 0  # what left the package's account

    @property
    def freed_minor(self) -> int:
        """What was paid and is account credit again."""
        return sum(back.amount_minor for note in self.notes for back in note.plan.backs)

    @property
    def lot_ids(self) -> list[int]:
        """The lots that it went back into."""
        return sorted({back.allocation.lot_id for note in self.notes for back in note.plan.backs})


def post_crediting(
    journal: Journal,
    practice: PracticeFacts,
    package: Package,
    leaving: Leaving,
    *,
    on: date,
    plans: Sequence[Plan] | None = None,
) -> Crediting:
    """
    Add the entries: for each line that the package was charged with, newest first, a credit note
    (or `plans` that were made before); then what is kept. The package's payer and its invoices'
    payers are held.
    """
    due = leaving.tax_minor if package.tax_at_use else 0
    result = Crediting(left_minor=leaving.value_minor + due)
    if plans is None:
        plans = plan_notes(practice, package, leaving.gross_minor, on=on)
    rest_held = result.left_minor
    for plan in plans:
        note, taken = _post_note(journal, package, plan, rest_held, on=on)
        result.notes.append(note)
        rest_held -= taken
    if rest_held:
        result.kept_minor = rest_held
        journal.entry(
            "package_kept", on, _kept_legs(journal, practice, package, leaving, rest_held)
        )
    return result


def plan_notes(
    practice: PracticeFacts,
    package: Package,
    gross_minor: int,
    *,
    on: date,
    line_id: int | None = None,
    hold: bool = True,
) -> list[Plan]:
    """
    Which credit notes give so much back: the newest line first (or `line_id`). `hold` takes the
    allocations until the commit; without it nothing is locked, for a page that only says it,
    and a package that is given back between two of its reads is refused (`ChangedMeanwhile`).
    """
    plans, rest = [], gross_minor
    for line, room in sorted(_lines(practice.id, package), key=lambda one: one[0].pk != line_id):
        part = min(rest, room)
        if part <= 0:
            continue
        rows = credit_rows(
            practice=practice,
            invoice=line.invoice,
            credited=[CreditedLine(line.pk, part)],
            of_packages=True,
        )
        active = returns.active_allocations(
            practice_id=practice.id, invoice_id=line.invoice_id, hold=hold
        )
        backs = returns.some(active, need_minor=part - owing_of(line.invoice), on=on)
        plans.append(Plan(line=line, gross_minor=part, rows=rows, backs=backs))
        rest -= part
    if rest and not hold:
        raise ChangedMeanwhile
    assert rest == 0, (package.pk, rest)
    return plans


def _lines(practice_id: int, package: Package) -> list[tuple[InvoiceLine, int]]:
    """Lines that were charged for a package or for what came into it, with what is left of each."""
    accounts = _accounts(practice_id, package)
    lines = list(
        InvoiceLine.objects.filter(
            practice_id=practice_id, account_id__in=accounts, invoice__status="issued"
        )
        .select_related("invoice__account")
        .order_by("-invoice__issued_on", "-pk")
    )
    credited: dict[int, int] = {}
    for line_id, minor in CreditNoteLine.objects.filter(
        practice_id=practice_id, line_id__in=[line.pk for line in lines]
    ).values_list("line_id", "total_minor"):
        credited[line_id] = credited.get(line_id, 0) + minor
    own_first = sorted(lines, key=lambda line: line.account_id != package.account_id)
    return [(line, line.total_minor - credited.get(line.pk, 0)) for line in own_first]


def _accounts(practice_id: int, package: Package) -> list[int]:
    """Of the package, of those that its sessions were transferred from, and of its membership."""
    accounts = [package.account_id]
    origin_id = package.origin_id
    while origin_id is not None:
        row = Package.objects.values_list("account_id", "origin_id").get(
            practice_id=practice_id, pk=origin_id
        )
        accounts.append(row[0])
        origin_id = row[1]
    if package.membership_id is not None:
        same = Package.objects.filter(
            practice_id=practice_id, membership_id=package.membership_id
        ).exclude(pk=package.pk)
        accounts += same.order_by("-pk").values_list("account_id", flat=True)
    return accounts


def _post_note(
    journal: Journal, package: Package, plan: Plan, held: int, *, on: date
) -> tuple[_Note, int]:
    """Add one credit note; returns it and what it took off the package's account."""
    line, row = plan.line, plan.rows[0]
    back_entries = returns.post_returns(journal, plan.backs)
    net, tax = row["net_minor"], row["tax_minor"]
    taken = min(net, held)
    legs: list[Leg] = [
        (line.invoice.account_id or 0, plan.gross_minor),
        (package.account_id, -taken),
        # The last coin of rounding between the shares of sessions and the tax of a line.
        (journal.clinic_wide("revenue", line.category_id), taken - net),
        (journal.clinic_wide("tax", line.tax_rate_id or 0), -tax),
    ]
    entry = journal.entry("credit_note", on, [leg for leg in legs if leg[1]])
    return _Note(plan, back_entries, entry), taken


def _kept_legs(
    journal: Journal, practice: PracticeFacts, package: Package, leaving: Leaving, kept: int
) -> list[Leg]:
    tax, whole = 0, leaving.value_minor + leaving.tax_minor
    if package.tax_at_use and whole:
        tax = practice.money(kept).at_rate(Decimal(leaving.tax_minor) / Decimal(whole)).minor
    legs: list[Leg] = [
        (package.account_id, -kept),
        (journal.clinic_wide("revenue", package.category_id), kept - tax),
        (journal.clinic_wide("tax", package.tax_rate_id or 0), tax),
    ]
    return [leg for leg in legs if leg[1]]


def write_crediting(
    crediting: Crediting, posted: Posted, *, on: date, reason: str, written: Written
) -> list[int]:
    """Insert the credit notes and what came back; returns the ids of the notes."""
    ids = []
    for one in crediting.notes:
        invoice = one.plan.line.invoice
        returns.write_returns(
            one.plan.backs,
            one.back_entries,
            posted,
            practice_id=invoice.practice_id,
            reason=reason,
            written=written,
        )
        note_id, _number = write_credit_note(
            invoice=invoice,
            rows=one.plan.rows,
            on=on,
            reason=reason,
            entry_id=posted.entry_ids[one.entry],
            written=written,
        )
        ids.append(note_id)
    return ids


def payers_behind(*, practice_id: int, package: Package) -> set[int]:
    """Whose invoices a package was charged on, and whose credit paid them: to be held first."""
    invoices = {
        line.invoice_id: line.invoice.payer_id for line, _room in _lines(practice_id, package)
    }
    paid = Allocation.objects.filter(
        practice_id=practice_id, invoice_id__in=invoices, returned_minor__lt=F("amount_minor")
    )
    return {*invoices.values(), *paid.values_list("lot__payer_id", flat=True)}
