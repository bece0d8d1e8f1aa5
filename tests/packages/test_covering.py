"""A visit that a package covers is settled; which package it uses is asked, said and changed."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.packages.booking import NONE, Choice, NoSuchSession
from creditwell.packages.models import PackageAct, Session
from creditwell.packages.queries_page import coverable_visits
from creditwell.scheduling.models import AppointmentType
from creditwell.usecases._sessions import VisitBilled
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.cover_visit import CoverVisit, VisitNotOn, cover_visit
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.usecases.uncover_visit import UncoverVisit, uncover_visit
from tests.acts import invoice, new_key, pay
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic, make_patient
from tests.packages.test_ordinals import book, buy, read
from tests.packages.test_visits import ordinal
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell, sessions, states, unearned
from tests.visits import act

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def cover(clinic: Clinic, attendee_id: int, **fields: object) -> int:
    command = CoverVisit(**act(clinic, attendee_id=attendee_id, **fields))
    return cover_visit(command, NOW).package_id


def test_a_visit_is_covered_changed_and_uncovered(clinic: Clinic, massage: AppointmentType) -> None:
    _id, attendee_id = book(clinic, massage)
    first, second = buy(clinic, massage), buy(clinic, massage)
    assert cover(clinic, attendee_id) == first.pk
    assert cover(clinic, attendee_id, package=Choice(package_id=second.pk)) == second.pk
    assert states(first) == ["free"] * 5
    assert states(second).count("booked") == 1
    uncover_visit(UncoverVisit(**act(clinic, attendee_id=attendee_id)), NOW)
    assert ordinal(clinic, attendee_id) == ""
    assert states(second) == ["free"] * 5
    again = uncover_visit(UncoverVisit(**act(clinic, attendee_id=attendee_id)), NOW)
    assert again.package_id is None
    assert_books_straight(clinic.practice)


def test_one_that_took_place_is_used_at_once_and_given_back(
    clinic: Clinic, massage: AppointmentType
) -> None:
    _id, attendee_id = book(clinic, massage)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=attendee_id)), NOW)
    package = buy(clinic, massage)
    cover(clinic, attendee_id)
    assert unearned(package) == 36000
    assert states(package).count("used") == 1
    uncover_visit(UncoverVisit(**act(clinic, attendee_id=attendee_id)), NOW)
    assert unearned(package) == 45000
    assert_books_straight(clinic.practice)


def test_what_was_kept_stays_kept_and_the_visit_is_free(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    """It was cancelled late, half was kept; then the patient came after all."""
    package = sell(clinic, make_product(clinic, massage, late_cancel_percent=50))
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    appointment_id, visit = book(clinic, massage)
    cancel_attendance(CancelAttendance(**act(clinic, attendee_id=visit, reason="sick")), NOW)
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=visit)), NOW)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=visit)), NOW)
    answer = desk.post(reverse("visit_package", args=[visit]), {"package": "none"}, follow=True)
    assert "What was kept of its session stays kept." in answer.content.decode()
    assert states(package).count("forfeited") == 1
    assert ordinal(clinic, visit) == ""
    assert "Create invoice" in read(desk, "appointment", appointment_id)
    cover(clinic, visit)
    assert sorted(states(package)) == ["forfeited", "free", "free", "free", "used"]
    assert unearned(package) == 27000
    assert_books_straight(clinic.practice)


def test_what_cannot_be_covered(clinic: Clinic, massage: AppointmentType) -> None:
    _id, attendee_id = book(clinic, massage)
    tables = (Session, PackageAct)
    with refuses(NoSuchSession, *tables):
        cover(clinic, attendee_id)
    buy(clinic, massage)
    invoice(clinic, 9000, attendee_id=attendee_id)
    with refuses(VisitBilled, *tables):
        cover(clinic, attendee_id)
    other_id = book(clinic, massage, 1)[1]
    cancel_attendance(CancelAttendance(**act(clinic, attendee_id=other_id, reason="sick")), NOW)
    with refuses(VisitNotOn, *tables):
        cover(clinic, other_id)
    with refuses(VisitNotOn, *tables):
        uncover_visit(UncoverVisit(**act(clinic, attendee_id=other_id)), NOW)
    assert_books_straight(clinic.practice)


def test_what_bills_a_visit(clinic: Clinic, massage: AppointmentType) -> None:
    """What was credited asks no more; a free visit is settled; other lines do not matter."""
    package, extra = buy(clinic, massage), make_product(clinic, massage, name="Extra")

    def listed(attendee_id: int) -> bool:
        found = coverable_visits(
            practice_id=clinic.practice.pk,
            package_id=package.pk,
            time_zone=clinic.practice.time_zone,
        )
        return attendee_id in [one.attendee_id for one in found]

    _id, visit = book(clinic, massage)
    uncover_visit(UncoverVisit(**act(clinic, attendee_id=visit)), NOW)
    lines = (LineInput(item_id=clinic.item.pk), LineInput(item_id=extra.item_id))
    bill = invoice(clinic, lines=lines, attendee_id=visit)
    assert not listed(visit)
    line = InvoiceLine.objects.get(invoice_id=bill.invoice_id, sells_package=False)
    for minor, stands in ((8999, True), (1, False)):
        credit_invoice(
            CreditInvoice(
                **act(
                    clinic,
                    key=new_key(),
                    invoice_id=bill.invoice_id,
                    lines=((line.pk, minor),),
                    reason="A package is better",
                )
            ),
            NOW,
        )
        assert listed(visit) is not stands
    cover(clinic, visit)
    _id, free = book(clinic, massage, 1)
    uncover_visit(UncoverVisit(**act(clinic, attendee_id=free)), NOW)
    invoice(clinic, 0, attendee_id=free)
    assert not listed(free)
    with refuses(VisitBilled, Session, PackageAct):
        cover(clinic, free)
    assert_books_straight(clinic.practice)


def test_a_package_sold_for_the_visit_does_not_bill_it(
    clinic: Clinic, massage: AppointmentType
) -> None:
    _id, attendee_id = book(clinic, massage)
    package = buy(clinic, massage)
    Invoice.objects.filter(pk=package.line.invoice_id).update(attendee_id=attendee_id)
    assert cover(clinic, attendee_id) == package.pk


def test_a_covered_visit_asks_for_no_money(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    package = buy(clinic, massage, paid=False)
    appointment_id, attendee_id = book(clinic, massage)
    page = read(desk, "appointment", appointment_id)
    assert "Create invoice" not in page
    assert "Add payment" not in page
    extras = f"{reverse('invoice_new')}?patient={clinic.patient.pk}&amp;attendee={attendee_id}"
    assert extras in page
    bill = reverse("invoice_from_attendee", args=[attendee_id])
    shown = " ".join(desk.get(bill).content.decode().split())
    assert "Session 1 of 5, Five massages" in shown
    assert "The visit needs no invoice." in shown
    count = Invoice.objects.count()
    assert desk.post(bill, {"key": "k"}).status_code == 200
    assert Invoice.objects.count() == count
    to_pay = reverse("attendee_payment", args=[attendee_id])
    new = f"{reverse('payment_new')}?patient={clinic.patient.pk}"
    assert desk.get(to_pay)["Location"] == f"{new}&invoice={package.line.invoice_id}"
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    assert desk.get(to_pay)["Location"] == new
    form = desk.get(extras.replace("&amp;", "&")).context["sheet"]
    assert [line.get("item", "") for line in form.typing.lines] == [""]
    assert form.typing.head["attendee"] == str(attendee_id)
    assert any("(covered by a package)" in words for _id, words in form.catalogue.visit_choices())


def test_what_is_billed_besides_is_asked_for(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    buy(clinic, massage)
    appointment_id, attendee_id = book(clinic, massage)
    extra = invoice(clinic, 1500, attendee_id=attendee_id)
    page = read(desk, "appointment", appointment_id)
    assert "Add payment" in page
    assert "<b>1 of 5</b>" in page
    assert desk.get(reverse("attendee_payment", args=[attendee_id]))["Location"].endswith(
        f"invoice={extra.invoice_id}"
    )


def test_it_says_why_a_package_is_not_used(desk: Client, clinic: Clinic) -> None:
    long = make_visit_type(clinic, name="Long", duration_minutes=45, price_minor=9000)
    buy(clinic, long, units=4000, measure="money", name="Forty dollars")
    paid_only = buy(clinic, long, paid=False, usable_when="paid", name="Ten long ones")
    buy(clinic, long, units=50, measure="minutes", name="Fifty minutes")
    book(clinic, long, 1)
    appointment_id, _attendee = book(clinic, long)
    page = read(desk, "appointment", appointment_id)
    assert "Forty dollars has $40.00 left; this visit takes $90.00." in page
    assert "Ten long ones can be used once it is paid: $450.00 is owing." in page
    assert f"&amp;invoice={paid_only.line.invoice_id}" in page
    assert "Fifty minutes has 5 min left; this visit takes 45 min." in page
    assert "Create invoice" in page


def form_of(clinic: Clinic, kind: AppointmentType, **fields: str) -> dict[str, str]:
    return {
        "key": "a-key",
        "patient": str(clinic.patient.pk),
        "patient-q": clinic.patient.payer.name,
        "appointment_type": str(kind.pk),
        "practitioner": str(clinic.practitioner.pk),
        "location": str(clinic.location.pk),
        "date": "2026-11-26",
        "time": "10:00",
        "repeat_every": "0",
        "anyway": "1",
        **fields,
    }


def test_the_booking_form_says_which_session(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    url = reverse("booking_package")
    empty = desk.post(url, form_of(clinic, massage)).content.decode()
    assert "<select" not in empty
    buy(clinic, massage, valid_count=3, valid_unit="month")
    second = buy(clinic, massage, name="Another five")
    book(clinic, massage)
    part = desk.post(url, form_of(clinic, massage)).content.decode()
    assert re.findall(r">(Uses [^<]*)<", part) == [
        "Uses session 2 of 5 of Five massages, good until 23 Feb 2027",
        "Uses session 1 of 5 of Another five",
        "Uses no package: it will be invoiced",
    ]
    before = form_of(clinic, massage, date="2026-11-23")
    assert "session 1 of 5 of Five massages" in desk.post(url, before).content.decode()
    later = form_of(clinic, massage, date="2027-11-23")
    assert "Five massages" not in desk.post(url, later).content.decode()
    for gap in ("patient", "date", "appointment_type"):
        assert desk.post(url, form_of(clinic, massage, **{gap: ""})).status_code == 200
    value = f"{second.pk}-{second.parts.get().pk}"
    answer = desk.post(
        reverse("appointment_new"), form_of(clinic, massage, package=value), follow=True
    )
    assert "It uses session 1 of 5 of Another five." in answer.content.decode()
    none = form_of(clinic, massage, package="none", time="11:00", key="another")
    answer = desk.post(reverse("appointment_new"), none, follow=True)
    assert "Appointment booked.<" in answer.content.decode()
    looked = desk.post(reverse("appointment_new"), form_of(clinic, massage, look="1"))
    assert "Uses session 2 of 5 of Five massages" in looked.content.decode()
    assert_books_straight(clinic.practice)


def test_a_series_says_all_its_sessions(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    buy(clinic, massage, units=2)
    answer = desk.post(
        reverse("appointment_new"),
        form_of(clinic, massage, repeat_every="1", repeat_count="3"),
        follow=True,
    )
    said = answer.content.decode()
    assert "They use session 1 of 2 of Five massages; session 2 of 2 of Five massages." in said
    assert "1 visit is without a package." in said


def test_a_package_that_is_gone_keeps_the_form(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    buy(clinic, massage)
    for value in ("999999-1", "nonsense"):
        answer = desk.post(
            reverse("appointment_new"), form_of(clinic, massage, package=value, notes="Knee")
        )
        assert answer.status_code == 422
        assert "has no session for this visit" in answer.content.decode()
        assert "Knee" in answer.content.decode()


def test_the_package_is_changed_on_its_page(
    desk: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    first = buy(clinic, massage)
    other = buy(clinic, massage, name="Another five")
    appointment_id, attendee_id = book(clinic, massage)
    url = reverse("visit_package", args=[attendee_id])
    assert "Session 1 of 5 of Another five" in read(desk, "visit_package", attendee_id)
    value = f"{other.pk}-{other.parts.get().pk}"
    answer = desk.post(
        url, {"package": value, "next": reverse("appointment", args=[appointment_id])}
    )
    assert answer["Location"] == reverse("appointment", args=[appointment_id])
    assert states(first) == ["free"] * 5
    page = read(desk, "appointment", appointment_id)
    assert "The visit uses session 1 of 5 of Another five." in page
    refused = desk.post(url, {"package": "999-1"})
    assert refused.status_code == 422
    assert states(other).count("booked") == 1
    desk.post(url, {"package": "none"})
    assert [one.status for one in sessions(other)] == ["free"] * 5
    uncovered = read(desk, "appointment", appointment_id)
    assert "Session 1 of 5 of Five massages" in uncovered
    assert "Create invoice" in uncovered


@pytest.mark.parametrize("role", ["bookkeeper", "read_only"])
def test_who_may_not_book_may_not_change_it(
    client: Client, cast: Cast, massage: AppointmentType, role: str
) -> None:
    buy(cast.clinic, massage)
    appointment_id, attendee_id = book(cast.clinic, massage, package=NONE)
    client.force_login(cast.staff[role])
    assert client.post(reverse("visit_package", args=[attendee_id])).status_code == 403
    assert "Use it" not in read(client, "appointment", appointment_id)
    client.force_login(cast.charlie)
    assert client.get(reverse("visit_package", args=[attendee_id])).status_code == 404


def test_another_clinics_patient_shows_nothing(
    desk: Client, cast: Cast, massage: AppointmentType
) -> None:
    stranger = make_patient(practice=cast.other.practice)
    form = form_of(cast.clinic, massage, patient=str(stranger.pk))
    assert "<select" not in desk.post(reverse("booking_package"), form).content.decode()
