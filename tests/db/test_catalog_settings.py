from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from creditwell.audit.models import Note
from creditwell.catalog import queries
from creditwell.catalog.models import Category, PaymentSource, TaxRate
from creditwell.catalog.operations import CategoryInUse, LastSource, NameTaken, set_archived
from creditwell.catalog.rules import NameMissing, WrongPercent
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Concession, Practice
from creditwell.usecases.archive_concession import ArchiveConcession, archive_concession
from creditwell.usecases.archive_payment_source import (
    ArchivePaymentSource,
    archive_payment_source,
)
from creditwell.usecases.archive_tax_rate import ArchiveTaxRate, archive_tax_rate
from creditwell.usecases.order_payment_sources import OrderPaymentSources, order_payment_sources
from creditwell.usecases.remove_category import RemoveCategory, remove_category
from creditwell.usecases.restore_concession import RestoreConcession, restore_concession
from creditwell.usecases.restore_payment_source import (
    RestorePaymentSource,
    restore_payment_source,
)
from creditwell.usecases.restore_tax_rate import RestoreTaxRate, restore_tax_rate
from creditwell.usecases.save_category import SaveCategory, save_category
from creditwell.usecases.save_concession import SaveConcession, save_concession
from creditwell.usecases.save_payment_source import SavePaymentSource, save_payment_source
from creditwell.usecases.save_tax_rate import SaveTaxRate, save_tax_rate
from tests.factories import (
    NOW,
    make_category,
    make_item,
    make_practice,
    make_source,
    make_tax_rate,
)
from tests.refusing import refuses


@pytest.fixture
def practice(db: None) -> Practice:
    return make_practice()


def tax(practice: Practice, **fields: Any) -> int:
    values = {"practice_id": practice.pk, "by": SYSTEM, "name": "GST", "percent": Decimal(10)}
    return save_tax_rate(SaveTaxRate(**{**values, **fields}), NOW).tax_rate_id


def source(practice: Practice, name: str, **fields: Any) -> int:
    values = {"practice_id": practice.pk, "by": SYSTEM, "name": name, "kind": "card"}
    command = SavePaymentSource(**{**values, **fields})
    return save_payment_source(command, NOW).payment_source_id


def archive_a_source(practice: Practice, pk: int) -> None:
    command = ArchivePaymentSource(practice_id=practice.pk, by=SYSTEM, payment_source_id=pk)
    archive_payment_source(command, NOW)


class TestTaxes:
    def test_a_tax_is_added_and_changed(self, practice: Practice) -> None:
        pk = tax(practice, name="  GST ", percent=Decimal("8.875"))
        tax(practice, tax_rate_id=pk, name="Sales tax")
        assert queries.tax_rates(practice.pk) == [
            queries.Tax(id=pk, name="Sales tax", percent=Decimal(10), archived=False)
        ]
        assert Note.objects.filter(action="save_tax_rate", subject_id=pk).count() == 2

    @pytest.mark.parametrize(
        ("error", "fields"),
        [
            (NameMissing, {"name": " "}),
            (WrongPercent, {"percent": Decimal(101)}),
            (WrongPercent, {"percent": Decimal("0.0001")}),
            (NotFound, {"tax_rate_id": 10**9}),
            (NameTaken, {"name": "gst"}),
        ],
    )
    def test_refusals(self, practice: Practice, error: Any, fields: dict[str, Any]) -> None:
        tax(practice)
        with refuses(error, TaxRate):
            tax(practice, **fields)

    def test_another_practice_may_use_the_name_but_not_the_row(self, practice: Practice) -> None:
        other = make_practice()
        pk = tax(practice)
        tax(other)
        with refuses(NotFound, TaxRate):
            tax(other, tax_rate_id=pk, name="Taken over")

    def test_an_archived_tax_stays_on_its_items_and_can_come_back(self, practice: Practice) -> None:
        rate = make_tax_rate(practice=practice)
        item = make_item(practice=practice, tax_rate=rate)
        archive_tax_rate(
            ArchiveTaxRate(practice_id=practice.pk, by=SYSTEM, tax_rate_id=rate.pk), NOW
        )
        assert queries.tax_rates(practice.pk) == []
        assert queries.sale_items(practice.pk, [item.pk])[item.pk].tax_percent == 10
        (kept,) = queries.tax_rates(practice.pk, archived=True)
        assert (kept.archived, kept.used_by) == (True, 1)
        with refuses(NameTaken, TaxRate) as raised:
            tax(practice, name=rate.name)
        assert "Restore" in raised.value.sentence
        restore_tax_rate(
            RestoreTaxRate(practice_id=practice.pk, by=SYSTEM, tax_rate_id=rate.pk), NOW
        )
        assert [found.id for found in queries.tax_rates(practice.pk)] == [rate.pk]


