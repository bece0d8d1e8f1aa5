"""A log line says enough to mend a defect, and nothing about a patient."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from creditwell.config.logs import logging_settings
from creditwell.config.urls import urlpatterns as real_urls

NAME, SECRET = "Wilhelmina Featherstone", "sk_live_do_not_tell"

handler404 = "creditwell.web.door.errors.not_found"
handler500 = "creditwell.web.door.errors.server_error"


def breaks_here(request: HttpRequest, number: int) -> HttpResponse:
    patient = request.POST["patient"]
    raise ValueError(f"cannot make sense of {patient} with {SECRET}")


def breaks_in_the_database(request: HttpRequest, number: int) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::integer", [request.POST["patient"]])
    return HttpResponse()


urlpatterns = [
    path("breaks/<int:number>/", breaks_here),
    path("database/<int:number>/", breaks_in_the_database),
    path("api/breaks/<int:number>/", breaks_here),
    *real_urls,
]


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Everything that the production's log handler writes."""
    config = logging_settings({"CREDITWELL_LOG_LEVEL": "DEBUG"}, terminal=False)["formatters"]
    formatter = config["structured"].copy()
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter.pop("()")(**formatter))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.urls("tests.platform.test_logs")
@pytest.mark.parametrize("address", ["/breaks/7/", "/database/7/", "/api/breaks/7/"])
def test_a_failing_request_tells_no_name_and_no_secret(written: StringIO, address: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post(f"{address}?q={NAME}", {"patient": NAME, "password": SECRET})

    assert answer.status_code == 500
    text = written.getvalue()
    for private in ("Wilhelmina", "Featherstone", SECRET, "q="):
        assert private not in text
    lines = [json.loads(line) for line in text.splitlines()]
    line = next(line for line in lines if line["event"] == "request")
    assert line["route"] == address.strip("/").replace("7", "<int:number>") + "/"
    assert (line["method"], line["status"], line["practice"]) == ("POST", 500, None)
    failure = next(line for line in lines if "error" in line)
    assert any("test_logs.py" in place for place in failure["at"])
    assert failure["request_id"] == line["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.django_db
def test_a_request_id_from_the_proxy_is_kept_and_a_strange_one_is_not() -> None:
    client = Client()
    kept = client.get("/healthz", headers={"X-Request-ID": "3f0c9a1e-77aa"})
    strange = client.get("/healthz", headers={"X-Request-ID": "Jane Doe; DROP"})
    assert kept.headers["X-Request-ID"] == "3f0c9a1e-77aa"
    assert "Jane" not in strange.headers["X-Request-ID"]


@pytest.mark.django_db
def test_alive_and_ready_are_two_questions() -> None:
    client = Client()
    assert client.get("/healthz").json() == {"status": "ok"}
    without_worker = client.get("/readyz")
    assert without_worker.status_code == 503
    assert without_worker.json()["checks"] == {
        "database": True,
        "migrations": True,
        "worker": False,
    }
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert client.get("/readyz").status_code == 200
