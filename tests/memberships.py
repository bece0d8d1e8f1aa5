"""Memberships in tests: keyword-only, valid by default."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from creditwell.packages.models import Membership, Package, Product
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.cancel_membership import CancelMembership, cancel_membership
from creditwell.usecases.keep_membership import KeepMembership, keep_membership
from creditwell.usecases.pause_membership import PauseMembership, pause_membership
from creditwell.usecases.resume_membership import ResumeMembership, resume_membership
from creditwell.usecases.start_membership import (
    MembershipStarted,
    StartMembership,
    start_membership,
)
from tests.acts import new_key
from tests.factories import NOW, Clinic
from tests.sold import make_product, make_visit_type


def noon(day: date) -> datetime:
    """Noon of a day in Sydney."""
    return datetime.combine(day, time(12), ZoneInfo("Australia/Sydney"))


def make_renewing(clinic: Clinic, **terms: Any) -> Product:
    """Four visits each month for 200.00, of which two roll over."""
    defaults: dict[str, Any] = {
        "units": 4,
        "price_minor": 20000,
        "renews_count": 1,
        "rollover_most": 2,
        "name": "Four a month",
    }
    kind = terms.pop("kind", None) or make_visit_type(clinic)
    return make_product(clinic, kind, **{**defaults, **terms})


def start(clinic: Clinic, product: Product, **fields: Any) -> MembershipStarted:
    now = fields.pop("now", NOW)
    defaults = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "patient_id": clinic.patient.pk,
        "product_id": product.pk,
    }
    return start_membership(StartMembership(**{**defaults, **fields}), now)


def _fields(clinic: Clinic, membership_id: int, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "membership_id": membership_id,
        **fields,
    }


def pause(clinic: Clinic, pk: int, *, now: datetime = NOW, **fields: Any) -> Any:
    return pause_membership(PauseMembership(**_fields(clinic, pk, fields)), now)


def resume(clinic: Clinic, pk: int, *, now: datetime = NOW, **fields: Any) -> Any:
    return resume_membership(ResumeMembership(**_fields(clinic, pk, fields)), now)


def cancel(clinic: Clinic, pk: int, *, now: datetime = NOW, **fields: Any) -> Any:
    fields = {"reason": "Moved away", **fields}
    return cancel_membership(CancelMembership(**_fields(clinic, pk, fields)), now)


def keep(clinic: Clinic, pk: int, *, now: datetime = NOW) -> Any:
    return keep_membership(KeepMembership(**_fields(clinic, pk, {})), now)


def membership(pk: int) -> Membership:
    return Membership.objects.get(pk=pk)


def periods(pk: int) -> list[Package]:
    """The packages of a membership, oldest first."""
    found = Package.objects.filter(membership_id=pk).select_related("account", "line__invoice")
    return list(found.order_by("period_number"))
