"""Two records are made one, and two again; not a cent changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from creditwell.audit.models import Note
from creditwell.credit.models import Lot
from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import NotFound
from creditwell.ledger.models import Account, Posting
from creditwell.payments.models import Payment, PaymentPart
from creditwell.payments.queries import account_history
from creditwell.people.merging import AlreadyMerged, NotUndoable, SamePatient, filled
from creditwell.people.models import Merge, Patient, Payer
from creditwell.people.operations import MergedAway, create_patient_row
from creditwell.people.queries import details_of, find_patients
from creditwell.people.rules import PatientDetails
from creditwell.scheduling.models import Attendee
from creditwell.scheduling.operations_merge import BookedTogether
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.merge_patients import MergePatients, merge_patients
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.restore_patient import RestorePatient, restore_patient
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.undo_merge import UndoMerge, undo_merge
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, make_appointment, make_clinic, make_patient
from tests.refusing import refuses

pytestmark = pytest.mark.django_db
TABLES = (Patient, Payer, Merge, Lot, Invoice, Payment, Account, Attendee)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def pair(clinic):
    """Ilona twice: the kept record and the other, with a little money each."""
    kept = create_patient_row(
        practice_id=clinic.practice.pk,
        details=PatientDetails(first_name="Ilona", last_name="Szymańska", phone="0491 570 156"),
        now=NOW,
    )
    other = create_patient_row(
        practice_id=clinic.practice.pk,
        details=PatientDetails(
            first_name="Ilona", last_name="Szymanska", email="i@mail.example", notes="Likes tea"
        ),
        now=NOW,
    )
    return kept, other


def merge(clinic, kept, other):
    return merge_patients(
        MergePatients(
            practice_id=clinic.practice.pk, by=SYSTEM, kept_id=kept.pk, merged_id=other.pk
        ),
        NOW,
    ).merge_id


def undo(clinic, merge_id):
    return undo_merge(
        UndoMerge(practice_id=clinic.practice.pk, by=SYSTEM, merge_id=merge_id), LATER
    )


def figures(clinic, patient):
    found = standing(clinic, patient)
    return found.credit_minor, found.owing_minor


def assert_account_agrees(clinic, patient):
    """What the account tells is what the books hold, and each line says what it is."""
    rows = account_history(clinic.practice.pk, patient.payer_id)
    balance = rows[-1].balance.minor if rows else 0
    assert balance == standing(clinic, patient).balance_minor
    assert [row.text for row in rows if row.text == "Correction"] == []


def test_credit_and_owing_of_both_are_added_up(clinic, pair):
    kept, other = pair
    pay(clinic, 5000, patient=kept)
    taken = pay(clinic, 12000, patient=other)
    bill = invoice(clinic, 9000, patient=other)
    use_credit(clinic, (bill.invoice_id, 2000), payer_id=other.payer_id)
    invoice(clinic, 3000, patient=kept)
    draft = invoice(clinic, 1000, patient=other, issue=False)
    visit = make_appointment(practice=clinic.practice, patient=other)
    postings = list(Posting.objects.order_by("pk").values())

    merge(clinic, kept, other)

    assert figures(clinic, kept) == (15000, 10000)
    assert figures(clinic, other) == (0, 0)
    assert list(Posting.objects.order_by("pk").values()) == postings
    assert Payment.objects.get(pk=taken.payment_id).payer_id == kept.payer_id
    assert Invoice.objects.get(pk=draft.invoice_id).patient_id == kept.pk
    visit.refresh_from_db()
    assert visit.patient_id == kept.pk
    assert_account_agrees(clinic, kept)
    assert_books_straight(clinic.practice)


def test_the_merged_record_is_hidden_and_takes_no_money(clinic, pair):
    kept, other = pair
    merge(clinic, kept, other)
    found = find_patients(practice_id=clinic.practice.pk, text="szym", archived=True)
    assert [line.id for line in found] == [kept.pk]
    with refuses(MergedAway, *TABLES):
        pay(clinic, 100, patient=other)
    with refuses(MergedAway, *TABLES):
        invoice(clinic, 100, patient=other)
    with refuses(MergedAway, *TABLES):
        restore_patient(
            RestorePatient(practice_id=clinic.practice.pk, by=SYSTEM, patient_id=other.pk), NOW
        )
    assert_books_straight(clinic.practice)


def test_gaps_are_filled_and_emptied_again(clinic, pair):
    kept, other = pair
    before = details_of(kept)
    merge_id = merge(clinic, kept, other)
    kept.refresh_from_db()
    assert details_of(kept) == replace(before, email="i@mail.example", notes="Likes tea")
    kept.notes = "Likes coffee"
    kept.save()
    undo(clinic, merge_id)
    kept.refresh_from_db()
    assert details_of(kept) == replace(before, notes="Likes coffee")


def test_both_notes_and_alerts_are_kept():
    one = PatientDetails(first_name="A", notes="N1", alert="A1", date_of_birth=date(1984, 3, 9))
    other = PatientDetails(first_name="B", notes="N2", alert="A2", date_of_birth=date(1985, 1, 1))
    assert filled(one, other) == replace(one, notes="N1\n\nN2", alert="A1; A2")


def test_undoing_gives_each_their_own_again(clinic, pair):
    kept, other = pair
    pay(clinic, 5000, patient=kept)
    pay(clinic, 12000, patient=other)
    invoice(clinic, 9000, patient=other)
    visit = make_appointment(practice=clinic.practice, patient=other)
    rows = [list(table.objects.order_by("pk").values()) for table in (Lot, Invoice, Payment)]

    undo(clinic, merge(clinic, kept, other))

    assert figures(clinic, kept) == (5000, 0)
    assert figures(clinic, other) == (12000, 9000)
    after = [list(table.objects.order_by("pk").values()) for table in (Lot, Invoice, Payment)]
    assert after == rows
    visit.refresh_from_db()
    assert visit.patient_id == other.pk
    other.refresh_from_db()
    assert (other.merged_into_id, other.archived_at) == (None, None)
    pay(clinic, 100, patient=other)
    for patient in pair:
        assert_account_agrees(clinic, patient)
    assert_books_straight(clinic.practice)


def test_undoing_after_new_activity_leaves_what_is_new_with_the_kept_record(clinic, pair):
    kept, other = pair
    pay(clinic, 5000, patient=kept)
    pay(clinic, 12000, patient=other)
    merge_id = merge(clinic, kept, other)
    pay(clinic, 700, patient=kept)
    bill = invoice(clinic, 16000, patient=kept)
    # Oldest credit first: 5000 of the one and 11000 of the other pay it.
    use_credit(clinic, (bill.invoice_id, 16000), payer_id=kept.payer_id)

    undo(clinic, merge_id)

    assert figures(clinic, kept) == (700, 0)
    assert figures(clinic, other) == (1000, 0)
    for patient in pair:
        assert_account_agrees(clinic, patient)
    assert_books_straight(clinic.practice)


def test_an_edited_payment_and_its_refund_move_back_as_one(clinic, pair):
    kept, other = pair
    taken = pay(clinic, 12000, patient=other)
    merge_id = merge(clinic, kept, other)
    edited = edit_payment(
        EditPayment(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payment_id=taken.payment_id,
            parts=(PartInput(source_id=clinic.card.pk, amount_minor=10000),),
        ),
        LATER,
    )
    refund_credit(
        RefundCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=kept.payer_id,
            parts=((PaymentPart.objects.get(payment_id=edited.payment_id).pk, 2500),),
            reason="Asked for it",
        ),
        LATER,
    )
    assert figures(clinic, kept) == (7500, 0)

    undo(clinic, merge_id)

    assert figures(clinic, kept) == (0, 0)
    assert figures(clinic, other) == (7500, 0)
    assert Payment.objects.get(pk=edited.payment_id).payer_id == other.payer_id
    for patient in pair:
        assert_account_agrees(clinic, patient)
    assert_books_straight(clinic.practice)


def test_an_archived_record_comes_back_archived(clinic, pair):
    kept, other = pair
    other.archived_at = NOW - timedelta(days=9)
    other.save()
    undo(clinic, merge(clinic, kept, other))
    other.refresh_from_db()
    assert other.archived_at == NOW - timedelta(days=9)


def test_merges_are_undone_in_the_order_they_came(clinic, pair):
    kept, other = pair
    third = make_patient(practice=clinic.practice, first_name="Ilona", last_name="S")
    pay(clinic, 100, patient=other)
    pay(clinic, 20, patient=kept)
    first = merge(clinic, kept, other)
    second = merge(clinic, third, kept)
    assert figures(clinic, third) == (120, 0)
    with refuses(NotUndoable, *TABLES):
        undo(clinic, first)
    undo(clinic, second)
    undo(clinic, first)
    assert [figures(clinic, one)[0] for one in (third, kept, other)] == [0, 20, 100]
    with refuses(NotUndoable, *TABLES):
        undo(clinic, first)
    assert_books_straight(clinic.practice)


def test_the_same_request_merges_once(clinic, pair):
    kept, other = pair
    command = MergePatients(
        practice_id=clinic.practice.pk, by=SYSTEM, key="k", kept_id=kept.pk, merged_id=other.pk
    )
    assert merge_patients(command, NOW) == merge_patients(command, NOW)
    assert Merge.objects.count() == 1
    actions = Note.objects.filter(action="merge_patients").values_list("subject_id", flat=True)
    assert set(actions) == {kept.pk, other.pk}


def test_what_cannot_be_merged_is_refused(clinic, pair):
    kept, other = pair
    pay(clinic, 5000, patient=other)
    with refuses(SamePatient, *TABLES):
        merge(clinic, kept, kept)
    stranger = make_clinic().patient
    with refuses(NotFound, *TABLES):
        merge(clinic, kept, stranger)
    visit = make_appointment(practice=clinic.practice, patient=kept)
    second = Attendee.objects.create(
        practice=clinic.practice, appointment=visit.appointment, patient=other
    )
    with refuses(BookedTogether, *TABLES):
        merge(clinic, kept, other)
    second.status = Attendee.Status.CANCELLED
    second.save()
    merge_id = merge(clinic, kept, other)
    third = make_patient(practice=clinic.practice)
    with refuses(AlreadyMerged, *TABLES):
        merge(clinic, third, other)
    with refuses(AlreadyMerged, *TABLES):
        merge(clinic, other, third)
    elsewhere = make_clinic()
    with refuses(NotFound, *TABLES):
        undo(elsewhere, merge_id)
    assert_books_straight(clinic.practice)
