"""
What a document says, as plain data: the one thing a caller has to build.

Every shape is frozen, keyword-only and checked when it is made: figures that do not add up are a
defect of the caller and stop there, because a printed sum that is wrong is worse than no print.

Text is text: nothing in it is ever read as markup. It is printed as typed (control characters
aside), so names and notes need no escaping. Words that the practice did not type itself
("Tax invoice", "Still owing", "Page 1 of 2") come from `labels` in the language of the sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from creditwell.money.money import Money


class Paper(Enum):
    """The sizes of paper; `conventions.paper_for` knows which country uses which."""

    A4 = "a4"
    LETTER = "us-letter"


class Title(Enum):
    """The heading of an invoice or credit note; `conventions` knows which the law wants where."""

    INVOICE = "invoice"
    TAX_INVOICE = "tax invoice"
    CREDIT_NOTE = "credit note"
    ADJUSTMENT_NOTE = "adjustment note"


class Mark(Enum):
    """What is printed across every page of a document that must not be taken for a valid one."""

    NONE = ""
    DRAFT = "draft"
    VOID = "void"


class Applied(Enum):
    """What made an invoice smaller."""

    PAYMENT = "payment"
    ACCOUNT_CREDIT = "account credit"
    CREDIT_NOTE = "credit note"
    WRITE_OFF = "write-off"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """How a document is set: language and number format, currency, paper, and the mark across."""

    locale: str  # as `conventions.locale_for` answers: "en_AU", "fr_CA"
    currency: str  # ISO 4217; every amount in the document is in it
    paper: Paper = Paper.A4
    mark: Mark = Mark.NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """A person or body: a name, and lines below it (address, email, member number)."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Practice:
    """The head of the paper. `logo` is a PNG or JPEG that `render.check_logo` has accepted."""

    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    tax_label: str = ""  # "ABN", "VAT number"
    tax_number: str = ""
    logo: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Practitioner:
    """Who gave the care; health funds ask for the provider number."""

    name: str
    provider_number: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """
    One line of an invoice or credit note.

    `amount` is what the line adds to the subtotal or, where prices include tax, to the total;
    `discount` is positive and already taken off in `amount`.
    """

    description: str
    amount: Money
    unit_price: Money
    quantity: str = "1"  # ready to print: "1", "0.5", "1.25 h"
    code: str = ""
    served_on: date | None = None
    practitioner: Practitioner | None = None  # only where it is not the document's own
    discount: Money | None = None
    tax: str = ""  # ready to print: "GST 10%"; empty when the line bears none


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxRow:
    """The tax of all lines at one rate. `name` is ready to print: "GST 10%"."""

    name: str
    net: Money  # what the tax is worked out on, without the tax
    tax: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedRow:
    """A payment, account credit, credit note or write-off that pays (part of) an invoice."""

    kind: Applied
    amount: Money  # positive
    on: date
    reference: str = ""  # "EFTPOS", "receipt P-4322"


