"""
Two acts that share rows wait for each other, never in a ring; and what is decided (books closed,
records merged) holds for whoever was on the way meanwhile. Each race stops one act at a known step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Barrier, Event
from time import sleep

import pytest
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.kernel import numbering
from creditwell.kernel import usecase as usecase_module
from creditwell.kernel.usecase import usecase
from creditwell.ledger.models import Entry
from creditwell.ledger.post import BooksClosed
from creditwell.payments import operations
from creditwell.people.models import Patient
from creditwell.people.operations import MergedAway
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases import write_invoice as write_invoice_module
from creditwell.usecases.check_books import check_practice
from creditwell.usecases.close_books import CloseBooks, close_books
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.merge_patients import MergePatients, merge_patients
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.acts import invoice, pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient
from tests.race.rivals import PATIENCE, race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TODAY = date(2026, 11, 24)


class Stop:
    """A step at which one act waits until it is let go."""

    def __init__(self, step: Callable[..., object], *, after: bool = False) -> None:
        self.step, self.after = step, after
        self.reached, self.go = Event(), Event()
        self.used = False

    def __call__(self, *args: object, **kwargs: object) -> object:
        if self.used:
            return self.step(*args, **kwargs)
        self.used = True
        answer = self.step(*args, **kwargs) if self.after else None
        self.reached.set()
        assert self.go.wait(PATIENCE)
        return answer if self.after else self.step(*args, **kwargs)


@contextmanager
def beside() -> Iterator[Callable[[Callable[[], object]], Future[object]]]:
    """Run acts in threads of their own."""
    with ThreadPoolExecutor(2) as pool:

        def run(act: Callable[[], object]) -> object:
            try:
                return act()
            finally:
                connection.close()

        yield lambda act: pool.submit(run, act)


@dataclass(frozen=True, kw_only=True)
class Rename:
    """Two people, one after the other; the ids in the order in which they are held."""

    practice_id: int
    ids: tuple[int, int]
    key: str = ""


@dataclass(frozen=True)
class Renamed:
    tries: int


def _in_opposite_order(clinic: Clinic) -> Callable[[Rename, datetime], Renamed]:
    """An act that no lock order is kept by: of two, one has to be stopped by the database."""
    both, tries = Barrier(2), [0]

    def rename(command: Rename, now: datetime) -> Renamed:
        tries[0] += 1
        first = tries[0] <= 2
        # Begun again, it asks first for what the other has, and so cannot come in between again.
        for n, pk in enumerate(command.ids if first else command.ids[::-1]):
            Patient.objects.filter(pk=pk).update(notes=f"{now}")
            if first and n == 0:
                both.wait(PATIENCE)  # each has one, and wants the other
        return Renamed(tries[0])

    return rename


@pytest.mark.parametrize("guarded", [True, False])
def test_an_act_that_the_database_stopped_goes_again(clinic: Clinic, guarded: bool) -> None:
    """… and its twin, which is only told."""
    practice_id, ours = clinic.practice.pk, clinic.patient.pk
    ids = (ours, make_patient(practice=clinic.practice).pk)
    plain = _in_opposite_order(clinic)
    act = usecase(Renamed)(plain) if guarded else transaction.atomic(plain)
    ways = (ids, ids[::-1])
    ended = race(2, lambda n: act(Rename(practice_id=practice_id, ids=ways[n]), NOW))
    assert ended == ({"ok": 2} if guarded else {"ok": 1, "OperationalError": 1})


def test_it_stands_aside_before_it_goes_again(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer before the last time; after that it is told."""
    aside: list[float] = []
    monkeypatch.setattr(usecase_module, "sleep", aside.append)
    stopped = [OperationalError("deadlock detected") for _n in range(usecase_module.TRIES)]
    for error in stopped:
        error.__cause__ = DeadlockDetected()

    def rename(command: Rename, now: datetime) -> Renamed:
        raise stopped.pop()

    with pytest.raises(OperationalError):
        usecase(Renamed)(rename)(Rename(practice_id=clinic.practice.pk, ids=(0, 0)), NOW)
    assert stopped == []
    assert aside == [usecase_module.ASIDE, 2 * usecase_module.ASIDE]


