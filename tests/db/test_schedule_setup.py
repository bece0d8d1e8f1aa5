"""Practitioners, hours, time off and appointment types."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from creditwell.kernel.errors import NotFound
from creditwell.outbox.models import Event
from creditwell.scheduling import queries
from creditwell.scheduling.models import (
    AppointmentType,
    Block,
    Practitioner,
    TypeItem,
    WorkingHours,
)
from creditwell.scheduling.operations import (
    HoursInput,
    HoursOverlap,
    TypeItemInput,
    TypeNameTaken,
    WrongOrder,
)
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.remove_block import RemoveBlock, remove_block
from creditwell.usecases.save_appointment_type import SaveAppointmentType, save_appointment_type
from creditwell.usecases.save_block import SaveBlock, save_block
from creditwell.usecases.save_practitioner import SavePractitioner, save_practitioner
from creditwell.usecases.save_working_hours import SaveWorkingHours, save_working_hours
from tests.factories import NOW, Clinic, make_clinic, make_member, make_user
from tests.refusing import refuses

pytestmark = pytest.mark.django_db


def act(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    return {"practice_id": clinic.practice.pk, "by": SYSTEM, **fields}


def test_a_practitioner_is_made_changed_and_put_away(clinic: Clinic) -> None:
    user = make_member(practice=clinic.practice, role="practitioner")
    saved = save_practitioner(
        SavePractitioner(
            **act(
                clinic,
                name="Amara Okafor",
                profession="Physiotherapist",
                provider_number="2459871B",
                hue="heath",
                user_id=user.pk,
            )
        ),
        NOW,
    )
    who = {"practice_id": clinic.practice.pk, "practitioner_id": saved.practitioner_id}
    brief = queries.practitioner_brief(**who)
    assert (brief.name, brief.hue, brief.provider_number, brief.user_id) == (
        "Amara Okafor",
        "heath",
        "2459871B",
        user.pk,
    )
    save_practitioner(
        SavePractitioner(
            **act(
                clinic,
                practitioner_id=saved.practitioner_id,
                name="Amara Okafor",
                hue="sea",
                archived=True,
            )
        ),
        NOW,
    )
    assert queries.practitioner_brief(**who).archived
    names = [one.name for one in queries.practitioners_of(practice_id=clinic.practice.pk)]
    assert names == [clinic.practitioner.name]
    assert list(Event.objects.values_list("topic", flat=True)) == ["practitioner.saved"] * 2


def test_a_practitioner_signs_in_as_somebody_who_works_here(clinic: Clinic) -> None:
    with refuses(NotFound, Practitioner) as refused:
        save_practitioner(
            SavePractitioner(**act(clinic, name="Amara", hue="sea", user_id=make_user().pk)), NOW
        )
    assert refused.value.param == "user"


def hours(clinic: Clinic, *spans: tuple[int, str, str]) -> SaveWorkingHours:
    return SaveWorkingHours(
        **act(
            clinic,
            practitioner_id=clinic.practitioner.pk,
            hours=tuple(
                HoursInput(
                    weekday=weekday,
                    starts_at=time.fromisoformat(start),
                    ends_at=time.fromisoformat(end),
                    location_id=clinic.location.pk,
                )
                for weekday, start, end in spans
            ),
        )
    )


def test_hours_are_replaced(clinic: Clinic) -> None:
    save_working_hours(hours(clinic, (0, "09:00", "12:00"), (0, "13:00", "17:00")), NOW)
    save_working_hours(hours(clinic, (2, "08:00", "16:00")), NOW)
    found = queries.hours_of(practice_id=clinic.practice.pk)
    assert [(one.weekday, one.starts_at, one.ends_at) for one in found] == [(2, time(8), time(16))]


def test_hours_do_not_overlap(clinic: Clinic) -> None:
    save_working_hours(hours(clinic, (0, "09:00", "12:00")), NOW)
    with refuses(HoursOverlap, WorkingHours):
        save_working_hours(hours(clinic, (1, "11:00", "17:00"), (1, "09:00", "12:00")), NOW)


@pytest.mark.parametrize("end", ["09:00", "08:00"])
def test_hours_end_after_they_begin(clinic: Clinic, end: str) -> None:
    with refuses(WrongOrder, WorkingHours):
        save_working_hours(hours(clinic, (1, "09:00", end)), NOW)


def test_hours_are_at_a_location_of_the_practice(clinic: Clinic) -> None:
    other = make_clinic()
    command = hours(clinic, (1, "09:00", "17:00"))
    foreign = HoursInput(
        weekday=1, starts_at=time(9), ends_at=time(17), location_id=other.location.pk
    )
    with refuses(NotFound, WorkingHours):
        save_working_hours(
            SaveWorkingHours(
                **act(clinic, practitioner_id=command.practitioner_id, hours=(foreign,))
            ),
            NOW,
        )


def test_time_off_is_taken_and_given_back(clinic: Clinic) -> None:
    saved = save_block(
        SaveBlock(
            **act(
                clinic,
                practitioner_id=clinic.practitioner.pk,
                starts_at=NOW,
                ends_at=NOW + timedelta(days=7),
                reason="leave",
            )
        ),
        NOW,
    )
    found = queries.blocks_between(
        practice_id=clinic.practice.pk,
        since=NOW + timedelta(days=3),
        until=NOW + timedelta(days=4),
    )
    assert [(one.id, one.reason) for one in found] == [(saved.block_id, "leave")]
    with refuses(NotFound, Block):
        remove_block(RemoveBlock(**act(make_clinic(), block_id=saved.block_id)), NOW)
    remove_block(RemoveBlock(**act(clinic, block_id=saved.block_id)), NOW)
    assert not Block.objects.exists()


def test_time_off_ends_after_it_begins(clinic: Clinic) -> None:
    who = act(clinic, practitioner_id=clinic.practitioner.pk)
    with refuses(WrongOrder, Block):
        save_block(SaveBlock(**who, starts_at=NOW, ends_at=NOW), NOW)


def kind(clinic: Clinic, **fields: Any) -> SaveAppointmentType:
    values = act(clinic, name="Initial consultation", duration_minutes=45)
    return SaveAppointmentType(**{**values, **fields})


def test_a_type_bills_items(clinic: Clinic) -> None:
    billed = TypeItemInput(item_id=clinic.item.pk, quantity=Decimal(2))
    saved = save_appointment_type(kind(clinic, items=(billed,), hue="moss"), NOW)
    found = queries.items_of_types(practice_id=clinic.practice.pk)
    assert [(one.item_id, one.quantity, one.price_minor) for one in found[saved.type_id]] == [
        (clinic.item.pk, Decimal(2), 9000)
    ]
    save_appointment_type(kind(clinic, type_id=saved.type_id, max_attendees=6), NOW)
    brief = queries.type_brief(practice_id=clinic.practice.pk, type_id=saved.type_id)
    assert (brief.max_attendees, brief.hue) == (6, "")
    assert not TypeItem.objects.exists()


def test_a_name_of_a_type_is_used_once(clinic: Clinic) -> None:
    first = save_appointment_type(kind(clinic), NOW)
    with refuses(TypeNameTaken, AppointmentType) as refused:
        save_appointment_type(kind(clinic), NOW)
    assert refused.value.param == "name"
    save_appointment_type(kind(clinic, type_id=first.type_id, archived=True), NOW)
    save_appointment_type(kind(clinic), NOW)
    assert len(queries.types_of(practice_id=clinic.practice.pk)) == 1


def test_a_type_bills_only_items_of_its_practice(clinic: Clinic) -> None:
    foreign = TypeItemInput(item_id=make_clinic().item.pk)
    with refuses(NotFound, AppointmentType, TypeItem):
        save_appointment_type(kind(clinic, items=(foreign,)), NOW)
