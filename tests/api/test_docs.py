"""The OpenAPI document and the page made of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from creditwell.api.docs import groups
from creditwell.api.openapi import as_text, document
from creditwell.api.routes import ROUTES
from tests.screens import assert_page_is_sound

KEPT = Path(__file__).with_name("openapi.json")


def test_the_document_changes_only_on_purpose():
    """`make openapi` writes it anew; programs out there rely on what it says."""
    if os.environ.get("CREDITWELL_WRITE_OPENAPI"):
        KEPT.write_text(as_text(), encoding="utf-8")
    assert KEPT.read_text(encoding="utf-8") == as_text(), "run `make openapi` if this is meant"


def test_the_document_is_served_to_anybody(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.json() == json.loads(as_text())
    assert client.post("/api/v1/openapi.json").status_code == 405


def test_every_route_says_what_it_does_and_what_it_refuses():
    for route in ROUTES:
        operation = document()["paths"][route.path][route.method.lower()]
        assert operation["operationId"] == route.name
        assert operation["summary"]
        assert "Scope: `" in operation["description"]
        for kind in route.refuses:
            assert f"`{kind.code}` ({kind.status}): " in operation["description"]
            assert kind.__doc__
        keyed = [p["name"] for p in operation["parameters"] if p["in"] == "header"]
        assert keyed == ([] if route.method == "GET" else ["Idempotency-Key"])
    assert sum(len(group.routes) for group in groups()) == len(ROUTES)


def test_every_reference_leads_somewhere():
    known = set(document()["components"]["schemas"])
    assert set(references(document())) == known


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else []
        return own + [name for value in part.values() for name in references(value)]
    return [name for one in part for name in references(one)] if isinstance(part, list) else []


def test_the_page_needs_no_sign_in_and_has_our_policy(client):
    answer = client.get("/api/v1/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    text = answer.content.decode()
    assert "idempotency_key_reused" in text
    assert all(f'id="{route.name}"' in text for route in ROUTES)


@pytest.mark.browser
def test_the_page_in_a_browser(live_server, page: Page, watch):
    page.goto(f"{live_server.url}/api/v1/docs")
    page.get_by_text("Take a payment").first.click()
    expect(page.locator("#create_payment .api-fields").first).to_be_visible()
    assert_page_is_sound(page, "api-docs")
    assert watch == []
