"""Visits of a patient that packages paid for, over some days: lines without money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from creditwell.packages import wording
from creditwell.packages.models import Session
from creditwell.packages.queries import places_of
from creditwell.scheduling.models import Attendee
from creditwell.scheduling.rules import midnight
from creditwell.tenancy.access import PracticeFacts

MISSED = (Attendee.Status.DID_NOT_ARRIVE, Attendee.Status.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageVisit:
    """
    A visit that used (or forfeited) a session; `session` says which of how many of what. Whether
    it was `missed` the visit says: one set back and attended may stay partly forfeited, and then
    there is no receipt of it.
    """

    attendee_id: int
    on: date
    kind: str
    session: str
    missed: bool
    has_receipt: bool


def package_visits(
    practice: PracticeFacts, *, payer_id: int, since: date, until: date
) -> list[PackageVisit]:
    """In order, both days included; of a payer who is no patient none. Two queries."""
    rows = list(
        Session.objects.filter(
            practice_id=practice.id,
            status__in=["used", "forfeited"],
            patient__payer_id=payer_id,
            attendee__appointment__starts_at__gte=midnight(since, practice.zone),
            attendee__appointment__starts_at__lt=midnight(until + timedelta(days=1), practice.zone),
        )
        .order_by("attendee__appointment__starts_at", "pk")
        .values_list(
            "attendee_id",
            "attendee__appointment__starts_at",
            "attendee__appointment__appointment_type__name",
            "attendee__status",
        )
    )
    places = places_of(practice_id=practice.id, attendee_ids=[row[0] for row in rows])
    return [
        PackageVisit(
            attendee_id=attendee_id,
            on=practice.day_of(starts_at),
            kind=kind,
            session=wording.sentence(places[attendee_id], practice),
            missed=status in MISSED,
            has_receipt=places[attendee_id].status == "used",
        )
        for attendee_id, starts_at, kind, status in rows
    ]
