"""What stands in the calendar, as plain data. Moments are in UTC."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from django.db.models import Q

from creditwell.kernel.errors import NotFound
from creditwell.scheduling.models import (
    Appointment,
    AppointmentType,
    Attendee,
    Block,
    Practitioner,
    TypeItem,
    WorkingHours,
)
from creditwell.scheduling.rules import WeeklyHours
from creditwell.tenancy.models import Location, Practice


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerBrief:
    id: int
    name: str
    profession: str
    provider_number: str
    hue: str
    position: int
    user_id: int | None
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationBrief:
    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeBrief:
    id: int
    name: str
    duration_minutes: int
    hue: str
    max_attendees: int
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledItem:
    """An item that a visit of a type bills."""

    item_id: int
    name: str
    price_minor: int
    quantity: Decimal
    discount_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursBrief:
    """Working hours of a weekday at a location."""

    id: int
    practitioner_id: int
    location_id: int
    weekday: int
    starts_at: time
    ends_at: time

    @property
    def weekly(self) -> WeeklyHours:
        return WeeklyHours(weekday=self.weekday, starts_at=self.starts_at, ends_at=self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockBrief:
    id: int
    practitioner_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeBrief:
    """A patient in an appointment; `payer_id` is the holder of their account in the books."""

    id: int
    patient_id: int
    payer_id: int
    name: str
    first_name: str
    phone: str
    alert: str
    status: str
    cancel_reason: str
    cancel_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBrief:
    id: int
    practitioner_id: int
    practitioner_name: str
    location_id: int
    location_name: str
    type_id: int
    type_name: str
    hue: str
    max_attendees: int
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    notes: str
    series_id: int | None
    attendees: tuple[AttendeeBrief, ...]

    @property
    def is_group(self) -> bool:
        return self.max_attendees > 1

    @property
    def coming(self) -> tuple[AttendeeBrief, ...]:
        """Attendees that have not been cancelled."""
        return tuple(one for one in self.attendees if one.status != "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFrame:
    """The hours that a practice's calendar shows, and the weekday that its weeks begin on."""

    opens_at: time
    closes_at: time
    week_starts_on: int


def day_frame(*, practice_id: int) -> DayFrame:
    """One query."""
    row = Practice.objects.values_list("day_starts_at", "day_ends_at", "week_starts_on")
    opens_at, closes_at, week_starts_on = row.get(pk=practice_id)
    return DayFrame(opens_at=opens_at, closes_at=closes_at, week_starts_on=week_starts_on)


def practitioners_of(*, practice_id: int, archived: bool = False) -> list[PractitionerBrief]:
    """The practitioners of a practice in their order; with the archived ones if asked."""
    rows = Practitioner.objects.filter(practice_id=practice_id)
    if not archived:
        rows = rows.filter(archived_at__isnull=True)
    return [_practitioner(row) for row in rows.order_by("position", "id")]


def practitioner_brief(*, practice_id: int, practitioner_id: int) -> PractitionerBrief:
    """:raises NotFound: if this practice has no such practitioner"""
    row = Practitioner.objects.filter(practice_id=practice_id, pk=practitioner_id).first()
    if row is None:
        raise NotFound
    return _practitioner(row)


def _practitioner(row: Practitioner) -> PractitionerBrief:
    return PractitionerBrief(
        id=row.pk,
        name=row.name,
        profession=row.profession,
        provider_number=row.provider_number,
        hue=row.hue,
        position=row.position,
        user_id=row.user_id,
        archived=row.archived_at is not None,
    )


def locations_of(*, practice_id: int) -> list[LocationBrief]:
    """Locations in use, in their order."""
    rows = Location.objects.filter(practice_id=practice_id, archived_at__isnull=True)
    return [LocationBrief(id=row.pk, name=row.name) for row in rows.order_by("position", "id")]


def types_of(*, practice_id: int, archived: bool = False) -> list[TypeBrief]:
    """Appointment types in their order; with the archived ones if asked."""
    rows = AppointmentType.objects.filter(practice_id=practice_id)
    if not archived:
        rows = rows.filter(archived_at__isnull=True)
    return [_type(row) for row in rows.order_by("position", "name")]


def type_brief(*, practice_id: int, type_id: int) -> TypeBrief:
    """:raises NotFound: if this practice has no such appointment type"""
    row = AppointmentType.objects.filter(practice_id=practice_id, pk=type_id).first()
    if row is None:
        raise NotFound
    return _type(row)


def _type(row: AppointmentType) -> TypeBrief:
    return TypeBrief(
        id=row.pk,
        name=row.name,
        duration_minutes=row.duration_minutes,
        hue=row.hue,
        max_attendees=row.max_attendees,
        archived=row.archived_at is not None,
    )


def items_of_types(
    *, practice_id: int, type_ids: Iterable[int] | None = None
) -> dict[int, list[BilledItem]]:
    """What visits of these types (or of all) bill, by type; one query."""
    rows = TypeItem.objects.filter(practice_id=practice_id, item__practice_id=practice_id)
    if type_ids is not None:
        rows = rows.filter(appointment_type_id__in=list(type_ids))
    found: dict[int, list[BilledItem]] = defaultdict(list)
    for row in rows.select_related("item").order_by("id"):
        found[row.appointment_type_id].append(
            BilledItem(
                item_id=row.item_id,
                name=row.item.name,
                price_minor=row.item.price_minor,
                quantity=row.quantity,
                discount_percent=row.discount_percent,
            )
        )
    return dict(found)


