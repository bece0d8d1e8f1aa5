"""What bodies and queries are made of. Unknown fields are refused, whole numbers stay whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

HIGHEST_ID = 2**63 - 1
MOST_MINOR = 10**14
"""Minor units: far above what a clinic can mean, far below what the database can keep."""


class In(BaseModel):
    """A body, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Filters(BaseModel):
    """The query of a route; the route refuses names that are not among the fields."""

    model_config = ConfigDict(frozen=True)


def _sendable(value: str) -> str:
    """PostgreSQL keeps no NUL."""
    if "\x00" in value:
        raise ValueError("Text cannot contain the character NUL")
    return value


def _in_calendar(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise ValueError("Choose a day between the years 1900 and 2200")
    return value


def _in_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("Say the time zone too: 2026-11-24T09:00:00+11:00, or Z for UTC")
    _in_calendar(value.date())
    return value.astimezone(UTC)


Id = Annotated[int, Field(ge=1, le=HIGHEST_ID, strict=True)]
"""In a body: a number, not text."""
QueryId = Annotated[int, Field(ge=1, le=HIGHEST_ID)]
Minor = Annotated[int, Field(ge=1, le=MOST_MINOR, strict=True, description="In minor units.")]
MinorOrNone = Annotated[int, Field(ge=0, le=MOST_MINOR, strict=True, description="In minor units.")]
Currency = Annotated[
    str,
    Field(
        pattern="^[A-Z]{3}$",
        description="If sent, it must be the practice's currency: a guard against mix-ups.",
    ),
]
Day = Annotated[date, AfterValidator(_in_calendar)]
Moment = Annotated[datetime, AfterValidator(_in_zone)]
Flag = Annotated[bool, Field(strict=True)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Quantity = Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=2)]
Short = Annotated[str, Field(max_length=40), AfterValidator(_sendable)]
Line = Annotated[str, Field(max_length=80), AfterValidator(_sendable)]
Supplier = Annotated[str, Field(max_length=120), AfterValidator(_sendable)]
Title = Annotated[str, Field(max_length=120), AfterValidator(_sendable)]
Long = Annotated[str, Field(max_length=160), AfterValidator(_sendable)]
Reason = Annotated[str, Field(max_length=200), AfterValidator(_sendable)]
Remark = Annotated[str, Field(max_length=300), AfterValidator(_sendable)]
Text = Annotated[str, Field(max_length=10_000), AfterValidator(_sendable)]
Email = Annotated[str, Field(max_length=254), AfterValidator(_sendable)]


class Done(TypedDict):
    """An act that has nothing to say but that it is done."""

    id: int