class TestSources:
    def test_sources_stand_in_the_order_they_were_added_and_can_be_moved(
        self, practice: Practice
    ) -> None:
        cash, card, bank = (source(practice, name) for name in ("Cash", "Card", "Bank"))

        def move(pk: int, steps: int) -> list[int]:
            command = OrderPaymentSources(
                practice_id=practice.pk, by=SYSTEM, payment_source_id=pk, steps=steps
            )
            order_payment_sources(command, NOW)
            return [found.id for found in queries.payment_sources(practice.pk)]

        assert [found.id for found in queries.payment_sources(practice.pk)] == [cash, card, bank]
        assert move(bank, -1) == [cash, bank, card]
        assert move(cash, 1) == [bank, cash, card]
        assert move(bank, -1) == [bank, cash, card]

    def test_only_sources_on_offer_can_be_moved(self, practice: Practice) -> None:
        source(practice, "Cash")
        theirs = source(make_practice(), "Cash")
        gone = source(practice, "Cheque")
        archive_a_source(practice, gone)
        for pk in (theirs, gone, 10**9):
            with refuses(NotFound, PaymentSource):
                order_payment_sources(
                    OrderPaymentSources(
                        practice_id=practice.pk, by=SYSTEM, payment_source_id=pk, steps=1
                    ),
                    NOW,
                )

    def test_the_last_source_stays(self, practice: Practice) -> None:
        cash, card = source(practice, "Cash"), source(practice, "Card")
        archive_a_source(practice, cash)
        archive_a_source(practice, cash)
        with refuses(LastSource, PaymentSource):
            archive_a_source(practice, card)
        restore_payment_source(
            RestorePaymentSource(practice_id=practice.pk, by=SYSTEM, payment_source_id=cash), NOW
        )
        archive_a_source(practice, card)
        assert [found.id for found in queries.payment_sources(practice.pk)] == [cash]

    def test_refusals(self, practice: Practice) -> None:
        source(practice, "Cash")
        theirs = make_source(practice=make_practice()).pk
        with refuses(NameTaken, PaymentSource):
            source(practice, "CASH")
        with refuses(NameMissing, PaymentSource):
            source(practice, "")
        with refuses(NotFound, PaymentSource):
            source(practice, "Card", payment_source_id=theirs)
        with refuses(NotFound, PaymentSource):
            archive_a_source(practice, theirs)


class TestConcessionsAndCategories:
    def test_a_concession_is_added_renamed_archived_and_restored(self, practice: Practice) -> None:
        def save(name: str, pk: int | None = None) -> int:
            command = SaveConcession(
                practice_id=practice.pk, by=SYSTEM, concession_id=pk, name=name
            )
            return save_concession(command, NOW).concession_id

        pk = save("Pensioner")
        save("Senior", pk)
        with refuses(NameTaken, Concession):
            save("senior")
        with refuses(NameMissing, Concession):
            save(" ")
        archive_concession(
            ArchiveConcession(practice_id=practice.pk, by=SYSTEM, concession_id=pk), NOW
        )
        assert queries.concessions(practice.pk) == []
        restore_concession(
            RestoreConcession(practice_id=practice.pk, by=SYSTEM, concession_id=pk), NOW
        )
        assert queries.concessions(practice.pk) == [queries.Named(id=pk, name="Senior")]

    def test_a_category_is_renamed_and_goes_only_when_nothing_is_counted_under_it(
        self, practice: Practice
    ) -> None:
        used, free = make_category(practice=practice), make_category(practice=practice)
        make_item(practice=practice, category=used)

        def remove(pk: int) -> None:
            remove_category(RemoveCategory(practice_id=practice.pk, by=SYSTEM, category_id=pk), NOW)

        with refuses(CategoryInUse, Category):
            remove(used.pk)
        remove(free.pk)
        command = SaveCategory(
            practice_id=practice.pk, by=SYSTEM, category_id=used.pk, name="Products"
        )
        save_category(command, NOW)
        assert queries.categories(practice.pk, counted=True) == [
            queries.Named(id=used.pk, name="Products", used_by=1)
        ]
        with refuses(NameTaken, Category):
            save_category(SaveCategory(practice_id=practice.pk, by=SYSTEM, name="products"), NOW)

    def test_nothing_of_another_practice_is_reached(self, practice: Practice) -> None:
        other = make_practice()
        theirs = Concession.objects.create(practice=other, name="Student").pk
        category = make_category(practice=other).pk
        at = {"practice_id": practice.pk, "by": SYSTEM}
        with refuses(NotFound, Concession):
            archive_concession(ArchiveConcession(**at, concession_id=theirs), NOW)
        with refuses(NotFound, Category):
            remove_category(RemoveCategory(**at, category_id=category), NOW)
        with refuses(NotFound, Category):
            save_category(SaveCategory(**at, category_id=category, name="Mine"), NOW)


def race(*acts: Callable[[], Any]) -> list[str]:
    """Do these at once; returns 'ok' or the name of the refusal of each, sorted."""
    start, outcomes = Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait()
            act()
            outcomes.append("ok")
        except Refusal as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_who_archive_the_last_two_sources_leave_one(self) -> None:
        practice = make_practice()
        sources = [source(practice, "Cash"), source(practice, "Card")]
        acts = [lambda pk=pk: archive_a_source(practice, pk) for pk in sources]
        assert race(*acts) == ["LastSource", "ok"]
        assert len(queries.payment_sources(practice.pk)) == 1

    def test_the_race_is_real_without_the_lock(self) -> None:
        practice = make_practice()
        sources = [source(practice, "Cash"), source(practice, "Card")]
        meet = Barrier(2)

        def archive_unguarded(pk: int) -> None:
            others = len(queries.payment_sources(practice.pk))
            meet.wait()
            assert others == 2
            set_archived(PaymentSource.objects.get(pk=pk), NOW)

        assert race(*[lambda pk=pk: archive_unguarded(pk) for pk in sources]) == ["ok", "ok"]
        assert queries.payment_sources(practice.pk) == []

    def test_two_who_add_one_name_make_one(self) -> None:
        practice = make_practice()
        assert race(*[lambda: tax(practice)] * 4) == ["NameTaken"] * 3 + ["ok"]
        assert TaxRate.objects.filter(practice=practice).count() == 1
