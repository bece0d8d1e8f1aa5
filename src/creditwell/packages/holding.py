"""
Take packages for an act. The person first: whoever changes a package holds its payer.

A visit's session is held before the visit itself, since acts of money lock people before visits.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.models import Package, PackageShare, Session
from creditwell.payments.operations import lock_several
from creditwell.people.models import Patient
from creditwell.tenancy.access import PracticeFacts, practice_facts

LIVE = ("booked", "used", "forfeited")
"""States in which a session belongs to a visit."""


class PackageEnded(Refusal):
    """Nothing more can be done with a package that was voided, refunded or transferred whole."""

    code = "package_ended"

    def __init__(self) -> None:
        super().__init__(_("This package is over: it was refunded, transferred or voided."))


def lock_package(
    *, practice_id: int, package_id: int, ended_too: bool = False
) -> tuple[Package, PracticeFacts]:
    """
    Hold a package, its payer and whoever its invoice was written for, until the commit.

    :raises NotFound: if this practice has no such package
    :raises PackageEnded: if it is over, unless `ended_too`
    """
    found, facts = lock_packages(practice_id=practice_id, package_ids=[package_id])
    package = found[package_id]
    if package.ended_at is not None and not ended_too:
        raise PackageEnded
    return package, facts


def lock_packages(
    *, practice_id: int, package_ids: Iterable[int], payer_ids: Iterable[int] = ()
) -> tuple[dict[int, Package], PracticeFacts]:
    """
    Hold several, and further payers, in one order.

    :raises NotFound: if one of them is not of this practice
    """
    wanted = sorted(set(package_ids))
    rows = Package.objects.filter(practice_id=practice_id, pk__in=wanted)
    payers = set(payer_ids)
    for pair in rows.values_list("payer_id", "line__invoice__payer_id"):
        payers.update(pair)
    facts = lock_several(practice_id=practice_id, payer_ids=payers)
    held = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {package.pk: package for package in held.select_related("line__invoice", "tax_rate")}
    if len(found) < len(wanted):
        raise NotFound(_("There is no such package in this practice."), param="package")
    return found, facts


def hold_for_visits(*, practice_id: int, attendee_ids: Iterable[int]) -> PracticeFacts:
    """Hold everybody whose sessions these visits have or could have, before the visits are."""
    ids = list(attendee_ids)
    sessions = Session.objects.filter(practice_id=practice_id, attendee_id__in=ids, status__in=LIVE)
    patients = Patient.objects.filter(
        practice_id=practice_id, attendances__pk__in=ids, attendances__practice_id=practice_id
    )
    return _hold(
        practice_id,
        patient_ids=list(patients.values_list("pk", flat=True)),
        package_ids=list(sessions.values_list("package_id", flat=True)),
    )


def hold_for_patient(*, practice_id: int, patient_id: int) -> PracticeFacts:
    """Hold everybody whose packages a patient may use. An unknown patient holds nobody."""
    return _hold(practice_id, patient_ids=[patient_id], package_ids=[])


def _hold(practice_id: int, *, patient_ids: list[int], package_ids: list[int]) -> PracticeFacts:
    shared = PackageShare.objects.filter(
        practice_id=practice_id, patient_id__in=patient_ids, ended_at__isnull=True
    ).values_list("package_id", flat=True)
    rows = Package.objects.filter(
        Q(patient_id__in=patient_ids) | Q(pk__in=[*package_ids, *shared]),
        practice_id=practice_id,
    )
    payers: set[int] = set()
    for pair in rows.values_list("payer_id", "line__invoice__payer_id"):
        payers.update(pair)
    people = Patient.objects.filter(practice_id=practice_id, pk__in=patient_ids)
    payers.update(people.filter(merged_into__isnull=True).values_list("payer_id", flat=True))
    if not payers:
        return practice_facts(practice_id)
    return lock_several(practice_id=practice_id, payer_ids=payers)
