"""Practitioners, their hours and time off, and the kinds of appointments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from creditwell.catalog.models import Item
from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.scheduling.models import (
    AppointmentType,
    Block,
    Practitioner,
    TypeItem,
    WorkingHours,
)
from creditwell.tenancy.models import Location, Membership


class TypeNameTaken(Refusal):
    """Another appointment type has this name."""

    code = "type_name_taken"

    def __init__(self) -> None:
        super().__init__(
            _("There is already an appointment type with this name. Choose another name."),
            param="name",
        )


REFUSED_BY["scheduling_type_name"] = TypeNameTaken


class WrongOrder(Invalid):
    """A stretch of time ends before it begins."""

    code = "wrong_order"

    def __init__(self, param: str = "ends_at") -> None:
        super().__init__(_("The end must be later than the beginning."), param=param)


REFUSED_BY["scheduling_block_in_order"] = WrongOrder
REFUSED_BY["scheduling_hours_in_order"] = WrongOrder


class HoursOverlap(Invalid):
    """A practitioner cannot work twice at the same time."""

    code = "hours_overlap"

    def __init__(self) -> None:
        super().__init__(_("Two of these working hours overlap. Change one of them."))


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursInput:
    """Working hours of a weekday (0 Monday … 6 Sunday) at a location, on the clock."""

    weekday: int
    starts_at: time
    ends_at: time
    location_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeItemInput:
    """An item that visits of a type bill."""

    item_id: int
    quantity: Decimal = Decimal(1)
    discount_percent: Decimal = Decimal(0)


def put_practitioner(
    *, practice_id: int, practitioner_id: int | None, fields: Mapping[str, Any]
) -> Practitioner:
    """
    Make or change a practitioner; `fields` by name of the column, `user_id` among them.

    :raises NotFound: without such a practitioner, or when the user does not work here
    """
    user_id = fields.get("user_id")
    if user_id is not None:
        staff = Membership.objects.filter(practice_id=practice_id, user_id=user_id)
        if not staff.exists():
            raise NotFound(_("This person does not work in this practice."), param="user")
    if practitioner_id is None:
        last = Practitioner.objects.filter(practice_id=practice_id).count()
        return Practitioner.objects.create(practice_id=practice_id, position=last, **fields)
    row = Practitioner.objects.filter(practice_id=practice_id, pk=practitioner_id).first()
    if row is None:
        raise NotFound
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def put_hours(*, practice_id: int, practitioner_id: int, hours: Sequence[HoursInput]) -> None:
    """
    Replace all working hours of a practitioner.

    :raises WrongOrder: if one ends before it begins
    :raises HoursOverlap: if two of a weekday overlap
    :raises NotFound: without such a practitioner or location
    """
    practitioner = (
        Practitioner.objects.select_for_update()
        .filter(practice_id=practice_id, pk=practitioner_id)
        .first()
    )
    known = set(Location.objects.filter(practice_id=practice_id).values_list("pk", flat=True))
    if practitioner is None or not {one.location_id for one in hours} <= known:
        raise NotFound
    _require_order(hours)
    WorkingHours.objects.filter(practice_id=practice_id, practitioner_id=practitioner_id).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practice_id=practice_id,
            practitioner_id=practitioner_id,
            location_id=one.location_id,
            weekday=one.weekday,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
        )
        for one in hours
    )


def _require_order(hours: Sequence[HoursInput]) -> None:
    if any(one.ends_at <= one.starts_at for one in hours):
        raise WrongOrder
    in_order = sorted(hours, key=lambda one: (one.weekday, one.starts_at))
    for before, after in pairwise(in_order):
        if before.weekday == after.weekday and after.starts_at < before.ends_at:
            raise HoursOverlap


def put_block(
    *,
    practice_id: int,
    practitioner_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
) -> Block:
    """
    Take time out of a practitioner's calendar. Appointments in it stay.

    :raises WrongOrder: if it ends before it begins
    :raises NotFound: without such a practitioner
    """
    if ends_at <= starts_at:
        raise WrongOrder
    if not Practitioner.objects.filter(practice_id=practice_id, pk=practitioner_id).exists():
        raise NotFound
    return Block.objects.create(
        practice_id=practice_id,
        practitioner_id=practitioner_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
    )


def take_block_away(*, practice_id: int, block_id: int) -> Block:
    """:raises NotFound: if this practice has no such block"""
    block = Block.objects.filter(practice_id=practice_id, pk=block_id).first()
    if block is None:
        raise NotFound
    Block.objects.filter(practice_id=practice_id, pk=block_id).delete()
    return block


def put_type(
    *,
    practice_id: int,
    type_id: int | None,
    fields: Mapping[str, Any],
    items: Iterable[TypeItemInput],
) -> AppointmentType:
    """
    Make or change an appointment type and what it bills. Appointments made before keep their time.

    :raises NotFound: without such a type or item
    :raises TypeNameTaken: if another has the name
    """
    billed = list(items)
    wanted = {one.item_id for one in billed}
    known = Item.objects.filter(practice_id=practice_id, pk__in=wanted).count()
    if known != len(wanted):
        raise NotFound(param="items")
    if type_id is None:
        last = AppointmentType.objects.filter(practice_id=practice_id).count()
        row = AppointmentType.objects.create(practice_id=practice_id, position=last, **fields)
    else:
        found = AppointmentType.objects.filter(practice_id=practice_id, pk=type_id).first()
        if found is None:
            raise NotFound
        row = found
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
    TypeItem.objects.filter(practice_id=practice_id, appointment_type_id=row.pk).delete()
    TypeItem.objects.bulk_create(
        TypeItem(
            practice_id=practice_id,
            appointment_type_id=row.pk,
            item_id=one.item_id,
            quantity=one.quantity,
            discount_percent=one.discount_percent,
        )
        for one in billed
    )
    return row
