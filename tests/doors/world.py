"""
Two clinics with one of everything, under one id each: every row of Charlie's clinic that a page
could be asked for has the id FOREIGN, every one of Alice's the id OWN.

So a URL of any kind of thing can be tried without knowing what the thing is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection

from creditwell.credit.sharing import Terms
from creditwell.integrations.email.models import Message
from creditwell.invoicing.models import InvoiceLine
from creditwell.kernel.keys import is_practice_table
from creditwell.payments.models import PaymentPart
from creditwell.people.families import NewMember
from creditwell.people.models import Contact, Family, FamilyMember, Merge, Patient, Payer
from creditwell.scheduling.models import Block, WorkingHours
from creditwell.tenancy.access import SYSTEM, Actor
from creditwell.tenancy.models import ApiKey, Concession, Invitation, Membership, User
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.create_family import CreateFamily, create_family
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.request_refund import RequestRefund, request_refund
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.share_package import SharePackage, share_package
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from tests.acts import invoice, new_key, pay, use_credit
from tests.factories import (
    NOW,
    Clinic,
    make_appointment,
    make_clinic,
    make_item,
    make_patient,
    make_practitioner,
    make_source,
)
from tests.memberships import make_renewing, start
from tests.sold import make_product, make_visit_type, sell
from tests.visits import wish
from tests.vouchers import sell_one

OWN, FOREIGN = 5_000_001, 9_000_001


def make_world(first_id: int) -> Clinic:
    """A clinic in which each table's first row has this id."""
    _count_from(first_id)
    clinic = make_clinic()
    practice = clinic.practice
    visit = make_appointment(practice=practice, patient=clinic.patient)
    taken = pay(clinic, 20000)
    bill = invoice(clinic, attendee_id=visit.pk)
    invoice(clinic, issue=False)
    use_credit(clinic, (bill.invoice_id, 5000))
    part = PaymentPart.objects.get(payment_id=taken.payment_id)
    payer_id = clinic.patient.payer_id
    common = {"practice_id": practice.pk, "by": SYSTEM, "reason": "of the world"}
    refund_credit(
        RefundCredit(key=new_key(), payer_id=payer_id, parts=((part.pk, 100),), **common), NOW
    )
    request_refund(
        RequestRefund(key=new_key(), payer_id=payer_id, parts=((part.pk, 100),), **common), NOW
    )
    line = InvoiceLine.objects.get(invoice_id=bill.invoice_id)
    credit_invoice(
        CreditInvoice(key=new_key(), invoice_id=bill.invoice_id, lines=((line.pk, 100),), **common),
        NOW,
    )
    _package_of(clinic)
    _family_of(clinic)
    _credit_of(clinic)
    _settings_of(clinic)
    _message(clinic, taken.payment_id)
    return clinic


def _package_of(clinic: Clinic, times: int = 1) -> None:
    """A shared package with a booked visit for each time, some free sessions; a membership."""
    kind = make_visit_type(clinic)
    practitioner = make_practitioner(practice=clinic.practice)
    package = sell(clinic, make_product(clinic, kind, units=times + 4, sharing="anybody"))
    make_product(clinic, kind, units=times + 9, price_minor=80000, name="A larger one")
    friend = make_patient(practice=clinic.practice)
    share_package(
        SharePackage(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            package_id=package.pk,
            patient_id=friend.pk,
        ),
        NOW,
    )
    for n in range(times):
        fields = {
            "starts_at": NOW + timedelta(days=n + 1),
            "anyway": True,
            "practitioner_id": practitioner.pk,
        }
        book_appointment(wish(clinic, kind, **fields), NOW)
    start(clinic, make_renewing(clinic))


def _family_of(clinic: Clinic) -> None:
    other = make_patient(practice=clinic.practice)
    members = tuple(NewMember(patient_id=one.pk) for one in (clinic.patient, other))
    common = {"practice_id": clinic.practice.pk, "by": SYSTEM}
    create_family(CreateFamily(name="Family", members=members, **common), NOW)
    for owner, user in ((clinic.patient, other), (other, clinic.patient)):
        _share(clinic, owner, user)


def _share(clinic: Clinic, owner: Patient, user: Patient) -> None:
    share_credit(
        ShareCredit(
            practice_id=clinic.practice.pk,
            by=SYSTEM,
            owner_id=owner.payer_id,
            user_id=user.payer_id,
            terms=Terms(mode="always"),
        ),
        NOW,
    )


