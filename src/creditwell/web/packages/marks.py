"""What screens show of a visit that a package covers: "2 of 5", and where the package stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from creditwell.money.money import Money
from creditwell.packages import wording
from creditwell.packages.queries import Place, places_of
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.components.statuses import STATUSES
from creditwell.web.invoices.links import address_of, with_query


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """
    The place of a visit in a package. `state` and `money` are keys of states; an address is ""
    where there is no such page, or no right to it.
    """

    part_id: int
    short: str
    ordinal: str
    name: str
    spoken: str
    state: str
    kept: str
    used: str
    booked: str
    free: str
    until: date | None
    owner: str  # of somebody else's package
    value: Money
    owing: Money
    package_url: str
    invoice_url: str
    invoice_label: str
    receipt_url: str
    pay_url: str

    @property
    def money(self) -> str:
        """How the visit is settled: by its package, which may not be paid yet."""
        return "package_unpaid" if self.owing else "package"


def marks_of(member: Member, attendee_ids: Iterable[int]) -> dict[int, Mark]:
    """Marks of visits that a package covers, by attendee; one query."""
    places = places_of(practice_id=member.practice_id, attendee_ids=attendee_ids)
    return {attendee_id: mark(member, place) for attendee_id, place in places.items()}


def mark(member: Member, place: Place) -> Mark:
    """What is shown of one visit's place."""
    practice = member.practice
    number = practice.invoice_number(place.invoice_number)
    state = wording.state(place)
    pay = with_query(address_of("payment_new"), patient=place.owner_id, invoice=place.invoice_id)
    return Mark(
        part_id=place.part_id,
        short=wording.short(place, practice),
        ordinal=wording.ordinal(place, practice),
        name=wording.name_of(place),
        spoken=_spoken(place, practice, state),
        state=state,
        kept=wording.kept(place),
        used=_figure(place.used, place, practice),
        booked=_figure(place.booked, place, practice),
        free=_figure(place.free, place, practice),
        until=place.expires_on,
        owner=place.owner_name if place.is_shared else "",
        value=practice.money(place.gross_minor),
        owing=practice.money(place.owing_minor),
        package_url=address_of("package", place.package_id),
        invoice_url=address_of("invoice", place.invoice_id) if member.may("invoices.view") else "",
        invoice_label=_("Invoice %(number)s") % {"number": number},
        receipt_url=address_of("attendance_receipt", place.attendee_id)
        if place.status == "used"
        else "",
        pay_url=pay if place.owing_minor and member.may("payments.take") else "",
    )


def _figure(units: int, place: Place, practice: PracticeFacts) -> str:
    return wording.figure(units, place.measure, practice)


def _spoken(place: Place, practice: PracticeFacts, state: str) -> str:
    """All that colour and shape say, in words."""
    said = wording.sentence(place, practice)
    if state == "session_booked":
        return said
    return f"{said}, {STATUSES[state].word}"
