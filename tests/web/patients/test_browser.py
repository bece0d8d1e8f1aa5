"""Patients in a real browser: by keyboard, in both themes, on a narrow screen."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from creditwell.people.models import Patient
from tests.acts import invoice, pay
from tests.cast import Cast, make_cast
from tests.factories import make_appointment, make_patient
from tests.screens import assert_page_is_sound, follow, hold_back, resize, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.web.patients.host"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    ilona = make_patient(
        practice=cast.clinic.practice,
        first_name="Ilona",
        last_name="Szymańska",
        phone="0491 570 156",
        email="ilona.s@mail.example",
        date_of_birth=date(1984, 3, 9),
        alert="Allergic to latex",
        notes="Prefers SMS reminders.",
    )
    make_patient(practice=cast.clinic.practice, first_name="Ilona", last_name="Szymczak")
    pay(cast.clinic, 14500, patient=ilona)
    invoice(cast.clinic, 9000, patient=ilona)
    make_appointment(practice=cast.clinic.practice, patient=ilona)
    return cast


@pytest.fixture
def desk(page: Page, live_server, cast: Cast, watch) -> Page:
    sign_in(page, live_server, cast.alice)
    page.goto(live_server.url + reverse("patients"))
    return page


def ilona() -> Patient:
    return Patient.objects.get(last_name="Szymańska")


def test_three_letters_and_enter_open_a_patient(desk, watch):
    desk.keyboard.press("/")
    desk.keyboard.type("szy")
    desk.keyboard.press("Enter")
    first = desk.locator("#people a").first
    expect(first).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ilona Szymańska")
    desk.keyboard.press("/")
    desk.keyboard.type("szymc")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ilona Szymczak")
    assert watch == []


def test_the_list_narrows_while_typing(desk, watch):
    desk.locator("#q").press_sequentially("0156", delay=20)
    expect(desk.locator("#rows tbody tr")).to_have_count(1)
    expect(desk.locator("#rows")).to_contain_text("Ilona Szymańska")
    expect(desk.locator("#rows")).to_contain_text("145.00")
    desk.locator("#q").fill("zzz")
    expect(desk.get_by_text("Nobody matches “zzz”")).to_be_visible()
    assert watch == []


@pytest.mark.parametrize(
    ("width", "seen"),
    [(1440, {"phone", "email"}), (820, {"phone"}), (390, {"below the name"})],
)
def test_the_list_shows_what_the_screen_has_room_for(desk, width, seen):
    resize(desk, width, 900)
    row = desk.locator("#rows tr", has_text="Szymańska")
    places = {
        "phone": row.locator("td.wide-only", has_text="0491"),
        "email": row.locator("td.cut"),
        "below the name": row.locator("th .phone-only"),
    }
    assert {name for name, place in places.items() if place.is_visible()} == seen
    table = desk.locator("#rows table")
    assert table.evaluate("t => t.scrollWidth <= t.parentElement.clientWidth")


def test_a_patient_is_created_by_keyboard(desk, watch):
    desk.keyboard.press("n")
    desk.keyboard.press("t")
    desk.wait_for_url("**" + reverse("patient_new"))
    desk.locator("#id_first_name").focus()
    desk.keyboard.type("Ilona")
    desk.keyboard.press("Tab")
    desk.keyboard.type("Szymanska")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#form-errors")).to_be_focused()
    expect(desk.get_by_role("link", name="Ilona Szymańska")).to_be_visible()
    assert_page_is_sound(desk, "patient-new-duplicate")
    desk.get_by_label("This is somebody else").check()
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ilona Szymanska")
    expect(desk.get_by_text("Ilona Szymanska is a patient now.")).to_be_visible()
    assert [line for line in watch if "422" not in line] == []


def test_details_are_changed(desk, live_server, watch):
    desk.goto(live_server.url + reverse("patient", args=[ilona().pk]))
    desk.get_by_role("button", name="More actions").click()
    follow(desk.get_by_role("link", name="Edit details"))
    expect(desk.locator("#id_date_of_birth")).to_have_value("1984-03-09")
    desk.get_by_label("Last name").fill("Nowak")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ilona Nowak")
    assert watch == []


def test_two_records_are_merged_and_come_back(desk, live_server, watch):
    desk.goto(live_server.url + reverse("patient_merge", args=[ilona().pk]))
    desk.get_by_label("Name, phone or date of birth").fill("szymc")
    desk.keyboard.press("Enter")
    follow(desk.get_by_role("link", name="Ilona Szymczak"))
    assert_page_is_sound(desk, "patient-compare")
    expect(desk.get_by_label("Keep Ilona Szymańska")).to_be_checked()
    desk.get_by_role("button", name="Merge the records").click()
    expect(desk.get_by_text("Merged. The tab Details can take it back.")).to_be_visible()
    follow(desk.get_by_role("link", name="Details", exact=True))
    desk.get_by_text("Undo…").click()
    assert_page_is_sound(desk, "patient-undo")
    desk.get_by_role("button", name="Make two records again").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ilona Szymczak")
    assert watch == []


def test_a_picker_finds_by_keyboard(desk, live_server, watch):
    desk.goto(live_server.url + "/host/")
    desk.get_by_role("combobox", name="Patient").press_sequentially("szyma", delay=20)
    option = desk.get_by_role("option", name="Ilona Szymańska")
    expect(option).to_be_visible()
    expect(option).to_contain_text("$145.00 credit")
    assert_page_is_sound(desk, "picker")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-picker-value]")).to_have_value(str(ilona().pk))
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#about")).to_have_text("About Ilona Szymańska, 0491 570 156")
    assert watch == []


SEARCH = "**/patients/search/*"


def test_enter_waits_for_the_patients_that_were_asked_for(desk, live_server, watch):
    desk.goto(live_server.url + "/host/")
    picker = desk.get_by_role("combobox", name="Patient")
    picker.press_sequentially("szy")
    first = desk.locator("#patient-list [role=option]").first
    expect(first).to_contain_text("Ilona Szyma")
    let_go = hold_back(desk, SEARCH)
    desk.keyboard.type("mc")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-picker-value]")).to_have_value("")
    let_go()
    expect(picker).to_have_value("Ilona Szymczak")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#about")).to_contain_text("About Ilona Szymczak")
    assert watch == []


def test_somebody_quick_is_in_the_next_field_when_the_patient_is_found(desk, live_server, watch):
    desk.goto(live_server.url + "/host/")
    let_go = hold_back(desk, SEARCH)
    picker = desk.get_by_role("combobox", name="Patient")
    picker.press_sequentially("szymc")
    desk.keyboard.press("Enter")
    desk.locator("#amount").focus()
    desk.keyboard.type("90")
    let_go()
    expect(picker).to_have_value("Ilona Szymczak")
    expect(desk.locator("#amount")).to_be_focused()
    desk.keyboard.type(".50")
    expect(desk.locator("#amount")).to_have_value("90.50")
    expect(desk.locator("#patient-list")).to_be_hidden()
    assert watch == []


def test_a_patient_typed_before_the_scripts_have_run_is_found(desk, live_server, watch):
    let_go = hold_back(desk, "**/htmx*.js")  # what is deferred waits for it
    desk.goto(live_server.url + "/host/", wait_until="commit")
    picker = desk.get_by_role("combobox", name="Patient")
    picker.press_sequentially("szymc")
    desk.keyboard.press("Enter")
    let_go()
    expect(picker).to_have_value("Ilona Szymczak")
    expect(desk.locator("[data-picker-value]")).not_to_have_value("")
    assert watch == []


def test_escape_sends_the_list_away_that_is_still_on_its_way(desk, live_server, watch):
    desk.goto(live_server.url + "/host/")
    let_go = hold_back(desk, SEARCH)
    picker = desk.get_by_role("combobox", name="Patient")
    with desk.expect_request(SEARCH):
        picker.press_sequentially("s")
    desk.keyboard.press("Escape")
    let_go()
    found = desk.locator("#patient-list [role=option]")
    expect(found).not_to_have_count(0)
    expect(desk.locator("#patient-list")).to_be_hidden()
    picker.press_sequentially("zymc")
    expect(desk.locator("#patient-list")).to_be_visible()
    expect(desk.get_by_role("option", name="Ilona Szymczak")).to_be_visible()
    assert watch == []


def test_when_no_answer_comes_enter_sends_the_form(desk, live_server):
    desk.goto(live_server.url + "/host/")
    desk.route(SEARCH, lambda route: route.abort())
    picker = desk.get_by_role("combobox", name="Patient")
    for letter in "szymc":
        with desk.expect_event("requestfailed"):
            picker.press_sequentially(letter)
    expect(desk.locator("[data-picker]")).not_to_have_attribute("data-typed", "1")
    expect(desk.locator(".toast.bad")).to_have_count(1)
    with desk.expect_navigation():
        picker.press("Enter")
    expect(desk.locator(".toast.bad")).to_be_hidden()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Host")


def test_a_key_pressed_while_the_page_still_loads_is_heard(desk, live_server, watch):
    desk.route("**/htmx*.js", lambda route: None)  # what is deferred waits for it
    desk.goto(live_server.url + reverse("patients"), wait_until="commit")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Patients")
    desk.keyboard.press("/")
    desk.keyboard.type("szymc")
    expect(desk.locator("#find")).to_have_value("szymc")
    desk.unroute("**/htmx*.js")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ilona Szymczak")
    assert watch == []


def test_a_new_patient_is_created_inside_another_form(desk, live_server, watch):
    desk.goto(live_server.url + "/host/")
    desk.locator("#amount").fill("100")
    desk.get_by_role("combobox", name="Patient").press_sequentially("Grace Whitlock", delay=10)
    create = desk.get_by_role("option", name="Create “Grace Whitlock” as a new patient")
    expect(create).to_be_visible()
    expect(create).to_have_attribute("aria-selected", "true")
    desk.keyboard.press("Enter")
    expect(desk.locator("#id_new-phone")).to_be_focused()
    expect(desk.locator("#id_new-name")).to_have_value("Grace Whitlock")
    desk.keyboard.type("0491 570 006")
    assert_page_is_sound(desk, "quick-patient")
    desk.get_by_role("button", name="Create and choose").click()
    expect(desk.get_by_role("combobox", name="Patient")).to_have_value("Grace Whitlock")
    expect(desk.locator("#id_new-name")).to_be_hidden()
    expect(desk.locator("#amount")).to_have_value("100")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#about")).to_have_text("About Grace Whitlock, 0491 570 006")
    assert watch == []


def test_saving_the_form_creates_the_patient_too(desk, live_server, watch):
    desk.goto(live_server.url + "/host/")
    desk.get_by_role("combobox", name="Patient").press_sequentially("Grace Whitlock", delay=10)
    expect(desk.get_by_role("option", name="Create “Grace Whitlock”")).to_be_visible()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#about")).to_contain_text("About Grace Whitlock")
    assert watch == []


def test_likely_duplicates_are_offered_inside_another_form(desk, live_server, watch):
    desk.goto(live_server.url + "/host/")
    desk.get_by_text("New patient").first.click()
    desk.locator("#id_new-name").fill("Ilona Szymanska")
    desk.get_by_role("button", name="Create and choose").click()
    same = desk.get_by_role("radio", name="Ilona Szymańska")
    expect(same).to_be_visible()
    assert_page_is_sound(desk, "quick-duplicate")
    same.check()
    desk.get_by_role("button", name="Create and choose").click()
    expect(desk.locator("[data-picker-value]")).to_have_value(str(ilona().pk))
    assert Patient.objects.filter(first_name="Ilona").count() == 2
    assert [line for line in watch if "422" not in line] == []


def test_without_script_a_new_patient_is_created_with_the_form(browser, live_server, cast):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, cast.bob)
    page.goto(live_server.url + "/host/")
    page.locator("#patient-quick summary").click()
    page.locator("#id_new-name").fill("Ilona Szymanska")
    expect(page.get_by_role("button", name="Create and choose")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    page.get_by_label("No, this is somebody else").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#about")).to_contain_text("About Ilona Szymanska")
    context.close()


PAGES = [
    "patients",
    "contacts",
    "patient_new",
    "contact_new",
    "patient",
    "patient_invoices",
    "patient_payments",
    "patient_appointments",
    "patient_details",
    "patient_history",
    "patient_edit",
    "patient_merge",
]


@pytest.mark.parametrize("name", PAGES)
def test_sound(desk, live_server, watch, name):
    args = [] if name in ("patients", "contacts", "patient_new", "contact_new") else [ilona().pk]
    desk.goto(live_server.url + reverse(name, args=args))
    assert_page_is_sound(desk, name.replace("_", "-"))
    assert watch == []


@pytest.mark.parametrize("query", ["szy", "zzz"])
def test_found_and_not_found_are_sound(desk, live_server, watch, query):
    for name in ("search", "patient_search"):
        desk.goto(f"{live_server.url}{reverse(name)}?q={query}")
        assert_page_is_sound(desk, f"{name.replace('_', '-')}-{query}")
    assert watch == []
