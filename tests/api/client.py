"""A program that asks the API, and holds every answer against what its route promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client
from pydantic import TypeAdapter

from creditwell.api.answers import PDF, Pdf
from creditwell.api.errors import Failure
from creditwell.api.routes import ROUTES, Route
from creditwell.tenancy.access import hash_secret
from creditwell.tenancy.models import ApiKey, Practice, User
from creditwell.tenancy.permissions import SCOPES
from creditwell.tenancy.tokens import api_token
from tests.factories import NOW, make_user


def make_key(
    practice: Practice,
    scopes: list[str] | None = None,
    *,
    by: User | None = None,
    name: str = "Key",
) -> str:
    """A new API key of the practice, with all scopes unless told; returns its token."""
    user = by or make_user()
    token = api_token(practice_id=practice.pk, user_id=user.pk, key=name)
    ApiKey.objects.create(
        practice=practice,
        name=name,
        prefix=token.prefix,
        secret_hash=hash_secret(token.secret),
        scopes=sorted(SCOPES) if scopes is None else scopes,
        created_by=user,
        last_used_on=NOW.date().replace(year=2100),
    )
    return token.text


@contextmanager
def foreign_keys_at_once() -> Iterator[None]:
    """Hold foreign keys against each statement, as a commit would: tests never commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(conname), ', ') FROM pg_constraint "
            "WHERE contype = 'f' AND condeferrable AND connamespace = 'public'::regnamespace"
        )
        names = cursor.fetchone()[0]
        cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE")
        yield
        cursor.execute(f"SET CONSTRAINTS {names} DEFERRED")


class Program:
    """Asks under one API key. Each method returns (status, body)."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=True)
        self.token = token

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        return self._ask("GET", path, data=query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> tuple[int, Any]:
        return self._ask("POST", path, body=body, key=key)

    def put(self, path: str, body: Any, *, key: str = "") -> tuple[int, Any]:
        return self._ask("PUT", path, body=body, key=key)

    def delete(self, path: str, *, key: str = "") -> tuple[int, Any]:
        return self._ask("DELETE", path, key=key)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return self._ask(method, path, body=body)

    def _ask(
        self, method: str, path: str, *, data: Any = None, body: Any = None, key: str = ""
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        content = "" if body is None else DjangoJSONEncoder().encode(body)
        response = self.client.generic(
            method,
            f"/api/v1{path}",
            content,
            content_type="application/json",
            headers=headers,
            query_params=data,
        )
        match = response.wsgi_request.resolver_match
        if response["Content-Type"] == PDF:
            route = route_of(method, match.route)
            assert route.returns is Pdf
            return response.status_code, response.content
        answer = response.json()
        check(answer, response.status_code, route_of(method, match.route) if match else None)
        return response.status_code, answer


@cache
def route_of(method: str, django_route: str) -> Route | None:
    """The route of ours behind an address."""
    for route in ROUTES:
        spelled = "api/v1" + route.path.replace("{", "<").replace("}", ">")
        if route.method == method and spelled == django_route:
            return route
    return None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def check(answer: Any, status: int, route: Route | None) -> None:
    """The answer has the promised shape to the field, and the promised status or code."""
    if status < 400:
        assert route is not None
        assert status == route.status
        adapter = _adapter(route.returns)
    else:
        adapter = _adapter(Failure)
        code = answer["error"]["code"]
        if route is not None and status in {404, 409, 422} and code not in EVERYWHERE:
            assert code in {kind.code for kind in route.refuses}, (route.path, code)
    assert adapter.dump_python(adapter.validate_python(answer), mode="json") == answer


EVERYWHERE = {"invalid", "unknown_field", "wrong_currency", "wrong_cursor", "wrong_idempotency_key"}
