"""Move visits to another patient: two records of one person became one."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from creditwell.kernel.errors import Refusal
from creditwell.scheduling.models import Attendee


class BookedTogether(Refusal):
    """Both records have a place in the same appointment: perhaps they are two people after all."""

    code = "booked_together"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Both records are booked into the same appointment. If they are one person, take "
                "one of them out of it first."
            )
        )


def move_patient(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """
    Move all visits of a patient (or those with these ids); returns what moved.

    :raises BookedTogether: if both have a place in one appointment
    """
    found = Attendee.objects.filter(practice_id=practice_id, patient_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    rows = list(found.order_by("pk").values_list("pk", "appointment_id", "status"))
    places = [place for _pk, place, status in rows if status != Attendee.Status.CANCELLED]
    both = Attendee.objects.filter(
        practice_id=practice_id, patient_id=to_id, appointment_id__in=places
    ).exclude(status=Attendee.Status.CANCELLED)
    if both.exists():
        raise BookedTogether
    moved = [pk for pk, _place, _status in rows]
    Attendee.objects.filter(practice_id=practice_id, pk__in=moved).update(patient_id=to_id)
    return moved
