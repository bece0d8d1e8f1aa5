"""What is done with a package on its pages: by whom, with which words, and taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from creditwell.packages.booking import NONE
from creditwell.packages.models import Package, PackageAct, PackageShare, Session
from creditwell.people.models import Family, FamilyMember, Patient
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.tenancy.permissions import PERMISSIONS, Role
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic, make_patient
from tests.sold import make_product, sell, states, unearned
from tests.web.packages.test_page import book

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def package(clinic: Clinic, massage: AppointmentType) -> Package:
    return sell(clinic, make_product(clinic, massage, name="Five", valid_count=6))


@pytest.fixture
def ben(clinic: Clinic) -> Patient:
    """Of the owner's family."""
    found = make_patient(practice=clinic.practice, first_name="Ben")
    home = Family.objects.create(practice=clinic.practice, name="Home", created_at=NOW)
    for one in (clinic.patient, found):
        FamilyMember.objects.create(
            practice=clinic.practice, family=home, patient=one, joined_at=NOW
        )
    return found


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def refused(answer: Any, sentence: str) -> None:
    """Told why on the same page, with status 422."""
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def page_of(client: Client, package: Package) -> Any:
    return client.get(f"/packages/{package.pk}/").context["page"]


def undo_of_latest(client: Client, package: Package) -> str:
    found: str = page_of(client, package).history[0].undo_url
    return found


