"""Packages on the papers of others: the invoice that sold them, and the account statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from creditwell.integrations.documents.build_payments import statement_pdf
from creditwell.packages.forfeiting import Keeping
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from tests.cast import Cast
from tests.documents.test_text import text
from tests.factories import NOW, make_patient
from tests.packages.test_ordinals import book, buy, read
from tests.sold import make_visit_type
from tests.visits import TUESDAY, act

pytestmark = pytest.mark.django_db


def test_the_invoice_shows_on_screen_how_many_are_used(client: Client, cast: Cast) -> None:
    clinic = cast.clinic
    massage = make_visit_type(clinic, name="Massage")
    package = buy(clinic, massage)
    _appointment, attendee_id = book(clinic, massage)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=attendee_id)), NOW)
    client.force_login(cast.bob)
    page = read(client, "invoice", package.line.invoice_id)
    assert "1 of 5 used, 4 free" in page
    assert reverse("package", args=[package.pk]) in page
    paper = text(client.get(reverse("invoice_pdf", args=[package.line.invoice_id])).content)
    assert "used" not in paper


def test_the_statement_lists_visits_without_money(client: Client, cast: Cast) -> None:
    clinic = cast.clinic
    massage = make_visit_type(clinic, name="Massage")
    buy(clinic, massage)
    _appointment, first = book(clinic, massage)
    _appointment, missed = book(clinic, massage, 1)
    book(clinic, massage, 2)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=first)), NOW)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=missed)), NOW + timedelta(days=1))
    client.force_login(cast.bob)
    days = f"?since={TUESDAY}&until={TUESDAY + timedelta(days=2)}"
    page = read(client, "statement", clinic.patient.pk, query=days)
    assert "Session 1 of 5, Five massages" in page
    assert "Massage, not attended" in page
    assert "Session 3 of 5" not in page
    assert reverse("attendance_receipt", args=[first]) in page
    _name, content = statement_pdf(
        clinic.practice.pk, clinic.patient.payer_id, TUESDAY, TUESDAY + timedelta(days=2)
    )
    paper = text(content)
    assert "Visits by package" in paper
    assert "24 Nov 2026 Massage Session 1 of 5, Five massages" in paper
    assert "25 Nov 2026 Massage, not attended Session 2 of 5, Five massages" in paper
    before = f"?since={TUESDAY - timedelta(days=9)}&until={TUESDAY - timedelta(days=1)}"
    assert "Visits by package" not in read(client, "statement", clinic.patient.pk, query=before)
    other = make_patient(practice=clinic.practice)
    assert "Visits by package" not in read(client, "statement", other.pk, query=days)


def test_who_came_after_all_is_not_called_absent(client: Client, cast: Cast) -> None:
    clinic = cast.clinic
    massage = make_visit_type(clinic, name="Massage")
    buy(clinic, massage)
    _appointment, attendee_id = book(clinic, massage)
    missed = act(clinic, attendee_id=attendee_id, keeping=Keeping(percent=50, reason="Sick child"))
    mark_did_not_arrive(MarkAttendance(**missed), NOW)
    client.force_login(cast.bob)
    days = f"?since={TUESDAY}&until={TUESDAY}"
    assert "Massage, not attended" in read(client, "statement", clinic.patient.pk, query=days)
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=attendee_id)), NOW)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=attendee_id)), NOW)
    page = read(client, "statement", clinic.patient.pk, query=days)
    assert "Session 1 of 5, Five massages" in page
    assert "not attended" not in page
    # Half of the session was given back, so it stays forfeited and has no receipt to lead to.
    assert reverse("attendance_receipt", args=[attendee_id]) not in page
    _name, content = statement_pdf(clinic.practice.pk, clinic.patient.payer_id, TUESDAY, TUESDAY)
    assert "not attended" not in text(content)
