"""Pages of memberships: started, listed, shown, paused, resumed, cancelled; and who may."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from creditwell.audit.models import Note
from creditwell.packages.models import Membership, Package
from creditwell.packages.rules_periods import next_start
from creditwell.tasks.models import Task
from creditwell.tenancy.access import facts_of
from creditwell.tenancy.permissions import Role
from creditwell.worker.memberships import renew_everywhere
from tests.acts import new_key, pay
from tests.books import assert_books_straight
from tests.factories import Clinic, make_member, make_patient
from tests.memberships import cancel, make_renewing, membership, noon, pause, start

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/memberships/"


@pytest.fixture
def today(clinic: Clinic) -> date:
    return facts_of(clinic.practice).day_of(timezone.now())


def sign_in(client: Client, clinic: Clinic, role: Role = Role.RECEPTIONIST) -> None:
    client.force_login(make_member(practice=clinic.practice, role=role))


def begin(clinic: Clinic, **fields: object) -> int:
    return start(clinic, make_renewing(clinic), now=timezone.now(), **fields).membership_id


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


class TestStart:
    def form(self, clinic: Clinic, **fields: object) -> dict[str, object]:
        return {"key": "k1", "use_credit": "on", **fields}

    def test_it_is_chosen_shown_and_started_once(
        self, client: Client, clinic: Clinic, today: date
    ) -> None:
        sign_in(client, clinic)
        product = make_renewing(clinic)
        pay(clinic, 30000, now=timezone.now())
        url = f"/patients/{clinic.patient.pk}/memberships/new/"
        assert "It is paid from account credit ($300.00)" in text(
            client, f"{url}?product={product.pk}"
        )
        form = self.form(clinic, product=product.pk, starts_on=today.isoformat())
        later = {**form, "starts_on": (today + timedelta(days=5)).isoformat(), "do": "preview"}
        assert "It begins by itself." in client.post(url, later).content.decode()
        assert not Membership.objects.exists()
        saved = client.post(url, form)
        row = Membership.objects.get()
        assert saved["Location"] == f"{HERE}{row.pk}/"
        assert client.post(url, form)["Location"] == saved["Location"]
        page = text(client, saved["Location"])
        assert "0 of 4 used, 4 free" in page
        assert "Up to 2 sessions of what is left roll over when it renews." in page
        assert_books_straight(clinic.practice)

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"product": ""}, "product"),
            ({"starts_on": "soon"}, "Write it like 2026-11-24."),
            ({"starts_on": "2020-01-01"}, "The first period would be over already."),
            ({"starts_on": "2040-01-01"}, "within the next year"),
        ],
    )
    def test_refused_nothing_typed_is_lost(
        self, client: Client, clinic: Clinic, today: date, fields: dict[str, str], said: str
    ) -> None:
        sign_in(client, clinic)
        product = make_renewing(clinic)
        form = self.form(clinic, product=product.pk, starts_on=today.isoformat(), email="on")
        answer = client.post(f"/patients/{clinic.patient.pk}/memberships/new/", {**form, **fields})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert said in page
        assert 'name="email" id="id_email" checked' in page
        assert not Membership.objects.exists()

    def test_without_a_package_that_renews_it_says_so(self, client: Client, clinic: Clinic) -> None:
        sign_in(client, clinic)
        page = text(client, f"/patients/{clinic.patient.pk}/memberships/new/")
        assert "No package renews yet" in page


class TestList:
    def test_each_stands_where_it_belongs(
        self, client: Client, clinic: Clinic, today: date
    ) -> None:
        sign_in(client, clinic, Role.READ_ONLY)
        assert "No memberships yet" in text(client, HERE)
        active, paused, gone = (begin(clinic) for _ in range(3))
        soon = begin(clinic, starts_on=today + timedelta(days=3))
        pause(clinic, paused, now=timezone.now())
        cancel(clinic, gone, now=timezone.now())
        expected = {
            "": {active, paused, gone, soon},
            "active": {active, soon},
            "soon": {soon},
            "owing": {active, paused, gone},
            "paused": {paused},
            "cancelled": {gone},
        }
        for show, ids in expected.items():
            page = text(client, f"{HERE}?show={show}")
            assert {pk for pk in expected[""] if f'href="{HERE}{pk}/"' in page} == ids, show

    def test_bounded_queries(self, client: Client, clinic: Clinic) -> None:
        sign_in(client, clinic)
        counts = []
        for more in (1, 6):
            for _ in range(more):
                begin(clinic, patient_id=make_patient(practice=clinic.practice).pk)
            with CaptureQueriesContext(connection) as seen:
                text(client, HERE)
            counts.append(len(seen))
        assert counts[0] == counts[1]


class TestPage:
    def test_periods_with_invoices_what_rolled_over_and_what_is_owing(
        self, client: Client, clinic: Clinic, today: date
    ) -> None:
        sign_in(client, clinic)
        pay(clinic, 20000, now=timezone.now())
        pk = begin(clinic)
        with CaptureQueriesContext(connection) as first:
            text(client, f"{HERE}{pk}/")
        renew_everywhere(noon(membership(pk).renews_on))
        with CaptureQueriesContext(connection) as second:
            page = text(client, f"{HERE}{pk}/")
        assert len(first) == len(second)
        assert "2 sessions came over from before" in page
        assert "2 sessions went on into the next" in page
        assert "$200.00 is owing." in page
        assert f"/payments/new/?patient={clinic.patient.pk}" in page
        patient = text(client, f"/patients/{clinic.patient.pk}/")
        assert f'href="{HERE}{pk}/"' in patient
        tasks = text(client, "/tasks/")
        assert "A membership renewed and is not paid" in tasks
        assert f'href="{HERE}{pk}/"' in tasks
        assert Task.objects.count() == 1
        assert_books_straight(clinic.practice)

    def test_pause_change_resume(self, client: Client, clinic: Clinic, today: date) -> None:
        sign_in(client, clinic)
        pk = begin(clinic)
        later = today + timedelta(days=10)
        form = {"paused_on": today.isoformat(), "resumes_on": later.isoformat()}
        wrong = client.post(f"{HERE}{pk}/pause/", {**form, "resumes_on": today.isoformat()})
        assert wrong.status_code == 422
        assert "Choose a day after the first day of the pause" in wrong.content.decode()
        assert client.post(f"{HERE}{pk}/pause/", form).status_code == 302
        assert "Paused since" in text(client, f"{HERE}{pk}/")
        assert later.isoformat() in text(client, f"{HERE}{pk}/pause/")
        planned = membership(pk).renews_on
        assert planned.isoformat() in text(client, f"{HERE}{pk}/resume/")
        moved = {"next_on": (planned + timedelta(days=3)).isoformat()}
        assert client.post(f"{HERE}{pk}/resume/", moved).status_code == 302
        assert membership(pk).renews_on == planned + timedelta(days=3)

    def test_cancel_and_take_it_back(self, client: Client, clinic: Clinic, today: date) -> None:
        sign_in(client, clinic)
        pk = begin(clinic)
        assert client.post(f"{HERE}{pk}/cancel/", {"reason": ""}).status_code == 422
        assert client.post(f"{HERE}{pk}/cancel/", {"reason": "Moved away"}).status_code == 302
        page = text(client, f"{HERE}{pk}/")
        assert "Cancelled: its last day is" in page
        assert "Moved away" in page
        assert client.post(f"{HERE}{pk}/keep/").status_code == 302
        row = membership(pk)
        assert (row.status, row.renews_on) == (
            "active",
            next_start(today, 1, "month", anchor_on=today),
        )

    def test_a_button_that_is_pressed_twice_is_one_act(
        self, client: Client, clinic: Clinic, today: date
    ) -> None:
        sign_in(client, clinic)
        pk = begin(clinic)
        later = (today + timedelta(days=10)).isoformat()
        for page, fields in (
            ("pause", {"paused_on": today.isoformat(), "resumes_on": later}),
            ("resume", {"next_on": membership(pk).renews_on.isoformat()}),
            ("cancel", {"reason": "Moved away"}),
        ):
            sent = {"key": new_key(), **fields}
            places = [client.post(f"{HERE}{pk}/{page}/", sent).headers for _n in range(2)]
            assert [one.get("Location") for one in places] == [f"{HERE}{pk}/"] * 2, page
            assert Note.objects.filter(action=f"{page}_membership").count() == 1
        sent = {"key": new_key()}
        for _n in range(2):
            client.post(f"{HERE}{pk}/keep/", sent)
        assert Note.objects.filter(action="keep_membership").count() == 1

    def test_of_what_is_archived_it_says_that_it_stops(
        self, client: Client, clinic: Clinic
    ) -> None:
        sign_in(client, clinic)
        pk = begin(clinic)
        item = Package.objects.get(membership_id=pk).product.item
        item.archived_at = timezone.now()
        item.save()
        assert "The package is archived" in text(client, f"{HERE}{pk}/")

    @pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.READ_ONLY])
    def test_who_may_only_look_sees_no_buttons(
        self, client: Client, clinic: Clinic, role: Role
    ) -> None:
        sign_in(client, clinic, role)
        pk = begin(clinic)
        page = text(client, f"{HERE}{pk}/")
        assert "Cancel membership" not in page
        assert client.post(f"{HERE}{pk}/cancel/", {"reason": "x"}).status_code == 403
        assert membership(pk).status == "active"


def test_the_package_of_a_period_says_how_long_it_lasts_and_what_rolls_over(
    client: Client, clinic: Clinic
) -> None:
    sign_in(client, clinic)
    begin(clinic)
    page = text(client, f"/packages/{Package.objects.get().pk}/")
    assert "Its period of the membership" in page
    assert "of what is left roll over when it renews." in page
    assert "No end" not in page
