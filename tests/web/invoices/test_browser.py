"""Invoices in a real browser: by keyboard alone, in one click, without script, on paper."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from creditwell.catalog.models import ConcessionPrice
from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.scheduling.models import TypeItem
from creditwell.tenancy.models import Concession
from tests.acts import invoice, pay, use_credit
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.factories import make_appointment, make_appointment_type
from tests.screens import (
    answered,
    assert_no_sideways_scroll,
    assert_page_is_sound,
    follow,
    follow_keys,
    hold_back,
    picture,
    resize,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    """A clinic whose documents have something to say."""
    made = make_cast()
    clinic = made.clinic
    clinic.tax.name = "GST"
    clinic.tax.save()
    clinic.practice.tax_number = "51 824 753 556"
    clinic.practice.invoice_notes = "Please pay within 14 days."
    clinic.practice.save()
    clinic.location.address = "14 Harbour Lane\nBalmain NSW 2041"
    clinic.location.save()
    pensioner = Concession.objects.create(practice=clinic.practice, name="Pensioner")
    ConcessionPrice.objects.create(
        practice=clinic.practice, item=clinic.item, concession=pensioner, price_minor=7000
    )
    clinic.patient.concession = pensioner
    clinic.patient.save()
    return made


@pytest.fixture
def desk(cast, page: Page, live_server) -> Page:
    sign_in(page, live_server, cast.alice)
    return page


def a_bill(cast: Cast) -> int:
    """An invoice over 70.00 and 198.00 of which 50.00 of account credit paid a part."""
    clinic = cast.clinic
    pay(clinic, 14500)
    lines = (
        LineInput(item_id=clinic.item.pk),
        LineInput(item_id=clinic.taxed_item.pk, quantity=Decimal(2), discount_percent=Decimal(10)),
    )
    written = invoice(clinic, lines=lines, practitioner_id=clinic.practitioner.pk)
    use_credit(clinic, (written.invoice_id, 5000))
    return written.invoice_id


def test_pages_are_sound(cast, desk, live_server, watch):
    bill = a_bill(cast)
    invoice(cast.clinic, issue=False)
    places = {
        "list": "/invoices/",
        "invoice": f"/invoices/{bill}/",
        "form": f"/invoices/new/?patient={cast.clinic.patient.pk}",
        "credit": f"/invoices/{bill}/credit/",
        "void": f"/invoices/{bill}/void/",
        "email": f"/invoices/{bill}/email/",
    }
    for name, path in places.items():
        desk.goto(live_server.url + path)
        assert_page_is_sound(desk, f"invoices-{name}")
    assert watch == []


def test_by_keyboard_alone(cast, desk, live_server, watch):
    keys = desk.keyboard
    desk.goto(live_server.url + "/invoices/")
    follow_keys(desk, "n", "i")
    expect(desk.get_by_role("heading", name="New invoice")).to_be_visible()
    desk.locator("#patient").focus()
    keys.type("bren")
    expect(desk.get_by_role("option", name="Liam Brennan")).to_be_visible()
    keys.press("Enter")
    expect(desk.locator("[name=for_patient]")).to_have_value(str(cast.clinic.patient.pk))
    desk.locator("#id_line-0-item").focus()
    keys.type("Standard")
    expect(desk.locator("#id_line-0-price")).to_have_value("70.00")
    expect(desk.get_by_text("Pensioner price; usually 90.00")).to_be_visible()
    keys.press("Tab")
    keys.type("2")
    expect(desk.locator("#line-0-amount")).to_have_text("140.00")
    desk.locator("#add-line").focus()
    keys.press("Enter")
    expect(desk.locator("#id_line-1-item")).to_be_focused()
    keys.type("Exercise")
    expect(desk.locator("#id_line-1-description")).to_have_value("Exercise band")
    desk.locator("#id_line-1-discount").focus()
    keys.type("10%")
    expect(desk.locator("#sum")).to_contain_text("$239.00")
    expect(desk.locator("#sum")).to_contain_text("9.00")
    assert_page_is_sound(desk, "invoices-form-filled")
    keys.press("Control+Enter")
    expect(desk.get_by_role("heading", name="Invoice 1")).to_be_visible()
    assert Invoice.objects.get().total_minor == 23900
    assert_books_straight(cast.clinic.practice)
    assert watch == []


def test_what_is_typed_before_the_price_comes_counts(cast, desk, live_server, watch):
    address = f"/invoices/new/?patient={cast.clinic.patient.pk}"
    desk.goto(live_server.url + address)
    let_go = hold_back(desk, "**/invoices/new/**", sends="do=update")
    desk.locator("#id_line-0-item").select_option(str(cast.clinic.item.pk))
    with answered(desk, "do=preview"):
        desk.locator("#id_line-0-quantity").fill("2")
    let_go()
    expect(desk.locator("#id_line-0-price")).to_have_value("70.00")
    expect(desk.locator("#id_line-0-quantity")).to_have_value("2")
    expect(desk.locator("#line-0-amount")).to_have_text("140.00")
    assert watch == []


def test_a_refused_form_tells_first_and_keeps_all(cast, desk, live_server):
    desk.goto(f"{live_server.url}/invoices/new/?patient={cast.clinic.patient.pk}")
    desk.fill("#id_notes", "Second visit")
    desk.fill("#id_line-0-description", "Tape")
    desk.fill("#id_line-0-price", "12.345")
    desk.get_by_role("button", name="Issue invoice").click()
    expect(desk.locator("#form-errors")).to_be_focused()
    assert_page_is_sound(desk, "invoices-form-refused")
    desk.locator("#form-errors").get_by_role("link", name="Line 1, Price").click()
    expect(desk.locator("#id_line-0-price")).to_be_focused()
    expect(desk.locator("#id_line-0-price")).to_have_value("12.345")
    expect(desk.locator("#id_notes")).to_have_value("Second visit")
    assert Invoice.objects.count() == 0


def test_an_appointment_in_one_click(cast, desk, live_server, watch):
    clinic = cast.clinic
    kind = make_appointment_type(practice=clinic.practice, name="Standard consultation")
    TypeItem.objects.create(practice=clinic.practice, appointment_type=kind, item=clinic.item)
    visit = make_appointment(
        practice=clinic.practice, patient=clinic.patient, appointment_type=kind
    )
    pay(clinic, 20000)
    desk.goto(f"{live_server.url}/invoices/visits/{visit.pk}/payment/")
    expect(desk.get_by_text("$200.00")).to_be_visible()
    assert_page_is_sound(desk, "invoices-visit")
    follow(desk.get_by_role("button", name="Create invoice"))
    desk.wait_for_url(re.compile(r"/payments/new/"))
    bill = Invoice.objects.get()
    assert desk.url.endswith(f"?patient={clinic.patient.pk}&invoice={bill.pk}")
    desk.goto(f"{live_server.url}/invoices/{bill.pk}/")
    expect(desk.locator("#use-credit")).to_contain_text("$200.00 of account credit")
    follow(desk.get_by_role("link", name="Use credit"))
    desk.wait_for_url(re.compile(r"/payments/new/"))
    assert_books_straight(clinic.practice)
    assert watch == []


def test_credit_note_and_void(cast, desk, live_server, watch):
    bill = a_bill(cast)
    desk.goto(f"{live_server.url}/invoices/{bill}/")
    follow(desk.get_by_role("link", name="Credit note…"))
    desk.get_by_label("Standard consultation").fill("")
    expect(desk.locator("#sum")).to_contain_text("$198.00")
    desk.get_by_label("Reason").fill("Bands returned")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", name="Credit note CN1", exact=True)).to_be_visible()
    assert_page_is_sound(desk, "invoices-credit-note")
    assert CreditNote.objects.get().total_minor == 19800
    other = invoice(cast.clinic)
    desk.goto(f"{live_server.url}/invoices/{other.invoice_id}/")
    follow(desk.get_by_role("link", name="Void…"))
    desk.get_by_label("Reason").fill("Wrong patient")
    desk.get_by_role("button", name="Void invoice").click()
    expect(desk.locator(".page-head .chip")).to_have_text("Void")
    assert_page_is_sound(desk, "invoices-void-done")
    assert_books_straight(cast.clinic.practice)
    assert watch == []


def test_un_apply(cast, desk, live_server):
    bill = a_bill(cast)
    desk.goto(f"{live_server.url}/invoices/{bill}/")
    desk.get_by_text("Un-apply…").click()
    assert_page_is_sound(desk, "invoices-un-apply")
    desk.get_by_role("button", name="Un-apply").click()
    expect(desk.locator("#use-credit")).to_contain_text("$145.00 of account credit")
    assert_books_straight(cast.clinic.practice)


def test_without_script(cast, browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, cast.bob)
    page.goto(live_server.url + "/invoices/new/")
    page.fill("#patient", "bren")
    follow(page.get_by_role("button", name="Find"))
    page.get_by_label("Liam Brennan").check()
    follow(page.get_by_role("button", name="Take this patient"))
    page.select_option("#id_line-0-item", str(cast.clinic.item.pk))
    page.fill("#id_line-0-quantity", "2")
    follow(page.get_by_role("button", name="Add a line"))
    expect(page.locator("#id_line-0-price")).to_have_value("70.00")
    page.select_option("#id_line-1-item", str(cast.clinic.taxed_item.pk))
    follow(page.get_by_role("button", name="Work out the total"))
    expect(page.locator("#sum")).to_contain_text("$250.00")
    follow(page.get_by_role("button", name="Remove line 2"))
    expect(page.locator("#sum")).to_contain_text("$140.00")
    follow(page.get_by_role("button", name="Save draft"))
    expect(page.locator(".page-head .chip")).to_have_text("Draft")
    follow(page.get_by_role("link", name="Edit draft"))
    page.get_by_role("button", name="Issue invoice").click()
    expect(page.get_by_role("heading", name="Invoice 1", exact=True)).to_be_visible()
    assert Invoice.objects.get().total_minor == 14000
    assert_books_straight(cast.clinic.practice)
    context.close()


@pytest.mark.parametrize("width", [390, 820])
def test_phone_and_tablet(cast, desk, live_server, width):
    bill = a_bill(cast)
    for name, path in {
        "list": "/invoices/",
        "invoice": f"/invoices/{bill}/",
        "form": f"/invoices/new/?patient={cast.clinic.patient.pk}",
    }.items():
        resize(desk, width, 900)
        desk.goto(live_server.url + path)
        assert_no_sideways_scroll(desk, width=width)
        picture(desk, f"invoices-{name}-{width}", full=True)
    desk.goto(live_server.url + "/invoices/")
    fits = "table => table.scrollWidth <= table.parentElement.clientWidth"
    assert desk.locator(".bills").evaluate(fits)


def test_it_prints_as_paper_in_the_dark_too(cast, desk, live_server):
    bill = a_bill(cast)
    desk.goto(f"{live_server.url}/invoices/{bill}/")
    desk.emulate_media(media="print", color_scheme="dark")
    expect(desk.get_by_role("article")).to_be_visible()
    for hidden in (".rail", ".top", ".page-head .acts", "#use-credit", "#activity-title"):
        expect(desk.locator(hidden)).to_be_hidden()
    assert desk.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    picture(desk, "invoices-print", full=True)
