"""
Somebody else's ids in what a page sends, not only in its address.

Each field of a form that names a thing is sent with the id that this thing has in Charlie's clinic,
one field at a time, all others as the form has them: nothing of Charlie's is shown, nothing of it
changes, nothing comes to point there, and nothing breaks.
"""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from creditwell.kernel.keys import is_practice_table
from creditwell.people.models import Patient, Payer
from creditwell.tenancy.permissions import Role
from tests.doors.test_pages import GUARDED, Door, Worlds, undone
from tests.doors.test_pages import worlds as worlds  # a fixture
from tests.doors.world import FOREIGN, OWN

pytestmark = pytest.mark.django_db

NAME = "Zzyzxa"  # of Charlie's patient and of nobody else
TAG = re.compile(r"<(input|select|textarea|button)\b([^>]*)>", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
IDS = re.compile(r"(patient|invoice|payment|payer|contact|attendee|location|practitioner|item)s?$")
# What views read without a form of the page that shows it (a picker, a part of a page, a script).
ALWAYS = {
    "patient",
    "invoice",
    "payment",
    "location",
    "practitioner",
    "keep",
    "same_as",
    "source-0",
    "item-0",
    "lines-0-item",
    "bill_to",
}
AMOUNTS = {"part", "pay", "credit", "line"}  # `pay-7` is an amount for the invoice 7
TABLES = [
    model._meta.db_table
    for model in apps.get_models()
    if model.__module__.startswith("creditwell.") and is_practice_table(model)
]


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of all forms of a page; empty texts are filled in."""
    found: dict[str, str] = {}
    for match in TAG.finditer(html):
        kind, attributes = match[1], dict(ATTRIBUTE.findall(match[2]))
        name = attributes.get("name", "")
        if not name or kind == "button" or name == "csrfmiddlewaretoken":
            continue
        value = unescape(attributes.get("value", ""))
        if kind == "select":
            options = html[match.end() : html.find("</select>", match.end())]
            values = re.findall(r'<option[^>]*\bvalue="([^"]*)"', options)
            value = next((one for one in values if one), "")
        found.setdefault(name, value or "7")
    return found


def asked_for(fields: dict[str, str]) -> list[dict[str, str]]:
    """The fields, with one id at a time turned into Charlie's; of rows alike only the first."""
    swapped, seen = [], set()
    for name, value in fields.items():
        stem, _dash, rest = name.rpartition("-")
        alike = re.sub(r"\d+", "0", name)
        if alike in seen:
            continue
        seen.add(alike)
        if (value.isdecimal() and OWN <= int(value) < FOREIGN) or IDS.search(name):
            swapped.append({**fields, name: str(FOREIGN)})
        elif stem in AMOUNTS and rest.isdecimal():
            swapped.append({**fields, f"{stem}-{FOREIGN}": "1.00"})
    rest_of_them = dict.fromkeys(ALWAYS - fields.keys(), str(FOREIGN))
    return [*swapped, {**fields, **rest_of_them}]


def everything_of(practice_id: int) -> str:
    """All rows of a practice, in short."""
    parts = [
        f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t.id), '')) AS rows "
        f"FROM {table} t WHERE t.practice_id = {practice_id}"
        for table in TABLES
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(rows, ',') FROM ({' UNION ALL '.join(parts)}) x")
        return str(cursor.fetchone()[0])


def hold_keys_against_the_rows() -> None:
    """As a commit would: raises if anything points at what is not of its practice."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.name)
def test_somebody_else_s_ids_in_a_form_are_not_there(door: Door, worlds: Worlds) -> None:
    client = Client()
    client.force_login(worlds.staff[Role.OWNER])
    theirs = worlds.foreign.practice.pk
    with undone():
        Patient.objects.filter(practice_id=theirs).update(first_name=NAME, last_name=NAME)
        Payer.objects.filter(practice_id=theirs).update(name=f"{NAME} {NAME}")
        before = everything_of(theirs)
        page = client.get(door.url(OWN)).content.decode(errors="ignore")
        for sent in asked_for(fields_of(page)):
            answer = client.post(door.url(OWN), sent)
            assert answer.status_code < 500, sent
            assert NAME not in answer.content.decode(errors="ignore"), sent
        for name in ("patient", "invoice", "payment"):
            assert NAME not in client.get(door.url(OWN), {name: FOREIGN}).content.decode(
                errors="ignore"
            ), name
        hold_keys_against_the_rows()
        assert everything_of(theirs) == before


def test_the_proof_can_fail(worlds: Worlds) -> None:
    """The rows are really looked at, and the name is really there for its own people."""
    theirs = worlds.foreign.practice.pk
    with undone():
        before = everything_of(theirs)
        Patient.objects.filter(practice_id=theirs).update(first_name=NAME, last_name=NAME)
        assert everything_of(theirs) != before
        client = Client()
        client.force_login(worlds.stranger)
        assert NAME in client.get(f"/patients/{FOREIGN}/").content.decode()
    fields = {"patient": str(OWN), "pay-12": "", "note": "7"}
    assert {"patient": str(FOREIGN), "pay-12": "", "note": "7"} in asked_for(fields)
    assert {**fields, f"pay-{FOREIGN}": "1.00"} in asked_for(fields)
