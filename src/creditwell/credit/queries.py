"""Read credit lots. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from creditwell.credit.models import Lot


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot with something left."""

    id: int
    account_id: int
    payer_id: int
    kind: str
    received_on: date
    expires_on: date | None
    refundable: bool
    left_minor: int
    original_minor: int = 0


def open_lots(*, practice_id: int, payer_ids: Iterable[int]) -> list[OpenLot]:
    """Lots of these payers with something left, oldest first; one query."""
    found = (
        Lot.objects.filter(
            practice_id=practice_id,
            account__practice_id=practice_id,
            account__holder_id__in=list(payer_ids),
            account__kind="lot",
            account__reference__isnull=True,
            account__balance_minor__gt=0,
        )
        .select_related("account")
        .order_by("received_on", "pk")
    )
    return [
        OpenLot(
            id=lot.pk,
            account_id=lot.account_id,
            payer_id=lot.payer_id,
            kind=lot.kind,
            received_on=lot.received_on,
            expires_on=lot.expires_on,
            refundable=lot.refundable,
            left_minor=lot.account.balance_minor or 0,
            original_minor=lot.original_minor,
        )
        for lot in found
    ]
