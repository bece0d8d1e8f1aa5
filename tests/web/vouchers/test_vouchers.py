"""Pages of gift vouchers: sold, shown, redeemed, disabled, refunded."""

from __future__ import annotations

import pytest
from django.test import Client

from creditwell.payments.models import Payment, Refund, RefundRequest, Transfer, Voucher
from creditwell.payments.rules_voucher import new_code, shown
from creditwell.people.models import Contact, Payer
from creditwell.tenancy.models import Practice
from creditwell.tenancy.permissions import Role
from tests.acts import standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_member
from tests.vouchers import left_of, redeem, sell, sell_one

pytestmark = pytest.mark.django_db
HERE = "/payments/vouchers/"


def sign_in(client: Client, clinic: Clinic, role: Role = Role.RECEPTIONIST) -> None:
    client.force_login(make_member(practice=clinic.practice, role=role))


def sale(clinic: Clinic, **fields: str | list[str]) -> dict[str, object]:
    return {
        "key": "k1",
        "patient": str(clinic.patient.pk),
        "row": ["0", "1"],
        "value-0": "100",
        "name-0": "Ilona",
        "message-0": "Get well",
        "value-1": "50",
        "source": str(clinic.card.pk),
        **fields,
    }


def test_two_are_sold_in_one_payment(client: Client, clinic: Clinic) -> None:
    sign_in(client, clinic)
    assert "Sell voucher" in client.get(HERE).content.decode()
    form = client.get(f"{HERE}new/?patient={clinic.patient.pk}").content.decode()
    assert "Liam Brennan" in form
    sums = client.post(f"{HERE}sheet/", sale(clinic)).content.decode()
    assert "$150.00" in sums
    saved = client.post(f"{HERE}new/", sale(clinic))
    payment = Payment.objects.get()
    assert saved["Location"] == f"/payments/{payment.pk}/"
    assert client.post(f"{HERE}new/", sale(clinic))["Location"] == saved["Location"]
    first, second = Voucher.objects.order_by("pk")
    assert (first.value_minor, first.recipient_name, second.value_minor) == (10000, "Ilona", 5000)
    receipt = client.get(f"/payments/{payment.pk}/").content.decode()
    assert f'href="{HERE}{first.pk}/"' in receipt
    page = client.get(f"{HERE}{first.pk}/").content.decode()
    assert shown(first.code) in page
    assert "Get well" in page
    assert_books_straight(clinic.practice)


def test_rows_come_and_go_without_a_script(client: Client, clinic: Clinic) -> None:
    sign_in(client, clinic)
    more = client.post(f"{HERE}new/", sale(clinic, **{"add-voucher": "1"})).content.decode()
    assert 'name="value-2"' in more
    less = client.post(f"{HERE}new/", sale(clinic, **{"remove-voucher": "0"})).content.decode()
    assert 'name="value-0"' not in less
    found = sale(clinic, **{"find-patient": "1", "patient": "", "patient-q": "Brennan"})
    assert f'value="{clinic.patient.pk}"' in client.post(f"{HERE}new/", found).content.decode()
    assert not Voucher.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value-1": ""}, "Enter what the voucher is worth"),
        ({"value-1": "0"}, "above zero"),
        ({"value-1": "a lot"}, "value-1"),
        ({"patient": ""}, "Choose who buys"),
        ({"email-1": "nobody"}, "email-1_error"),
        ({"received_on": "2026-11-30"}, "not come yet"),
    ],
)
def test_refused_nothing_typed_is_lost(
    client: Client, clinic: Clinic, fields: dict[str, str], said: str
) -> None:
    sign_in(client, clinic)
    answer = client.post(f"{HERE}new/", sale(clinic, **fields))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'value="Ilona"' in page
    assert not Voucher.objects.exists()
    assert not Payment.objects.exists()


def test_a_contact_buys_and_a_new_patient_does(client: Client, clinic: Clinic) -> None:
    sign_in(client, clinic)
    payer = Payer.objects.create(practice=clinic.practice, name="Harbour Works")
    Contact.objects.create(
        practice=clinic.practice, payer=payer, kind="employer", name="Harbour Works", created_at=NOW
    )
    assert "Harbour Works" in client.get(f"{HERE}new/?payer={payer.pk}").content.decode()
    client.post(f"{HERE}new/", sale(clinic, patient="", payer=str(payer.pk)))
    client.post(f"{HERE}new/", sale(clinic, patient="", key="k2", **{"new-name": "Zora New"}))
    buyers = set(Payment.objects.values_list("payer__name", flat=True))
    assert buyers == {"Harbour Works", "Zora New"}
    assert_books_straight(clinic.practice)


