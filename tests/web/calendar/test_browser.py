"""A receptionist works in the calendar, in a real browser: mouse, touch, keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from creditwell.scheduling.models import Appointment, Attendee
from tests.acts import pay
from tests.cast import Cast, make_cast
from tests.factories import (
    NOW,
    make_appointment,
    make_appointment_type,
    make_patient,
    make_practitioner,
)
from tests.screens import (
    assert_accessible,
    assert_no_sideways_scroll,
    assert_page_is_sound,
    assert_targets_are_large,
    follow,
    picture,
    resize,
    settle,
    sign_in,
    watch,
)
from tests.visits import at

__all__ = ["watch"]
WIDE = {"width": 1440, "height": 900}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def the_day_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day before: today's calendar scrolls to the hour, and these look at the grid alone."""
    monkeypatch.setattr(timezone, "now", lambda: NOW - timedelta(days=1))


class Day:
    """Tuesday the 24th: two practitioners, three visits."""

    def __init__(self) -> None:
        self.cast: Cast = make_cast()
        clinic = self.cast.clinic
        self.second = make_practitioner(practice=clinic.practice, name="Mei-Lin Tan", hue="heath")
        self.kind = make_appointment_type(practice=clinic.practice, name="Standard consultation")
        self.ilona = make_patient(
            practice=clinic.practice,
            first_name="Ilona",
            last_name="Szymańska",
            phone="0491 570 156",
            alert="Prefers SMS.",
        )
        self.first = self.visit("09:00", patient=self.ilona)
        self.next = self.visit("10:00", patient=clinic.patient)
        self.other = self.visit(
            "11:00", practitioner=self.second, patient=make_patient(practice=clinic.practice)
        )

    def visit(self, clock: str, **fields: Any) -> Attendee:
        clinic = self.cast.clinic
        fields.setdefault("practitioner", clinic.practitioner)
        return make_appointment(
            practice=clinic.practice,
            starts_at=at(clinic, clock),
            location=clinic.location,
            appointment_type=self.kind,
            **fields,
        )

    def starts(self, attendee: Attendee) -> str:
        row = Appointment.objects.get(pk=attendee.appointment_id)
        minutes = row.starts_at - at(self.cast.clinic, "00:00")
        return f"{minutes // timedelta(hours=1):02}:{minutes.seconds // 60 % 60:02}"


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def show(page: Page, live_server: Any, day: Day) -> Callable[..., Page]:
    def open_at(query: str = "?d=2026-11-24") -> Page:
        sign_in(page, live_server, day.cast.bob)
        page.goto(live_server.url + reverse("calendar") + query)
        settle(page)
        return page

    return open_at


def event(page: Page, attendee: Attendee) -> Locator:
    return page.locator(f'.day [data-id="{attendee.appointment_id}"]')


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("calendar-day", "?d=2026-11-24"),
        ("calendar-week", "?d=2026-11-24&view=week"),
        ("calendar-list", "?d=2026-11-24&view=list"),
        ("calendar-list-empty", "?d=2026-11-29&view=list"),
    ],
)
def test_each_view_is_sound(
    show: Callable[..., Page], watch: list[str], name: str, query: str
) -> None:
    page = show(query)
    assert_page_is_sound(page, name)
    assert_no_sideways_scroll(page, width=820)
    assert watch == []


def test_one_practitioners_week(show: Callable[..., Page], day: Day, watch: list[str]) -> None:
    page = show(f"?d=2026-11-24&view=week&practitioner={day.cast.clinic.practitioner.pk}")
    expect(page.locator(".col")).to_have_count(7)
    event(page, day.first).focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".toast")).to_contain_text("25 Nov 2026, 9:00 am")
    assert_page_is_sound(page, "calendar-week-one")
    assert watch == []


def test_forms_are_sound(page: Page, live_server: Any, day: Day, watch: list[str]) -> None:
    sign_in(page, live_server, day.cast.bob)
    one = [day.first.appointment_id]
    who = [day.cast.clinic.practitioner.pk]
    for name, url in {
        "appointment": reverse("appointment", args=one),
        "appointment-new": reverse("appointment_new"),
        "appointment-edit": reverse("appointment_edit", args=one),
        "practitioners": reverse("practitioners"),
        "practitioner-new": reverse("practitioner_new"),
        "practitioner": reverse("practitioner_edit", args=who),
        "appointment-types": reverse("appointment_types"),
        "appointment-type-new": reverse("appointment_type_new"),
        "appointment-type": reverse("appointment_type_edit", args=[day.kind.pk]),
    }.items():
        page.goto(live_server.url + url)
        assert_page_is_sound(page, name)
    assert watch == []


