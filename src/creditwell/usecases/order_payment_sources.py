"""Move a payment source up or down, as the payment page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.operations import locked_sources, number_sources
from creditwell.catalog.rules import moved
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class OrderPaymentSources:
    """Move one source by `steps` places: 1 is down, -1 is up."""

    practice_id: int
    key: str = ""
    by: Actor
    payment_source_id: int
    steps: int


@dataclass(frozen=True, kw_only=True)
class PaymentSourcesOrdered:
    payment_source_ids: list[int]


@usecase(PaymentSourcesOrdered)
def order_payment_sources(command: OrderPaymentSources, now: datetime) -> PaymentSourcesOrdered:
    """
    Keep the new order; at either end a source stays where it is.

    :raises NotFound: if the source is archived or not of this practice
    """
    ids = [row.pk for row in locked_sources(command.practice_id)]
    if command.payment_source_id not in ids:
        raise NotFound
    order = moved(ids, command.payment_source_id, command.steps)
    number_sources(practice_id=command.practice_id, ids=order)
    note(
        "order_payment_sources",
        ("payment_source", command.payment_source_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"order": order},
    )
    return PaymentSourcesOrdered(payment_source_ids=order)
