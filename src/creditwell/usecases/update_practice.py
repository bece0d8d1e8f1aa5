"""Change how the practice works: its name, hours, money habits and notes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Any

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.countries import must_be_locale, must_be_time_zone
from creditwell.tenancy.models import AllocationOrder
from creditwell.tenancy.operations import change_practice, must_say

LONGEST_TERMS = 365
LARGEST_ROUNDING = 1000


class HoursBackwards(Invalid):
    """The day would end before it begins."""

    code = "hours_backwards"

    def __init__(self) -> None:
        super().__init__(_("The day must end after it starts."), param="day_ends_at")


class OutOfRange(Invalid):
    """A number that nobody means."""

    code = "out_of_range"

    def __init__(self, param: str) -> None:
        super().__init__(_("This number cannot be right. Check it."), param=param)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePractice:
    """None leaves a setting as it is. Country and currency never change: the books are in it."""

    practice_id: int
    by: Actor
    name: str | None = None
    tax_name: str | None = None
    tax_number_label: str | None = None
    tax_number: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    day_starts_at: time | None = None
    day_ends_at: time | None = None
    week_starts_on: int | None = None
    prices_include_tax: bool | None = None
    invoice_prefix: str | None = None
    receipt_prefix: str | None = None
    payment_terms_days: int | None = None
    allocation_order: str | None = None
    cash_rounding_minor: int | None = None
    invoice_notes: str | None = None
    receipt_notes: str | None = None
    amounts_in_email: bool | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeUpdated:
    changed: list[str]


SETTINGS = tuple(
    field.name for field in fields(UpdatePractice) if field.name not in {"practice_id", "by", "key"}
)


@usecase(PracticeUpdated)
def update_practice(command: UpdatePractice, now: datetime) -> PracticeUpdated:
    """
    Write the settings that were given.

    :raises Required: for a name of nothing
    :raises UnknownTimeZone, UnknownLocale, HoursBackwards, OutOfRange:
    """
    changes = _checked(command)
    changed = change_practice(practice_id=command.practice_id, changes=changes)
    if changed:
        note(
            "update_practice",
            ("practice", command.practice_id),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={name: [str(old), str(new)] for name, (old, new) in changed.items()},
        )
    return PracticeUpdated(changed=sorted(changed))


def _checked(command: UpdatePractice) -> dict[str, Any]:
    given = {name: getattr(command, name) for name in SETTINGS}
    changes = {name: value for name, value in given.items() if value is not None}
    changes = {n: v.strip() if isinstance(v, str) else v for n, v in changes.items()}
    if "name" in changes:
        changes["name"] = must_say(changes["name"], "name")
    if "time_zone" in changes:
        must_be_time_zone(changes["time_zone"])
    if "locale" in changes:
        must_be_locale(changes["locale"])
    if "allocation_order" in changes:
        AllocationOrder(changes["allocation_order"])
    _check_hours(changes)
    _check_numbers(changes)
    return changes


def _check_hours(changes: dict[str, Any]) -> None:
    starts, ends = changes.get("day_starts_at"), changes.get("day_ends_at")
    assert (starts is None) == (ends is None), "the hours of a day are given together"
    if starts is not None and ends is not None and starts >= ends:
        raise HoursBackwards


def _check_numbers(changes: dict[str, Any]) -> None:
    limits = {
        "payment_terms_days": (0, LONGEST_TERMS),
        "cash_rounding_minor": (1, LARGEST_ROUNDING),
        "week_starts_on": (0, 6),
    }
    for name, (least, most) in limits.items():
        if name in changes and not least <= changes[name] <= most:
            raise OutOfRange(name)
