"""What the payment form shows: frozen, made of a reading; no query starts here or in a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.numbers import get_currency_symbol
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.invoicing.queries import OpenInvoice
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.payments.queries_form import first_lines
from creditwell.payments.rules import Part, Problem, Worksheet
from creditwell.people.rules import age_on
from creditwell.usecases.take_payment import DoesNotAddUp
from creditwell.web.components.formats import amount_text
from creditwell.web.components.locale import current
from creditwell.web.door.links import page_link
from creditwell.web.payments.family import (
    AskLine,
    LentCell,
    OwnerLine,
    asks_of,
    lent_cells,
    owners_of,
)
from creditwell.web.payments.ground import Ground
from creditwell.web.payments.sheet import Errors, Reading
from creditwell.web.payments.typed import Typed

ORDERS: tuple[tuple[str, str | Promise], ...] = (
    ("oldest", gettext_lazy("Oldest first")),
    ("newest", gettext_lazy("Newest first")),
    ("source", gettext_lazy("Only this invoice")),
    ("none", gettext_lazy("None: keep as credit")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The payer at the head of the form: a patient, or a contact (then `born_on` is None)."""

    id: int  # of the patient; 0 for a contact
    payer_id: int
    name: str
    url: str
    born_on: date | None
    age: int | None
    phone: str
    email: str
    alert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source on the form; `till` is what is taken when cash rounding changes it."""

    row: int
    source_id: int
    name: str
    reference: str
    amount: str
    errors: tuple[str, ...]
    till: Money | None
    rounding: Money | None
    fresh: bool
    filled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyLine:
    """An invoice on the form; cells are texts, as they stand in the fields."""

    id: int
    number: str
    url: str
    words: str
    due_on: date
    days_over: int
    paid: Money
    owing: Money
    pay: str
    was_pay: str
    credit: str
    was_credit: str
    left: Money
    pay_errors: tuple[str, ...]
    credit_errors: tuple[str, ...]
    pay_ours: bool  # we wrote the cell, so it may be written anew while somebody types elsewhere
    pay_fresh: bool
    credit_filled: bool
    person: str  # whose invoice it is, when not the payer's own
    may_credit: bool  # the payer's own credit may pay it, and there is some
    lent: tuple[LentCell, ...]

    @property
    def over(self) -> Money:
        return abs(self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An option of a list."""

    value: str
    word: str | Promise
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A line of the summary above a refused form; `field` is "" when it is about the whole."""

    field: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPage:
    """The payment form."""

    typed: Typed
    stands: str
    who: Who | None
    sheet: Worksheet
    sources: tuple[SourceLine, ...]
    offered: tuple[tuple[int, str], ...]
    locations: tuple[tuple[int, str], ...]  # empty when there is nothing to choose
    lines: tuple[ApplyLine, ...]
    orders: tuple[Choice, ...]
    by_hand: bool
    paid_count: int
    symbol: str
    today: date
    mistakes: tuple[Mistake, ...]
    patient_error: str
    date_errors: tuple[str, ...]
    first_problem: str
    editing: int  # id of the payment that is edited, or 0
    number: str  # of its receipt
    may_create: bool
    asks: tuple[AskLine, ...]
    owners: tuple[OwnerLine, ...]
    family: bool  # the family's invoices are shown
    family_count: int  # of theirs, whether shown or not
    family_owing: Money

    @property
    def nil(self) -> str:
        """What stands in an empty cell."""
        return amount_text(Money.zero(self.sheet.credit_before.currency))

    @property
    def has_credit(self) -> bool:
        return bool(self.sheet.credit_before)

    @property
    def only_credit(self) -> bool:
        """Nothing is received, credit pays: an allocation, not a payment."""
        return not self.sheet.received and bool(self.sheet.credit_used + self.sheet.family_used)

    @property
    def all_credit(self) -> Money:
        """What credit gives, one's own and the family's."""
        return self.sheet.credit_used + self.sheet.family_used


def make_page(
    ground: Ground,
    reading: Reading,
    *,
    today: date,
    may_create: bool,
    refused: Errors | None = None,
) -> PaymentPage:
    """
    Lay the form out. With `refused` it was sent and is refused for these reasons; without, it is
    being filled in and says only what does not add up yet. One query.
    """
    typed, sheet = reading.typed, reading.sheet
    errors = reading.errors if refused is None else refused
    words = first_lines(practice_id=ground.practice.id, invoice_ids=[i.id for i in ground.invoices])
    around = _Around(ground, reading, errors, words, today)
    theirs = [one for one in (*ground.invoices, *ground.hidden) if one.payer_id != ground.payer_id]
    lines = tuple(_apply_line(around, row.invoice, row.left) for row in sheet.rows)
    return PaymentPage(
        typed=typed,
        stands=ground.stands,
        who=who_of(ground, today),
        sheet=sheet,
        sources=_source_lines(ground, reading, errors),
        offered=tuple((source.id, source.name) for source in ground.sources),
        locations=tuple((place.id, place.name) for place in ground.locations)
        if len(ground.locations) > 1
        else (),
        lines=lines,
        orders=_orders(typed),
        by_hand=typed.pay_by_hand or typed.credit_by_hand,
        paid_count=sum(1 for row in sheet.rows if row.pay),
        symbol=get_currency_symbol(ground.practice.currency, locale=current()),
        today=today,
        mistakes=_mistakes(ground, refused or {}),
        patient_error=" ".join(errors.get("patient", [])),
        date_errors=tuple(errors.get("received_on", [])),
        first_problem=_first_problem(reading),
        editing=ground.taken.id if ground.taken else 0,
        number=ground.practice.receipt_number(ground.taken.number) if ground.taken else "",
        may_create=may_create,
        asks=asks_of(ground, reading, errors),
        owners=owners_of(ground, reading),
        family=typed.family,
        family_count=len(theirs),
        family_owing=Money.total(
            (ground.practice.money(one.owing_minor) for one in theirs), ground.practice.currency
        ),
    )


def errors_of(reading: Reading) -> Errors:
    """Why the form as it stands cannot be saved."""
    errors = {name: list(lines) for name, lines in reading.errors.items()}
    for problem in reading.sheet.problems:
        errors.setdefault(_field_of(problem, reading), []).append(problem.sentence)
    return errors


def errors_of_refusal(refusal: Refusal, reading: Reading) -> Errors:
    """The same for what the use case refused."""
    if isinstance(refusal, DoesNotAddUp):
        problems: Sequence[Problem] = refusal.problems
    else:
        problems = [Problem(refusal.param, refusal.sentence)]
    errors: Errors = {}
    for problem in problems:
        errors.setdefault(_field_of(problem, reading), []).append(problem.sentence)
    return errors


def _field_of(problem: Problem, reading: Reading) -> str:
    if problem.param == "parts":
        return f"amount-{reading.typed.sources[0].row}"
    if problem.param == "credit":
        used = [row.invoice.id for row in reading.sheet.rows if row.credit]
        return f"credit-{used[-1]}" if used else ""
    known = {"date": "received_on", "payer": "patient", "note": "note"}
    rows = {f"{name}-{row.invoice.id}" for row in reading.sheet.rows for name in ("pay", "credit")}
    if problem.param.startswith(("family-", "agreed-")) or problem.param in rows:
        return problem.param
    return known.get(problem.param, "")


def _first_problem(reading: Reading) -> str:
    started = reading.sheet.received or reading.typed.pay_by_hand or reading.typed.credit_by_hand
    return reading.sheet.problems[0].sentence if started and reading.sheet.problems else ""


def who_of(ground: Ground, today: date) -> Who | None:
    """The payer for the head of a form."""
    patient, contact = ground.patient, ground.contact
    if patient is not None:
        born = patient.details.date_of_birth
        return Who(
            id=patient.id,
            payer_id=patient.payer_id,
            name=patient.name,
            url=page_link("patient", patient.id),
            born_on=born,
            age=age_on(born, today) if born else None,
            phone=patient.details.phone or patient.details.other_phone,
            email=patient.details.invoice_email or patient.details.email,
            alert=patient.details.alert,
        )
    if contact is not None:
        return Who(
            id=0,
            payer_id=contact.payer_id,
            name=contact.name,
            url=page_link("contact", contact.id),
            born_on=None,
            age=None,
            phone=contact.phone or contact.kind_name,
            email=contact.email,
            alert="",
        )
    return None


def _source_lines(ground: Ground, reading: Reading, errors: Errors) -> tuple[SourceLine, ...]:
    names = {source.id: source.name for source in ground.sources}
    parts = iter(reading.sheet.parts)
    lines = []
    for source, amount in reading.drafts:
        part: Part | None = next(parts) if amount else None
        name = f"amount-{source.row}"
        lines.append(
            SourceLine(
                row=source.row,
                source_id=source.source_id,
                name=names.get(source.source_id, ""),
                reference=source.reference,
                amount=source.amount,
                errors=tuple(errors.get(name, [])),
                till=part.received if part and part.rounding else None,
                rounding=-part.rounding if part and part.rounding else None,
                fresh=reading.typed.fresh == name,
                filled=name in reading.filled,
            )
        )
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Around:
    ground: Ground
    reading: Reading
    errors: Errors
    words: Mapping[int, tuple[str, int]]
    today: date


def _apply_line(around: _Around, invoice: OpenInvoice, left: Money) -> ApplyLine:
    reading, errors = around.reading, around.errors
    typed, money = reading.typed, around.ground.practice.money
    means = around.ground.means
    first, more = around.words.get(invoice.id, ("", 0))
    pay_name, credit_name = f"pay-{invoice.id}", f"credit-{invoice.id}"
    pay_ours = not typed.pay_by_hand or pay_name in reading.filled
    credit_ours = not typed.credit_by_hand or credit_name in reading.filled
    pay, credit = _text(reading.pay, invoice.id), _text(reading.use_credit, invoice.id)
    return ApplyLine(
        id=invoice.id,
        number=around.ground.practice.invoice_number(invoice.number),
        url=page_link("invoice", invoice.id),
        words=_("%(first)s + %(more)s more") % {"first": first, "more": more} if more else first,
        due_on=invoice.due_on,
        days_over=max(0, (around.today - invoice.due_on).days),
        paid=money(invoice.paid_minor),
        owing=money(invoice.owing_minor),
        pay=pay if pay_ours else typed.pay.get(invoice.id, ""),
        was_pay=pay if not typed.pay_by_hand else typed.was_pay.get(invoice.id, ""),
        credit=credit if credit_ours else typed.use_credit.get(invoice.id, ""),
        was_credit=credit if not typed.credit_by_hand else typed.was_credit.get(invoice.id, ""),
        left=left,
        pay_errors=tuple(errors.get(pay_name, [])),
        credit_errors=tuple(errors.get(credit_name, [])),
        pay_ours=pay_ours,
        pay_fresh=typed.fresh == pay_name,
        credit_filled=credit_name in reading.filled,
        person=around.ground.related.get(invoice.payer_id, ""),
        may_credit=means is not None
        and any(
            purse.left_minor
            for purse in means.purses
            if (purse.owner_id, purse.user_id) == (means.payer_id, invoice.payer_id)
        ),
        lent=lent_cells(around.ground, reading, errors, invoice),
    )


def _text(cells: Mapping[int, Money], pk: int) -> str:
    return amount_text(cells[pk]) if cells.get(pk) else ""


def _orders(typed: Typed) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=value, word=word, chosen=value == typed.order)
        for value, word in ORDERS
        if value != "source" or typed.invoice_id or typed.order == "source"
    )


def _mistakes(ground: Ground, errors: Errors) -> tuple[Mistake, ...]:
    return tuple(
        Mistake(field=name, label=_label(ground, name), sentence=sentence)
        for name, sentences in errors.items()
        for sentence in sentences
    )


def _label(ground: Ground, name: str) -> str:
    kind, _dash, rest = name.partition("-")
    numbers = {str(i.id): ground.practice.invoice_number(i.number) for i in ground.invoices}
    labels = {
        "patient": _("Patient"),
        "received_on": _("Received on"),
        "note": _("Note"),
        "amount": _("Amount"),
        "pay": _("This payment towards %(number)s") % {"number": numbers.get(rest, "")},
        "agreed": _("How they agreed"),
        "family": _("The family's credit"),
        "credit": _("Account credit towards %(number)s") % {"number": numbers.get(rest, "")},
    }
    return labels.get(kind, "")
