"""The buyer's receipt of gift vouchers: what was bought, and of the code only its end."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from pypdf import PdfReader

from creditwell.integrations.documents.build_payments import receipt_pdf
from creditwell.payments.models import Voucher
from creditwell.payments.queries_receipt import Receipt, receipt
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.tenancy.permissions import Role
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.api.client import Program, make_key
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_member
from tests.vouchers import redeem, sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    made = make_clinic()
    made.practice.voucher_lasts_months = 36
    made.practice.save()
    return made


def receipt_of(clinic: Clinic, payment_id: int) -> Receipt:
    return receipt(facts_of(clinic.practice), payment_id)


def test_page_paper_and_api_name_each_voucher_its_last_day_and_no_code(
    client: Client, clinic: Clinic
) -> None:
    sold = sell(clinic, 10000, 2500)
    ends = [code[-4:] for code in sold.codes]
    client.force_login(make_member(practice=clinic.practice, role=Role.OWNER))
    page = client.get(f"/payments/{sold.payment_id}/").content.decode()
    paper = receipt_pdf(clinic.practice.pk, sold.payment_id)[1]
    printed = " ".join(PdfReader(io.BytesIO(paper)).pages[0].extract_text().split())
    for said in (page, printed):
        for end in ends:
            assert f"Gift voucher ••••-••••-{end}, valid until 24 Nov 2029" in said
        assert "ot allocated" not in said
        assert all(code not in said for code in sold.codes)
        assert all(code[:4] not in said for code in sold.codes)
    told = Program(make_key(clinic.practice)).get(f"/payments/{sold.payment_id}/receipt")[1]
    assert told["not_allocated_minor"] == 0
    assert [(one["code_end"], one["value_minor"]) for one in told["vouchers"]] == [
        (ends[0], 10000),
        (ends[1], 2500),
    ]
    assert_books_straight(clinic.practice)


def test_one_that_lasts_says_so(clinic: Clinic) -> None:
    clinic.practice.voucher_lasts_months = None
    clinic.practice.save()
    sold = sell(clinic, 10000)
    paper = receipt_pdf(clinic.practice.pk, sold.payment_id)[1]
    assert ", does not expire 100.00" in " ".join(
        PdfReader(io.BytesIO(paper)).pages[0].extract_text().split()
    )


def test_redeeming_it_changes_nothing_on_the_receipt(clinic: Clinic) -> None:
    sold = sell(clinic, 10000)
    before = receipt_of(clinic, sold.payment_id)
    redeem(clinic, sold.codes[0], 4000)
    assert receipt_of(clinic, sold.payment_id) == before


def test_a_voided_sale_says_that_it_was_taken_back(clinic: Clinic) -> None:
    sold = sell(clinic, 10000)
    void_payment(
        VoidPayment(
            practice_id=clinic.practice.pk,
            key="void",
            by=SYSTEM,
            payment_id=sold.payment_id,
            reason="Never came",
        ),
        NOW,
    )
    facts = receipt_of(clinic, sold.payment_id)
    end = Voucher.objects.get().code[-4:]
    assert [(row.text, row.amount.minor) for row in facts.elsewhere] == [
        (f"Gift voucher ••••-••••-{end}", 10000),
        (f"Gift voucher ••••-••••-{end} taken back", -10000),
    ]
    assert receipt_pdf(clinic.practice.pk, sold.payment_id)[1].startswith(b"%PDF")
    assert_books_straight(clinic.practice)
