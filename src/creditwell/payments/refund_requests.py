"""Write requests for refunds and what became of them. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.utils.translation import gettext as _

from creditwell.credit.models import Lot
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.payments.models import RefundRequest
from creditwell.payments.rules_refund import FromLot
from creditwell.tenancy.access import Actor, Written


class RequestDecided(Refusal):
    """The request was approved, declined or withdrawn before."""

    code = "request_decided"

    def __init__(self) -> None:
        super().__init__(_("This request was already decided or withdrawn. Nothing was changed."))


class OwnRequest(Refusal):
    """Whoever asked cannot be the second person."""

    code = "own_request"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("You asked for this refund yourself. Somebody else has to approve it."))


class NotYourRequest(Refusal):
    """Only whoever asked can withdraw a request."""

    code = "not_your_request"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else asked for this refund. Decline it instead of withdrawing it.")
        )


def write_request(
    *, practice_id: int, payer_id: int, wanted: Sequence[FromLot], reason: str, written: Written
) -> int:
    """Insert a request; returns its id."""
    return insert_row(
        RefundRequest,
        {
            "practice_id": practice_id,
            "payer_id": payer_id,
            "status": RefundRequest.Status.WAITING.value,
            "parts": [asdict(one) for one in wanted],
            "total_minor": sum(one.minor for one in wanted),
            "reason": reason,
            "requested_at": written.at,
            "requested_by_id": written.by.user_id,
            "answer": "",
        },
    )


def payer_of_request(*, practice_id: int, request_id: int) -> int:
    """
    Who holds the credit of a request now, to be locked first: a person's records may have become
    one since it was asked for.

    :raises NotFound: if this practice has no such request
    """
    rows = RefundRequest.objects.filter(practice_id=practice_id, pk=request_id)
    found = rows.values_list("parts", flat=True).first()
    if found is None:
        raise NotFound
    lots = Lot.objects.filter(practice_id=practice_id, pk=found[0]["lot_id"])
    return lots.values_list("payer_id", flat=True).get()


def waiting_request(*, practice_id: int, request_id: int) -> RefundRequest:
    """
    Lock a request that nobody has decided yet.

    :raises NotFound: if this practice has no such request
    :raises RequestDecided: if it was decided before
    """
    row = (
        RefundRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("requested_by")
        .filter(practice_id=practice_id, pk=request_id)
        .first()
    )
    if row is None:
        raise NotFound
    if row.status != RefundRequest.Status.WAITING:
        raise RequestDecided
    return row


def is_own(request: RefundRequest, by: Actor) -> bool:
    """
    Whether these are the same: a person is themselves; all programs (API keys) of a practice are
    one, for whoever holds one key may hold two.
    """
    return request.requested_by_id == by.user_id


def wanted_by(request: RefundRequest) -> list[FromLot]:
    """What a request asks for."""
    return [FromLot(**one) for one in request.parts]


def decide(
    request: RefundRequest,
    status: str,
    *,
    written: Written,
    answer: str = "",
    refund_id: int | None = None,
) -> None:
    """Write what became of a request."""
    RefundRequest.objects.filter(practice_id=request.practice_id, pk=request.pk).update(
        status=status,
        decided_at=written.at,
        decided_by_id=written.by.user_id,
        answer=answer,
        refund_id=refund_id,
    )
