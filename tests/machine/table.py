"""Two clinics side by side, a model of each, and what every act of the machine needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from django.db import connection

from creditwell.credit.models import Lot as LotRow
from creditwell.kernel.errors import Refusal
from creditwell.ledger.queries import standing_of, trial_balance
from creditwell.payments.models import Allocation, PaymentPart, RefundPart, TransferPart
from creditwell.payments.queries_liability import BY, roll_forward
from creditwell.people.operations import create_contact_row
from creditwell.people.rules import ContactDetails
from creditwell.tenancy.access import SYSTEM, Actor, facts_of
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.factories import NOW, make_clinic, make_member, make_patient
from tests.machine.model import Bill, Draw, Lot, Model, Paid, Part, Passed, Use
from tests.machine.offers import make_kinds, make_offers
from tests.machine.packs import Packs
from tests.reports.second import assert_second_query_agrees
from tests.visits import at

Chance = Callable[[Random], Any]
Unless = type[Refusal] | tuple[type[Refusal], ...] | None
EVERY = 50
CURRENCIES = ("SGD", "JPY", "KWD")  # of two, no and three decimals


def one_of(*found: Any) -> Chance:
    return lambda random: random.choice(found)


def between(low: int, high: int) -> Chance:
    return lambda random: random.randint(low, high)


def amounts(random: Random) -> int:
    """Anything, what invoices ask as a rule, and what is easily rounded away."""
    return random.choice([random.randint(1, 30000), random.randint(1, 3000), 9000, 10000, 3333, 1])


AT = one_of(0, 0, 0, 1)  # one clinic sees more, the other must not notice
WHO = between(0, 3)
AMOUNTS: Chance = amounts
DAYS_AGO = one_of(0, 0, 0, 1, 30)
PICK = between(0, 10**6)
MAYBE = one_of(True, False)


def act(often: int = 2, **draws: Chance) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An act of the machine: how often it is done, and what is drawn for it."""

    def mark(method: Callable[..., None]) -> Callable[..., None]:
        method.often, method.draws = often, draws  # type: ignore[attr-defined]
        return method

    return mark


@cache
def acts_of(machine: type) -> list[Callable[..., None]]:
    found = [getattr(machine, name) for name in sorted(dir(machine))]
    return [one for one in found if hasattr(one, "draws") for _n in range(one.often)]


_LOTS = """
SELECT l.id, a.balance_minor FROM credit_lot l
  JOIN ledger_account a ON a.practice_id = l.practice_id AND a.id = l.account_id
 WHERE l.practice_id = %s
"""
_BILLS = """
SELECT i.id, -a.balance_minor FROM invoicing_invoice i
  JOIN ledger_account a ON a.practice_id = i.practice_id AND a.id = i.account_id
 WHERE i.practice_id = %s
"""


_PACKS = """
SELECT k.id, a.balance_minor, k.net_minor, k.tax_minor, k.expires_on, k.ended_at IS NOT NULL
  FROM packages_package k
  JOIN ledger_account a ON a.practice_id = k.practice_id AND a.id = k.account_id
 WHERE k.practice_id = %s
"""
_ROWS = """
SELECT part_id, status, sum(units)::bigint, sum(value_minor)::bigint, sum(tax_minor)::bigint
  FROM packages_session WHERE practice_id = %s GROUP BY part_id, status
"""