def test_extend_and_undo(
    bob: Client, clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    url = f"/packages/{package.pk}/extend/"
    assert b'value="2027-08-23"' in bob.get(url).content
    refused(bob.post(url, {"until": "2027-01-01", "reason": "Ill"}), "later than the last day now")
    refused(bob.post(url, {"until": "2027-08-23"}), "Say why")
    refused(bob.post(url, {"reason": "Ill"}), "Choose a day, or say that it has no end.")
    assert bob.post(url, {"until": "2027-08-23", "reason": "Ill"}).status_code == 302
    package.refresh_from_db()
    assert package.expires_on == date(2027, 8, 23)
    line = page_of(bob, package).history[0]
    assert (line.text, line.reason) == ("Extended", "Ill")
    assert line.detail == "Good until 23 Aug 2027 instead of 23 May 2027"
    book(clinic, massage, 200)
    refused(bob.post(line.undo_url), "A visit is booked with this package on 12 June 2027.")
    assert bob.post(line.undo_url, {"release": "on"}).status_code == 302
    package.refresh_from_db()
    assert package.expires_on == date(2027, 5, 23)
    history = page_of(bob, package).history
    assert history[0].text == "Extension taken back"
    assert [one.text for one in history if one.undone] == ["Extended"]
    assert bob.post(line.undo_url).status_code == 409
    assert_books_straight(clinic.practice)


def test_pause_and_resume(
    bob: Client, clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    book(clinic, massage, 3)
    url = f"/packages/{package.pk}/pause/"
    typed = {"from_on": "2026-11-25", "resumes_on": "2026-12-25", "reason": "Travels"}
    refused(bob.post(url, typed), "27 Nov 2026")
    assert bob.post(url, {**typed, "release": "on"}).status_code == 302
    page = page_of(bob, package)
    assert page.paused == "Paused from 25 Nov 2026; it can be used again on 25 Dec 2026."
    assert page.standing.expires_on == date(2027, 6, 22)
    offered = {one.page for one in page.actions}
    assert "package_resume" in offered
    assert "package_pause" not in offered
    assert states(package) == ["free"] * 5
    answer = bob.get(f"/packages/{package.pk}/resume/")
    assert "The pause would begin on 25 Nov 2026" in answer.content.decode()
    bob.post(f"/packages/{package.pk}/resume/")
    package.refresh_from_db()
    assert (package.paused_on, package.expires_on) == (None, date(2027, 5, 23))
    assert bob.post(f"/packages/{package.pk}/resume/").status_code == 422
    assert_books_straight(clinic.practice)


def test_bonus_and_back(bob: Client, clinic: Clinic, package: Package) -> None:
    url = f"/packages/{package.pk}/bonus/"
    part = package.parts.get().pk
    refused(bob.post(url, {"part": part, "units": "x", "reason": "Loyal"}), "whole number")
    bob.post(url, {"part": part, "units": "2", "reason": "Loyal"})
    page = page_of(bob, package)
    assert page.total == "7 sessions"
    assert (page.history[0].text, page.history[0].detail) == ("Bonus added", "2 sessions")
    bob.post(page.history[0].undo_url)
    assert page_of(bob, package).total == "5 sessions"
    assert_books_straight(clinic.practice)


def test_share_and_stop(bob: Client, clinic: Clinic, package: Package, ben: Patient) -> None:
    url = f"/packages/{package.pk}/share/"
    assert "Ben Example" in bob.get(url).content.decode()
    refused(bob.post(url, {"most_units": "2"}), "Choose who it is.")
    for most in ("0", "10000001"):
        answer = bob.post(url, {"relative": ben.pk, "most_units": most})
        refused(answer, "Enter a number from 1 to 5.")
    bob.post(url, {"relative": ben.pk, "most_units": "2", "reason": "Asked by phone"})
    share = PackageShare.objects.get(package=package, ended_at__isnull=True)
    assert (share.patient_id, share.most_units) == (ben.pk, 2)
    page = page_of(bob, package)
    assert page.shares[0].text == "0 of up to 2 sessions used or booked"
    assert page.history[0].detail == "With Ben Example, up to 2 sessions"
    stop = page.shares[0].stop_url
    assert "Stop sharing with Ben Example" in bob.get(stop).content.decode()
    assert bob.post(stop).status_code == 302
    assert bob.post(stop).status_code == 404
    assert not page_of(bob, package).shares


def test_somebody_outside_the_family(
    bob: Client, clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    answer = bob.post(f"/packages/{package.pk}/share/", {"most_units": ""})
    refused(answer, "only be used by members of the owner’s family")
    alone = sell(clinic, make_product(clinic, massage, sharing="nobody"))
    assert "package_share" not in {one.page for one in page_of(bob, alone).actions}
    anybody = sell(clinic, make_product(clinic, massage, sharing="anybody"))
    friend = make_patient(practice=clinic.practice)
    url = f"/packages/{anybody.pk}/share/"
    refused(bob.post(url), "Choose who it is.")
    assert bob.post(url, {"patient": friend.pk}).status_code == 302
    assert page_of(bob, anybody).shares[0].name == friend.payer.name


def test_money_has_its_currency_in_sentences(
    bob: Client, clinic: Clinic, massage: AppointmentType, ben: Patient
) -> None:
    money = make_product(clinic, massage, measure="money", units=50000, valid_count=1)
    package = sell(clinic, money)
    bob.post(f"/packages/{package.pk}/share/", {"relative": ben.pk, "reason": "Asked by phone"})
    said = "As much as there is; $0.00 used or booked"
    assert page_of(bob, package).shares[0].text == said
    soon = timezone.now().date() + timedelta(days=20)
    Package.objects.filter(pk=package.pk).update(expires_on=soon)
    assert "$500.00</td>" in bob.get("/packages/expiring/").content.decode()


def test_transfer_and_undo(
    bob: Client, clinic: Clinic, massage: AppointmentType, package: Package, ben: Patient
) -> None:
    book(clinic, massage, 1)
    url = f"/packages/{package.pk}/transfer/"
    part = package.parts.get().pk
    typed = {"relative": ben.pk, "how": "some", f"part-{part}": "9", "reason": "For Ben"}
    refused(bob.post(url, typed), "There is not so much free in this package.")
    for nothing in ("", "0"):
        answer = bob.post(url, {**typed, f"part-{part}": nothing})
        refused(answer, "Enter how much goes, from 1 to 4.")
    answer = bob.post(url, {**typed, f"part-{part}": "3"})
    assert answer["Location"] == f"/packages/{package.pk}/transfers/"
    theirs = Package.objects.get(patient=ben)
    assert (unearned(package), unearned(theirs)) == (18000, 27000)
    for one in (package, theirs):
        receipt = bob.get(f"/packages/{one.pk}/transfers/").content.decode()
        assert "3 sessions from Liam Brennan to Ben Example" in receipt
        assert "$270.00" in receipt
    assert page_of(bob, package).history[0].detail == "3 sessions to Ben Example"
    assert page_of(bob, theirs).history[0].detail == "3 sessions from Liam Brennan"
    assert bob.post(undo_of_latest(bob, package)).status_code == 302
    assert (unearned(package), unearned(theirs)) == (45000, 0)
    assert page_of(bob, theirs).card.state == "ended"
    assert_books_straight(clinic.practice)


def test_a_receptionist_transfers_within_the_family(
    bob: Client, cast: Cast, clinic: Clinic, package: Package
) -> None:
    friend = make_patient(practice=clinic.practice)
    url = f"/packages/{package.pk}/transfer/"
    typed = {"patient": friend.pk, "how": "all", "reason": "Moves away"}
    refused(bob.post(url, typed), "These two are not in one family.")
    bob.force_login(cast.alice)
    assert bob.post(url, typed).status_code == 302
    assert page_of(bob, package).card.state == "ended"
    assert_books_straight(clinic.practice)


def test_use_by_hand_and_back(bob: Client, clinic: Clinic, package: Package) -> None:
    url = f"/packages/{package.pk}/use/"
    part = package.parts.get().pk
    typed = {"part": part, "patient": clinic.patient.pk, "on": str(TODAY), "reason": "Walk-in"}
    refused(bob.post(url, {**typed, "on": "2026-11-25"}), "Choose today or an earlier day")
    assert bob.post(url, typed).status_code == 302
    page = page_of(bob, package)
    assert (page.used, page.sessions[0].ordinal, page.sessions[0].on) == ("1", "1 of 5", TODAY)
    assert page.history[0].undo_url == page.sessions[0].return_url
    assert bob.post(page.sessions[0].return_url).status_code == 302
    assert bob.post(page.sessions[0].return_url).status_code == 409
    assert page_of(bob, package).used == "0"
    assert_books_straight(clinic.practice)


def test_a_visit_is_covered_and_given_back(
    bob: Client, clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    visit = book(clinic, massage, 2, package=NONE)
    url = f"/packages/{package.pk}/cover/"
    assert "Thu 26 Nov, 12:00 pm, Massage" in bob.get(url).content.decode()
    refused(bob.post(url), "Choose the visit.")
    assert bob.post(url, {"visit": visit}).status_code == 302
    row = page_of(bob, package).sessions[0]
    assert (row.ordinal, row.state) == ("1 of 5", "booked")
    assert "No visit without a session is booked" in bob.get(url).content.decode()
    assert bob.post(row.return_url).status_code == 302
    assert Attendee.objects.get(pk=visit).status == "booked"
    assert states(package) == ["free"] * 5
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("role", list(Role))
def test_who_is_offered_what(role: Role, cast: Cast, package: Package) -> None:
    client = Client()
    client.force_login(cast.staff[role.value])
    page = page_of(client, package)
    offered = {one.page for one in (*page.actions, page.primary) if one}
    for name, permission in (
        ("package_use", "packages.use"),
        ("package_extend", "packages.change"),
        ("package_share", "packages.share"),
        ("package_transfer", "packages.transfer"),
    ):
        assert (name in offered) is (role in PERMISSIONS[permission])
        answer = client.post(f"/packages/{package.pk}/{name.removeprefix('package_')}/")
        assert (answer.status_code == 403) is (role not in PERMISSIONS[permission])


def test_an_undo_asks_for_the_permission_of_its_act(
    cast: Cast, bob: Client, package: Package
) -> None:
    bob.post(f"/packages/{package.pk}/extend/", {"until": "2028-01-01", "reason": "Ill"})
    url = undo_of_latest(bob, package)
    client = Client()
    client.force_login(cast.staff[Role.PRACTITIONER])
    assert page_of(client, package).history[0].undo_url == ""
    assert client.post(url).status_code == 403
    client.force_login(cast.charlie)
    assert client.post(url).status_code == 404
    sold = PackageAct.objects.get(package=package, kind="sold")
    assert bob.get(f"/packages/{package.pk}/history/{sold.pk}/undo/").status_code == 409


def test_a_form_sent_twice_is_one_act(bob: Client, package: Package) -> None:
    part = package.parts.get().pk
    typed = {"part": part, "units": "1", "reason": "Loyal", "key": "once"}
    for _n in range(2):
        bob.post(f"/packages/{package.pk}/bonus/", typed)
    assert Session.objects.filter(package=package).count() == 6
    assert PackageAct.objects.filter(package=package, kind="bonus").count() == 1
