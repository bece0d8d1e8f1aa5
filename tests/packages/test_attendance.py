"""The receipt of an attendance: a visit that a package covered, as page, as paper and by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creditwell.audit.models import Note
from creditwell.integrations.documents.build_attendance import attendance_pdf
from creditwell.integrations.email.again import SendMessageAgain, send_message_again
from creditwell.integrations.email.documents import paper_of
from creditwell.integrations.email.models import Message
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.outbox.models import Event
from creditwell.packages.models import Package
from creditwell.packages.queries_attendance import NotAttended
from creditwell.people.models import Patient
from creditwell.scheduling.models import AppointmentType, Practitioner, TypeItem
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.email_attendance import EmailAttendance, email_attendance
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.worker import tasks
from tests.acts import pay
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.documents.test_text import text
from tests.factories import NOW, Clinic
from tests.packages.test_ordinals import book, buy, read
from tests.refusing import refuses
from tests.sold import make_visit_type
from tests.visits import act

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    Patient.objects.filter(pk=cast.clinic.patient.pk).update(email="liam@mail.example")
    Practitioner.objects.filter(pk=cast.clinic.practitioner.pk).update(
        name="Amara Okafor", profession="Physiotherapist", provider_number="4412097J"
    )
    return cast.clinic


@pytest.fixture
def massage(clinic: Clinic) -> AppointmentType:
    kind = make_visit_type(clinic, name="Massage")
    item = TypeItem.objects.get(appointment_type=kind).item
    item.code, item.name = "PH300", "Remedial massage"
    item.save()
    return kind


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def attended(clinic: Clinic, kind: AppointmentType, **terms: object) -> tuple[Package, int]:
    """The second of five took place."""
    package = buy(clinic, kind, **terms)  # type: ignore[arg-type]
    book(clinic, kind, -7)
    _appointment, attendee_id = book(clinic, kind)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=attendee_id)), NOW)
    return package, attendee_id


def test_page_and_paper_say_the_same(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    _package, attendee_id = attended(clinic, massage, tax=clinic.tax)
    page = read(desk, "attendance_receipt", attendee_id)
    answer = desk.get(reverse("attendance_receipt_pdf", args=[attendee_id]))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "Liam" not in answer.headers["Content-Disposition"]
    paper = text(answer.content)
    for words in (
        "Liam Brennan",
        "Amara Okafor",
        "Physiotherapist",
        "Provider no. 4412097J",
        "24 Nov 2026",
        "PH300",
        "Remedial massage",
        clinic.location.name,
        "Session 2 of 5",
        "Five massages",
        "Invoice 1, issued 24 Nov 2026",
        "Paid 24 Nov 2026",
        "$90.00",
        "of $8.18, charged on invoice 1.",
    ):
        assert words in page, words
        assert words in paper, words
    with CaptureQueriesContext(connection) as queries:
        read(desk, "attendance_receipt", attendee_id)
    assert len(queries) <= 16
    assert_books_straight(clinic.practice)


def test_tax_that_falls_due_with_the_visit_and_a_package_on_credit(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    package, attendee_id = attended(clinic, massage, tax=clinic.tax, tax_at_use=True, paid=False)
    page = read(desk, "attendance_receipt", attendee_id)
    assert "of $8.18, due with this visit." in page
    assert "$450.00 of it is not paid yet" in page
    assert "Pay for the package" in page
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    assert "not paid yet" not in read(desk, "attendance_receipt", attendee_id)
    assert_books_straight(clinic.practice)


def test_what_nobody_came_to_has_none(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    buy(clinic, massage)
    appointment_id, booked = book(clinic, massage)
    missed_id, missed = book(clinic, massage, 1)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=missed)), NOW + timedelta(days=1))
    for one in (booked, missed):
        for name in ("attendance_receipt", "attendance_receipt_pdf", "attendance_receipt_email"):
            assert desk.get(reverse(name, args=[one])).status_code == 409
    for appointment in (appointment_id, missed_id):
        assert "Attendance receipt" not in read(desk, "appointment", appointment)
    with refuses(NotAttended):
        email_attendance(_mail(clinic, booked), NOW)


@pytest.mark.parametrize("role", ["owner", "bookkeeper", "practitioner", "read_only"])
def test_who_may_see_and_who_may_send(
    client: Client, cast: Cast, clinic: Clinic, massage: AppointmentType, role: str
) -> None:
    _package, attendee_id = attended(clinic, massage)
    client.force_login(cast.staff[role])
    page = read(client, "attendance_receipt", attendee_id)
    send = reverse("attendance_receipt_email", args=[attendee_id])
    assert (send in page) is (role != "read_only")
    assert client.get(send).status_code == (403 if role == "read_only" else 200)
    client.force_login(cast.charlie)
    for name in ("attendance_receipt", "attendance_receipt_pdf", "attendance_receipt_email"):
        assert client.get(reverse(name, args=[attendee_id])).status_code == 404


def _mail(clinic: Clinic, attendee_id: int, to: str = "liam@mail.example") -> EmailAttendance:
    return EmailAttendance(
        practice_id=clinic.practice.pk, key="", by=SYSTEM, attendee_id=attendee_id, to=to
    )


def deliver(clinic: Clinic) -> None:
    """Tell of the newest request twice."""
    event = Event.objects.filter(topic="attendance.email_requested").latest("pk")
    for _again in range(2):
        tasks.relay(practice_id=clinic.practice.pk, event_id=event.pk, now=NOW)


def test_it_goes_by_mail_and_names_no_treatment(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    _package, attendee_id = attended(clinic, massage)
    url = reverse("attendance_receipt_email", args=[attendee_id])
    assert "liam@mail.example" in desk.get(url).content.decode()
    wrong = desk.post(url, {"to": "nonsense", "key": "a"})
    assert (wrong.status_code, b"nonsense" in wrong.content) == (422, True)
    sent = desk.post(url, {"to": "liam@mail.example", "key": "b"})
    assert sent.headers["Location"] == reverse("attendance_receipt", args=[attendee_id])
    deliver(clinic)
    message = Message.objects.get()
    assert (message.kind, message.to, message.document) == (
        "attendance",
        "liam@mail.example",
        "attendance",
    )
    assert "visit on 24 November 2026 is attached" in message.text
    assert "session 2 of 5" in message.text
    assert "Still free: 3 sessions." in message.text
    for word in ("massage", "Massage", "Amara", "90.00"):
        assert word not in message.subject + message.text
    paper = paper_of(message)
    assert paper is not None
    assert "Session 2 of 5" in text(paper.content)
    assert "mail.example" not in str(list(Note.objects.values_list("details", flat=True)))
    again = SendMessageAgain(
        practice_id=clinic.practice.pk, by=SYSTEM, message_id=message.pk, to="fund@mail.example"
    )
    send_message_again(again, NOW)
    deliver(clinic)
    assert Message.objects.latest("pk").to == "fund@mail.example"


def test_one_that_was_taken_back_is_not_sent(clinic: Clinic, massage: AppointmentType) -> None:
    _package, attendee_id = attended(clinic, massage)
    email_attendance(_mail(clinic, attendee_id), NOW)
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=attendee_id)), NOW)
    deliver(clinic)
    assert not Message.objects.exists()
    with pytest.raises(NotAttended):
        attendance_pdf(clinic.practice.pk, attendee_id)


def test_refusals_of_the_mail(clinic: Clinic, massage: AppointmentType) -> None:
    _package, attendee_id = attended(clinic, massage)
    with refuses(Invalid, Message):
        email_attendance(_mail(clinic, attendee_id, to="nonsense"), NOW)
    with refuses(NotFound, Message):
        email_attendance(_mail(clinic, 999_999_999), NOW)


def test_amounts_of_a_package_by_money_stay_out_of_mails(clinic: Clinic) -> None:
    costly = make_visit_type(clinic, name="Costly", price_minor=9000)
    _package, attendee_id = attended(clinic, costly, units=50000, measure="money")
    email_attendance(_mail(clinic, attendee_id), NOW)
    deliver(clinic)
    said = Message.objects.get().text
    assert ("$320.00" in said) is clinic.practice.amounts_in_email
    assert "90.00" not in said