def hours_of(*, practice_id: int, practitioner_id: int | None = None) -> list[HoursBrief]:
    """Working hours of one practitioner or of all, by weekday and time."""
    rows = WorkingHours.objects.filter(practice_id=practice_id)
    if practitioner_id is not None:
        rows = rows.filter(practitioner_id=practitioner_id)
    return [
        HoursBrief(
            id=row.pk,
            practitioner_id=row.practitioner_id,
            location_id=row.location_id,
            weekday=row.weekday,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows.order_by("practitioner_id", "weekday", "starts_at", "id")
    ]


def blocks_between(
    *, practice_id: int, since: datetime, until: datetime, practitioner_id: int | None = None
) -> list[BlockBrief]:
    """Time off that touches the stretch, in order."""
    rows = Block.objects.filter(practice_id=practice_id, starts_at__lt=until, ends_at__gt=since)
    if practitioner_id is not None:
        rows = rows.filter(practitioner_id=practitioner_id)
    return [
        BlockBrief(
            id=row.pk,
            practitioner_id=row.practitioner_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            reason=row.reason,
        )
        for row in rows.order_by("starts_at", "id")
    ]


def appointments_between(
    *,
    practice_id: int,
    since: datetime,
    until: datetime,
    practitioner_id: int | None = None,
    location_id: int | None = None,
) -> list[AppointmentBrief]:
    """Appointments that touch the stretch, cancelled ones too, in order; two queries."""
    wanted = Q(practice_id=practice_id, starts_at__lt=until, ends_at__gt=since)
    if practitioner_id is not None:
        wanted &= Q(practitioner_id=practitioner_id)
    if location_id is not None:
        wanted &= Q(location_id=location_id)
    return _briefs(practice_id, wanted)


def appointment_brief(*, practice_id: int, appointment_id: int) -> AppointmentBrief:
    """:raises NotFound: if this practice has no such appointment"""
    found = _briefs(practice_id, Q(practice_id=practice_id, pk=appointment_id))
    if not found:
        raise NotFound
    return found[0]


def appointments_with_ids(
    *, practice_id: int, appointment_ids: Iterable[int]
) -> list[AppointmentBrief]:
    """These appointments by id, unknown ids left out; two queries."""
    wanted = Q(practice_id=practice_id, pk__in=list(appointment_ids))
    return sorted(_briefs(practice_id, wanted), key=lambda one: one.id)


def later_in_series(*, practice_id: int, series_id: int, since: datetime) -> int:
    """How many booked appointments of a series begin at or after a moment."""
    return Appointment.objects.filter(
        practice_id=practice_id,
        series_id=series_id,
        starts_at__gte=since,
        status=Appointment.Status.BOOKED,
    ).count()


def _briefs(practice_id: int, wanted: Q) -> list[AppointmentBrief]:
    rows = list(
        Appointment.objects.filter(wanted)
        .select_related("practitioner", "appointment_type", "location")
        .order_by("starts_at", "id")
    )
    attendees = _attendees(practice_id, [row.pk for row in rows])
    return [
        AppointmentBrief(
            id=row.pk,
            practitioner_id=row.practitioner_id,
            practitioner_name=row.practitioner.name,
            location_id=row.location_id,
            location_name=row.location.name,
            type_id=row.appointment_type_id,
            type_name=row.appointment_type.name,
            hue=row.appointment_type.hue or row.practitioner.hue,
            max_attendees=row.appointment_type.max_attendees,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            cancelled=row.status == Appointment.Status.CANCELLED,
            notes=row.notes,
            series_id=row.series_id,
            attendees=tuple(attendees.get(row.pk, ())),
        )
        for row in rows
    ]


def _attendees(practice_id: int, appointment_ids: list[int]) -> dict[int, list[AttendeeBrief]]:
    found: dict[int, list[AttendeeBrief]] = defaultdict(list)
    rows = (
        Attendee.objects.filter(
            practice_id=practice_id,
            appointment_id__in=appointment_ids,
            patient__practice_id=practice_id,
        )
        .order_by("id")
        .values_list(
            "id",
            "appointment_id",
            "patient_id",
            "patient__payer_id",
            "patient__payer__name",
            "patient__first_name",
            "patient__preferred_name",
            "patient__phone",
            "patient__alert",
            "status",
            "cancel_reason",
            "cancel_note",
            named=True,
        )
    )
    for row in rows:
        found[row.appointment_id].append(
            AttendeeBrief(
                id=row.id,
                patient_id=row.patient_id,
                payer_id=row.patient__payer_id,
                name=row.patient__payer__name,
                first_name=row.patient__preferred_name or row.patient__first_name,
                phone=row.patient__phone,
                alert=row.patient__alert,
                status=row.status,
                cancel_reason=row.cancel_reason,
                cancel_note=row.cancel_note,
            )
        )
    return found
