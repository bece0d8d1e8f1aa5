"""Acts on packages in tests, in short."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Sum

from creditwell.ledger.models import Posting
from creditwell.packages.ending import (
    Ask,
)
from creditwell.packages.models import Package
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from creditwell.usecases.refund_package import GiveBack, GivenBack, refund_package
from tests.acts import new_key, pay
from tests.factories import NOW, Clinic
from tests.visits import act, wish


def book(clinic: Clinic, kind: AppointmentType, days: int = 0, **fields: Any) -> int:
    start = NOW + timedelta(days=days)
    booked = book_appointment(wish(clinic, kind, starts_at=start, anyway=True, **fields), NOW)
    assert booked.attendee_id is not None
    return booked.attendee_id


def use(clinic: Clinic, kind: AppointmentType, times: int) -> list[int]:
    visits = [book(clinic, kind, n) for n in range(times)]
    for n, visit in enumerate(visits):
        mark_arrived(MarkAttendance(**act(clinic, attendee_id=visit)), NOW + timedelta(days=n))
    return visits


def give(clinic: Clinic, package: Package, **fields: Any) -> GiveBack:
    ask = {
        name: fields.pop(name)
        for name in ("units", "method", "fee_minor", "release")
        if name in fields
    }
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "package_id": package.pk,
        "reason": "Moving away",
        "ask": Ask(**ask),
    }
    return GiveBack(**{**values, **fields})


def refund(clinic: Clinic, package: Package, **fields: Any) -> GivenBack:
    now = fields.pop("now", NOW + timedelta(days=30))
    return refund_package(give(clinic, package, **fields), now)


def pay_for(clinic: Clinic, package: Package, minor: int, **fields: Any) -> Any:
    return pay(clinic, minor, pay=((package.line.invoice_id, minor),), **fields)


def balance(kind: str, reference: int | None = None) -> int:
    found = Posting.objects.filter(account__kind=kind)
    if reference is not None:
        found = found.filter(account__reference=reference)
    return found.aggregate(sum=Sum("amount_minor"))["sum"] or 0
