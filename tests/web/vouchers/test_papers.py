"""The paper of a gift voucher: who gets it, and what stands on it."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from pypdf import PdfReader

from creditwell.integrations.documents.build_voucher import voucher_document
from creditwell.integrations.documents.shapes import Mark
from creditwell.payments.models import Voucher
from creditwell.payments.queries_vouchers import voucher_line
from creditwell.payments.rules_voucher import shown
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.tenancy.permissions import Role
from creditwell.usecases.disable_voucher import DisableVoucher, disable_voucher
from creditwell.usecases.sell_vouchers import NewVoucher
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_member
from tests.vouchers import redeem, sell_one

pytestmark = pytest.mark.django_db


@pytest.fixture
def voucher(clinic: Clinic) -> Voucher:
    present = NewVoucher(value_minor=10000, recipient_name="Anna Bell", message="Happy birthday!")
    return sell_one(clinic, vouchers=(present,))


def sign_in(client: Client, clinic: Clinic, role: Role) -> None:
    client.force_login(make_member(practice=clinic.practice, role=role))


def document_of(clinic: Clinic, voucher: Voucher):
    practice = facts_of(clinic.practice)
    return voucher_document(practice, voucher_line(practice, voucher.pk, today=NOW.date()))


def test_the_desk_prints_it_and_it_never_says_who_bought_it(
    client: Client, clinic: Clinic, voucher: Voucher
) -> None:
    sign_in(client, clinic, Role.RECEPTIONIST)
    answer = client.get(f"/payments/vouchers/{voucher.pk}/pdf/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert f"Gift voucher {voucher.code[-4:]}.pdf" in answer.headers["Content-Disposition"]
    assert voucher.code[:4] not in answer.headers["Content-Disposition"]
    said = " ".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
    assert shown(voucher.code) in said
    assert "For Anna Bell Happy birthday!" in said
    assert clinic.patient.payer.name not in said
    assert clinic.patient.last_name not in said


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.READ_ONLY])
def test_who_may_not_redeem_does_not_get_the_code(
    client: Client, clinic: Clinic, voucher: Voucher, role: Role
) -> None:
    sign_in(client, clinic, role)
    assert client.get(f"/payments/vouchers/{voucher.pk}/pdf/").status_code == 403


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.READ_ONLY])
def test_the_code_stands_on_no_page_that_they_may_read(
    client: Client, clinic: Clinic, voucher: Voucher, role: Role
) -> None:
    redeem(clinic, voucher.code, 4000)
    sign_in(client, clinic, role)
    pages = (
        "/payments/",
        f"/payments/{voucher.payment_id}/",
        "/transfers/",
        f"/patients/{clinic.patient.pk}/",
        f"/patients/{clinic.patient.pk}/credit/",
    )
    for page in pages:
        body = client.get(page).content.decode()
        assert voucher.code not in body, page
        assert shown(voucher.code) not in body, page


def test_printed_again_it_shows_what_is_left_and_that_it_is_void(
    clinic: Clinic, voucher: Voucher
) -> None:
    redeem(clinic, voucher.code, 4000)
    document = document_of(clinic, voucher)
    assert (document.value.minor, document.left.minor) == (10000, 6000)
    assert document.sheet.mark is Mark.NONE
    disable_voucher(
        DisableVoucher(
            practice_id=clinic.practice.pk, key="k", by=SYSTEM, voucher_id=voucher.pk, reason="Lost"
        ),
        NOW,
    )
    assert document_of(clinic, voucher).sheet.mark is Mark.VOID
    assert_books_straight(clinic.practice)


def test_it_names_the_place_where_it_was_sold(clinic: Clinic) -> None:
    clinic.location.address = "14 Harbour Lane"
    clinic.location.save()
    voucher = sell_one(clinic, location_id=clinic.location.pk)
    assert "14 Harbour Lane" in " ".join(document_of(clinic, voucher).practice.address)
