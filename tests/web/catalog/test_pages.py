"""The doors of the catalogue: who may pass, what is refused, what a page costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creditwell.catalog.models import Category, ConcessionPrice, Item, PaymentSource, TaxRate
from creditwell.tenancy.models import Concession, User
from creditwell.tenancy.permissions import PERMISSIONS, Role
from tests.cast import Cast
from tests.factories import make_category, make_item, make_source, make_tax_rate

pytestmark = pytest.mark.django_db

LOOKING = ("items", "catalog_taxes", "catalog_sources", "catalog_concessions", "catalog_categories")
ADDING = ("item_new", *(f"{name}_new" for name in LOOKING[1:]))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def rows_of(cast: Cast, practice: Any) -> dict[str, int]:
    """An id for every page that is about one row."""
    concession = Concession.objects.create(practice=practice, name="Pensioner").pk
    return {
        "item": make_item(practice=practice).pk,
        "item_archive": make_item(practice=practice).pk,
        "item_restore": make_item(practice=practice).pk,
        "catalog_taxes_edit": make_tax_rate(practice=practice).pk,
        "catalog_taxes_archive": make_tax_rate(practice=practice).pk,
        "catalog_taxes_restore": make_tax_rate(practice=practice).pk,
        "catalog_sources_edit": make_source(practice=practice).pk,
        "catalog_sources_move": make_source(practice=practice).pk,
        "catalog_sources_archive": make_source(practice=practice).pk,
        "catalog_sources_restore": make_source(practice=practice).pk,
        "catalog_concessions_edit": concession,
        "catalog_concessions_archive": concession,
        "catalog_concessions_restore": concession,
        "catalog_categories_edit": make_category(practice=practice).pk,
        "catalog_categories_remove": make_category(practice=practice).pk,
    }


@pytest.mark.parametrize("role", list(Role))
def test_everybody_looks_and_some_change(cast: Cast, role: Role) -> None:
    client = client_of(cast.staff[role])
    may_edit = role in PERMISSIONS["catalog.edit"]
    for name in LOOKING:
        answer = client.get(reverse(name))
        assert answer.status_code == 200, name
        text = answer.content.decode()
        assert (f"{reverse(name)}new/" in text) == may_edit, name
        assert may_edit or ("/archive/" not in text and "/remove/" not in text), name
    for name in ADDING:
        assert client.get(reverse(name)).status_code == (200 if may_edit else 403), name
    for name, pk in rows_of(cast, cast.clinic.practice).items():
        status = client.post(reverse(name, args=[pk])).status_code
        assert status in ((302, 422) if may_edit else (403,)), (name, status)


def test_another_practice_s_rows_are_not_there(cast: Cast) -> None:
    client = client_of(cast.alice)
    for name, pk in rows_of(cast, cast.other.practice).items():
        assert client.post(reverse(name, args=[pk])).status_code == 404, name
        if name in ("item", "catalog_taxes_edit", "catalog_sources_edit"):
            assert client.get(reverse(name, args=[pk])).status_code == 404, name
    assert not Item.objects.filter(archived_at__isnull=False).exists()


class TestItems:
    def typed(self, cast: Cast, **fields: Any) -> dict[str, Any]:
        return {
            "kind": "service",
            "name": "Dry needling",
            "category": cast.clinic.item.category_id,
            "price": "95.00",
            "tax_rate": "",
            "key": "one",
            **fields,
        }

    def test_an_item_is_added_once_however_often_it_is_sent(self, cast: Cast) -> None:
        client = client_of(cast.alice)
        for _ in range(2):
            answer = client.post(reverse("item_new"), self.typed(cast))
            assert (answer.status_code, answer["Location"]) == (302, "/items/?show=service")
        assert Item.objects.filter(name="Dry needling").count() == 1

    def test_it_opens_as_it_was_saved(self, cast: Cast) -> None:
        pensioner = Concession.objects.create(practice=cast.clinic.practice, name="Pensioner")
        field = f"concession_{pensioner.pk}"
        client = client_of(cast.alice)
        typed = self.typed(cast, code="DN", cost="1,200", stock_count="-2", **{field: "70"})
        client.post(reverse("item_new"), typed)
        item = Item.objects.get(name="Dry needling")
        form = client.get(reverse("item", args=[item.pk])).context["form"]
        shown = {name: str(form[name].value()) for name in (field, "price", "cost", "stock_count")}
        assert shown == {
            field: "70.00 AUD",
            "price": "95.00 AUD",
            "cost": "1200.00 AUD",
            "stock_count": "-2",
        }
        changed = self.typed(cast, code="DN", **{field: ""})
        client.post(reverse("item", args=[item.pk]), changed)
        assert not ConcessionPrice.objects.filter(item=item).exists()

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"price": "89.505"}, "Write at most 2 decimals"),
            ({"price": "-1"}, "cannot be negative"),
            ({"price": "much"}, "is not an amount"),
            ({"name": "  "}, "Fill this in."),
            ({"code": "TAKEN"}, "Another item has this code."),
            ({"category": "1000000"}, "This cannot be chosen any more"),
        ],
    )
    def test_a_refusal_keeps_what_was_typed(
        self, cast: Cast, fields: dict[str, Any], said: str
    ) -> None:
        make_item(practice=cast.clinic.practice, code="TAKEN")
        before = list(Item.objects.order_by("pk").values())
        typed = self.typed(cast, supplier="Stretchy Pty Ltd", **fields)
        answer = client_of(cast.alice).post(reverse("item_new"), typed)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert said in text
        assert "Stretchy Pty Ltd" in text
        assert 'name="key" value="one"' in text
        assert list(Item.objects.order_by("pk").values()) == before

    def test_an_archived_tax_stays_choosable_where_it_is_used(self, cast: Cast) -> None:
        old = make_tax_rate(practice=cast.clinic.practice, name="Old tax", percent="8.875")
        item = make_item(practice=cast.clinic.practice, tax_rate=old)
        client = client_of(cast.alice)
        client.post(reverse("catalog_taxes_archive", args=[old.pk]))
        assert "Old tax (8.875%)" in client.get(reverse("item", args=[item.pk])).content.decode()
        assert "Old tax" not in client.get(reverse("item_new")).content.decode()

    def test_the_search_answers_with_the_rows_alone(self, cast: Cast) -> None:
        client = client_of(cast.bob)
        answer = client.get("/items/?show=service&q=stand", headers={"HX-Request": "true"})
        text = answer.content.decode()
        assert "Standard consultation" in text
        assert "<html" not in text
        nothing = client.get("/items/?show=service&q=zzz").content.decode()
        assert "Nothing here matches “zzz”" in nothing


class TestLists:
    def test_a_tax_is_added_changed_archived_and_restored(self, cast: Cast) -> None:
        client = client_of(cast.alice)
        client.post(reverse("catalog_taxes_new"), {"name": "VAT", "percent": "20", "key": "k"})
        tax = TaxRate.objects.get(name="VAT")
        client.post(
            reverse("catalog_taxes_edit", args=[tax.pk]), {"name": "VAT", "percent": "17.5"}
        )
        page = client.get(reverse("catalog_taxes")).content.decode()
        assert "17.5%" in page
        client.post(reverse("catalog_taxes_archive", args=[tax.pk]))
        client.post(reverse("catalog_taxes_restore", args=[tax.pk]))
        tax.refresh_from_db()
        assert tax.archived_at is None

    def test_the_last_source_stays_and_it_is_said_why(self, cast: Cast) -> None:
        client = client_of(cast.alice)
        PaymentSource.objects.filter(pk=cast.clinic.cash.pk).delete()
        url = reverse("catalog_sources_archive", args=[cast.clinic.card.pk])
        answer = client.post(url, follow=True)
        assert "Add another source first" in answer.content.decode()
        assert PaymentSource.objects.get(pk=cast.clinic.card.pk).archived_at is None

    def test_a_name_that_is_taken_is_said_at_its_field(self, cast: Cast) -> None:
        client = client_of(cast.alice)
        typed = {"name": "CASH", "kind": "cash", "key": "k"}
        answer = client.post(reverse("catalog_sources_new"), typed)
        assert answer.status_code == 422
        assert answer.context["form"].errors["name"]
        assert 'value="CASH"' in answer.content.decode()

    def test_a_category_in_use_stays(self, cast: Cast) -> None:
        used = cast.clinic.item.category_id
        url = reverse("catalog_categories_remove", args=[used])
        answer = client_of(cast.alice).post(url, follow=True)
        assert "so it stays" in answer.content.decode()
        assert Category.objects.filter(pk=used).exists()


def test_pages_cost_the_same_for_few_and_for_many(cast: Cast) -> None:
    client, practice = client_of(cast.alice), cast.clinic.practice
    urls = [
        *(reverse(name) for name in (*LOOKING, *ADDING)),
        reverse("item", args=[cast.clinic.item.pk]),
        reverse("catalog_taxes_edit", args=[cast.clinic.tax.pk]),
        reverse("catalog_sources_edit", args=[cast.clinic.card.pk]),
    ]

    def cost() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200
            counts.append(len(seen))
        return counts

    client.get("/items/")
    small = cost()
    for n in range(60):
        concession = Concession.objects.create(practice=practice, name=f"Kind {n}")
        item = make_item(practice=practice, tax_rate=make_tax_rate(practice=practice))
        ConcessionPrice.objects.create(
            practice=practice, item=item, concession=concession, price_minor=n
        )
        make_source(practice=practice)
    assert cost() == small
    assert max(small) <= 10
