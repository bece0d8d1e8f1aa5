"""
Five massages, from the sale to 5 of 5, in a browser: booked as a series, one cancelled in time, one
late and waived with a reason, one that nobody came to. After every step each visit says which of
how many it is, on the calendar, in the pop-up, on the patient's page and on its receipt. Each step
leaves a picture in test-results/screens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from creditwell.packages.models import Package, PackageAct
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.tenancy.access import facts_of
from tests.acts import standing
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.factories import NOW
from tests.screens import follow, picture, sign_in
from tests.sold import make_product, make_visit_type, states, unearned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "Five massages"
WEEK = timedelta(weeks=1)


@dataclass
class Story:
    """Liam, what he buys, and the moment of the doors."""

    page: Page
    at: str
    cast: Cast
    massage: AppointmentType
    moments: list[datetime]

    def later(self, moment: datetime) -> None:
        """Time goes on, and Bob signs in again."""
        self.moments.append(moment)
        sign_in(self.page, _Server(self.at), self.cast.bob)

    def go(self, name: str, *args: int, query: str = "") -> None:
        self.page.goto(self.at + reverse(name, args=args) + query)

    def read(self, name: str, *args: int, query: str = "") -> str:
        """A page as text, without showing it."""
        answer = self.page.request.get(self.at + reverse(name, args=args) + query)
        assert answer.ok, (name, args, answer.status)
        return " ".join(answer.text().split())

    def shot(self, name: str) -> None:
        picture(self.page, f"liam-{name}", full=True)

    @property
    def visits(self) -> list[Attendee]:
        rows = Attendee.objects.select_related("appointment").order_by("appointment__starts_at")
        return list(rows)

    def visit(self, n: int) -> Attendee:
        return self.visits[n]

    def day_of(self, visit: Attendee) -> str:
        day = facts_of(self.cast.clinic.practice).day_of(visit.appointment.starts_at)
        return f"?d={day}"


@dataclass
class _Server:
    url: str


def check(story: Story, *said: str) -> None:
    """
    All visits in order on every screen: "2 of 5" booked, "2 of 5 used", "2 of 5 forfeited", or ""
    without a session.
    """
    patient = story.read("patient_appointments", story.cast.clinic.patient.pk)
    for visit, words in zip(story.visits, said, strict=True):
        ordinal, _of, state = words.partition(" of 5")
        day = story.read("calendar", query=story.day_of(visit))
        pop_up = story.read("appointment", visit.appointment_id)
        receipt = story.page.request.get(story.at + reverse("attendance_receipt", args=[visit.pk]))
        if not words:
            assert "/5<" not in day, visit.pk
            assert f" of 5</b> <span> {NAME}" not in pop_up
            assert receipt.status == 409
            continue
        spoken = f"Session {ordinal} of 5, {NAME}" + (f", Session{state}" if state else "")
        assert f'>{ordinal}/5</span><span class="sr">, {spoken}</span>' in day, (words, visit.pk)
        assert f"<b>{ordinal} of 5</b>" in pop_up, (words, visit.pk)
        assert spoken in patient, (words, visit.pk)
        if state == " used":
            assert f"Session {ordinal} of 5" in receipt.text(), (words, visit.pk)
        else:
            assert receipt.status == 409


def sale(story: Story) -> None:
    """Sold and paid on screen."""
    page = story.page
    story.go("package_sell", story.cast.clinic.patient.pk)
    page.get_by_role("radio", name=re.compile(NAME)).check()
    expect(page.locator("#sums")).to_contain_text("$450.00")
    story.shot("01-sale")
    follow(page.get_by_role("button", name="Sell package"))
    page.get_by_role("combobox", name="Paid by").select_option("Card")
    page.get_by_role("textbox", name="Amount").fill("450")
    follow(page.get_by_role("button", name="Save payment").last)
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("New payment")
    assert standing(story.cast.clinic).owing_minor == 0


def booked_as_a_series(story: Story) -> None:
    """The form says which session before anything is booked; the answer names all five."""
    page = story.page
    story.go("calendar", query="?d=2026-11-24")
    page.get_by_role("link", name="New appointment").first.click()
    page.get_by_role("combobox", name="Patient").press_sequentially("Liam", delay=20)
    page.locator("[role=option]", has_text="Liam Brennan").first.click()
    page.locator("#id_time").fill("14:00")
    package = page.locator("#id_package")
    expect(package).to_contain_text(f"Uses session 1 of 5 of {NAME}")
    page.get_by_label("Repeat").select_option("1")
    page.get_by_label("Visits in all").fill("5")
    expect(package).to_be_visible()
    picture(page, "liam-02-booking")
    page.get_by_role("button", name=re.compile("Book appointment")).click()
    expect(page.get_by_text("5 appointments booked.")).to_contain_text(f"session 5 of 5 of {NAME}")
    check(story, "1 of 5", "2 of 5", "3 of 5", "4 of 5", "5 of 5")


def arrives(story: Story, n: int, ordinal: str) -> None:
    """Marked in the pop-up beside the calendar; then the receipt."""
    page, visit = story.page, story.visit(n)
    story.go("calendar", query=story.day_of(visit))
    page.locator(f'.day [data-id="{visit.appointment_id}"]').click()
    peek = page.locator("#peek")
    expect(peek.locator(".nth-line b")).to_have_text(ordinal)
    peek.get_by_role("button", name="Arrived").click()
    expect(page.get_by_text("Marked as arrived.")).to_be_visible()
    expect(peek.get_by_text("Session used")).to_be_visible()
    picture(page, f"liam-arrived-{n}")
    follow(peek.get_by_role("link", name="Attendance receipt"))
    expect(page.get_by_role("heading", name="Attendance receipt", level=1)).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text(f"Session {ordinal}")
    story.shot(f"receipt-{n}")


def cancelled_in_time(story: Story) -> None:
    """The others move up, and the session is free for another visit."""
    page, visit = story.page, story.visit(1)
    story.go("appointment", visit.appointment_id)
    page.get_by_text("Cancel…").click()
    dialog = page.locator(".cancel")
    expect(dialog).to_contain_text("In time, 24 hours or more before: nothing is kept")
    story.shot("03-cancel-in-time")
    dialog.get_by_role("button", name="Cancel appointment").click()
    expect(page.get_by_text("Its session is free again.")).to_be_visible()
    check(story, "1 of 5 used", "", "2 of 5", "3 of 5", "4 of 5")


def one_more(story: Story, day: str) -> None:
    """Booked again: the fifth."""
    page = story.page
    story.go("appointment_new", query=f"?patient={story.cast.clinic.patient.pk}&d={day}&t=14:00")
    expect(page.locator("#id_package")).to_contain_text(f"Uses session 5 of 5 of {NAME}")
    page.get_by_role("button", name=re.compile("Book appointment")).click()
    expect(page.get_by_text(f"It uses session 5 of 5 of {NAME}.")).to_be_visible()


def cancelled_late_and_waived(story: Story) -> None:
    """The whole session would be kept; somebody says why it is not."""
    page, visit = story.page, story.visit(2)
    story.later(visit.appointment.starts_at - timedelta(hours=5))
    story.go("calendar", query=story.day_of(visit))
    page.locator(f'.day [data-id="{visit.appointment_id}"]').click()
    page.get_by_text("Cancel…").click()
    dialog = page.locator("#peek .cancel")
    expect(dialog).to_contain_text("Less than 24 hours before: the whole session is kept.")
    dialog.get_by_label("Nothing is kept").check()
    dialog.get_by_role("button", name="Cancel appointment").click()
    expect(page.locator(".toast.bad")).to_contain_text("Say why")
    dialog.get_by_label("Why not as the rule says").fill("In hospital")
    picture(page, "liam-04-waived")
    dialog.get_by_role("button", name="Cancel appointment").click()
    expect(page.get_by_text("Its session is free again.")).to_be_visible()
    check(story, "1 of 5 used", "", "", "2 of 5", "3 of 5", "4 of 5")
    waiver = PackageAct.objects.filter(kind="given_back").latest("pk")
    assert (waiver.reason, waiver.details) == ("In hospital", {"waived_percent": 100})
    story.go("package", waiver.package_id)
    expect(page.get_by_text("In hospital").first).to_be_visible()
    story.shot("05-history")


def nobody_came(story: Story) -> None:
    """Forfeited by the rule: it counts, and is no receipt."""
    page, visit = story.page, story.visit(3)
    story.later(visit.appointment.starts_at + timedelta(minutes=40))
    story.go("calendar", query=story.day_of(visit))
    page.locator(f'.day [data-id="{visit.appointment_id}"]').click()
    page.get_by_text("Did not arrive…").click()
    dialog = page.locator("#peek .no-show")
    expect(dialog).to_contain_text("When somebody does not come: the whole session is kept.")
    picture(page, "liam-06-no-show")
    dialog.get_by_role("button", name="Did not arrive").click()
    expect(page.get_by_text("Its session is forfeited.")).to_be_visible()
    expect(page.locator("#peek").get_by_text("Session forfeited")).to_be_visible()
    check(story, "1 of 5 used", "", "", "2 of 5 forfeited", "3 of 5", "4 of 5", "5 of 5")


def to_the_end(story: Story) -> None:
    """Three more come: 3, 4 and 5 of 5."""
    first = ("1 of 5 used", "", "", "2 of 5 forfeited")
    for n, ordinal in ((4, "3 of 5"), (5, "4 of 5"), (6, "5 of 5")):
        story.later(story.visit(n).appointment.starts_at)
        arrives(story, n, ordinal)
        rest = [f"{k} of 5" + (" used" if k <= n - 1 else "") for k in (3, 4, 5)]
        check(story, *first, *rest)
    package = Package.objects.get()
    assert sorted(states(package)) == ["forfeited"] + ["used"] * 4
    assert unearned(package) == 0
    story.go("patient_appointments", story.cast.clinic.patient.pk)
    story.shot("07-all-visits")
    story.go("package", package.pk)
    expect(story.page.get_by_text("5 of 5 used").first).to_be_visible()
    story.shot("08-used-up")


def test_liam_from_the_sale_to_five_of_five(
    page: Page, live_server: Any, watch: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    massage = make_visit_type(cast.clinic, name="Massage")
    make_product(cast.clinic, massage, name=NAME, late_cancel_percent=100, no_show_percent=100)
    story = Story(page, live_server.url, cast, massage, [NOW])
    monkeypatch.setattr(timezone, "now", lambda: story.moments[-1])
    story.later(NOW)

    sale(story)
    booked_as_a_series(story)
    arrives(story, 0, "1 of 5")
    check(story, "1 of 5 used", "2 of 5", "3 of 5", "4 of 5", "5 of 5")
    cancelled_in_time(story)
    one_more(story, "2026-12-29")
    check(story, "1 of 5 used", "", "2 of 5", "3 of 5", "4 of 5", "5 of 5")
    cancelled_late_and_waived(story)
    one_more(story, "2027-01-05")
    check(story, "1 of 5 used", "", "", "2 of 5", "3 of 5", "4 of 5", "5 of 5")
    nobody_came(story)
    to_the_end(story)

    refused = [one for one in watch if "422" in one]  # the waiver that came without a reason
    assert (len(refused), watch) == (1, refused)
    assert_books_straight(cast.clinic.practice)
