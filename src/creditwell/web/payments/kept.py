"""
What was typed into the payment form is kept while one is away on another page, to sell a package.

It waits in the session, because notes do not belong into addresses. Invoices and credit may be
others when one comes back, so what was put beside them is worked out anew.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import QueryDict

from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.links import address_of, with_query
from creditwell.web.payments.typed import Typed, read_typed

NAME = "kept_payment"
WHOLE = ("row", "location", "received_on", "note", "email")
BY_ROW = ("source-", "reference-", "amount-")


def keep(request: PracticeRequest, patient_id: int) -> None:
    """Keep what the form was sent with, until one comes back to it for the same patient."""
    sent = [
        (name, values)
        for name, values in request.POST.lists()
        if name.startswith((*WHOLE, *BY_ROW))
    ]
    request.session[NAME] = [patient_id, sent]


def way_back(request: PracticeRequest, patient_id: int) -> str:
    """The payment form of the patient, with what was typed if something was kept."""
    kept = request.session.get(NAME)
    there = 1 if kept and kept[0] == patient_id else None
    return with_query(address_of("payment_new"), patient=patient_id, kept=there)


def typed_before(request: PracticeRequest, typed: Typed) -> Typed:
    """The new form with what was kept for its patient; it is given back once."""
    if "kept" not in request.GET:
        return typed
    patient_id, sent = request.session.pop(NAME, None) or (None, [])
    if patient_id is None or patient_id != typed.patient_id:
        return typed
    post = QueryDict(mutable=True)
    for name, values in sent:
        post.setlist(name, values)
    before = read_typed(post)
    return replace(
        typed,
        sources=before.sources,
        location_id=before.location_id,
        received_on=before.received_on,
        note=before.note,
        email=before.email,
    )
