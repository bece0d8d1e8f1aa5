"""
What was typed into the payment form is kept while one is away on another page: to sell a package,
or to redeem a voucher.

It waits in the session, because notes do not belong into addresses, for each patient apart, because
a desk has several forms open at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import QueryDict

from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.links import address_of, with_query
from creditwell.web.payments.typed import Typed, read_typed

NAME = "kept_payments"
MOST = 5
"""So many forms are kept; then the oldest is let go."""

WHOLE = ("row", "invoice", "location", "received_on", "note", "email", "family")
BY_ROW = ("source-", "reference-", "amount-")
ORDER = ("order", "was-order")
CELLS = ("pay-", "was-pay-", "credit-", "was-credit-", "family-", "was-family-", "agreed-")

Sent = Sequence[tuple[str, Sequence[str]]]


def keep(request: PracticeRequest, patient_id: int) -> None:
    """Keep what the form was sent with, until one comes back to it for the same patient."""
    sent = [
        (name, values)
        for name, values in request.POST.lists()
        if name in (*WHOLE, *ORDER) or name.startswith((*BY_ROW, *CELLS))
    ]
    others = [one for one in _kept(request) if one[0] != patient_id]
    request.session[NAME] = [*others, (patient_id, sent)][-MOST:]


def way_back(request: PracticeRequest, patient_id: int, *, invoiced: bool = False) -> str:
    """
    The payment form of the patient, with what was typed if something was kept.

    `invoiced`: there is a new invoice to pay, so how the money was shared out among the others is
    let go, and it is shared out anew.
    """
    kept = _kept(request)
    there = 1 if any(pk == patient_id for pk, _sent in kept) else None
    if invoiced and there:
        request.session[NAME] = [
            (pk, _not_shared_out(sent) if pk == patient_id else sent) for pk, sent in kept
        ]
    return with_query(address_of("payment_new"), patient=patient_id, kept=there)


def _not_shared_out(sent: Sent) -> Sent:
    return [one for one in sent if one[0] not in ORDER and not one[0].startswith(CELLS)]


def typed_before(request: PracticeRequest, typed: Typed) -> Typed:
    """The new form with what was kept for its patient; it is given back once."""
    if "kept" not in request.GET:
        return typed
    kept = _kept(request)
    sent = next((sent for pk, sent in kept if pk == typed.patient_id), None)
    if sent is None:
        return typed
    request.session[NAME] = [one for one in kept if one[0] != typed.patient_id]
    post = QueryDict(mutable=True)
    for name, values in sent:
        post.setlist(name, list(values))
    before = read_typed(post)
    return replace(
        before,
        key=typed.key,
        patient_id=typed.patient_id,
        order=before.order or typed.order,
        fresh=typed.fresh,
    )


def _kept(request: PracticeRequest) -> list[tuple[int, Sent]]:
    return [(pk, sent) for pk, sent in request.session.get(NAME, [])]
