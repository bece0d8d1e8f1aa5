"""The attendance receipt of a visit from the database: facts into a shape, the shape into PDF."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override, to_language

from creditwell.integrations.documents.build import tax_text
from creditwell.integrations.documents.build_payments import head_of, sheet_of
from creditwell.integrations.documents.render import render_attendance
from creditwell.integrations.documents.shapes import Party, Practitioner
from creditwell.integrations.documents.shapes_attendance import AttendanceDocument, Attended
from creditwell.packages import wording
from creditwell.packages.queries_attendance import Attendance, attendance
from creditwell.tenancy.access import practice_facts


def attendance_pdf(practice_id: int, attendee_id: int) -> tuple[str, bytes]:
    """
    Name of the file (without the patient's), and the receipt as PDF, as things stand now.

    :raises NotFound: if this practice has no such visit
    :raises NotAttended: if it used no session of a package
    """
    facts = attendance(practice_facts(practice_id), attendee_id)
    with override(to_language(sheet_of(facts.practice).locale)):
        document = attendance_document(facts)
        name = _("Attendance receipt %(date)s") % {"date": facts.served_on.isoformat()}
    return f"{name}.pdf", render_attendance(document)


def attendance_document(facts: Attendance) -> AttendanceDocument:
    """The shape of the receipt, in the language in force."""
    practice, place = facts.practice, facts.place
    nth = wording.ordinal(place, practice)
    session = _("Session %(nth)s") % {"nth": nth} if place.measure == "sessions" else nth
    return AttendanceDocument(
        sheet=sheet_of(practice),
        practice=head_of(practice, facts.location_id),
        patient=Party(name=facts.patient.name, lines=facts.patient.lines),
        practitioner=Practitioner(name=facts.practitioner, provider_number=facts.provider_number),
        profession=facts.profession,
        location=facts.location,
        served_on=facts.served_on,
        items=tuple(Attended(name=item.name, code=item.code) for item in facts.items),
        session=session,
        package=wording.name_of(place),
        value=facts.value,
        tax=facts.tax,
        tax_name=tax_text(facts.tax_name, Decimal(facts.tax_percent), practice.locale)
        if facts.tax
        else "",
        tax_at_use=facts.tax_at_use,
        invoice_number=practice.invoice_number(place.invoice_number),
        invoice_on=facts.issued_on,
        paid_on=facts.paid_on,
        owing=facts.owing,
    )
