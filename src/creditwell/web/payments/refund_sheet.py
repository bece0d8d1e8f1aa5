"""The refund form: what was typed, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.numbers import get_currency_symbol
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from creditwell.catalog.queries import Source
from creditwell.money.money import Money
from creditwell.payments.queries_handing_over import HandedOver, handed_over
from creditwell.payments.queries_refund import Refundable, RefundablePart
from creditwell.payments.refunding import TooSmallForCash
from creditwell.payments.rules_refund import FromLot, Need, approval_needed
from creditwell.people.queries import PatientFacts
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.queries_limits import RefundLimits
from creditwell.web.components.fields import DayField, read_amount
from creditwell.web.components.formats import amount_text, money_text
from creditwell.web.components.locale import current
from creditwell.web.door.links import page_link
from creditwell.web.patients.quick import as_id
from creditwell.web.payments.page import Mistake
from creditwell.web.payments.typed import new_key

Errors = dict[str, str]

Coins = Mapping[tuple[int, int | None], Money]
"""What leaves by its source, by lot and part of the payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose credit it is, what of it can go back, and what whoever asks may do alone."""

    practice: PracticeFacts
    patient: PatientFacts
    found: Refundable
    limits: RefundLimits
    sources: tuple[Source, ...]  # for opening balances


@dataclass(slots=True)
class Asked:
    """What was typed, read, by field."""

    texts: dict[str, str]
    amounts: dict[str, Money]
    sources: dict[str, int]
    errors: Errors

    @property
    def total_minor(self) -> int:
        return sum(amount.minor for amount in self.amounts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A way back, with what was typed; `till` is said where cash is rounded."""

    part: RefundablePart
    typed: str
    error: str
    till: Money | None
    source_id: int


