"""
What a payment does: the one place where its sums are made.

The payment page (while somebody types), the API and the use case all ask `examine`, so that what
was shown before saving is what is saved. Pure; amounts are Money.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import gettext as _

from creditwell.invoicing.queries import OpenInvoice
from creditwell.money.money import Money


@dataclass(frozen=True, slots=True)
class PartDraft:
    """An amount typed under a payment source."""

    source_id: int
    kind: str  # of the source: cash is rounded
    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into the till, and what cash rounding adds so that the typed sum is settled."""

    draft: PartDraft
    received: Money
    rounding: Money


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice on the payment form."""

    invoice: OpenInvoice
    owing: Money
    pay: Money
    credit: Money  # the payer's own
    family: Money  # everybody else's

    @property
    def left(self) -> Money:
        return self.owing - self.pay - self.credit - self.family


@dataclass(frozen=True, slots=True)
class FamilyUse:
    """What somebody else's credit gives to an invoice."""

    invoice_id: int
    owner_id: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Problem:
    """Why it does not add up; `param` names the field: pay-7, credit-7, parts, credit."""

    param: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Worksheet:
    """Everything that a payment comes to, before it is saved."""

    parts: tuple[Part, ...]
    rows: tuple[Row, ...]
    credit_before: Money
    problems: tuple[Problem, ...]
    family: tuple[FamilyUse, ...] = ()

    @property
    def received(self) -> Money:
        """What counts as paid: the typed sum, cash rounding included."""
        return self._sum(part.draft.amount for part in self.parts)

    @property
    def in_till(self) -> Money:
        return self._sum(part.received for part in self.parts)

    @property
    def owing_before(self) -> Money:
        return self._sum(row.owing for row in self.rows)

    @property
    def applied(self) -> Money:
        """Of this payment, to invoices."""
        return self._sum(row.pay for row in self.rows)

    @property
    def credit_used(self) -> Money:
        return self._sum(row.credit for row in self.rows)

    @property
    def family_used(self) -> Money:
        return self._sum(row.family for row in self.rows)

    @property
    def owing_after(self) -> Money:
        return self._sum(row.left for row in self.rows)

    @property
    def to_credit(self) -> Money:
        """Of this payment, not allocated: it becomes account credit."""
        return self.received - self.applied

    @property
    def credit_after(self) -> Money:
        return self.credit_before - self.credit_used + self.to_credit

    def _sum(self, amounts: object) -> Money:
        return Money.total(amounts, self.credit_before.currency)  # type: ignore[arg-type]  # amounts of Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """
    How much account credit the payer has, what of it goes to each invoice, and what somebody
    else's credit gives.
    """

    before: Money
    own: Mapping[int, Money] = field(default_factory=dict)
    family: Sequence[FamilyUse] = ()


def round_cash(amount: Money, kind: str, increment_minor: int) -> Money:
    """
    What of a sum can be paid in coins: cash is rounded to the smallest coin in use, half up.

    Only the cash part of a payment is rounded, and on its total (as the law of AU, NZ and CA has
    it); `increment_minor` 1 means no rounding.
    """
    if kind != "cash" or increment_minor <= 1:
        return amount
    steps = (abs(amount.minor) * 2 + increment_minor) // (increment_minor * 2)
    return Money((1 if amount.minor >= 0 else -1) * steps * increment_minor, amount.currency)


def cash_back(amount: Money, kind: str, increment_minor: int, *, in_till: Money | None) -> Money:
    """
    What of a refund leaves the till: cash down to the smallest coin in use, anything else exactly.

    Rounding to the nearest coin, as payments do it, would give 5 cents for 3 cents of credit, again
    and again. So coins never pay more than the credit that is taken. When all that came by a source
    goes back, `in_till` says which coins of it the till still has, and they all go back: whoever
    paid 9.98 with 10.00 gets 10.00, and what earlier refunds rounded off comes with the last one.
    Over all its refunds a source never pays more than it took. Nil: too little for any coin.
    """
    if kind != "cash":
        return amount
    if in_till is not None:
        return max(in_till, Money.zero(amount.currency))
    step = max(increment_minor, 1)
    return Money(amount.minor // step * step, amount.currency)


def examine(
    *,
    parts: Sequence[PartDraft],
    invoices: Sequence[OpenInvoice],
    pay: Mapping[int, Money],
    credit: Credit,
    cash_rounding_minor: int,
) -> Worksheet:
    """
    Lay a payment out against the invoices and the credit there are.

    `pay` says by invoice id what this payment gives. Whether somebody else's credit may be used is
    asked in `rules_family`. Every mistake is found and named, none is put right in silence.
    """
    zero = Money.zero(credit.before.currency)
    shared: dict[int, Money] = {}
    for use in credit.family:
        shared[use.invoice_id] = shared.get(use.invoice_id, zero) + use.amount
    sheet = Worksheet(
        parts=tuple(part_of(draft, cash_rounding_minor) for draft in parts),
        rows=tuple(
            Row(
                invoice,
                Money(invoice.owing_minor, zero.currency),
                pay.get(invoice.id, zero),
                credit.own.get(invoice.id, zero),
                shared.get(invoice.id, zero),
            )
            for invoice in invoices
        ),
        credit_before=credit.before,
        problems=(),
        family=tuple(credit.family),
    )
    known = {invoice.id for invoice in invoices}
    problems = [*_row_problems(sheet), *_sum_problems(sheet)]
    named = [*pay.items(), *credit.own.items(), *shared.items()]
    if any(amount for pk, amount in named if pk not in known):
        problems.append(
            Problem("invoices", _("An invoice was paid or voided meanwhile. Check the amounts."))
        )
    return replace(sheet, problems=tuple(problems))


def part_of(draft: PartDraft, cash_rounding_minor: int) -> Part:
    """What of a source goes into the till, and what cash rounding makes of the rest."""
    received = round_cash(draft.amount, draft.kind, cash_rounding_minor)
    return Part(draft, received, draft.amount - received)


def _row_problems(sheet: Worksheet) -> list[Problem]:
    problems = []
    for row in sheet.rows:
        for name, amount in (("pay", row.pay), ("credit", row.credit)):
            if amount.minor < 0:
                problems.append(
                    Problem(f"{name}-{row.invoice.id}", _("Enter an amount of zero or more."))
                )
        if row.left.minor < 0:
            problems.append(
                Problem(
                    f"{_given_by(row)}-{row.invoice.id}",
                    _("Invoice %(number)s: %(amount)s more than is owing.")
                    % {"number": row.invoice.number, "amount": abs(row.left).decimal},
                )
            )
    return problems


def _given_by(row: Row) -> str:
    return "pay" if row.pay else "credit" if row.credit else "family"


def _sum_problems(sheet: Worksheet) -> list[Problem]:
    problems = []
    for part in sheet.parts:
        if part.draft.amount.minor <= 0:
            problems.append(
                Problem("parts", _("Enter an amount above zero, or leave the source empty."))
            )
    if sheet.to_credit.minor < 0:
        problems.append(
            Problem(
                "parts",
                _(
                    "%(amount)s more is applied to invoices than was received. "
                    "Raise the amount received, or lower what is applied."
                )
                % {"amount": abs(sheet.to_credit).decimal},
            )
        )
    if sheet.credit_used > sheet.credit_before:
        problems.append(
            Problem(
                "credit",
                _("%(amount)s more account credit is used than there is. Use less of it.")
                % {"amount": (sheet.credit_used - sheet.credit_before).decimal},
            )
        )
    return problems


def plan(
    *,
    order: str,
    available: Money,
    invoices: Sequence[OpenInvoice],
    taken: Mapping[int, Money] | None = None,
    from_invoice_id: int | None = None,
) -> dict[int, Money]:
    """
    Share an amount over invoices: `order` is oldest, newest, source (only the invoice that the
    payment was started from) or none. `taken` is what already goes to each.
    """
    wanted = in_order(invoices, order=order, from_invoice_id=from_invoice_id)
    result: dict[int, Money] = {}
    left = available
    for invoice in wanted:
        owing = Money(invoice.owing_minor, available.currency)
        need = owing - (taken or {}).get(invoice.id, Money.zero(available.currency))
        part = min(need, left)
        if part.minor > 0:
            result[invoice.id] = part
            left -= part
    return result


def in_order(
    invoices: Sequence[OpenInvoice], *, order: str, from_invoice_id: int | None = None
) -> list[OpenInvoice]:
    """The invoices that an order of allocation pays, the first to be paid first."""
    if order == "none":
        return []
    if order == "source":
        return [invoice for invoice in invoices if invoice.id == from_invoice_id]
    return sorted(invoices, key=lambda i: (i.issued_on, i.number), reverse=order == "newest")


def day_of_allocation(*, there_since: date, asked_since: date, on: date) -> date:
    """
    The day credit pays an invoice: the one asked for, but not before the credit was there and the
    invoice asked for it, so that no day's figures fall below nothing.
    """
    return max(there_since, asked_since, on)


def day_of_correction(*, original: date, today: date, books_closed_on: date | None) -> date:
    """
    The day of a reversal: that of what it puts right, so that no report of any day keeps the
    mistake; today when the books of that day are closed.
    """
    if books_closed_on is not None and original <= books_closed_on:
        return today
    return original