def test_paying_an_invoice_for_somebody_else_while_it_is_credited(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payment holds the invoice's account, the credit note its row: nobody waits for both."""
    other = make_patient(practice=clinic.practice)
    bill = invoice(clinic)
    line = InvoiceLine.objects.get(invoice_id=bill.invoice_id)
    stop = Stop(numbering.next_number)
    monkeypatch.setattr(operations, "next_number", stop)  # the accounts are locked already
    with beside() as start:
        paying = start(lambda: pay(clinic, 4000, patient=other, pay=((bill.invoice_id, 4000),)))
        assert stop.reached.wait(PATIENCE)
        crediting = start(
            lambda: credit_invoice(
                CreditInvoice(
                    practice_id=clinic.practice.pk,
                    key="",
                    by=SYSTEM,
                    invoice_id=bill.invoice_id,
                    lines=((line.pk, 1000),),
                    reason="Shorter",
                ),
                NOW,
            )
        )
        sleep(0.3)  # it holds the invoice and waits for its account
        stop.go.set()
        paying.result()
        crediting.result()
    account = Invoice.objects.get(pk=bill.invoice_id).account
    assert account is not None
    assert account.balance_minor == -4000
    assert_books_straight(clinic.practice)


def test_two_acts_on_the_same_invoices_in_opposite_order(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payment goes to the older invoice first; what is taken back begins with the newer one."""
    other = make_patient(practice=clinic.practice)
    old = invoice(clinic, issued_on=TODAY - timedelta(days=3))
    new = invoice(clinic)
    paid = pay(clinic, 8000, patient=other, pay=((old.invoice_id, 4000), (new.invoice_id, 4000)))
    _slow_entries()
    try:
        with beside() as start:
            voiding = start(
                lambda: void_payment(
                    VoidPayment(
                        practice_id=clinic.practice.pk,
                        key="",
                        by=SYSTEM,
                        payment_id=paid.payment_id,
                        reason="Typed twice",
                    ),
                    NOW,
                )
            )
            paying = start(
                lambda: pay(clinic, 4000, pay=((old.invoice_id, 2000), (new.invoice_id, 2000)))
            )
            voiding.result()
            paying.result()
    finally:
        _entries_as_before()
    assert_books_straight(clinic.practice)


def _slow_entries() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION test_slow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$; "
            "CREATE TRIGGER zz_slow AFTER INSERT ON ledger_posting "
            "FOR EACH STATEMENT EXECUTE FUNCTION test_slow()"
        )


def _entries_as_before() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER zz_slow ON ledger_posting; DROP FUNCTION test_slow()")


def test_books_are_not_closed_over_a_payment_that_is_on_its_way(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stop(numbering.next_number)
    monkeypatch.setattr(operations, "next_number", stop)
    yesterday = TODAY - timedelta(days=1)
    with beside() as start:
        paying = start(lambda: pay(clinic, 4000, received_on=yesterday))
        assert stop.reached.wait(PATIENCE)
        closing = start(
            lambda: close_books(
                CloseBooks(practice_id=clinic.practice.pk, by=SYSTEM, until=yesterday), NOW
            )
        )
        sleep(0.3)
        assert not closing.done(), "it waits until the payment is there for all to see"
        stop.go.set()
        paying.result()
        closing.result()
    entries = Entry.objects.filter(practice=clinic.practice, occurred_on__lte=yesterday)
    assert entries.count() == 1
    with pytest.raises(BooksClosed):
        pay(clinic, 4000, received_on=yesterday)
    assert_books_straight(clinic.practice)


def _merge(clinic: Clinic, merged_id: int) -> None:
    kept = make_patient(practice=clinic.practice)
    merge_patients(
        MergePatients(
            practice_id=clinic.practice.pk, by=SYSTEM, kept_id=kept.pk, merged_id=merged_id
        ),
        NOW,
    )


def test_a_merge_waits_for_an_invoice_that_is_being_written(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stop(write_invoice_module.hold_patient, after=True)
    monkeypatch.setattr(write_invoice_module, "hold_patient", stop)
    with beside() as start:
        writing = start(lambda: invoice(clinic))
        assert stop.reached.wait(PATIENCE)
        merging = start(lambda: _merge(clinic, clinic.patient.pk))
        sleep(0.3)
        stop.go.set()
        bill = writing.result()
        merging.result()
    assert Invoice.objects.get(pk=bill.invoice_id).patient_id != clinic.patient.pk  # type: ignore[attr-defined]  # it moved along
    assert_books_straight(clinic.practice)


def test_twin_without_the_lock_the_invoice_stays_at_the_merged_record(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unheld(*, practice_id: int, patient_id: int) -> object:
        from creditwell.people.models import Patient
        from creditwell.tenancy.access import facts_of

        patient = Patient.objects.select_related("practice").get(
            practice_id=practice_id, pk=patient_id
        )
        return patient, facts_of(patient.practice)

    stop = Stop(unheld, after=True)
    monkeypatch.setattr(write_invoice_module, "hold_patient", stop)
    with beside() as start:
        writing = start(lambda: invoice(clinic))
        assert stop.reached.wait(PATIENCE)
        start(lambda: _merge(clinic, clinic.patient.pk)).result()
        stop.go.set()
        writing.result()
    promises = {fault.promise for fault in check_practice(clinic.practice.pk)}
    assert promises == {"Nothing stands at a merged payer"}


def test_money_that_waited_for_a_merge_is_refused(clinic: Clinic) -> None:
    _merge(clinic, clinic.patient.pk)
    for act in (lambda: pay(clinic, 4000), lambda: invoice(clinic)):
        with pytest.raises(MergedAway):
            act()
    assert_books_straight(clinic.practice)