@dataclass(frozen=True, kw_only=True, slots=True)
class InvoiceDocument:
    """
    An invoice. `number` is empty while it is a draft.

    subtotal + taxes = total, or total alone when `prices_include_tax` (the subtotal is then the
    total without the tax); total - applied = owing, except that a void invoice owes nothing.
    """

    sheet: Sheet
    practice: Practice
    title: Title
    number: str
    issued_on: date
    due_on: date | None = None
    bill_to: Party
    patient: Party | None = None  # left out when the patient is billed and nothing more is known
    practitioner: Practitioner | None = None
    lines: tuple[Line, ...]
    prices_include_tax: bool
    subtotal: Money  # without tax
    taxes: tuple[TaxRow, ...] = ()
    total: Money
    applied: tuple[AppliedRow, ...] = ()
    owing: Money
    remaining_credit: Money | None = None  # account credit the patient still has; None: not said
    notes: tuple[str, ...] = ()  # paragraphs below the sums
    footer: str = ""  # one line at the foot of every page

    def __post_init__(self) -> None:
        _check_lines(self)
        paid = Money.total((row.amount for row in self.applied), self.sheet.currency)
        void = self.sheet.mark is Mark.VOID and not self.owing
        assert void or self.owing == self.total - paid, ("owing", self.owing, self.total, paid)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditNoteDocument:
    """
    A credit note: what an invoice asked for and no longer does.

    Where the sum went: `off_invoice` + `to_credit` + `refunded` = total.
    """

    sheet: Sheet
    practice: Practice
    title: Title
    number: str
    issued_on: date
    invoice_number: str
    bill_to: Party
    patient: Party | None = None
    reason: str = ""
    lines: tuple[Line, ...]
    prices_include_tax: bool
    subtotal: Money
    taxes: tuple[TaxRow, ...] = ()
    total: Money
    off_invoice: Money  # what the invoice still asked for and now does not
    to_credit: Money  # what had been paid already and is now account credit
    refunded: Money | None = None
    footer: str = ""

    def __post_init__(self) -> None:
        _check_lines(self)
        zero = Money.zero(self.sheet.currency)
        went = self.off_invoice + self.to_credit + (self.refunded or zero)
        assert went == self.total, ("went", went, self.total)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """How part of a payment arrived. `name` is the practice's own word: "EFTPOS"."""

    name: str
    amount: Money
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocation:
    """What of the money, or of account credit, paid which invoice."""

    invoice_number: str
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Any other row of a sum, in words that are ready to print: "Refunded 12 Nov 2026"."""

    text: str
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptDocument:
    """
    What a payer gets for a payment.

    Two sums that must agree: sources = total = allocations + others + not_allocated. Account
    credit that was used at the same time stands apart in `credit_used`: it is no new money.
    A receipt is no tax invoice, so it names no tax.
    """

    sheet: Sheet
    practice: Practice
    number: str
    received_on: date
    payer: Party
    patient: Party | None = None  # where the payer is somebody else
    sources: tuple[Source, ...]
    total: Money
    allocations: tuple[Allocation, ...] = ()
    others: tuple[Entry, ...] = ()  # refunded, moved to another patient, cash rounding
    not_allocated: Money
    credit_used: tuple[Allocation, ...] = ()
    credit_after: Money | None = None  # the patient's account credit after it; None: not said
    replaces: str = ""  # number of the receipt that an edit put this one in the place of
    replaced_by: str = ""  # the other way round; such a receipt bears Mark.VOID
    notes: tuple[str, ...] = ()
    footer: str = ""

    def __post_init__(self) -> None:
        currency = self.sheet.currency
        came = Money.total((source.amount for source in self.sources), currency)
        paid = Money.total((row.amount for row in self.allocations), currency)
        went = paid + Money.total((entry.amount for entry in self.others), currency)
        assert came == self.total, ("sources", came, self.total)
        assert went + self.not_allocated == self.total, ("allocated", went, self.not_allocated)


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferDocument:
    """
    What one side of a transfer of credit gets: whose it was and whose it became, and the account
    credit of that side alone. It is no receipt of money and names no invoice.
    """

    sheet: Sheet
    practice: Practice
    number: str
    on: date
    side: Party  # whose paper it is
    other: str
    gave: bool  # the side gave; else it received
    total: Money
    parts: tuple[Entry, ...]
    back: Money  # of it, gone back since
    credit_after: Money
    notes: tuple[str, ...] = ()
    footer: str = ""

    def __post_init__(self) -> None:
        parts = Money.total((part.amount for part in self.parts), self.sheet.currency)
        assert parts == self.total, ("parts", parts, self.total)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementRow:
    """One event of an account. A positive balance is owed by the patient, a negative is credit."""

    on: date
    text: str  # ready to print: "Invoice 0006893"
    detail: str = ""
    charged: Money | None = None  # makes the balance larger: an invoice, money given back
    paid: Money | None = None  # makes the balance smaller: a payment, a credit note
    balance: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditLot:
    """Account credit of one origin that is still open at the end of the period."""

    text: str  # ready to print: "Payment P-4322"
    on: date
    left: Money
    expires_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ageing:
    """What is owing, by days past due at the end of the period; the parts add up to `owing`."""

    current: Money
    days_30: Money  # 1 to 30 days
    days_60: Money  # 31 to 60
    days_90: Money  # 61 and more


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitRow:
    """A visit that a package paid for: no money moved. `session` is ready to print."""

    on: date
    text: str
    session: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementDocument:
    """
    An account from one day to another, both included. All sums are as at the last day.

    opening + charged - paid = closing = owing - credit.
    """

    sheet: Sheet
    practice: Practice
    patient: Party
    from_on: date
    to_on: date
    opening: Money
    rows: tuple[StatementRow, ...] = ()
    closing: Money
    owing: Money  # unpaid parts of invoices
    credit: Money  # account credit, positive
    lots: tuple[CreditLot, ...] = ()
    visits: tuple[VisitRow, ...] = ()
    ageing: Ageing | None = None
    notes: tuple[str, ...] = ()
    footer: str = ""
    issued_on: date | None = None  # the day it was made; else the last day

    def __post_init__(self) -> None:
        zero = Money.zero(self.sheet.currency)
        balance = self.opening
        for row in self.rows:
            balance = balance + (row.charged or zero) - (row.paid or zero)
            assert balance == row.balance, ("balance", row, balance)
        assert balance == self.closing, ("closing", self.closing, balance)
        assert self.closing == self.owing - self.credit, ("owing", self.owing, self.credit)
        left = Money.total((lot.left for lot in self.lots), self.sheet.currency)
        assert left == self.credit, ("lots", left, self.credit)
        if self.ageing is not None:
            ages = self.ageing
            aged = ages.current + ages.days_30 + ages.days_60 + ages.days_90
            assert aged == self.owing, ("ageing", aged, self.owing)


def _check_lines(document: InvoiceDocument | CreditNoteDocument) -> None:
    currency = document.sheet.currency
    lines = Money.total((line.amount for line in document.lines), currency)
    tax = Money.total((row.tax for row in document.taxes), currency)
    expected = document.total if document.prices_include_tax else document.subtotal
    assert lines == expected, ("lines", lines, expected)
    assert document.subtotal + tax == document.total, ("tax", document.subtotal, tax)
