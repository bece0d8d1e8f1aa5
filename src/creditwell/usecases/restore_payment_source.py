"""Take money by a payment source again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.models import PaymentSource
from creditwell.catalog.operations import locked, set_archived
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class RestorePaymentSource:
    practice_id: int
    key: str = ""
    by: Actor
    payment_source_id: int


@dataclass(frozen=True, kw_only=True)
class PaymentSourceRestored:
    payment_source_id: int


@usecase(PaymentSourceRestored)
def restore_payment_source(command: RestorePaymentSource, now: datetime) -> PaymentSourceRestored:
    """
    Offer the source again, at its old place.

    :raises NotFound: if this practice has no such source
    """
    row = locked(PaymentSource, command.practice_id, command.payment_source_id)
    set_archived(row, None)
    note(
        "restore_payment_source",
        ("payment_source", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": row.name},
    )
    return PaymentSourceRestored(payment_source_id=row.pk)
