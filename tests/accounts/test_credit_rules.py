"""The rules of credit: the owner sets them, and the law of the country bounds them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from creditwell.audit.models import Note
from creditwell.kernel.errors import Refusal
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Practice
from creditwell.tenancy.permissions import Role
from creditwell.usecases.set_credit_rules import (
    SetCreditRules,
    ShorterThanLaw,
    set_credit_rules,
)
from creditwell.usecases.update_practice import OutOfRange
from tests.factories import NOW, make_member, make_practice
from tests.refusing import refuses

pytestmark = pytest.mark.django_db

RULES: dict[str, Any] = {
    "credit_lasts_months": 36,
    "voucher_lasts_months": 48,
    "goodwill_lasts_months": 3,
    "expiry_notice_days": 14,
    "expired_credit_into": "unclaimed",
    "low_credit_minor": 5000,
}


def set_rules(practice: Practice, **fields: Any) -> list[str]:
    command = SetCreditRules(practice_id=practice.pk, by=SYSTEM, **{**RULES, **fields})
    return set_credit_rules(command, NOW).changed


def test_the_rules_are_written_and_noted_once() -> None:
    practice = make_practice()
    assert set_rules(practice) == sorted(RULES)
    assert set_rules(practice) == []
    practice.refresh_from_db()
    assert {name: getattr(practice, name) for name in RULES} == RULES
    assert Note.objects.filter(action="set_credit_rules").count() == 1


@pytest.mark.parametrize(
    ("country", "fields", "refusal"),
    [
        ("AU", {"credit_lasts_months": 35}, ShorterThanLaw),
        ("NZ", {"voucher_lasts_months": 35}, ShorterThanLaw),
        ("IE", {"credit_lasts_months": 59}, ShorterThanLaw),
        ("CA", {"credit_lasts_months": 600}, ShorterThanLaw),
        ("AU", {"goodwill_lasts_months": 0}, OutOfRange),
        ("AU", {"credit_lasts_months": 601}, OutOfRange),
        ("AU", {"expiry_notice_days": -1}, OutOfRange),
        ("AU", {"low_credit_minor": 0}, OutOfRange),
    ],
)
def test_what_is_refused(country: str, fields: dict[str, Any], refusal: type[Refusal]) -> None:
    practice = make_practice(country=country)
    with refuses(refusal, Practice) as told:
        set_rules(practice, **fields)
    assert told.value.param in fields


def test_where_no_minimum_is_known_the_practice_decides() -> None:
    practice = make_practice(country="GB", currency="GBP")
    set_rules(practice, credit_lasts_months=1, voucher_lasts_months=None)
    practice.refresh_from_db()
    assert (practice.credit_lasts_months, practice.voucher_lasts_months) == (1, None)


def test_the_page_keeps_what_was_typed_and_says_the_law(client: Client) -> None:
    practice = make_practice()
    client.force_login(make_member(practice=practice, role=Role.OWNER))
    page = client.get("/settings/credit/").content.decode()
    assert "Australian Consumer Law" in page
    typed = {
        "credit_lasts_months": "12",
        "goodwill_lasts_months": "6",
        "expiry_notice_days": "30",
        "expired_credit_into": "breakage",
        "low_credit": "50",
    }
    answer = client.post("/settings/credit/", typed)
    assert answer.status_code == 422
    assert "at least 36 months" in answer.content.decode()
    assert 'value="12"' in answer.content.decode()
    assert client.post("/settings/credit/", {**typed, "credit_lasts_months": ""}).status_code == 302
    practice.refresh_from_db()
    assert practice.credit_lasts_months is None
    assert (practice.goodwill_lasts_months, practice.low_credit_minor) == (6, 5000)