@dataclass(frozen=True, slots=True)
class ByWay:
    """What goes back by one source, all lots together."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPage:
    """The refund form."""

    patient: PatientFacts
    patient_url: str
    found: Refundable
    lines: tuple[PartLine, ...]
    sources: tuple[Source, ...]
    ways: tuple[ByWay, ...]
    total: Money
    in_till: Money
    cash: HandedOver | None
    credit_after: Money
    need: Need
    limit: Money | None
    reason: str
    on: str
    today: date
    key: str
    symbol: str
    payment_id: int
    mistakes: tuple[Mistake, ...]
    reason_error: str
    on_error: str
    problem: str

    @property
    def rounding(self) -> Money:
        return self.in_till - self.total

    @property
    def why(self) -> str | Promise:
        return self.need.label


def suggested(found: Refundable, payment_id: int | None) -> Asked:
    """From a receipt: all of that payment that is left, spread over its sources."""
    amounts: dict[str, Money] = {}
    left: Money | None = None
    for part in found.parts:
        if payment_id is not None and part.payment_id == payment_id and not part.moved:
            left = part.lot_left if left is None else left
            amounts[part.field] = min(part.most, left)
            left -= amounts[part.field]
    texts = {name: amount_text(amount) for name, amount in amounts.items() if amount}
    return Asked(texts, amounts, {}, {})


def read(post: QueryDict, account: Account) -> Asked:
    """Read the amounts; one that cannot be read is an error of its field."""
    asked = Asked({}, {}, {}, {})
    known = {source.id for source in account.sources}
    for part in account.found.parts:
        name = part.field
        text = post.get(name, "")[:40].strip()
        if text.endswith("="):
            text = amount_text(part.most)
        asked.texts[name] = text
        source_id = as_id(post.get(f"source-{part.lot_id}", ""))
        if part.part_id is None and source_id in known:
            asked.sources[name] = source_id or 0
        try:
            if text:
                asked.amounts[name] = read_amount(text, account.practice.currency)
        except ValidationError as error:
            asked.errors[name] = " ".join(str(line) for line in error.messages)
    return asked


def wanted(found: Refundable, asked: Asked) -> tuple[FromLot, ...]:
    """What the use case is asked for."""
    return tuple(
        FromLot(
            lot_id=part.lot_id,
            part_id=part.part_id,
            source_id=asked.sources.get(part.field),
            minor=asked.amounts[part.field].minor,
        )
        for part in found.parts
        if asked.amounts.get(part.field)
    )


def beyond(account: Account, asked: Asked) -> Errors:
    """Where more is asked for than there is, by source, by lot; or less than a coin."""
    errors: Errors = {}
    by_lot: dict[int, Money] = {}
    for part in account.found.parts:
        amount = asked.amounts.get(part.field)
        if not amount:
            continue
        by_lot[part.lot_id] = by_lot.get(part.lot_id, Money.zero(amount.currency)) + amount
        if amount > part.most:
            errors[part.field] = _("At most %(sum)s can go back by this source.") % {
                "sum": money_text(part.most)
            }
        elif by_lot[part.lot_id] > part.lot_left:
            errors[part.field] = _(
                "Of payment %(number)s only %(sum)s is not allocated. Un-apply it first, "
                "or refund less."
            ) % {"number": part.number, "sum": money_text(part.lot_left)}
        elif part.part_id is None and part.field not in asked.sources:
            errors[part.field] = _("Choose the payment source that it goes back by.")
        elif part.part_id and not part.back(amount, account.practice.cash_rounding_minor):
            errors[part.field] = TooSmallForCash().sentence
    return errors


def first_field(found: Refundable) -> str:
    return found.parts[0].field if found.parts else ""


def read_day(post: QueryDict, errors: Errors) -> date | None:
    """The day it went back, or None; one that cannot be read is an error."""
    try:
        day: date | None = DayField(required=False).clean(post.get("on", ""))
    except ValidationError as error:
        errors["on"] = " ".join(str(line) for line in error.messages)
        return None
    return day


def need_of(account: Account, asked: Asked) -> Need:
    """Whether somebody else has to approve so much."""
    return approval_needed(
        asked.total_minor,
        alone_up_to_minor=account.limits.alone_up_to_minor,
        two_above_minor=account.limits.two_above_minor,
    )


def make_page(
    account: Account, asked: Asked, post: QueryDict, *, today: date, payment_id: int
) -> RefundPage:
    """Lay the form out with what it comes to."""
    practice, found = account.practice, account.found
    cash, coins = _handed(account, asked)
    lines = tuple(_line(account, asked, part, coins) for part in found.parts)
    ways = _ways(account, asked, lines)
    total = practice.money(asked.total_minor)
    problems = list(beyond(account, asked).values())
    labels = {part.field: _label(part) for part in found.parts}
    labels.update(reason=_("Reason"), on=_("Refunded on"))
    need = need_of(account, asked)
    limits = {
        Need.LIMIT: account.limits.alone_up_to_minor,
        Need.TWO: account.limits.two_above_minor,
    }
    limit = limits.get(need)
    return RefundPage(
        patient=account.patient,
        patient_url=page_link("patient", account.patient.id),
        found=found,
        lines=lines,
        sources=account.sources,
        ways=ways,
        total=total,
        in_till=Money.total((way.amount for way in ways), practice.currency),
        cash=cash,
        credit_after=found.credit - total,
        need=need,
        limit=None if limit is None else practice.money(limit),
        reason=post.get("reason", "")[:200],
        on=post.get("on", "")[:20] or today.isoformat(),
        today=today,
        key=post.get("key", "")[:80] or new_key(),
        symbol=get_currency_symbol(practice.currency, locale=current()),
        payment_id=payment_id,
        mistakes=tuple(
            Mistake(field=name, label=labels.get(name, ""), sentence=sentence)
            for name, sentence in asked.errors.items()
        ),
        reason_error=asked.errors.get("reason", ""),
        on_error=asked.errors.get("on", ""),
        problem=problems[0] if problems else "",
    )


def _handed(account: Account, asked: Asked) -> tuple[HandedOver | None, Coins]:
    chosen = wanted(account.found, asked)
    cash = handed_over(account.practice, account.patient.payer_id, chosen)
    if cash is None:
        return None, {}
    named = [(one.lot_id, one.part_id) for one in chosen]
    return cash, dict(zip(named, cash.coins, strict=True))


def _line(account: Account, asked: Asked, part: RefundablePart, coins: Coins) -> PartLine:
    """`coins` is what the refund as a whole hands over; where it cannot be made, by itself."""
    amount = asked.amounts.get(part.field, account.practice.money(0))
    alone = part.back(amount, account.practice.cash_rounding_minor) if part.part_id else amount
    till = coins.get((part.lot_id, part.part_id), alone)
    return PartLine(
        part=part,
        typed=asked.texts.get(part.field, ""),
        error=asked.errors.get(part.field, ""),
        till=till if till != amount else None,
        source_id=asked.sources.get(part.field, 0),
    )


def _ways(account: Account, asked: Asked, lines: tuple[PartLine, ...]) -> tuple[ByWay, ...]:
    names = {source.id: source.name for source in account.sources}
    sums: dict[str, Money] = {}
    for line in lines:
        amount = asked.amounts.get(line.part.field)
        if amount:
            name = line.part.source or names.get(line.source_id, "") or _("Not chosen yet")
            before = sums.get(name, account.practice.money(0))
            sums[name] = before + (amount if line.till is None else line.till)
    return tuple(ByWay(name, amount) for name, amount in sums.items())


def _label(part: RefundablePart) -> str:
    if part.part_id is None:
        return _("Opening balance")
    names = {"source": part.source, "number": part.number}
    return _("%(source)s, payment %(number)s") % names
