"""Patients, contacts and the search behind their doors."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from creditwell.people.models import Contact, Merge, Patient, Payer
from creditwell.people.operations import create_contact_row
from creditwell.people.rules import ContactDetails
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Concession, Practice
from creditwell.tenancy.permissions import PERMISSIONS, Role
from creditwell.usecases.merge_patients import MergePatients, merge_patients
from tests.acts import invoice, let_use, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.factories import NOW, Clinic, make_appointment, make_patient

READ = [
    ("patients", "patients.view"),
    ("patient_search", "patients.view"),
    ("contacts", "patients.view"),
    ("search", "patients.view"),
    ("patient_new", "patients.edit"),
    ("contact_new", "patients.edit"),
]
READ_ONE = [
    ("patient", "patients.view"),
    ("patient_invoices", "invoices.view"),
    ("patient_payments", "payments.view"),
    ("patient_appointments", "calendar.view"),
    ("patient_details", "patients.view"),
    ("patient_history", "audit.view"),
    ("patient_edit", "patients.edit"),
    ("patient_merge", "patients.merge"),
    ("patient_compare", "patients.merge"),
    ("contact", "patients.view"),
    ("contact_edit", "patients.edit"),
]
WRITE_ONE = [
    ("patient_archive", "patients.edit"),
    ("patient_restore", "patients.edit"),
    ("contact_archive", "patients.edit"),
    ("merge_undo", "patients.merge"),
]
WRITE = [("patient_quick_create", "patients.edit")]


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


def make_contact(practice: Practice, name: str = "Meridian Mutual") -> Contact:
    details = ContactDetails(kind="insurer", name=name)
    return create_contact_row(practice_id=practice.pk, details=details, now=NOW)


def make_merge(clinic: Clinic) -> Merge:
    pair = [make_patient(practice=clinic.practice) for _n in range(2)]
    merged = merge_patients(
        MergePatients(
            practice_id=clinic.practice.pk, by=SYSTEM, kept_id=pair[0].pk, merged_id=pair[1].pk
        ),
        NOW,
    )
    return Merge.objects.get(pk=merged.merge_id)


def address(name: str, clinic: Clinic) -> str:
    """The page about something of this clinic."""
    if name.startswith("contact"):
        return reverse(name, args=[make_contact(clinic.practice).pk])
    if name == "merge_undo":
        return reverse(name, args=[make_merge(clinic).pk])
    if name == "patient_compare":
        return reverse(name, args=[clinic.patient.pk, make_patient(practice=clinic.practice).pk])
    return reverse(name, args=[clinic.patient.pk])


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize(("name", "permission"), READ + READ_ONE)
def test_a_page_is_for_those_who_may(name, permission, role, cast, client: Client) -> None:
    client.force_login(cast.staff[role])
    url = reverse(name) if (name, permission) in READ else address(name, cast.clinic)
    assert client.get(url).status_code == (200 if role in PERMISSIONS[permission] else 403)


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize(("name", "permission"), WRITE + WRITE_ONE)
def test_an_act_is_for_those_who_may(name, permission, role, cast, client: Client) -> None:
    client.force_login(cast.staff[role])
    url = reverse(name) if (name, permission) in WRITE else address(name, cast.clinic)
    status = client.post(url, {"new-name": "Somebody New"}).status_code
    assert status == (302 if role in PERMISSIONS[permission] else 403)


@pytest.mark.parametrize("name", [name for name, _permission in READ_ONE])
def test_foreign_ids_are_not_found(name, cast, client: Client) -> None:
    client.force_login(cast.alice)
    assert client.get(address(name, cast.other)).status_code == 404


@pytest.mark.parametrize("name", [name for name, _permission in WRITE_ONE])
def test_foreign_ids_are_not_changed(name, cast, client: Client) -> None:
    client.force_login(cast.alice)
    url = address(name, cast.other)
    before = [list(table.objects.order_by("pk").values()) for table in (Patient, Contact, Merge)]
    assert client.post(url).status_code == 404
    after = [list(table.objects.order_by("pk").values()) for table in (Patient, Contact, Merge)]
    assert after == before


def test_nobody_enters_without_signing_in(cast, client: Client) -> None:
    for name, _permission in READ:
        assert client.get(reverse(name)).status_code == 302
    for name, _permission in READ_ONE:
        assert client.get(address(name, cast.clinic)).status_code == 302


def test_two_records_of_two_practices_are_not_compared(cast, client: Client) -> None:
    client.force_login(cast.alice)
    url = reverse("patient_compare", args=[cast.clinic.patient.pk, cast.other.patient.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, {"keep": cast.clinic.patient.pk}).status_code == 404
    assert Merge.objects.count() == 0


def test_a_patient_is_created_with_every_field(cast, client: Client) -> None:
    client.force_login(cast.bob)
    practice = cast.clinic.practice
    concession = Concession.objects.create(practice=practice, name="Pensioner")
    contact = make_contact(practice)
    form = {
        "first_name": "Ilona",
        "last_name": "Szymańska",
        "preferred_name": "Ila",
        "pronouns": "she/her",
        "date_of_birth": "1984-03-09",
        "email": "ilona.s@mail.example",
        "phone": "0491 570 156",
        "other_phone": "02 5550 1234",
        "address": "12 Harbour Lane",
        "concession": concession.pk,
        "alert": "Latex",
        "notes": "SMS",
        "bill_to": contact.pk,
        "invoice_to": "Meridian",
        "invoice_email": "claims@meridian.example",
        "referred_by": "",
        "key": "one",
    }
    answer = client.post(reverse("patient_new"), form)
    patient = Patient.objects.get(first_name="Ilona")
    assert answer.headers["Location"] == reverse("patient", args=[patient.pk])
    client.post(reverse("patient_new"), form)
    assert Patient.objects.filter(first_name="Ilona").count() == 1
    assert (patient.concession_id, patient.bill_to_id) == (concession.pk, contact.pk)
    page = client.get(reverse("patient", args=[patient.pk])).content.decode()
    for words in ("Ilona Szymańska", "Latex", "Meridian", "Pensioner", "0491 570 156"):
        assert words in page


def test_a_likely_duplicate_is_shown_and_nothing_typed_is_lost(cast, client: Client) -> None:
    client.force_login(cast.bob)
    form = {"first_name": "Liam", "last_name": "Brennan", "phone": "0491 570 000"}
    answer = client.post(reverse("patient_new"), form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert reverse("patient", args=[cast.clinic.patient.pk]) in html
    assert 'value="0491 570 000"' in html
    assert Patient.objects.filter(practice=cast.clinic.practice).count() == 1
    assert client.post(reverse("patient_new"), {**form, "somebody_else": "on"}).status_code == 302


def test_a_name_looked_for_elsewhere_fills_the_form(cast, client: Client) -> None:
    client.force_login(cast.bob)
    html = client.post(reverse("patient_new"), {"prefill": "Anna Maria Silva"}).content.decode()
    assert 'value="Anna Maria"' in html
    assert 'value="Silva"' in html
    assert Patient.objects.filter(last_name="Silva").count() == 0


def test_links_of_another_practice_cannot_be_chosen(cast, client: Client) -> None:
    client.force_login(cast.bob)
    foreign = make_contact(cast.other.practice)
    form = {"first_name": "Ilona", "bill_to": foreign.pk, "referred_by": foreign.pk}
    assert client.post(reverse("patient_new"), form).status_code == 422
    assert Payer.objects.filter(name="Ilona").count() == 0


def test_a_change_is_told_in_the_history(cast, client: Client) -> None:
    client.force_login(cast.alice)
    pk = cast.clinic.patient.pk
    client.post(reverse("patient_edit", args=[pk]), {"first_name": "Liam", "last_name": "O’Brien"})
    html = client.get(reverse("patient_history", args=[pk])).content.decode()
    assert "<del>Brennan</del>" in html
    assert "<ins>O’Brien</ins>" in html
    refused = client.post(reverse("patient_edit", args=[pk]), {"last_name": "X", "email": "no"})
    assert refused.status_code == 422
    assert Patient.objects.get(pk=pk).last_name == "O’Brien"


def test_archived_patients_are_listed_apart(cast, client: Client) -> None:
    client.force_login(cast.bob)
    pk = cast.clinic.patient.pk
    client.post(reverse("patient_archive", args=[pk]))
    assert "Liam Brennan" not in client.get(reverse("patients")).content.decode()
    archived = client.get(reverse("patients"), {"show": "archived"}).content.decode()
    assert "Liam Brennan" in archived
    client.post(reverse("patient_restore", args=[pk]))
    assert "Liam Brennan" in client.get(reverse("patients")).content.decode()


def test_tabs_show_those_with_credit_and_those_who_owe(cast, client: Client) -> None:
    client.force_login(cast.bob)
    practice = cast.clinic.practice
    saver = make_patient(practice=practice, first_name="Sara", last_name="Saver")
    debtor = make_patient(practice=practice, first_name="Dan", last_name="Debtor")
    pay(cast.clinic, 5000, patient=saver)
    invoice(cast.clinic, 9000, patient=debtor)
    credit = client.get(reverse("patients"), {"show": "credit"}).content.decode()
    owing = client.get(reverse("patients"), {"show": "owing"}).content.decode()
    assert ("Sara Saver" in credit, "Dan Debtor" in credit) == (True, False)
    assert ("Sara Saver" in owing, "Dan Debtor" in owing) == (False, True)
    assert "50.00" in credit
    assert "90.00" in owing


def test_nobody_is_asked_for_money_that_is_held(cast, client: Client) -> None:
    client.force_login(cast.bob)
    practice = cast.clinic.practice
    saver, covered, asks, short = (
        make_patient(practice=practice, first_name=name, last_name="Example")
        for name in ("Sara", "Cora", "Asta", "Shona")
    )
    pay(cast.clinic, 9000, patient=saver)
    let_use(cast.clinic, saver, covered)
    let_use(cast.clinic, saver, asks, mode="ask")
    let_use(cast.clinic, saver, short, mode="monthly", cap_minor=8999)
    for patient in (covered, asks, short):
        invoice(cast.clinic, 9000, patient=patient)
    pay(cast.clinic, 9000)  # own credit, not applied yet
    invoice(cast.clinic, 9000)
    owing = client.get(reverse("patients"), {"show": "owing"}).content.decode()
    listed = [name for name in ("Liam", "Sara", "Cora", "Asta", "Shona") if name in owing]
    assert listed == ["Asta", "Shona"]


def test_the_page_of_a_patient_tells_their_money(cast, client: Client) -> None:
    client.force_login(cast.bob)
    patient = cast.clinic.patient
    pay(cast.clinic, 14500)
    invoice(cast.clinic, 9000)
    html = client.get(reverse("patient", args=[patient.pk])).content.decode()
    assert "From payment 1, 24 Nov 2026" in html
    assert "In Liam’s favour" in html
    assert "Invoice 1" in html
    assert "−55.00" in html
    assert "Standard consultation" in html
    assert_books_straight(cast.clinic.practice)


def test_merging_and_undoing_through_the_pages(cast, client: Client) -> None:
    client.force_login(cast.bob)
    kept = cast.clinic.patient
    other = make_patient(practice=cast.clinic.practice, first_name="Liam", last_name="Brenan")
    pay(cast.clinic, 5000, patient=other)
    found = client.get(reverse("patient_merge", args=[kept.pk]), {"q": "bren"}).content.decode()
    compare = reverse("patient_compare", args=[kept.pk, other.pk])
    assert compare in found
    html = client.get(compare).content.decode()
    assert "Keep Liam Brenan" in html
    answer = client.post(compare, {"keep": str(kept.pk)})
    assert answer.headers["Location"] == reverse("patient", args=[kept.pk])
    assert standing(cast.clinic, kept).credit_minor == 5000
    gone = client.get(reverse("patient", args=[other.pk])).content.decode()
    assert "This record was merged into another." in gone
    merge = Merge.objects.get()
    undo = reverse("merge_undo", args=[merge.pk])
    assert undo in client.get(reverse("patient_details", args=[kept.pk])).content.decode()
    client.post(undo)
    assert standing(cast.clinic, kept).credit_minor == 0
    assert standing(cast.clinic, other).credit_minor == 5000
    assert client.post(undo).status_code == 409
    assert_books_straight(cast.clinic.practice)


def test_a_refused_merge_says_why(cast, client: Client) -> None:
    client.force_login(cast.bob)
    kept = cast.clinic.patient
    answer = client.post(reverse("patient_compare", args=[kept.pk, kept.pk]), {"keep": kept.pk})
    assert answer.status_code == 422
    assert "Choose two different records" in answer.content.decode()


def test_contacts_are_made_changed_and_put_away(cast, client: Client) -> None:
    client.force_login(cast.bob)
    refused = client.post(reverse("contact_new"), {"kind": "doctor", "name": "", "phone": "123"})
    assert refused.status_code == 422
    assert 'value="123"' in refused.content.decode()
    client.post(reverse("contact_new"), {"kind": "doctor", "name": "Dr Aroha Ngata"})
    contact = Contact.objects.get()
    client.post(
        reverse("contact_edit", args=[contact.pk]), {"kind": "doctor", "name": "Dr A. Ngata"}
    )
    assert "Dr A. Ngata" in client.get(reverse("contacts"), {"show": "doctor"}).content.decode()
    assert (
        "Dr A. Ngata" not in client.get(reverse("contacts"), {"show": "insurer"}).content.decode()
    )
    assert "Dr A. Ngata" in client.get(reverse("contacts"), {"q": "ngat"}).content.decode()
    client.post(reverse("contact_archive", args=[contact.pk]))
    assert "Dr A. Ngata" not in client.get(reverse("contacts")).content.decode()
    client.post(reverse("contact_archive", args=[contact.pk]), {"restore": "1"})
    assert "Dr A. Ngata" in client.get(reverse("contacts")).content.decode()


def test_the_search_finds_people_and_papers(cast, client: Client) -> None:
    client.force_login(cast.bob)
    practice = cast.clinic.practice
    make_contact(practice, "Brennan Insurance")
    make_patient(practice=practice, first_name="Ada", last_name="Brent")
    html = client.get(reverse("search"), {"q": "bren"}).content.decode()
    for name in ("Liam Brennan", "Ada Brent", "Brennan Insurance"):
        assert name in html
    alone = client.get(reverse("search"), {"q": "brent"})
    assert alone.status_code == 302
    pay(cast.clinic, 5000)
    invoice(cast.clinic, 9000)
    papers = client.get(reverse("search"), {"q": "#1"}, follow=True).content.decode()
    assert "Invoice 1" in papers
    assert "Payment 1" in papers
    assert "Nothing matches" in client.get(reverse("search"), {"q": "zzz"}).content.decode()
    client.force_login(cast.charlie)
    assert (
        "Brennan Insurance"
        not in client.get(reverse("search"), {"q": "bren"}, follow=True).content.decode()
    )


def test_the_number_of_queries_does_not_grow(
    cast, client: Client, django_assert_max_num_queries
) -> None:
    client.force_login(cast.alice)
    clinic = cast.clinic
    names = [
        "patient",
        "patient_invoices",
        "patient_payments",
        "patient_appointments",
        "patient_details",
        "patient_history",
    ]
    urls = [reverse(name, args=[clinic.patient.pk]) for name in names]
    urls += [reverse("patients") + show for show in ("", "?show=credit", "?show=owing", "?q=exa")]
    urls += [reverse("contacts"), reverse("search") + "?q=exa"]

    def grow(times: int) -> None:
        for _n in range(times):
            pay(clinic, 1000)
            invoice(clinic, 900)
            make_appointment(practice=clinic.practice, patient=clinic.patient)
            other = make_patient(practice=clinic.practice)
            pay(clinic, 700, patient=other)
            invoice(clinic, 800, patient=other)
            make_contact(clinic.practice, f"Contact {other.pk}")

    def counts() -> dict[str, int]:
        found = {}
        for url in urls:
            with django_assert_max_num_queries(27) as caught:
                assert client.get(url).status_code == 200
            found[url] = len(caught)
        return found

    grow(2)
    few = counts()
    grow(8)
    assert counts() == few
    assert_books_straight(clinic.practice)
