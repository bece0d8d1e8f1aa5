"""What letters about packages and memberships need to know. No letter names the package itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from creditwell.integrations.email.facts import Addressee
from creditwell.integrations.email.facts_credit import reachable
from creditwell.kernel.errors import NotFound
from creditwell.packages.models import Membership, Package, Session
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftFacts:
    """A package for whoever has it: what of it is free or booked, or has expired, in units."""

    to: Addressee
    measure: str
    free_units: int
    booked_units: int
    expired_units: int
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFacts:
    """A period of a membership, for whoever pays for it."""

    to: Addressee
    invoice_id: int
    starts_on: date
    ends_on: date


def package_left(practice: PracticeFacts, package_id: int) -> LeftFacts:
    """:raises NotFound: if this practice has no such package."""
    package = (
        Package.objects.filter(practice_id=practice.id, pk=package_id)
        .select_related("patient__payer")
        .first()
    )
    if package is None:
        raise NotFound
    sums = dict(
        Session.objects.filter(practice_id=practice.id, package_id=package.pk)
        .values_list("status")
        .annotate(units=Sum("units"))
        .order_by("status")
    )
    over = package.ended_at is not None
    return LeftFacts(
        to=reachable(package.patient.payer),
        measure=package.measure,
        free_units=0 if over else sums.get("free", 0),
        booked_units=0 if over else sums.get("booked", 0),
        expired_units=sums.get("expired", 0),
        expires_on=package.expires_on,
    )


def period_facts(practice: PracticeFacts, package_id: int) -> PeriodFacts:
    """:raises NotFound: if this practice has no such package, or it is of no membership."""
    package = (
        Package.objects.filter(
            practice_id=practice.id, pk=package_id, period_starts_on__isnull=False
        )
        .select_related("payer", "line")
        .first()
    )
    if package is None or package.period_starts_on is None or package.period_ends_on is None:
        raise NotFound
    return PeriodFacts(
        to=reachable(package.payer),
        invoice_id=package.line.invoice_id,
        starts_on=package.period_starts_on,
        ends_on=package.period_ends_on,
    )


def member_of(practice: PracticeFacts, membership_id: int) -> tuple[Addressee, date | None]:
    """
    Whose membership it is, and its last day if it is cancelled.

    :raises NotFound: if this practice has no such membership
    """
    rows = Membership.objects.filter(practice_id=practice.id, pk=membership_id)
    row = rows.select_related("patient__payer").first()
    if row is None:
        raise NotFound
    return reachable(row.patient.payer), row.cancelled_on
