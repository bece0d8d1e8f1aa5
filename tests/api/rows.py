"""A row of each kind that a path or a body of the API can name."""

from __future__ import annotations

from typing import Any

from creditwell.integrations.email.models import Message
from creditwell.invoicing.models import InvoiceLine
from creditwell.payments.models import PaymentPart
from creditwell.people.models import Contact, Payer
from tests import acts
from tests.api.asked import asked_by_a_person
from tests.api.client import Program, make_key
from tests.factories import NOW, make_appointment, make_patient
from tests.memberships import make_renewing, start
from tests.sold import make_product, sell
from tests.vouchers import sell_one


def rows_of(clinic) -> dict[str, Any]:
    """A row of each kind that a path or a body can name, by the name of the parameter."""
    practice = clinic.practice
    payer = Payer.objects.create(practice=practice, name="Fund")
    contact = Contact.objects.create(
        practice=practice, payer=payer, kind="insurer", name="Fund", created_at=NOW
    )
    taken, refundable = acts.pay(clinic, 10000), acts.pay(clinic, 700)
    invoice = acts.invoice(clinic, 9000).invoice_id
    noted = acts.invoice(clinic, 500).invoice_id
    part = PaymentPart.objects.get(practice=practice, payment_id=refundable.payment_id)
    line = InvoiceLine.objects.get(practice=practice, invoice_id=noted)
    theirs = Program(make_key(practice, name="To prepare"))
    credited = {"lines": [{"line_id": line.pk, "amount_minor": 100}], "reason": "Kind"}
    note = theirs.post(f"/invoices/{noted}/credit_notes", credited)[1]["id"]
    back = {"parts": [{"payment_part_id": part.pk, "amount_minor": 100}], "reason": "Kind"}
    refund = theirs.post("/refunds", {"patient_id": clinic.patient.pk, **back})[1]["id"]
    attendee = make_appointment(practice=practice, patient=clinic.patient)
    voucher = sell_one(clinic, 700)
    return {
        "message_id": _letter(practice),
        "patient_id": clinic.patient.pk,
        "payer_id": clinic.patient.payer_id,
        "contact_id": contact.pk,
        "item_id": clinic.item.pk,
        "category_id": clinic.item.category_id,
        "payment_source_id": clinic.card.pk,
        "location_id": clinic.location.pk,
        "practitioner_id": clinic.practitioner.pk,
        "appointment_type_id": attendee.appointment.appointment_type_id,
        "appointment_id": attendee.appointment_id,
        "attendee_id": attendee.pk,
        "invoice_id": invoice,
        "line_id": InvoiceLine.objects.get(practice=practice, invoice_id=invoice).pk,
        "credit_note_id": note,
        "payment_id": taken.payment_id,
        "payment_part_id": part.pk,
        "taken_part_id": PaymentPart.objects.get(payment_id=taken.payment_id).pk,
        "allocation_id": acts.use_credit(clinic, (invoice, 1000)).allocation_ids[0],
        "refund_id": refund,
        **asked_by_a_person(clinic, part),
        **_given(clinic, theirs),
        "voucher_id": voucher.pk,
        "code": voucher.code,
        **_family_of(theirs, clinic),
        **_packages(clinic, theirs, attendee),
    }


def _packages(clinic, theirs: Program, attendee) -> dict[str, int]:
    """A package that is shared, with a use and an act that can be taken back; and a larger one."""
    kind = attendee.appointment.appointment_type
    product = make_product(clinic, kind, sharing="anybody", valid_count=1)
    package = sell(clinic, product)
    other = make_patient(practice=clinic.practice).pk
    part = package.parts.get().pk
    bonus = {"part_id": part, "units": 1, "reason": "Kind"}
    used = {"part_id": part, "patient_id": clinic.patient.pk, "on": NOW.date().isoformat()}
    path = f"/packages/{package.pk}"
    return {
        "package_product_id": product.pk,
        "package_id": package.pk,
        "part_id": part,
        "larger_product_id": make_product(clinic, kind, units=10, price_minor=80000).pk,
        "session_id": theirs.post(f"{path}/use", used)[1]["session_id"],
        "package_share_id": theirs.post(f"{path}/shares", {"patient_id": other})[1]["share_id"],
        "package_act_id": theirs.post(f"{path}/bonus", bonus)[1]["act_id"],
        "to_patient_id": other,
        **_membership(clinic),
    }


def _membership(clinic) -> dict[str, int]:
    product = make_renewing(clinic)
    started = start(clinic, product)
    return {"renewing_product_id": product.pk, "membership_id": started.membership_id}


def _letter(practice) -> int:
    return Message.objects.create(
        practice=practice, kind="receipt", to="a@mail.example", subject="-", created_at=NOW
    ).pk


def _family_of(program: Program, clinic) -> dict[str, int]:
    other = make_patient(practice=clinic.practice)
    members = [{"patient_id": clinic.patient.pk}]
    family = {"name": "Family", "members": members}
    share = {
        "owner_payer_id": other.payer_id,
        "user_payer_id": clinic.patient.payer_id,
        "mode": "always",
    }
    return {
        "family_id": program.post("/families", family)[1]["id"],
        "share_id": program.post("/shares", share)[1]["id"],
        "other_patient_id": other.pk,
        "other_payer_id": other.payer_id,
    }


def _given(clinic, theirs: Program) -> dict[str, int]:
    """Given credit, a transfer of it, and a lot that expires."""
    gift = {"patient_id": clinic.patient.pk, "kind": "goodwill", "reason": "Kind"}
    given = [theirs.post("/gifts", {**gift, "amount_minor": 300})[1] for _n in range(2)]
    ends = {"amount_minor": 300, "expires_on": "2026-12-31"}
    lot = theirs.post("/gifts", {**gift, **ends})[1]["lot_id"]
    other = make_patient(practice=clinic.practice).payer_id
    lots = [{"lot_id": given[1]["lot_id"], "amount_minor": 200}]
    move = {"patient_id": clinic.patient.pk, "to_payer_id": other, "lots": lots, "reason": "Kind"}
    return {
        "gift_id": given[0]["id"],
        "lot_id": lot,
        "transfer_id": theirs.post("/transfers", move)[1]["id"],
        "to_payer_id": other,
    }
