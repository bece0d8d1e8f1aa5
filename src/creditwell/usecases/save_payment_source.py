"""Add a way to take money, or change one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog import rules
from creditwell.catalog.models import SourceKind
from creditwell.catalog.operations import write_source
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class SavePaymentSource:
    """`payment_source_id` None adds one."""

    practice_id: int
    key: str = ""
    by: Actor
    payment_source_id: int | None = None
    name: str
    kind: str  # of SourceKind


@dataclass(frozen=True, kw_only=True)
class PaymentSourceSaved:
    payment_source_id: int


@usecase(PaymentSourceSaved)
def save_payment_source(command: SavePaymentSource, now: datetime) -> PaymentSourceSaved:
    """
    Keep the source. Payments already taken show its new name; the books count them under it still.

    :raises NameMissing, NameTooLong, NameTaken: see `catalog`
    :raises NotFound: if this practice has no such source
    """
    assert command.kind in SourceKind.values, command.kind
    name = rules.clean_name(command.name, longest=60)
    row = write_source(
        practice_id=command.practice_id,
        source_id=command.payment_source_id,
        name=name,
        kind=command.kind,
    )
    note(
        "save_payment_source",
        ("payment_source", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": name, "kind": command.kind},
    )
    return PaymentSourceSaved(payment_source_id=row.pk)
