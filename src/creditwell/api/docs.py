"""The document for programs, and the page for the people who write them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from creditwell.api.openapi import EVERYWHERE, KEY, as_text, document
from creditwell.api.routes import ROUTES, Route, meaning_of
from creditwell.kernel.errors import Refusal
from creditwell.tenancy.permissions import SCOPES


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field of a body, a query or an answer."""

    name: str
    kind: str
    about: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class RefusalFacts:
    code: str
    status: int
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """A route as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    about: list[str]
    scopes: list[str]
    query: list[FieldFacts]
    body: list[FieldFacts]
    answers: list[FieldFacts]
    answer: str
    status: int
    refusals: list[RefusalFacts]


@dataclass(frozen=True, slots=True)
class Group:
    """The routes about one kind of thing."""

    name: str
    anchor: str
    routes: list[RouteFacts]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document; it tells nothing of any practice, so it needs no key."""
    return HttpResponse(as_text(), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same as a page of ours: made by the server, without scripts from elsewhere."""
    shapes = document()["components"]["schemas"]
    context = {
        "groups": groups(),
        "shapes": [(name, _fields(shape)) for name, shape in sorted(shapes.items())],
        "everywhere": [_refusal(kind) for kind in EVERYWHERE],
        "idempotency": KEY["description"],
    }
    return render(request, "api/docs.html", context)


@cache
def groups() -> list[Group]:
    """All routes by their tag, in the order in which they are declared."""
    found: dict[str, list[RouteFacts]] = {}
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            route = next(r for r in ROUTES if (r.path, r.method) == (path, method.upper()))
            found.setdefault(operation["tags"][0], []).append(_route(route, operation))
    return [Group(name, name.lower().replace(" ", "-"), routes) for name, routes in found.items()]


def _route(route: Route, operation: dict[str, Any]) -> RouteFacts:
    about = operation.get("description", "").split("\n\nScope:")[0].split("Scope:")[0]
    (content,) = operation["responses"][str(route.status)]["content"].values()
    answer = content["schema"]
    query = [p for p in operation["parameters"] if p["in"] == "query"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return RouteFacts(
        name=route.name,
        method=route.method,
        path=route.path,
        summary=operation["summary"],
        about=[part for part in about.split("\n\n") if part],
        scopes=sorted(name for name, allows in SCOPES.items() if route.needs in allows),
        query=[
            FieldFacts(p["name"], _kind(p["schema"]), p.get("description", ""), p["required"])
            for p in query
        ],
        body=_fields(_resolved(body.get("schema", {}))),
        answers=_fields(_resolved(answer)),
        answer=_kind(answer),
        status=route.status,
        refusals=[_refusal(kind) for kind in route.refuses],
    )


def _refusal(kind: type[Refusal]) -> RefusalFacts:
    return RefusalFacts(kind.code, kind.status, meaning_of(kind))


def _fields(shape: dict[str, Any]) -> list[FieldFacts]:
    required = set(shape.get("required", ()))
    return [
        FieldFacts(name, _kind(field), field.get("description", ""), name in required)
        for name, field in shape.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    shapes: dict[str, dict[str, Any]] = document()["components"]["schemas"]
    return shapes.get(name, schema)


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a word or two: integer, text, list of LineIn, day or nothing."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    named = {"date": "day", "date-time": "moment", "binary": "PDF"}
    plain = {"string": "text", "boolean": "true or false", "null": "null"}
    kind = str(schema.get("type", "any"))
    return named.get(schema.get("format", ""), plain.get(kind, kind))