def test_the_pop_up_shows_credit_and_takes_the_focus(
    show: Callable[..., Page], day: Day, watch: list[str]
) -> None:
    pay(day.cast.clinic, 14500, patient=day.ilona)
    page = show()
    event(page, day.first).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Ilona Szymańska")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".of-credit")).to_have_text("Account credit$145.00")
    expect(dialog).to_contain_text("0491 570 156")
    expect(dialog).to_contain_text("Prefers SMS.")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert_accessible(page)
        picture(page, f"calendar-popup-{scheme}")
    assert_targets_are_large(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(event(page, day.first)).to_be_focused()
    assert watch == []


def test_a_patient_arrives_and_a_mistake_is_undone(
    show: Callable[..., Page], day: Day, watch: list[str]
) -> None:
    page = show()
    event(page, day.first).click()
    dialog = page.get_by_role("dialog", name="Ilona Szymańska")
    dialog.get_by_text("Mark early…").click()
    expect(dialog).to_contain_text("This visit is on 24 Nov 2026, which is still to come.")
    assert_accessible(page)
    dialog.get_by_role("button", name="Arrived all the same").click()
    expect(dialog.locator(".chip").first).to_have_text("Arrived")
    shown = page.locator(f"#a{day.first.appointment_id}")
    expect(shown).to_have_class(re.compile("is-arrived r13 s6"))
    day.first.refresh_from_db()
    assert day.first.status == "arrived"
    dialog.get_by_role("button", name="Set back to booked").click()
    expect(dialog.locator(".chip").first).to_have_text("Booked")
    assert watch == []


def test_a_visit_is_cancelled_with_a_reason(
    show: Callable[..., Page], day: Day, watch: list[str]
) -> None:
    page = show()
    event(page, day.first).click()
    dialog = page.get_by_role("dialog", name="Ilona Szymańska")
    dialog.locator("summary", has_text="Cancel…").click()
    dialog.get_by_label("Reason").select_option("sick")
    dialog.get_by_label("Comment").fill("flu")
    dialog.get_by_role("button", name="Cancel appointment").click()
    expect(dialog).to_contain_text("Sick: flu")
    expect(page.locator(".toast")).to_contain_text("Appointment cancelled.")
    day.first.refresh_from_db()
    assert (day.first.status, day.first.cancel_reason) == ("cancelled", "sick")
    assert watch == []


def drag(page: Page, from_: Locator, to: Locator, dy: int) -> None:
    start, end = from_.bounding_box(), to.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 40, start["y"] + 6)
    page.mouse.down()
    page.mouse.move(start["x"] + 70, start["y"] + 30, steps=4)
    page.mouse.move(end["x"] + 60, end["y"] + dy, steps=10)
    expect(page.locator(".ghost")).to_have_count(1)
    page.mouse.up()


def test_a_visit_is_dragged_to_another_practitioner_and_back(
    show: Callable[..., Page], day: Day, watch: list[str]
) -> None:
    page = show()
    drag(page, event(page, day.first), event(page, day.other), 6 + 88)  # an hour below 11:00
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Ilona moved to 24 Nov 2026, 12:00 pm with Mei-Lin Tan.")
    expect(page.locator(".ghost, .drop")).to_have_count(0)
    expect(page.locator(".peek[open]")).to_have_count(0)
    assert day.starts(day.first) == "12:00"
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("9:00 am")
    assert day.starts(day.first) == "09:00"
    assert watch == []


def test_a_clash_is_refused_and_nothing_moves(show: Callable[..., Page], day: Day) -> None:
    page = show()
    drag(page, event(page, day.first), event(page, day.next), 6)
    already = re.compile("already has an appointment.*from 10:00 am to 10:30 am")
    expect(page.locator(".toast.bad")).to_contain_text(already)
    assert day.starts(day.first) == "09:00"


def test_keys_move_a_visit_and_add_up(
    show: Callable[..., Page], day: Day, watch: list[str]
) -> None:
    page = show()
    event(page, day.other).focus()
    for _step in range(2):
        page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".toast")).to_contain_text("11:30 am")
    expect(event(page, day.other)).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(".toast")).to_contain_text(day.cast.clinic.practitioner.name)
    assert day.starts(day.other) == "11:30"
    assert watch == []


def test_touch_drags_after_a_long_press(
    browser: Browser, browser_context_args: dict[str, Any], live_server: Any, day: Day
) -> None:
    size = {"width": 820, "height": 1100}
    context = browser.new_context(**{**browser_context_args, "viewport": size}, has_touch=True)
    page = context.new_page()
    sign_in(page, live_server, day.cast.bob)
    page.goto(live_server.url + reverse("calendar") + "?d=2026-11-24")
    settle(page)
    box = event(page, day.first).bounding_box()
    assert box is not None
    x, y = box["x"] + 40, box["y"] + 10
    touches = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    touch("touchStart", (x, y))
    expect(page.locator(".ghost")).to_have_count(1)
    rows = 9  # 45 minutes: rows of half a rem on touch screens
    for n in range(1, rows + 1):
        touch("touchMove", (x, y - n * 8))
    touch("touchEnd")
    expect(page.locator(".toast")).to_contain_text("8:15 am")
    assert day.starts(day.first) == "08:15"
    assert_accessible(page)
    picture(page, "calendar-tablet")
    context.close()


