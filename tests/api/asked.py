"""A refund that a person asked for: a key approves only what no key asked for."""

from __future__ import annotations

from creditwell.payments.models import PaymentPart
from creditwell.tenancy.access import Actor
from creditwell.usecases.request_refund import RequestRefund, request_refund
from tests import acts
from tests.factories import NOW, Clinic, make_member


def asked_by_a_person(clinic: Clinic, part: PaymentPart) -> dict[str, int]:
    """A request for a refund, and its task."""
    person = make_member(practice=clinic.practice, role="receptionist")
    command = RequestRefund(
        practice_id=clinic.practice.pk,
        key=acts.new_key(),
        by=Actor(user_id=person.pk),
        payer_id=clinic.patient.payer_id,
        parts=((part.pk, 100),),
        reason="Kind",
    )
    asked = request_refund(command, NOW)
    return {"request_id": asked.request_id, "task_id": asked.task_id}
