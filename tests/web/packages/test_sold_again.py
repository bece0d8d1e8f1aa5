"""Going back sells no package twice: the desk is asked, and led to the first sale."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from creditwell.invoicing.models import Invoice
from creditwell.packages.models import Package, Product
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import make_appointment
from tests.refusing import unchanged
from tests.sold import make_product, make_visit_type
from tests.web.test_two_tabs import form_of

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (Invoice, Package)


@pytest.fixture
def massage(cast: Cast) -> AppointmentType:
    return make_visit_type(cast.clinic, name="Massage")


@pytest.fixture
def one(cast: Cast, massage: AppointmentType) -> Product:
    return make_product(cast.clinic, massage, name="One massage", units=1)


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(cast: Cast) -> str:
    return f"/patients/{cast.clinic.patient.pk}/packages/sell/"


def sell_one(desk: Client, cast: Cast, product: Product) -> tuple[dict[str, str], str]:
    """Sell it; returns what was sent, and where it led."""
    sent = {**form_of(desk.get(page_of(cast)).content.decode()), "product": str(product.pk)}
    answer = desk.post(page_of(cast), sent)
    assert answer.status_code == 302
    return sent, answer.headers["Location"]


def test_a_new_form_for_the_same_asks_first(desk: Client, cast: Cast, one: Product) -> None:
    sell_one(desk, cast, one)
    sold = Package.objects.get()
    number = cast.clinic.practice.invoice_prefix + str(sold.line.invoice.number)
    shown = desk.get(page_of(cast)).content.decode()
    words = f"sold this to {sold.patient.payer.name} today already, by invoice {number}."
    assert words in shown
    assert f'href="/packages/{sold.pk}/"' in shown
    sent = form_of(shown)
    with unchanged(*TABLES):
        refused = desk.post(page_of(cast), sent)
    assert refused.status_code == 422
    assert f"{words} Tick this if they buy another one." in refused.content.decode()
    again = {**form_of(refused.content.decode()), "another": "on"}
    assert desk.post(page_of(cast), again).status_code == 302
    assert Package.objects.count() == 2
    assert_books_straight(cast.clinic.practice)


def test_the_form_gone_back_to_leads_to_the_first_sale(
    desk: Client, cast: Cast, one: Product
) -> None:
    sent, place = sell_one(desk, cast, one)
    with unchanged(*TABLES):
        assert desk.post(page_of(cast), sent).headers["Location"] == place
        changed = desk.post(page_of(cast), {**sent, "discount": "5"})
    assert changed.status_code == 422
    assert f'href="{place}"'.replace("&", "&amp;") in changed.content.decode()
    again = {**form_of(changed.content.decode()), "another": "on"}
    assert again["key"] != sent["key"], "who read that it was saved and goes on means another one"
    assert desk.post(page_of(cast), again).status_code == 302
    assert Package.objects.count() == 2
    assert_books_straight(cast.clinic.practice)


def test_another_package_in_the_form_gone_back_to_is_refused_first(
    desk: Client, cast: Cast, one: Product
) -> None:
    other = make_product(cast.clinic, make_visit_type(cast.clinic, name="Physio"), name="Physio")
    sent, place = sell_one(desk, cast, one)
    with unchanged(*TABLES):
        refused = desk.post(page_of(cast), {**sent, "product": str(other.pk)})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Nothing was saved now" in page
    assert f'href="{place}"'.replace("&", "&amp;") in page
    assert desk.post(page_of(cast), form_of(page)).status_code == 302
    assert set(Package.objects.values_list("product_id", flat=True)) == {one.pk, other.pk}
    assert_books_straight(cast.clinic.practice)


def test_what_was_voided_is_sold_anew_without_a_question(
    desk: Client, cast: Cast, one: Product
) -> None:
    sell_one(desk, cast, one)
    command = VoidInvoice(
        practice_id=cast.clinic.practice.pk,
        key=new_key(),
        by=SYSTEM,
        invoice_id=Invoice.objects.get().pk,
        reason="Wrong patient",
    )
    void_invoice(command, timezone.now())
    assert "today already" not in desk.get(page_of(cast)).content.decode()
    sell_one(desk, cast, one)
    assert Package.objects.filter(ended_at=None).count() == 1
    assert_books_straight(cast.clinic.practice)


@pytest.mark.parametrize("htmx", [False, True])
def test_the_pop_up_asks_on_the_page_of_the_sale(
    desk: Client, cast: Cast, massage: AppointmentType, one: Product, *, htmx: bool
) -> None:
    visits: list[Attendee] = [
        make_appointment(
            practice=cast.clinic.practice,
            patient=cast.clinic.patient,
            appointment_type=massage,
            starts_at=timezone.now() + timedelta(days=days),
        )
        for days in (1, 2)
    ]
    popups = [f"/appointments/attendees/{visit.pk}/sell-package/" for visit in visits]
    sent = {"product": one.pk, "key": "first"}
    first = desk.post(popups[0], sent)
    second = desk.post(popups[0], sent)
    assert second.headers["Location"] == first.headers["Location"], "pressed twice"
    headers = {"HX-Request": "true"} if htmx else {}
    with unchanged(*TABLES):
        asked = desk.post(popups[1], {**sent, "key": "second"}, headers=headers)
    place = asked.headers["HX-Redirect" if htmx else "Location"]
    assert place == f"{page_of(cast)}?product={one.pk}&attendee={visits[1].pk}"
    shown = form_of(desk.get(place).content.decode())
    assert (shown["product"], shown["attendee"]) == (str(one.pk), str(visits[1].pk))
    assert desk.post(page_of(cast), {**shown, "another": "on"}).status_code == 302
    assert Package.objects.count() == 2
    assert_books_straight(cast.clinic.practice)
