"""
The help page that started it, walked word for word in a browser: with the mouse, by keyboard
alone, and with JavaScript off. Each step leaves a picture in test-results/screens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from creditwell.people.models import Patient
from creditwell.scheduling.models import TypeItem
from tests.acts import invoice, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import make_appointment, make_appointment_type
from tests.screens import assert_page_is_sound, follow, follow_keys, picture, sign_in, watch

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain_page(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()


def visit_of(cast: Cast, patient: Patient) -> int:
    """An appointment of today that bills the standard consultation; returns its id."""
    clinic = cast.clinic
    kind = make_appointment_type(practice=clinic.practice, name="Standard consultation")
    TypeItem.objects.create(
        practice=clinic.practice, appointment_type=kind, item=clinic.item, quantity=Decimal(1)
    )
    local = timezone.localtime(timezone.now(), timezone=_zone(cast))
    attendee = make_appointment(
        practice=clinic.practice,
        patient=patient,
        starts_at=local.replace(hour=11, minute=0, second=0, microsecond=0),
        appointment_type=kind,
        practitioner=clinic.practitioner,
        location=clinic.location,
    )
    return attendee.appointment_id


def _zone(cast: Cast) -> ZoneInfo:
    return ZoneInfo(cast.clinic.practice.time_zone)


def shot(page: Page, name: str) -> None:
    picture(page, f"help-page-{name}", full=True)


def prepay(page: Page) -> None:
    """Add a new payment: the five steps, a new patient on the way."""
    # 1. Select Payments from the navigation.
    follow(page.get_by_role("navigation", name="Main").get_by_role("link", name="Payments"))
    expect(page.get_by_role("heading", name="Payments", level=1)).to_be_visible()
    shot(page, "01-payments")
    # 2. Click the Add payment button on the right-hand side.
    follow(page.get_by_role("main").get_by_role("link", name="Add payment").first)
    # Someone who has never had an appointment: their profile is created on the way.
    page.get_by_role("combobox", name="Patient").press_sequentially("Ilona Szymańska", delay=20)
    page.get_by_role("option", name="Create “Ilona Szymańska”").click()
    page.get_by_role("textbox", name="Phone").fill("0491 570 156")
    shot(page, "02-new-patient")
    page.get_by_role("button", name="Create and choose").click()
    # 3. Add the payment to the payment source.
    amount = page.get_by_role("textbox", name="Amount")
    expect(amount).to_be_focused()
    amount.press_sequentially("450", delay=20)
    # 4. There are no invoices to apply this payment to.
    expect(page.get_by_text("There are no invoices to apply this payment to.")).to_be_visible()
    expect(page.get_by_text("$450.00 is not allocated. It becomes account credit.")).to_be_visible()
    shot(page, "03-no-invoices")
    # 5. Save the payment. The receipt says that the amount is not allocated.
    page.get_by_role("button", name="Save payment").last.click()
    expect(page.get_by_role("heading", name="Receipt 1", level=1)).to_be_visible()
    expect(page.get_by_text("Not allocated: kept as account credit")).to_be_visible()
    expect(page.get_by_text("$450.00 of this payment is not allocated.")).to_be_visible()
    shot(page, "04-receipt")
    # Account credit is displayed on the patient's details page.
    follow(page.get_by_role("complementary").get_by_role("link", name="Ilona Szymańska"))
    expect(page.get_by_role("region", name="Balance")).to_contain_text("450")
    shot(page, "05-patient")


def create_an_invoice(page: Page, appointment: int) -> None:
    """Create an invoice from the pop-up and let account credit pay it."""
    # Select Add a payment from the patient's appointment pop up.
    follow(page.get_by_role("navigation", name="Main").get_by_role("link", name="Appointments"))
    page.locator(f'a.ev[data-id="{appointment}"]').click()
    pop_up = page.get_by_role("dialog")
    expect(pop_up).to_contain_text("$450.00")
    shot(page, "06-pop-up")
    follow(pop_up.get_by_role("link", name="Add payment"))
    # Happy with the invoice: Create invoice.
    shot(page, "07-create-invoice")
    follow(page.get_by_role("button", name="Create invoice"))
    # Don't enter a payment source this time. The credit stands in the Account credit column.
    expect(page.get_by_role("columnheader", name="Account credit")).to_be_visible()
    expect(page.get_by_role("textbox", name="Account credit towards")).to_have_value("90.00")
    shot(page, "08-account-credit-column")
    page.get_by_role("button", name="Save payment").last.click()
    # Back on the invoice: the remaining account credit at the top of the screen.
    expect(page.get_by_text("$90.00 of account credit was used. $360.00 remains.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("360.00")
    shot(page, "09-invoice")


def test_word_for_word(page: Page, live_server: Any, watch: list[str], cast: Cast) -> None:
    sign_in(page, live_server, cast.bob)
    page.goto(live_server.url)

    prepay(page)
    patient = Patient.objects.get(last_name="Szymańska")
    assert standing(cast.clinic, patient).credit_minor == 45000
    appointment = visit_of(cast, patient)
    create_an_invoice(page, appointment)
    # Top them up at any stage.
    page.goto(f"{live_server.url}/payments/new/?patient={patient.pk}")
    page.get_by_role("textbox", name="Amount").fill("100")
    page.get_by_role("textbox", name="Amount").press("Enter")
    expect(page.get_by_role("heading", name="Receipt 2", level=1)).to_be_visible()
    assert standing(cast.clinic, patient).credit_minor == 46000
    shot(page, "10-topped-up")
    assert watch == [], watch
    assert_books_straight(cast.clinic.practice)


def pay_by_keys(page: Page, amount: str, last_key: str) -> None:
    """N P, three letters, Enter, the amount, Enter."""
    keyboard = page.keyboard
    follow_keys(page, "n", "p")
    expect(page.get_by_role("combobox", name="Patient")).to_be_focused()
    keyboard.type("bre", delay=30)
    expect(page.get_by_role("option", name="Liam Brennan")).to_be_visible()
    keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Amount")).to_be_focused()
    keyboard.type(amount, delay=20)
    follow_keys(page, last_key)


def test_by_keyboard_alone(page: Page, live_server: Any, watch: list[str], cast: Cast) -> None:
    sign_in(page, live_server, cast.bob)
    page.goto(live_server.url + "/patients/")
    keyboard = page.keyboard
    page.locator("main").focus()
    pay_by_keys(page, "450", "Enter")
    expect(page.get_by_role("heading", name="Receipt 1", level=1)).to_be_visible()
    picture(page, "keyboard-1-receipt", full=True)
    assert standing(cast.clinic).credit_minor == 45000

    appointment = visit_of(cast, cast.clinic.patient)
    follow_keys(page, "g", "a")
    event = page.locator(f'a.ev[data-id="{appointment}"]')
    expect(event).to_be_visible()
    event.focus()
    keyboard.press("Enter")
    pay = page.get_by_role("dialog").get_by_role("link", name="Add payment")
    expect(pay).to_be_visible()
    for _n in range(12):
        if pay.evaluate("e => e === document.activeElement"):
            break
        keyboard.press("Tab")
    follow_keys(page, "Enter")
    expect(page.get_by_role("button", name="Create invoice")).to_be_focused()
    follow_keys(page, "Enter")
    expect(page.get_by_role("textbox", name="Account credit towards")).to_have_value("90.00")
    follow_keys(page, "Control+Enter")
    expect(page.get_by_text("$360.00 remains.")).to_be_visible()
    picture(page, "keyboard-2-invoice", full=True)

    pay_by_keys(page, "50", "Control+Enter")
    expect(page.get_by_role("heading", name="Receipt 2", level=1)).to_be_visible()
    assert standing(cast.clinic).credit_minor == 41000
    assert watch == []
    assert_books_straight(cast.clinic.practice)


def test_without_javascript(plain_page: Page, live_server: Any, cast: Cast) -> None:
    page = plain_page
    sign_in(page, live_server, cast.bob)
    page.goto(live_server.url + "/payments/")
    follow(page.get_by_role("main").get_by_role("link", name="Add payment").first)
    page.get_by_role("combobox", name="Patient").fill("brennan")
    follow(page.get_by_role("button", name="Find"))
    page.get_by_role("radio", name=re.compile("Liam Brennan")).check()
    follow(page.get_by_role("button", name="Choose"))
    page.get_by_role("textbox", name="Amount").fill("300")
    page.get_by_role("textbox", name="Reference").fill("A 17")
    follow(page.get_by_role("button", name="Add another source"))
    expect(page.get_by_role("textbox", name="Amount").first).to_have_value("300")
    expect(page.get_by_role("textbox", name="Reference").first).to_have_value("A 17")
    page.get_by_role("textbox", name="Amount").last.fill("150")
    picture(page, "no-script-1-two-sources", full=True)
    page.get_by_role("button", name="Save payment").last.click()
    expect(page.get_by_text("$450.00 of this payment is not allocated.")).to_be_visible()
    picture(page, "no-script-2-receipt", full=True)
    assert standing(cast.clinic).credit_minor == 45000

    appointment = visit_of(cast, cast.clinic.patient)
    page.goto(f"{live_server.url}/appointments/{appointment}/")
    follow(page.get_by_role("link", name="Add payment"))
    follow(page.get_by_role("button", name="Create invoice"))
    expect(page.get_by_role("textbox", name="Account credit towards")).to_have_value("90.00")
    page.get_by_role("button", name="Save payment").last.click()
    expect(page.get_by_text("$360.00 remains.")).to_be_visible()
    picture(page, "no-script-3-invoice", full=True)
    assert_books_straight(cast.clinic.practice)


def test_every_page_is_sound(page: Page, live_server: Any, watch: list[str], cast: Cast) -> None:

    clinic, now = cast.clinic, timezone.now()
    bill = invoice(clinic, now=now)
    invoice(clinic, 20395, now=now)
    taken = pay(clinic, 23900, pay=((bill.invoice_id, 9000),), now=now)
    sign_in(page, live_server, cast.alice)
    for name, address in {
        "payments": "/payments/",
        "payment-new": "/payments/new/",
        "payment-of-patient": f"/payments/new/?patient={clinic.patient.pk}",
        "receipt": f"/payments/{taken.payment_id}/",
        "payment-edit": f"/payments/{taken.payment_id}/edit/",
        "explain": f"/patients/{clinic.patient.pk}/credit/",
        "statement": f"/patients/{clinic.patient.pk}/statement/",
        "refund-new": f"/payments/refunds/new/?patient={clinic.patient.pk}",
    }.items():
        page.goto(live_server.url + address)
        assert_page_is_sound(page, name)
    assert watch == []
