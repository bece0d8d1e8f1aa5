"""Two tabs change the same thing: what one wrote is not lost when the other is saved."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from creditwell.catalog.models import Item
from creditwell.people.models import Patient
from creditwell.tenancy.models import Practice
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(text: str) -> dict[str, str]:
    """What a browser would send from the main form of a page."""
    inner = text[text.index("data-main") :]
    inner = inner[: inner.index("</form>")]
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", inner):
        name = re.search(r'\bname="([^"]*)"', tag)
        value = re.search(r'\bvalue="([^"]*)"', tag)
        ticks = 'type="checkbox"' in tag or 'type="radio"' in tag
        if name and not (ticks and " checked" not in tag):
            fields[name.group(1)] = unescape(value.group(1)) if value else "on" if ticks else ""
    for name, inside in re.findall(
        r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', inner, re.S
    ):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        first = re.search(r'value="([^"]*)"', inside)
        fields[name] = chosen.group(1) if chosen else first.group(1) if first else ""
    for name, inside in re.findall(
        r'<textarea\b[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', inner, re.S
    ):
        # A browser takes the first line break away and sends the others as two characters.
        fields[name] = unescape(inside).removeprefix("\n").replace("\n", "\r\n")
    return fields


def opened(desk: Client, url: str) -> dict[str, str]:
    return form_of(desk.get(url).content.decode())


def patient_of(cast: Cast, **fields: Any) -> Patient:
    patient = cast.clinic.patient
    Patient.objects.filter(pk=patient.pk).update(**fields)
    return patient


def test_what_only_the_other_tab_changed_stays(desk: Client, cast: Cast) -> None:
    patient = patient_of(cast, notes="Prefers mornings.\nBrings a dog.")
    url = f"/patients/{patient.pk}/edit/"
    first, second = opened(desk, url), opened(desk, url)
    assert desk.post(url, {**first, "preferred_name": "Lee"}).status_code == 302
    assert desk.post(url, {**second, "alert": "Allergic to latex"}).status_code == 302
    patient.refresh_from_db()
    assert (patient.preferred_name, patient.alert) == ("Lee", "Allergic to latex")
    assert patient.notes.splitlines() == ["Prefers mornings.", "Brings a dog."]


def test_what_both_changed_is_asked_once(desk: Client, cast: Cast) -> None:
    patient = patient_of(cast, alert="")
    url = f"/patients/{patient.pk}/edit/"
    first, second = opened(desk, url), opened(desk, url)
    desk.post(url, {**first, "alert": "Allergic to nuts", "pronouns": "they"})
    refused = desk.post(url, {**second, "alert": "Allergic to latex"})
    assert refused.status_code == 422
    text = unescape(refused.content.decode())
    assert "Somebody has changed this to “Allergic to nuts” since you opened the page." in text
    patient.refresh_from_db()
    assert patient.alert == "Allergic to nuts"
    again = form_of(refused.content.decode())
    assert again["alert"] == "Allergic to latex"
    assert desk.post(url, again).status_code == 302
    patient.refresh_from_db()
    assert (patient.alert, patient.pronouns) == ("Allergic to latex", "they")


def test_what_the_other_tab_emptied_is_asked_for_too(desk: Client, cast: Cast) -> None:
    patient = patient_of(cast, alert="Allergic to nuts")
    url = f"/patients/{patient.pk}/edit/"
    first, second = opened(desk, url), opened(desk, url)
    desk.post(url, {**first, "alert": ""})
    refused = desk.post(url, {**second, "alert": "Allergic to latex"})
    assert "Somebody has emptied this since you opened the page." in refused.content.decode()


def test_a_price_is_compared_as_it_is_written(desk: Client, cast: Cast) -> None:
    item = cast.clinic.item
    url = f"/items/{item.pk}/"
    first, second = opened(desk, url), opened(desk, url)
    assert desk.post(url, {**first, "price": "1,140"}).status_code == 302
    assert desk.post(url, {**second, "code": "STD"}).status_code == 302
    assert Item.objects.values_list("price_minor", "code").get(pk=item.pk) == (114000, "STD")
    third = desk.post(url, {**second, "price": "95"})
    assert "changed this to “1,140.00”" in unescape(third.content.decode())


def test_settings_are_compared_too(desk: Client, cast: Cast) -> None:
    url = "/settings/general/"
    first, second = opened(desk, url), opened(desk, url)
    assert desk.post(url, {**first, "name": "Harbour"}).status_code == 302
    assert desk.post(url, {**second, "tax_number": "51 824 753 556"}).status_code == 302
    practice = Practice.objects.get(pk=cast.clinic.practice.pk)
    assert (practice.name, practice.tax_number) == ("Harbour", "51 824 753 556")


def test_the_rules_of_credit_are_compared_too(desk: Client, cast: Cast) -> None:
    url = "/settings/credit/"
    first, second = opened(desk, url), opened(desk, url)
    sent = {**first, "credit_lasts_months": "36", "low_credit": "50"}
    assert desk.post(url, sent).status_code == 302
    assert desk.post(url, {**second, "goodwill_lasts_months": "6"}).status_code == 302
    practice = Practice.objects.get(pk=cast.clinic.practice.pk)
    assert (practice.credit_lasts_months, practice.goodwill_lasts_months) == (36, 6)
    assert practice.low_credit_minor == 5000
    refused = desk.post(url, {**second, "low_credit": "60"})
    assert "changed this to “50.00”" in unescape(refused.content.decode())


def test_a_practitioner_is_compared_too(desk: Client, cast: Cast) -> None:
    practitioner = cast.clinic.practitioner
    url = f"/settings/practitioners/{practitioner.pk}/"
    first, second = opened(desk, url), opened(desk, url)
    assert desk.post(url, {**first, "provider_number": "4123456A"}).status_code == 302
    assert desk.post(url, {**second, "profession": "Physiotherapist"}).status_code == 302
    practitioner.refresh_from_db()
    assert practitioner.provider_number == "4123456A"
    assert practitioner.profession == "Physiotherapist"
    refused = desk.post(url, {**second, "provider_number": "9999999Z"})
    assert "changed this to “4123456A”" in unescape(refused.content.decode())