class World:
    """A clinic, three patients and an employer, what the model says of them, and the clock."""

    def __init__(self, **practice: Any) -> None:
        self.clinic = make_clinic(**practice)
        self.practice = self.clinic.practice
        others = [make_patient(practice=self.practice) for _n in range(2)]
        self.patients = [self.clinic.patient, *others]
        employer = create_contact_row(
            practice_id=self.practice.pk,
            details=ContactDetails(kind="employer", name="Harbour Works"),
            now=NOW,
        )
        self.payers = [*(one.payer_id for one in self.patients), employer.payer_id]
        self.asker = Actor(user_id=make_member(practice=self.practice, role="owner").pk)
        self.model = Model()
        self.packs = Packs()
        self.kinds = make_kinds(self.clinic)
        self.packs.offers = make_offers(self.clinic, self.kinds)
        self.slots: Counter[date] = Counter()
        self.now = NOW
        self.today = NOW.date()

    @property
    def base(self) -> dict[str, Any]:
        return {"practice_id": self.practice.pk, "key": new_key(), "by": SYSTEM}

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.today += timedelta(days=days)

    def slot(self, day: date) -> datetime | None:
        """A time of a day that nothing else was ever given; None if the day is full."""
        self.slots[day] += 1
        hour = self.slots[day] - 1
        return at(self.clinic, f"{hour:02}:00", day) if hour < 24 else None

    # -- what the books made of an act: ids, and days; sums come from the model -----------------

    def learn_lot(self, lot_id: int, minor: int, root: Lot | None = None) -> Lot:
        row = LotRow.objects.get(pk=lot_id)
        assert row.original_minor == minor
        lot = Lot(
            id=lot_id,
            payer=row.payer_id,
            kind=row.kind,
            original=minor,
            left=minor,
            received_on=row.received_on,
            expires_on=row.expires_on,
            refundable=row.refundable,
            category=row.category_id,
            root=root,
        )
        self.model.lots[lot_id] = lot
        return lot

    def learn_payment(self, payment_id: int, lot_id: int, minor: int) -> Paid:
        parts = [
            Part(
                id=row.pk,
                cash=row.source_id == self.clinic.cash.pk,
                came=row.amount_minor + row.rounding_minor,
            )
            for row in PaymentPart.objects.filter(payment_id=payment_id).order_by("pk")
        ]
        assert sum(part.came for part in parts) == minor
        lot = self.learn_lot(lot_id, minor)
        paid = Paid(id=payment_id, lot=lot, received_on=lot.received_on, parts=parts)
        self.model.paid.append(paid)
        return paid

    def learn_uses(self, allocation_ids: list[int], expected: list[Draw] | None = None) -> None:
        """Allocations that were made; they must be those which the model drew."""
        rows = Allocation.objects.filter(pk__in=allocation_ids).order_by("pk")
        made: Counter[tuple[int, int, int]] = Counter()
        for row in rows:
            share = row.share_id or 0
            lot, bill = self.model.lots[row.lot_id], self.model.bills[row.invoice_id]
            lot.left -= row.amount_minor
            bill.owing -= row.amount_minor
            made[lot.id, bill.id, share] += row.amount_minor
            self.model.uses.append(
                Use(
                    id=row.pk,
                    lot=lot,
                    bill=bill,
                    stands=row.amount_minor,
                    share=share,
                    on=row.allocated_on,
                )
            )
        if expected is not None:
            wanted: Counter[tuple[int, int, int]] = Counter()
            for lot, bill, minor, share in expected:
                wanted[lot.id, bill.id, share] += minor
            assert made == wanted

    def learn_transfer(self, transfer_id: int, *, sale: bool = False) -> dict[int, int]:
        """A transfer that was made: returns what it took, by lot."""
        took: dict[int, int] = {}
        for row in TransferPart.objects.filter(transfer_id=transfer_id).order_by("pk"):
            source, minor = self.model.lots[row.from_lot_id], row.amount_minor
            target = self.learn_lot(row.to_lot_id, minor, source.money)
            source.left -= minor
            took[source.id] = minor
            self.model.passed.append(
                Passed(
                    id=row.pk,
                    transfer=transfer_id,
                    source=source,
                    target=target,
                    stands=minor,
                    sale=sale,
                )
            )
            if not sale:
                kept = (source.kind, source.expires_on, source.refundable, source.category)
                assert kept == (target.kind, target.expires_on, target.refundable, target.category)
        return took

    def learn_credit_note(self, bill: Bill, minor: int) -> None:
        """So much of a bill is asked no more; which use it takes back is the books' choice."""
        rows = Allocation.objects.filter(invoice_id=bill.id)
        stands = {row.pk: row.amount_minor - row.returned_minor for row in rows}
        for use in self.model.uses:
            if use.bill is bill:
                self.model.give_back(use, use.stands - stands[use.id])
        bill.credited += minor
        bill.owing -= minor
        assert 0 <= bill.owing <= bill.total - bill.credited

    def learn_refund_part(self, row: RefundPart) -> None:
        self.model.lots[row.lot_id].left -= row.amount_minor
        for paid in self.model.paid:
            for part in paid.parts:
                if part.id == row.part_id:
                    part.refunded += row.amount_minor

    # -- what the books say --------------------------------------------------------------------

    def compare(self) -> None:
        """Every lot and every invoice, today."""
        with connection.cursor() as cursor:
            cursor.execute(_LOTS, [self.practice.pk])
            assert dict(cursor.fetchall()) == {x.id: x.left for x in self.model.lots.values()}
            cursor.execute(_BILLS, [self.practice.pk])
            assert dict(cursor.fetchall()) == {x.id: x.owing for x in self.model.bills.values()}
            cursor.execute(_PACKS, [self.practice.pk])
            assert {row[0]: row[1:] for row in cursor.fetchall()} == {
                x.id: (x.unearned, *x.price[1:], x.expires_on, x.ended)
                for x in self.packs.packs.values()
            }
            cursor.execute(_ROWS, [self.practice.pk])
            found = {(row[0], row[1], n): row[2 + n] for row in cursor.fetchall() for n in range(3)}
            rows = [x.rows() for x in self.packs.packs.values()]
            assert +Counter(found) == sum(rows, Counter[tuple[int, str, int]]())

    def prove(self) -> None:
        """Everybody's standing as pages show it, and every promise of the books."""
        for payer in self.payers:
            found = standing_of(practice_id=self.practice.pk, holder_id=payer)
            assert found.credit_minor == self.model.credit(payer)
            assert found.owing_minor == self.model.owing(payer)
        assert sum(row.total_minor for row in trial_balance(practice_id=self.practice.pk)) == 0
        self.roll_forward()
        assert_books_straight(self.practice)

    def roll_forward(self) -> None:
        """What we owe our patients, since its middle: as the books say, and as counted again."""
        since = NOW.date() + (self.today - NOW.date()) / 2
        for by in BY:
            found = roll_forward(facts_of(self.practice), since, self.today, by=by)
            assert found.ties
            assert found.total.closing.minor == sum(lot.left for lot in self.model.lots.values())
            assert_second_query_agrees(self.practice, found)


