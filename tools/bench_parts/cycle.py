"""The prepay cycle through the API, as a program would do it: four requests on one connection."""

from __future__ import annotations

import json
import os
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench_parts.measure import measure
from bench_parts.wire import Wire


@dataclass(frozen=True)
class Prepared:
    """What the clients need to know of the clinic."""

    dsn: str
    token: str
    practice_id: int
    payer_ids: list[int]
    patient_ids: list[int]
    item_id: int
    source_id: int


def prepare() -> Prepared:
    """Look the demo clinic up in the database of the server, and make an API key."""
    import django

    from creditwell.config.database import database

    with database() as dsn:  # the server's own, which goes on when we leave
        os.environ["DATABASE_URL"] = dsn
    django.setup()
    return _read(dsn)


def _read(dsn: str) -> Prepared:
    from django.utils import timezone

    from creditwell.catalog.models import Item, PaymentSource
    from creditwell.people.models import Patient
    from creditwell.tenancy.access import Actor
    from creditwell.tenancy.models import Membership
    from creditwell.tenancy.permissions import SCOPES
    from creditwell.tenancy.tokens import api_token
    from creditwell.usecases.create_api_key import CreateApiKey, create_api_key

    owner = Membership.objects.filter(role="owner").earliest("pk")
    token = api_token(practice_id=owner.practice_id, user_id=owner.user_id, key=str(uuid.uuid4()))
    create_api_key(
        CreateApiKey(
            practice_id=owner.practice_id,
            by=Actor(user_id=owner.user_id),
            name="Bench",
            scopes=tuple(SCOPES),
            token=token,
        ),
        timezone.now(),
    )
    patients = Patient.objects.filter(practice_id=owner.practice_id).values_list("pk", "payer_id")
    return Prepared(
        dsn=dsn,
        token=token.text,
        practice_id=owner.practice_id,
        patient_ids=[pk for pk, _payer in patients],
        payer_ids=[payer for _pk, payer in patients],
        item_id=Item.objects.filter(practice_id=owner.practice_id, kind="service")[0].pk,
        source_id=PaymentSource.objects.get(practice_id=owner.practice_id, kind="card").pk,
    )


def make(prepared: Prepared, host: str, seed: int) -> Callable[[], None]:
    wire = Wire(host)
    chance = random.Random(seed)  # noqa: S311
    payers = dict(zip(prepared.patient_ids, prepared.payer_ids, strict=True))

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {prepared.token}"}
        sent = b""
        if body is not None:
            sent = json.dumps(body).encode()
            headers |= {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        status, content = wire.ask(method, f"/api/v1{path}", headers, sent)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {content[:300]!r}")
        return json.loads(content)

    def cycle() -> None:
        patient_id = chance.choice(prepared.patient_ids)
        payer_id = payers[patient_id]
        parts = [{"payment_source_id": prepared.source_id, "amount_minor": 10000}]
        ask("POST", "/payments", {"payer_id": payer_id, "parts": parts, "allocate": []})
        lines = [{"item_id": prepared.item_id, "unit_price_minor": 9000}]
        body = {"patient_id": patient_id, "lines": lines, "issue": True}
        invoice = ask("POST", "/invoices", body)
        use = [{"invoice_id": invoice["id"], "amount_minor": 9000}]
        ask("POST", "/allocations", {"payer_id": payer_id, "allocate": use})
        ask("GET", f"/patients/{patient_id}/credit")

    return cycle


def run(prepared: Prepared, base: str, clients: int, seconds: float) -> float:
    host = base.removeprefix("http://")
    return measure(
        f"Creditwell, {clients} client{'s'[: clients > 1]}",
        make,
        [(prepared, host, n) for n in range(clients)],
        seconds,
    )
