"""Each role at each door of invoices; nobody sees another practice's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.payments.models import Allocation
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.permissions import PERMISSIONS, Role
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.web.invoices.urls import urlpatterns
from tests.acts import invoice, pay
from tests.books import assert_books_straight
from tests.factories import NOW, make_appointment
from tests.web.invoices.conftest import client_of
from tests.web.invoices.test_acts import lines_of

DOORS = {
    "invoices": "invoices.view",
    "invoices_csv": "invoices.view",
    "invoice": "invoices.view",
    "invoice_pdf": "invoices.view",
    "invoice_new": "invoices.edit",
    "invoice_edit": "invoices.edit",
    "invoice_issue": "invoices.issue",
    "invoice_discard": "invoices.edit",
    "invoice_duplicate": "invoices.edit",
    "invoice_void": "invoices.void",
    "invoice_email": "invoices.edit",
    "invoice_credit": "invoices.credit",
    "invoice_take_back": "payments.allocate",
    "credit_note": "invoices.view",
    "credit_note_pdf": "invoices.view",
    "invoice_from_attendee": "invoices.issue",
    "attendee_payment": "payments.take",
}
POSTS = ("invoice_issue", "invoice_discard", "invoice_duplicate", "invoice_take_back")


def test_every_door_names_its_permission():
    assert {one.name: one.callback.door_permission for one in urlpatterns} == DOORS


@pytest.fixture
def places(cast):
    """An address of each door with things of Alice's practice behind it."""
    clinic = cast.clinic
    bill = invoice(clinic)
    draft, ready = invoice(clinic, issue=False), invoice(clinic, issue=False)
    pay(clinic, 1000, pay=((bill.invoice_id, 1000),))
    credit_invoice(
        CreditInvoice(
            practice_id=clinic.practice.pk,
            key="",
            by=SYSTEM,
            invoice_id=bill.invoice_id,
            lines=((lines_of(bill)[0].pk, 100),),
            reason="x",
        ),
        NOW,
    )
    visit = make_appointment(practice=clinic.practice, patient=clinic.patient).pk
    note, allocation = CreditNote.objects.get().pk, Allocation.objects.get().pk
    of = {
        "invoices": [],
        "invoices_csv": [],
        "invoice_new": [],
        "invoice_edit": [draft.invoice_id],
        "invoice_issue": [ready.invoice_id],
        "invoice_discard": [draft.invoice_id],
        "invoice_take_back": [bill.invoice_id, allocation],
        "credit_note": [note],
        "credit_note_pdf": [note],
        "invoice_from_attendee": [visit],
        "attendee_payment": [visit],
    }
    return {name: reverse(name, args=of.get(name, [bill.invoice_id])) for name in DOORS}


def knock(client, name, path):
    return client.post(path, {"key": ""}) if name in POSTS else client.get(path)


@pytest.mark.parametrize("role", list(Role))
def test_roles(cast, places, role):
    client = client_of(cast.staff[role])
    for name, path in places.items():
        status = knock(client, name, path).status_code
        if role in PERMISSIONS[DOORS[name]]:
            assert status in (200, 302), (role, name, status)
        else:
            assert status == 403, (role, name, status)
    assert_books_straight(cast.clinic.practice)


def test_another_practice_finds_nothing(cast, places):
    charlie = client_of(cast.charlie)
    before = list(Invoice.objects.order_by("pk").values())
    for name, path in places.items():
        if name in ("invoices", "invoices_csv", "invoice_new"):
            continue
        assert knock(charlie, name, path).status_code == 404, name
        assert charlie.post(path, {"reason": "x", "to": "a@b.example"}).status_code in (404, 405), (
            name
        )
    assert charlie.get(places["invoices"]).context["page"].shown.count == 0
    assert list(Invoice.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.RECEPTIONIST])
def test_a_page_offers_what_the_role_may(cast, places, role):
    client = client_of(cast.staff[role])
    shown = client.get(places["invoice"]).content.decode()
    assert ("Duplicate" in shown) == (role == Role.RECEPTIONIST)
    assert "Void…" not in shown
    draft = client.get(places["invoice_issue"].removesuffix("issue/")).content.decode()
    assert (f'action="{places["invoice_issue"]}"' in draft) == (role == Role.RECEPTIONIST)