def test_a_visit_is_booked_in_an_empty_slot(
    show: Callable[..., Page], day: Day, watch: list[str]
) -> None:
    page = show()
    box = event(page, day.first).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 80, box["y"] + 88 * 4 + 4)  # four hours below nine
    resize(page, 1440, 500)  # one in the afternoon is out of sight
    dialog = page.get_by_role("dialog", name="New appointment")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Time")).to_have_value("13:00")
    expect(dialog.get_by_label("Patient", exact=True)).to_be_focused()
    assert_accessible(page)
    picture(page, "booking-dialog")
    page.keyboard.type("szyma")
    dialog.get_by_role("option", name="Ilona Szymańska").wait_for()
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-picker-value]")).to_have_value(str(day.ilona.pk))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Appointment booked.")
    booked = Attendee.objects.order_by("pk").last()
    assert booked is not None
    assert booked.patient_id == day.ilona.pk
    assert day.starts(booked) == "13:00"
    expect(event(page, booked)).to_be_focused()
    expect(event(page, booked)).to_be_in_viewport(ratio=0.9)
    assert watch == []


def test_a_refused_booking_keeps_what_was_typed(show: Callable[..., Page], day: Day) -> None:
    page = show()
    page.locator(".cal-head").get_by_role("link", name="New appointment").click()
    dialog = page.get_by_role("dialog", name="New appointment")
    expect(dialog.get_by_label("Patient", exact=True)).to_be_focused()
    page.keyboard.type("szyma")
    dialog.get_by_role("option", name="Ilona Szymańska").wait_for()
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-picker-value]")).to_have_value(str(day.ilona.pk))
    dialog.get_by_label("Time").fill("10:15")
    dialog.get_by_label("Notes").fill("Bring scans")
    dialog.get_by_role("button", name="Book appointment").click()
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text("already has an appointment")
    expect(alert).to_be_focused()
    expect(dialog.get_by_label("Notes")).to_have_value("Bring scans")
    expect(dialog.locator("[data-picker-value]")).to_have_value(str(day.ilona.pk))
    dialog.get_by_label("Time").fill("14:00")
    dialog.get_by_role("button", name="Book appointment").click()
    expect(page.locator(".toast")).to_contain_text("Appointment booked.")


def test_a_group_is_filled_from_the_pop_up(
    show: Callable[..., Page], day: Day, watch: list[str]
) -> None:
    day.kind.max_attendees = 4
    day.kind.name = "Pilates"
    day.kind.save()
    page = show()
    event(page, day.next).click()
    dialog = page.get_by_role("dialog", name="Pilates")
    dialog.get_by_label("Add a patient").fill("szyma")
    dialog.get_by_role("option", name="Ilona Szymańska").click()
    dialog.get_by_role("button", name="Add to the group").click()
    expect(dialog).to_contain_text("2 of 4 places")
    assert_accessible(page)
    picture(page, "calendar-group")
    assert watch == []


def test_without_script_everything_is_done_by_forms(
    browser: Browser, live_server: Any, day: Day
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server, day.cast.bob)
    page.goto(live_server.url + reverse("calendar") + "?d=2026-11-24")
    follow(event(page, day.first))
    page.locator("summary", has_text="Move…").click()
    page.get_by_label("Time").fill("15:00")
    follow(page.get_by_role("button", name="Move appointment"))
    expect(page.locator(".toast")).to_contain_text("3:00 pm")
    assert day.starts(day.first) == "15:00"
    follow(page.locator(".cal-head").get_by_role("link", name="New appointment"))
    page.get_by_label("Patient", exact=True).fill("Szyma")
    follow(page.get_by_role("button", name="Find"))
    page.get_by_label("Time").fill("09:00")
    page.get_by_role("button", name="Book appointment").click()
    expect(page.locator(".toast")).to_contain_text("Appointment booked.")
    context.close()


def test_back_leads_to_the_day_before_the_jump(show: Callable[..., Page], watch: list[str]) -> None:
    """The browser fills the day in again that was jumped to; that is not a jump."""
    page = show()
    before = page.url
    with page.expect_navigation(url="**d=2026-12-22**"):
        page.locator("#jump").fill("2026-12-22")
    page.go_back()
    page.wait_for_timeout(500)
    assert page.url == before
    assert watch == []
