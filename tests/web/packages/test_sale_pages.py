"""The sale of a package: from the patient, from a visit, on an invoice, from the payment form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditwell.catalog.models import ConcessionPrice
from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.packages.models import Package, Product
from creditwell.payments.models import Payment
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Concession
from creditwell.tenancy.permissions import Role
from creditwell.usecases.duplicate_invoice import DuplicateInvoice, duplicate_invoice
from tests.acts import invoice, new_key, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, make_appointment, make_patient
from tests.sold import make_product, make_visit_type, sell, states
from tests.web.test_two_tabs import form_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def massage(cast: Cast) -> AppointmentType:
    return make_visit_type(cast.clinic, name="Massage")


@pytest.fixture
def five(cast: Cast, massage: AppointmentType) -> Product:
    return make_product(cast.clinic, massage)


@pytest.fixture
def visit(cast: Cast, massage: AppointmentType) -> Attendee:
    return make_appointment(
        practice=cast.clinic.practice,
        patient=cast.clinic.patient,
        appointment_type=massage,
        starts_at=NOW + timedelta(days=1),
    )


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(cast: Cast) -> str:
    return f"/patients/{cast.clinic.patient.pk}/packages/sell/"


def test_sold_to_the_patient_on_to_the_payment(desk: Client, cast: Cast, five: Product) -> None:
    patient = cast.clinic.patient
    pensioner = Concession.objects.create(practice=cast.clinic.practice, name="Pensioner")
    ConcessionPrice.objects.create(
        practice=cast.clinic.practice, item=five.item, concession=pensioner, price_minor=40000
    )
    type(patient).objects.filter(pk=patient.pk).update(concession=pensioner)
    assert page_of(cast) in desk.get(f"/patients/{patient.pk}/").content.decode()
    shown = desk.get(page_of(cast)).content.decode()
    assert "$400.00" in shown
    answer = desk.post(page_of(cast), {**form_of(shown), "discount": "10%"})
    bill = Invoice.objects.get()
    assert answer.headers["Location"] == f"/payments/new/?patient={patient.pk}&invoice={bill.pk}"
    assert bill.total_minor == 36000
    assert Package.objects.count() == 1
    assert_books_straight(cast.clinic.practice)


def test_paid_from_credit_leads_to_what_was_sold(desk: Client, cast: Cast, five: Product) -> None:
    pay(cast.clinic, 50000)
    sent = form_of(desk.get(page_of(cast)).content.decode())
    assert sent["credit"] == "on", "there is enough of it"
    for _press in range(2):
        answer = desk.post(page_of(cast), sent)
        assert answer.status_code == 302
        assert "/payments/" not in answer.headers["Location"]
    assert Package.objects.count() == 1
    assert standing(cast.clinic).credit_minor == 5000
    assert_books_straight(cast.clinic.practice)


def test_the_sum_follows_what_is_chosen(desk: Client, cast: Cast, five: Product) -> None:
    pay(cast.clinic, 20000)
    sent = {"product": five.pk, "discount": "50", "credit": "on", "do": "preview"}
    page = desk.post(page_of(cast), sent, headers={"HX-Request": "true"}).content.decode()
    assert "−200.00" in page
    assert "$200.00" in page
    assert Package.objects.count() == 0


def test_what_is_usable_when_paid_does_not_begin_with_the_visit(
    desk: Client, cast: Cast, massage: AppointmentType, visit: Attendee
) -> None:
    waiting = make_product(cast.clinic, massage, usable_when="paid")
    url = f"{page_of(cast)}?product={waiting.pk}&attendee={visit.pk}"
    popup = desk.get(f"/appointments/{visit.appointment_id}/").content.decode()
    assert url.replace("&", "&amp;") in popup
    sent = form_of(desk.get(url).content.decode())
    assert (sent["product"], sent["attendee"]) == (str(waiting.pk), "")
    refused = desk.post(page_of(cast), {**sent, "attendee": str(visit.pk)})
    assert refused.status_code == 422
    assert "can be used only when its invoice is paid" in refused.content.decode()
    assert Invoice.objects.count() == 0
    pay(cast.clinic, 45000)  # with credit that pays it at once, the visit is chosen
    sent = form_of(desk.get(url).content.decode())
    assert (sent["credit"], sent["attendee"]) == ("on", str(visit.pk))
    assert desk.post(page_of(cast), sent).status_code == 302
    assert states(Package.objects.get())[0] == "booked"
    assert_books_straight(cast.clinic.practice)


def test_back_to_the_payment_form(desk: Client, cast: Cast, five: Product) -> None:
    patient = cast.clinic.patient
    pay_url = f"/payments/new/?patient={patient.pk}"
    assert 'name="sell-package"' in desk.get(pay_url).content.decode()
    gone = desk.post("/payments/new/", {"patient": patient.pk, "sell-package": "1"})
    assert gone.headers["Location"] == f"{page_of(cast)}?back=payment"
    sent = form_of(desk.get(f"{page_of(cast)}?back=payment").content.decode())
    answer = desk.post(page_of(cast), sent)
    assert answer.headers["Location"] == f"{pay_url}&kept=1"
    number = Invoice.objects.get().number
    assert f">{number}<" in desk.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize("sold", [True, False])
def test_what_was_typed_before_the_sale_is_there_after_it(
    desk: Client, cast: Cast, five: Product, sold: bool
) -> None:
    pay_url = f"/payments/new/?patient={cast.clinic.patient.pk}"
    cell = f"pay-{invoice(cast.clinic).invoice_id}"
    typed = {
        **form_of(desk.get(pay_url).content.decode()),
        cell: "10.00",
        "amount-0": "450.50",
        "reference-0": "Till 2",
        "note": "For the course",
        "received_on": "2026-11-20",
        "email": "1",
    }
    before = Payment.objects.count()
    gone = desk.post("/payments/new/", {**typed, "sell-package": "1"})
    assert "450" not in gone.headers["Location"]
    page = desk.get(gone.headers["Location"])
    if sold:
        url = desk.post(page_of(cast), form_of(page.content.decode())).headers["Location"]
    else:
        url = page.context["cancel_url"]
    back = form_of(desk.get(url).content.decode())
    for name in ("amount-0", "reference-0", "note", "received_on"):
        assert back[name] == typed[name], name
    assert back[cell] == ("90.00" if sold else "10.00"), "a new invoice: shared out anew"
    assert back["key"] != typed["key"]
    assert Payment.objects.count() == before
    # Given back once: the next payment begins empty.
    assert form_of(desk.get(url).content.decode())["note"] == ""
    assert_books_straight(cast.clinic.practice)


def test_what_was_typed_for_one_patient_is_not_given_to_another(
    desk: Client, cast: Cast, five: Product
) -> None:
    other = make_patient(practice=cast.clinic.practice)
    mine = cast.clinic.patient.pk
    typed = {"patient": mine, "row": "0", "amount-0": "450.50", "note": "Mine"}
    desk.post("/payments/new/", {**typed, "sell-package": "1"})
    theirs = desk.get(f"/payments/new/?patient={other.pk}&kept=1").content.decode()
    assert form_of(theirs)["note"] == ""
    assert "450.50" not in theirs


def test_a_refused_sale_loses_nothing(
    desk: Client, cast: Cast, five: Product, visit: Attendee
) -> None:
    physio = make_product(
        cast.clinic, make_visit_type(cast.clinic, name="Physio"), name="Five physio"
    )
    sent = {
        **form_of(desk.get(page_of(cast)).content.decode()),
        "product": physio.pk,
        "attendee": visit.pk,
        "discount": "5%",
    }
    answer = desk.post(page_of(cast), sent)
    assert answer.status_code == 422
    assert "has no session for this visit" in answer.content.decode()
    assert form_of(answer.content.decode())["discount"] == "5%"
    assert desk.post(page_of(cast), {**sent, "product": ""}).status_code == 422
    assert Invoice.objects.count() == 0


def sent_from_popup(desk: Client, visit: Attendee) -> dict[str, str]:
    page = desk.get(f"/appointments/{visit.appointment_id}/").content.decode()
    inner = page[page.index(f"/appointments/attendees/{visit.pk}/sell-package/") :]
    return form_of("data-main" + inner)


def test_sold_in_the_pop_up_and_used_for_the_visit(
    desk: Client, cast: Cast, five: Product, visit: Attendee
) -> None:
    make_product(cast.clinic, make_visit_type(cast.clinic, name="Physio"), name="Five physio")
    sent = sent_from_popup(desk, visit)
    assert sent["product"] == str(five.pk)
    assert "credit" not in sent
    answer = desk.post(f"/appointments/attendees/{visit.pk}/sell-package/", sent)
    assert answer.headers["Location"].startswith("/payments/new/")
    assert states(Package.objects.get())[0] == "booked"
    page = desk.get(f"/appointments/{visit.appointment_id}/").content.decode()
    assert "sell-package" not in page
    assert "Five physio" not in page
    assert_books_straight(cast.clinic.practice)


def test_credit_pays_and_one_stays_with_the_appointment(
    desk: Client, cast: Cast, five: Product, visit: Attendee
) -> None:
    pay(cast.clinic, 45000)
    sent = sent_from_popup(desk, visit)
    assert sent["credit"] == "45000"
    url = f"/appointments/attendees/{visit.pk}/sell-package/"
    answer = desk.post(url, sent)
    assert answer.headers["Location"] == f"/appointments/{visit.appointment_id}/"
    assert desk.post(url, sent).status_code == 302
    assert Package.objects.count() == 1
    refused = desk.post(url, {**sent, "key": "other"}, follow=True)
    assert "This visit has a session of a package already." in refused.content.decode()
    assert_books_straight(cast.clinic.practice)


def test_who_may_not_sell_is_not_offered_it(cast: Cast, five: Product, visit: Attendee) -> None:
    client = Client()
    client.force_login(cast.staff[Role.READ_ONLY])
    for page in (
        f"/appointments/{visit.appointment_id}/",
        f"/patients/{cast.clinic.patient.pk}/",
    ):
        text = client.get(page).content.decode()
        assert "sell" not in text.replace("css", "")


def test_a_package_on_the_invoice_form_is_one(desk: Client, cast: Cast, five: Product) -> None:
    head = {
        "patient": cast.clinic.patient.pk,
        "for_patient": cast.clinic.patient.pk,
        "key": "k1",
        "issued_on": "2026-11-24",
        "lines": "1",
        "line-0-item": five.item_id,
        "line-0-filled": five.item_id,
        "line-0-quantity": "2",
        "line-0-price": "450.00",
        "line-0-description": "Five",
    }
    refused = desk.post("/invoices/new/", {**head, "do": "issue"})
    assert refused.status_code == 422
    assert "Sell each package on a line of its own" in refused.content.decode()
    assert "id_line-0-quantity_error" in refused.content.decode()
    chosen = {**head, "line-0-filled": "", "do": "update"}
    assert "readonly" in desk.post("/invoices/new/", chosen).content.decode()
    answer = desk.post("/invoices/new/", {**head, "line-0-quantity": "1", "do": "issue"})
    assert answer.status_code == 302
    assert Package.objects.count() == 1


def test_a_copy_of_its_invoice_sells_one_again(
    desk: Client, cast: Cast, massage: AppointmentType
) -> None:
    product = make_product(cast.clinic, massage, tax=cast.clinic.tax, tax_at_use=True)
    package = sell(cast.clinic, product)
    copied = duplicate_invoice(
        DuplicateInvoice(
            practice_id=cast.clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            invoice_id=package.line.invoice_id,
        ),
        NOW,
    )
    copy = InvoiceLine.objects.get(invoice_id=copied.invoice_id)
    line = package.line
    assert copy.sells_package
    assert (copy.net_minor, copy.tax_minor, copy.total_minor) == (
        line.net_minor,
        line.tax_minor,
        line.total_minor,
    )
    sent: dict[str, Any] = form_of(
        desk.get(f"/invoices/{copied.invoice_id}/edit/").content.decode()
    )
    assert (
        desk.post(f"/invoices/{copied.invoice_id}/edit/", {**sent, "do": "issue"}).status_code
        == 302
    )
    again = Package.objects.exclude(pk=package.pk).get()
    assert (again.net_minor, again.tax_minor) == (package.net_minor, package.tax_minor)
    assert_books_straight(cast.clinic.practice)


def test_the_invoice_of_a_package(client: Client, cast: Cast, five: Product) -> None:
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    package = sell(cast.clinic, five)
    url = f"/invoices/{package.line.invoice_id}/"
    link = f'href="/packages/{package.pk}/"'
    assert link in client.get(url).content.decode()
    assert client.get(f"{url}pdf/").status_code == 200
    credit = client.get(f"{url}credit/").content.decode()
    assert "Packages are not credited here" in credit
    assert link in credit
    assert f'name="line-{package.line_id}"' not in credit
    void = client.get(f"{url}void/").content.decode()
    assert "The package that it sold is taken off the record as well." in void


def test_with_many_packages_and_visits_the_pages_ask_no_more(
    desk: Client, cast: Cast, massage: AppointmentType, visit: Attendee
) -> None:
    counts: dict[str, list[int]] = {}
    for more in (2, 12):
        for n in range(more):
            make_product(cast.clinic, massage, massage, units=(5, n + 1))
            make_appointment(
                practice=cast.clinic.practice,
                patient=cast.clinic.patient,
                appointment_type=massage,
                starts_at=NOW + timedelta(days=n + 2),
            )
        for page in (page_of(cast), f"/appointments/{visit.appointment_id}/"):
            desk.get(page)
            with CaptureQueriesContext(connection) as queries:
                desk.get(page)
            counts.setdefault(page, []).append(len(queries))
    assert all(few == many for few, many in counts.values()), counts
