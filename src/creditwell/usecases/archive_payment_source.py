"""Take money by a payment source no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.operations import archive_source
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class ArchivePaymentSource:
    practice_id: int
    key: str = ""
    by: Actor
    payment_source_id: int


@dataclass(frozen=True, kw_only=True)
class PaymentSourceArchived:
    payment_source_id: int


@usecase(PaymentSourceArchived)
def archive_payment_source(command: ArchivePaymentSource, now: datetime) -> PaymentSourceArchived:
    """
    Offer the source no longer; payments that came by it keep it, and can still go back by it.

    :raises LastSource: if no other source would be left
    :raises NotFound: if this practice has no such source
    """
    row = archive_source(
        practice_id=command.practice_id, source_id=command.payment_source_id, at=now
    )
    note(
        "archive_payment_source",
        ("payment_source", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": row.name},
    )
    return PaymentSourceArchived(payment_source_id=row.pk)
