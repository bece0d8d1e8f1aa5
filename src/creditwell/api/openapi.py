"""The OpenAPI document: what ninja makes of the routes, and what is true of all of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from creditwell.api.answers import PDF, Pdf
from creditwell.api.errors import NotJson, TooManyRequests, Unauthorized, UnknownField
from creditwell.api.routes import ROUTES, described
from creditwell.api.v1.api import api
from creditwell.kernel.errors import Invalid
from creditwell.tenancy.access import Forbidden

EVERYWHERE = (Unauthorized, Forbidden, TooManyRequests, NotJson, Invalid, UnknownField)
ABOUT = """
Everything a clinic does with money, for programs.

Send an API key with each request: `Authorization: Bearer cw_…`. Amounts are whole numbers in minor
units of the practice's currency, days are `2026-11-24` in the practice's time zone, moments are in
UTC. Lists are by id, oldest first: send `next_cursor` back as `cursor`.

Every failure is `{"error": {"type", "code", "message", "param"}}`. Besides what each route names,
all of them may answer:

"""
KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Makes this request one act: sent again with the same key and body, it answers "
    "as before and does nothing. Send a new UUID with each act that moves money.",
}


@cache
def document() -> dict[str, Any]:
    """The whole document, made once."""
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="")))
    made["info"]["description"] = ABOUT.strip() + "\n\n" + "\n".join(map(described, EVERYWHERE))
    made["servers"] = [{"url": "/api/v1"}]
    schemes = made["components"]["securitySchemes"]
    schemes["ApiKey"] = schemes.pop("KeyAuth")
    unused = {name for name in made["components"]["schemas"] if name.endswith("Filters")}
    for name in unused | {"AsOf", "Page", "ArchivedToo"}:
        made["components"]["schemas"].pop(name, None)
    for route in ROUTES:
        operation = made["paths"][route.path][route.method.lower()]
        operation["security"] = [{"ApiKey": []}]
        if route.returns is Pdf:
            file = {"schema": {"type": "string", "format": "binary"}}
            operation["responses"][str(route.status)]["content"] = {PDF: file}
        if route.method != "GET":
            operation["parameters"].append(KEY)
    return made


@cache
def as_text() -> str:
    """As it is served, and as tests/api/openapi.json keeps it."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