class Table:
    """The machine without its acts."""

    def __init__(self, seed: int = 0) -> None:
        lasts = {"credit_lasts_months": 2, "goodwill_lasts_months": 1, "voucher_lasts_months": 2}
        currency = CURRENCIES[seed % len(CURRENCIES)]
        other = World(country="SG", cash_rounding_minor=5, currency=currency, **lasts)
        self.worlds = (World(), other)

    def run(self, seed: int, steps: int) -> None:
        """Acts of chance; what was done up to a failure stands in the test's output."""
        random, acts = Random(seed), acts_of(type(self))
        for n in range(1, steps + 1):
            one = random.choice(acts)
            drawn = {name: draw(random) for name, draw in one.draws.items()}  # type: ignore[attr-defined]
            print(n, one.__name__, drawn)  # shown of a test that fails
            one(self, **drawn)
            for world in self.worlds:
                world.compare()
                if n % EVERY == 0 or n == steps:
                    world.prove()

    def attempt(self, fits: bool, act: Callable[[], Any], *, unless: Unless = None) -> Any:
        """Do it; it must be refused exactly when the model says so, or maybe for one reason."""
        try:
            answer = act()
        except Refusal as refusal:
            if unless is None or not isinstance(refusal, unless):
                assert not fits, repr(refusal)  # noqa: PT017  # either way must be right
            return None
        assert fits, "the books allowed what cannot be"
        return answer


def pick(found: Iterable[Any], which: int, live: Callable[[Any], object] | None = None) -> Any:
    """One of them: as a rule one that is still of use, if that is said; None if there is none."""
    every = list(found)
    if live is not None and which % 8:
        every = [one for one in every if live(one)] or every
    return every[which % len(every)] if every else None
