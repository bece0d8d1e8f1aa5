"""Before a refund is saved its page says what cash will really be handed over, to the coin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from creditwell.payments.models import (
    Payment,
    PaymentPart,
    Refund,
    RefundPart,
    RefundRequest,
    Voucher,
)
from creditwell.usecases.take_payment import PartInput
from tests.acts import new_key, pay
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.packages.acts import use
from tests.payments.test_gifts import give
from tests.sold import make_product, make_visit_type, sell
from tests.vouchers import sell_one

pytestmark = pytest.mark.django_db(transaction=True)
DOWN = "rounded down to the smallest coin"
ALL = "all the coins that came in go back"


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    cast.clinic.practice.cash_rounding_minor = 5
    cast.clinic.practice.save()
    return cast


@pytest.fixture
def alice(client: Client, cast: Cast) -> Client:
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def in_cash(cast: Cast, minor: int, **fields: Any) -> PaymentPart:
    parts = (PartInput(source_id=cast.clinic.cash.pk, amount_minor=minor),)
    taken = pay(cast.clinic, minor, parts=parts, now=timezone.now(), **fields)
    return PaymentPart.objects.get(payment_id=taken.payment_id)


def left_the_till() -> int:
    return sum(RefundPart.objects.values_list("amount_minor", flat=True))


@pytest.mark.parametrize(
    ("came", "minor", "text", "till", "why"),
    [
        (10000, 4998, "Hand over $49.95 in cash for $49.98 of credit", 4995, DOWN),
        (998, 998, "Hand over $10.00 in cash for $9.98 of credit", 1000, ALL),
        (10000, 5000, "", 5000, ""),
    ],
)
def test_of_credit(
    alice: Client, cast: Cast, came: int, minor: int, text: str, till: int, why: str
) -> None:
    part = in_cash(cast, came)
    form = {
        "patient": cast.clinic.patient.pk,
        f"part-{part.pk}": f"{minor / 100:.2f}",
        "reason": "Moves away",
        "key": new_key(),
    }
    for path, more in (("sums", {}), ("new", {"show": "1"})):
        page = alice.post(f"/payments/refunds/{path}/", {**form, **more}).content.decode()
        assert text in page
        assert why in page
        assert ("Hand over" in page) == bool(text)
    assert not Refund.objects.exists()
    assert alice.post("/payments/refunds/new/", form).status_code == 302
    assert left_the_till() == till
    assert_books_straight(cast.clinic.practice)


def test_of_an_opening_balance_by_the_source_that_is_chosen(alice: Client, cast: Cast) -> None:
    given = give(cast.clinic, 4998, kind="opening")
    form = {
        "patient": cast.clinic.patient.pk,
        f"lot-{given.lot_id}-0": "49.98",
        f"source-{given.lot_id}": str(cast.clinic.cash.pk),
        "reason": "Moves away",
        "key": new_key(),
    }
    page = alice.post("/payments/refunds/sums/", form).content.decode()
    assert "Hand over $49.95 in cash for $49.98 of credit" in page
    by_card = {**form, f"source-{given.lot_id}": str(cast.clinic.card.pk)}
    assert "Hand over" not in alice.post("/payments/refunds/sums/", by_card).content.decode()
    assert alice.post("/payments/refunds/new/", form).status_code == 302
    assert left_the_till() == 4995
    assert_books_straight(cast.clinic.practice)


def test_of_a_request_when_it_is_approved(client: Client, cast: Cast) -> None:
    part = in_cash(cast, 10000)
    cast.clinic.practice.receptionist_refunds_up_to_minor = 0
    cast.clinic.practice.save()
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(cast.bob, backend=backend)
    form = {
        "patient": cast.clinic.patient.pk,
        f"part-{part.pk}": "49.98",
        "reason": "Moves away",
        "key": new_key(),
    }
    page = client.post("/payments/refunds/sums/", form).content.decode()
    assert "Hand over" not in page, "nothing is handed over before somebody approved it"
    client.post("/payments/refunds/new/", form)
    url = f"/payments/refunds/requests/{RefundRequest.objects.get().pk}/"
    client.force_login(cast.alice, backend=backend)
    assert "Hand over $49.95 in cash for $49.98" in client.get(url).content.decode()
    client.post(f"{url}approve/", {"key": new_key()})
    assert left_the_till() == 4995
    assert "Hand over" not in client.get(url).content.decode(), "it was handed over"
    assert_books_straight(cast.clinic.practice)


def test_of_a_package(alice: Client, cast: Cast) -> None:
    kind = make_visit_type(cast.clinic)
    package = sell(cast.clinic, make_product(cast.clinic, kind, price_minor=10001, units=3))
    in_cash(cast, 10001, pay=((package.line.invoice_id, 10001),))
    use(cast.clinic, kind, 1)
    url = f"/packages/{package.pk}/refund/"
    page = alice.get(url)
    outcome = page.context["page"].outcome
    assert outcome.cash.rounding
    shown = page.content.decode()
    assert DOWN in shown
    assert "Of it cash rounding" in shown
    (way,) = outcome.ways
    assert way.amount - outcome.cash.rounding == outcome.back, "the figures add up"
    sent = {"into": "refund", "what": "all", "method": "pro_rata", "fee": "", "reason": "Away"}
    alice.post(url, {**sent, "key": new_key(), "do": "save", "seen": outcome.back.minor})
    assert left_the_till() == way.amount.minor
    assert_books_straight(cast.clinic.practice)


def test_of_a_voucher(alice: Client, cast: Cast) -> None:
    parts = (PartInput(source_id=cast.clinic.cash.pk, amount_minor=998),)
    voucher: Voucher = sell_one(cast.clinic, 998, parts=parts, now=timezone.now())
    url = f"/payments/vouchers/{voucher.pk}/"
    assert "Hand over $10.00 in cash for $9.98 of credit" in alice.get(url).content.decode()
    alice.post(f"{url}refund/", {"key": new_key(), "reason": "Not wanted"})
    assert left_the_till() == Payment.objects.get().parts.get().amount_minor == 1000
    assert "Hand over" not in alice.get(url).content.decode()
    assert_books_straight(cast.clinic.practice)