def test_redeemed_by_its_code(client: Client, clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    sign_in(client, clinic)
    menu = client.get(f"/patients/{clinic.patient.pk}/").content.decode()
    assert f"{HERE}redeem/?patient={clinic.patient.pk}" in menu
    form = {"key": "r", "patient": str(clinic.patient.pk), "code": shown(voucher.code).lower()}
    looked = client.post(f"{HERE}redeem/", form).content.decode()
    assert 'value="100.00"' in looked
    much = {**form, "amount": "500", "redeem": "1"}
    refused = client.post(f"{HERE}redeem/", much)
    assert refused.status_code == 422
    assert 'value="500"' in refused.content.decode()
    assert not Transfer.objects.filter(parts__to_lot__payer_id=clinic.patient.payer_id).exists()
    some = {**form, "amount": "40", "redeem": "1"}
    done = client.post(f"{HERE}redeem/", some)
    assert done["Location"] == f"/patients/{clinic.patient.pk}/"
    assert client.post(f"{HERE}redeem/", some)["Location"] == done["Location"]
    assert (left_of(voucher), standing(clinic).credit_minor) == (6000, 4000)
    rest = {**form, "key": "s", "amount": "60", "redeem": "1", "back": "payment"}
    back = client.post(f"{HERE}redeem/", rest)
    assert back["Location"] == f"/payments/new/?patient={clinic.patient.pk}"
    used = client.post(f"{HERE}redeem/", {**form, "key": "t"})
    assert used.status_code == 422
    assert "Nothing is left" in used.content.decode()
    assert_books_straight(clinic.practice)


def test_codes_that_are_not_there(client: Client, clinic: Clinic) -> None:
    theirs = sell_one(make_clinic())
    sign_in(client, clinic)
    for code, said in (
        ("", "Type the code"),
        ("AAAA", "not a voucher code"),
        (new_code(), "no voucher with this code"),
        (theirs.code, "no voucher with this code"),
    ):
        answer = client.post(f"{HERE}redeem/", {"code": code, "patient": clinic.patient.pk})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert client.get(f"{HERE}{theirs.pk}/").status_code == 404


def test_the_list_is_filtered_and_searched(client: Client, clinic: Clinic) -> None:
    first = sell_one(clinic)
    redeem(clinic, first.code)
    second = sell_one(clinic)
    sign_in(client, clinic)
    for query, there, gone in (
        ("?show=used", first, second),
        ("?show=open", second, first),
        (f"?q={shown(second.code)}", second, first),
    ):
        page = client.get(HERE + query).content.decode()
        assert f"{HERE}{there.pk}/" in page
        assert f"{HERE}{gone.pk}/" not in page
    assert "No vouchers here" in client.get(f"{HERE}?q=Zyx").content.decode()


def test_disabled_enabled_refunded(client: Client, clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    page = f"{HERE}{voucher.pk}/"
    sign_in(client, clinic, Role.BOOKKEEPER)
    assert client.post(f"{page}disable/", {"reason": " "}).status_code == 422
    client.post(f"{page}disable/", {"reason": "Lost on the bus", "key": "d"})
    assert "Lost on the bus" in client.get(page).content.decode()
    client.post(f"{page}enable/", {"key": "e"})
    assert "Enabled again" in client.get(page).content.decode()
    assert client.post(f"{page}refund/", {"reason": ""}).status_code == 422
    assert not Refund.objects.exists()
    done = client.post(f"{page}refund/", {"reason": "Not wanted", "key": "r"})
    assert done["Location"] == f"/payments/refunds/{Refund.objects.get().pk}/"
    assert client.get(done["Location"]).status_code == 200
    assert "Refunded by refund 1" in client.get(page).content.decode()
    assert_books_straight(clinic.practice)


def test_above_the_limit_it_is_asked_for(client: Client, clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(refunds_need_two_above_minor=5000)
    voucher = sell_one(clinic)
    sign_in(client, clinic)
    asked = client.post(f"{HERE}{voucher.pk}/refund/", {"reason": "Not wanted", "key": "r"})
    request = RefundRequest.objects.get()
    assert asked["Location"] == f"/payments/refunds/requests/{request.pk}/"
    assert "waits for approval" in client.get(f"{HERE}{voucher.pk}/").content.decode()
    assert client.get("/tasks/").status_code == 200
    client.force_login(make_member(practice=clinic.practice, role=Role.OWNER))
    client.post(f"{asked['Location']}approve/", {"key": "a"})
    assert left_of(voucher) == 0
    assert_books_straight(clinic.practice)


def test_a_voucher_is_nobody_who_is_looked_for(client: Client, clinic: Clinic) -> None:
    """No list, search or count of people knows its payer, nor its money as anybody's credit."""
    sell(clinic, 10000, 5000)
    sign_in(client, clinic, Role.OWNER)
    for address in (
        "/patients/",
        "/patients/?q=Voucher",
        "/patients/search/?q=Voucher",
        "/contacts/",
        "/contacts/?q=Voucher",
        "/search/?q=Voucher",
        "/reports/in-credit/",
    ):
        answer = client.get(address)
        assert answer.status_code in (200, 404), address
        assert "Voucher " not in answer.content.decode(), address
    assert standing(clinic).credit_minor == 0