def _credit_of(clinic: Clinic) -> None:
    """Given credit, credit passed on, and a gift voucher."""
    sell_one(clinic)
    payer_id = clinic.patient.payer_id
    common = {"practice_id": clinic.practice.pk, "by": SYSTEM, "reason": "of the world"}
    give_credit(
        GiveCredit(key=new_key(), payer_id=payer_id, kind="goodwill", amount_minor=1000, **common),
        NOW,
    )
    other = make_patient(practice=clinic.practice)
    transfer_credit(
        TransferCredit(
            key=new_key(),
            from_payer_id=payer_id,
            to_payer_id=other.payer_id,
            amount_minor=1000,
            anywhere=True,
            **common,
        ),
        NOW,
    )


def _settings_of(clinic: Clinic) -> None:
    practice = clinic.practice
    user = User.objects.create_user(f"world{practice.pk}@clinic.example", None, name="World")
    by = Actor(user_id=user.pk)
    payer = Payer.objects.create(practice=practice, name="Fund")
    Contact.objects.create(practice=practice, payer=payer, kind="insurer", name="Fund")
    Concession.objects.create(practice=practice, name="Student")
    Block.objects.create(
        practice=practice,
        practitioner=clinic.practitioner,
        starts_at=NOW,
        ends_at=NOW.replace(hour=5),
    )
    WorkingHours.objects.create(
        practice=practice,
        practitioner=clinic.practitioner,
        location=clinic.location,
        weekday=1,
        starts_at="09:00",
        ends_at="17:00",
    )
    ApiKey.objects.create(
        practice=practice, name="Key", prefix=f"p{practice.pk}", secret_hash="x", created_by=user
    )
    Invitation.objects.create(
        practice=practice,
        email="new@clinic.example",
        role="receptionist",
        token_hash=f"hash{practice.pk}",
        invited_by_id=by.user_id,
        expires_at=NOW,
    )
    Membership.objects.create(practice=practice, user=user, role="receptionist")
    twin = make_patient(practice=practice)
    Merge.objects.create(
        practice=practice, kept=clinic.patient, merged=twin, moved={}, merged_at=NOW
    )


def _message(clinic: Clinic, payment_id: int) -> None:
    Message.objects.create(
        practice=clinic.practice,
        kind="receipt",
        to="patient@mail.example",
        subject="Receipt",
        text="…",
        document="receipt",
        document_id=payment_id,
        created_at=NOW,
    )


def _count_from(first_id: int) -> None:
    with connection.cursor() as cursor:
        for model in apps.get_models():
            ours = model.__module__.startswith("creditwell.")
            if ours and (is_practice_table(model) or model.__name__ == "Practice"):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)",
                    [model._meta.db_table, first_id],
                )


def _refunds(clinic: Clinic, patient: Patient, part_id: int) -> None:
    """A refund that was made, and one that waits for a second person."""
    asked: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "by": SYSTEM,
        "reason": "of the world",
        "payer_id": patient.payer_id,
        "parts": ((part_id, 100),),
    }
    refund_credit(RefundCredit(**asked, key=new_key()), NOW)
    request_refund(RequestRefund(**asked, key=new_key()), NOW)


def grow(clinic: Clinic, times: int) -> None:
    """More of everything that grows with the years, for the same patient and for others."""
    practice = clinic.practice
    for n in range(times):
        other = make_patient(practice=practice)
        FamilyMember.objects.create(
            practice=practice,
            family=Family.objects.get(practice=practice),
            patient=other,
            joined_at=NOW,
        )
        _share(clinic, other, clinic.patient)
        _share(clinic, clinic.patient, other)
        for patient in (clinic.patient, other):
            visit = make_appointment(
                practice=practice,
                patient=patient,
                starts_at=NOW + timedelta(hours=n),
                location=clinic.location,
            )
            taken = pay(clinic, 20000, patient=patient)
            bill = invoice(clinic, patient=patient, attendee_id=visit.pk)
            use_credit(clinic, (bill.invoice_id, 5000), payer_id=patient.payer_id)
            part = PaymentPart.objects.get(payment_id=taken.payment_id)
            _refunds(clinic, patient, part.pk)
        _credit_of(clinic)
        _package_of(clinic, times=2)
        make_item(practice=practice)
        make_source(practice=practice)
        _message(clinic, taken.payment_id)
