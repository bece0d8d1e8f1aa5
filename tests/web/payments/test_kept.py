"""Away from the payment form and back: what was typed is there, each form for its own patient."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from creditwell.payments.models import Payment, Voucher
from creditwell.payments.rules_voucher import shown
from tests.acts import invoice, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import make_patient
from tests.vouchers import sell_one
from tests.web.payments.test_taking import form_of, opened

pytestmark = pytest.mark.django_db(transaction=True)

REDEEM = "/payments/vouchers/redeem/"


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def voucher(cast: Cast) -> Voucher:
    return sell_one(cast.clinic)


def leave(desk: Client, form: dict[str, str]) -> str:
    gone = desk.post("/payments/new/", {**form, "redeem-voucher": "1"})
    assert gone.status_code == 302
    return gone.headers["Location"]


def redeemed(desk: Client, url: str, voucher: Voucher, **fields: object) -> str:
    """Fill in the page of the voucher as a browser would, and go where it leads."""
    page = desk.get(url).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    form = {**hidden, "code": shown(voucher.code), "amount": "100", **fields}
    return desk.post(REDEEM, {**form, "redeem": "1"}).headers["Location"]


@pytest.mark.parametrize("does", ["redeems", "cancels"])
def test_a_voucher_is_redeemed_without_losing_what_was_typed(
    desk: Client, cast: Cast, voucher: Voucher, does: str
) -> None:
    clinic = cast.clinic
    bill, other = invoice(clinic), invoice(clinic)
    patient_id = clinic.patient.pk
    before = Payment.objects.count()
    form = opened(desk, f"?patient={patient_id}&invoice={bill.invoice_id}")
    typed = {
        **form,
        "amount-0": "30.50",
        "reference-0": "Till 2",
        "note": "Gift of her sister",
        "received_on": "2026-11-20",
        "email": "1",
        "order": "newest",
        "was-order": "newest",
        f"pay-{other.invoice_id}": "30.50",
        f"pay-{bill.invoice_id}": "",
    }
    away = leave(desk, typed)
    assert away == f"{REDEEM}?patient={patient_id}&back=payment"
    back = (
        redeemed(desk, away, voucher)
        if does == "redeems"
        else desk.get(away).context["page"].cancel_url
    )
    page = desk.get(back)
    again = form_of(page.content.decode())
    for name in ("amount-0", "reference-0", "note", "received_on", "order", "invoice"):
        assert again[name] == typed[name], name
    assert again[f"pay-{other.invoice_id}"] == "30.50"
    assert again[f"pay-{bill.invoice_id}"] == ""
    assert page.context["page"].typed.email
    assert again["key"] != typed["key"]
    fresh = 10000 if does == "redeems" else 0
    assert page.context["sheet"].credit_before.minor == fresh
    assert (Payment.objects.count(), standing(clinic).credit_minor) == (before, fresh)
    # Given back once: the next payment begins empty.
    assert opened(desk, back.removeprefix("/payments/new/"))["note"] == ""
    assert_books_straight(clinic.practice)


def test_what_we_wrote_is_shared_out_anew_with_the_fresh_credit(
    desk: Client, cast: Cast, voucher: Voucher
) -> None:
    bill = invoice(cast.clinic, 12000)
    form = opened(desk, f"?patient={cast.clinic.patient.pk}")
    summed = desk.post("/payments/sheet/", {**form, "amount-0": "20", "show": "1"})
    form = form_of(f'<form id="pay">{summed.content.decode()}</form>')
    assert form[f"pay-{bill.invoice_id}"] == "20.00"
    back = redeemed(desk, leave(desk, {**form, "key": "k"}), voucher)
    again = form_of(desk.get(back).content.decode())
    assert (again["amount-0"], again[f"credit-{bill.invoice_id}"]) == ("20", "100.00")
    saved = desk.post("/payments/new/", again)
    assert saved.status_code == 302
    assert (standing(cast.clinic).owing_minor, standing(cast.clinic).credit_minor) == (0, 0)
    assert_books_straight(cast.clinic.practice)


def test_redeemed_for_somebody_else_the_payment_that_waits_is_there(
    desk: Client, cast: Cast, voucher: Voucher
) -> None:
    other = make_patient(practice=cast.clinic.practice)
    form = opened(desk, f"?patient={cast.clinic.patient.pk}")
    away = leave(desk, {**form, "note": "Hers"})
    back = redeemed(desk, away, voucher, patient=other.pk)
    again = form_of(desk.get(back).content.decode())
    assert (again["patient"], again["note"]) == (str(cast.clinic.patient.pk), "Hers")
    assert standing(cast.clinic).credit_minor == 0
    assert_books_straight(cast.clinic.practice)


def test_each_patient_of_a_busy_desk_has_a_form_of_their_own(
    desk: Client, cast: Cast, voucher: Voucher
) -> None:
    mine, theirs = cast.clinic.patient, make_patient(practice=cast.clinic.practice)
    for patient, note in ((mine, "Mine"), (theirs, "Theirs")):
        leave(desk, {**opened(desk, f"?patient={patient.pk}"), "note": note})
    stranger = make_patient(practice=cast.clinic.practice)
    assert opened(desk, f"?patient={stranger.pk}&kept=1")["note"] == ""
    assert opened(desk, f"?patient={mine.pk}&kept=1")["note"] == "Mine"
    assert opened(desk, f"?patient={theirs.pk}&kept=1")["note"] == "Theirs"


def test_what_is_only_looked_at_opens_beside_the_form(desk: Client, cast: Cast) -> None:
    pay(cast.clinic, 1000)
    bill = invoice(cast.clinic)
    text = desk.get(f"/payments/new/?patient={cast.clinic.patient.pk}").content.decode()
    form = text[text.index('<form id="pay"') : text.index("</form>", text.index('<form id="pay"'))]
    links = re.findall(r"<a\b[^>]*>", form)
    assert len(links) == 3
    for address in (f"/invoices/{bill.invoice_id}/", f"/patients/{cast.clinic.patient.pk}/"):
        assert any(f'href="{address}" target="_blank"' in link for link in links), address
    assert sum("_blank" not in link for link in links) == 1, "Cancel alone leaves"
