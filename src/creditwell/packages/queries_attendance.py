"""What an attendance receipt says: a visit that took place and was paid for by a package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from creditwell.invoicing.models import InvoiceLine
from creditwell.invoicing.queries_document import PartyFacts, patient_party
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.money.money import Money
from creditwell.packages.models import Package
from creditwell.packages.queries import Place, place_of
from creditwell.payments.queries_of_invoice import allocations_of_invoice
from creditwell.scheduling.models import Appointment, Attendee, TypeItem
from creditwell.tenancy.access import PracticeFacts


class NotAttended(Refusal):
    """There is a receipt only of a session that was used."""

    code = "not_attended"

    def __init__(self) -> None:
        super().__init__(
            _(
                "There is no attendance receipt of this visit: the patient has not come (yet), or "
                "no package paid for it."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedItem:
    """What was done, as the practice names and codes it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """
    A visit that used a session. `value` includes `tax`; `paid_on` is the day on which the invoice
    of the package was paid in full, None while it is `owing`.
    """

    practice: PracticeFacts
    place: Place
    patient: PartyFacts
    patient_email: str
    payer_id: int
    appointment_id: int
    served_on: date
    location_id: int
    location: str
    practitioner: str
    profession: str
    provider_number: str
    items: tuple[AttendedItem, ...]
    value: Money
    tax: Money
    tax_name: str
    tax_percent: str
    tax_at_use: bool
    issued_on: date | None
    paid_on: date | None

    @property
    def owing(self) -> Money:
        """What the invoice of the package still asks for."""
        return self.practice.money(self.place.owing_minor)


def attendance(practice: PracticeFacts, attendee_id: int) -> Attendance:
    """
    Everything that the receipt of a visit says; nine queries at most.

    :raises NotFound: if this practice has no such visit
    :raises NotAttended: if it used no session of a package
    """
    row = (
        Attendee.objects.filter(practice_id=practice.id, pk=attendee_id)
        .select_related("patient", "appointment__practitioner", "appointment__location")
        .select_related("appointment__appointment_type")
        .first()
    )
    if row is None:
        raise NotFound
    place = place_of(practice_id=practice.id, attendee_id=attendee_id)
    if place is None or place.status != "used":
        raise NotAttended
    appointment = row.appointment
    package = Package.objects.select_related("line__invoice").get(
        practice_id=practice.id, pk=place.package_id
    )
    line = package.line
    return Attendance(
        practice=practice,
        place=place,
        patient=patient_party(row.patient),
        patient_email=row.patient.invoice_email or row.patient.email,
        payer_id=row.patient.payer_id,
        appointment_id=appointment.pk,
        served_on=practice.day_of(appointment.starts_at),
        location_id=appointment.location_id,
        location=appointment.location.name,
        practitioner=appointment.practitioner.name,
        profession=appointment.practitioner.profession,
        provider_number=appointment.practitioner.provider_number,
        items=_items(practice.id, appointment),
        value=practice.money(place.gross_minor),
        tax=practice.money(place.tax_minor),
        tax_name=line.tax_name,
        tax_percent=f"{line.tax_percent.normalize():f}",
        tax_at_use=package.tax_at_use,
        issued_on=line.invoice.issued_on,
        paid_on=_paid_on(practice.id, line, place),
    )


def _items(practice_id: int, appointment: Appointment) -> tuple[AttendedItem, ...]:
    kind = appointment.appointment_type
    rows = TypeItem.objects.filter(
        practice_id=practice_id, appointment_type_id=kind.pk, item__practice_id=practice_id
    ).select_related("item")
    found = tuple(
        AttendedItem(code=one.item.code, name=one.item.name) for one in rows.order_by("id")
    )
    return found or (AttendedItem(code="", name=kind.name),)


def _paid_on(practice_id: int, line: InvoiceLine, place: Place) -> date | None:
    if place.owing_minor > 0:
        return None
    paid = allocations_of_invoice(practice_id=practice_id, invoice_id=line.invoice_id)
    days = [one.allocated_on for one in paid if one.standing_minor]
    return max(days) if days else line.invoice.issued_on
