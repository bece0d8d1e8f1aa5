"""The letter with an attendance receipt, to the address that was typed."""

from __future__ import annotations

from datetime import datetime

from creditwell.integrations.email.drafts_package import left_words
from creditwell.integrations.email.facts import Addressee
from creditwell.integrations.email.operations import Draft
from creditwell.integrations.email.words import amount, day
from creditwell.outbox.deliver import Told
from creditwell.packages import wording
from creditwell.packages.queries_attendance import Attendance, NotAttended, attendance
from creditwell.tenancy.access import PracticeFacts


def requested(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """Of a visit that was taken back meanwhile nobody is written to."""
    attendee_id = int(event.body["attendee_id"])
    try:
        found = attendance(practice, attendee_id)
    except NotAttended:
        return []
    to = Addressee(payer_id=found.payer_id, name=found.patient.name, email=found.patient_email)
    return [
        Draft(
            kind="attendance",
            to=to,
            values=_values(practice, found),
            document="attendance",
            document_id=attendee_id,
        )
    ]


def _values(practice: PracticeFacts, found: Attendance) -> dict[str, str]:
    """Units of money are amounts, too, and left out where those are."""
    place = found.place
    counted = place.measure == "sessions"
    return {
        "name": found.patient.name,
        "day": day(practice, found.served_on),
        "session": wording.ordinal(place, practice) if counted else "",
        "amount": amount(practice, found.value),
        "left": left_words(practice, place.free, place.measure) if place.free else "",
    }
