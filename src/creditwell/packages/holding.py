"""
Take packages for an act. The person first: whoever changes a package holds its payer.

A visit's session is held before the visit itself, since acts of money lock people before visits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.models import Package
from creditwell.payments.operations import lock_several
from creditwell.people.models import Patient
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import PracticeFacts, practice_facts

LIVE = ("booked", "used", "forfeited")
"""States in which a session belongs to a visit."""


class PackageEnded(Refusal):
    """Nothing more can be done with a package that was voided, refunded or transferred whole."""

    code = "package_ended"

    def __init__(self) -> None:
        super().__init__(_("This package is over: it was refunded, transferred or voided."))


class ChangedMeanwhile(Refusal):
    """Whose people are concerned changed between looking and holding them."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            _("Somebody changed this at the same moment. Nothing was saved; look again and repeat.")
        )


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
    :raises ChangedMeanwhile: if one became another payer's while we waited
    """
    wanted = sorted(set(package_ids))
    rows = Package.objects.filter(practice_id=practice_id, pk__in=wanted)
    payers = set(payer_ids)
    for pair in rows.values_list("payer_id", "line__invoice__payer_id"):
        payers.update(pair)
    if not payers:
        raise NotFound(_("There is no such package in this practice."), param="package")
    facts = lock_several(practice_id=practice_id, payer_ids=payers)
    held = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {package.pk: package for package in held.select_related("line__invoice", "tax_rate")}
    if any({one.payer_id, one.line.invoice.payer_id} - payers for one in found.values()):
        raise ChangedMeanwhile
    if len(found) < len(wanted):
        raise NotFound(_("There is no such package in this practice."), param="package")
    return found, facts


def lock_package_and_patient(
    *, practice_id: int, package_id: int, patient_id: int, param: str
) -> tuple[Package, Patient, PracticeFacts]:
    """
    Hold a package and somebody else whom an act about it concerns. Whoever books for them holds
    them first, and finds what they may use as it then is.

    :raises NotFound: if one of them is not of this practice, or the patient was merged away
    :raises PackageEnded: if the package is over
    """
    patients = Patient.objects.filter(
        practice_id=practice_id, pk=patient_id, merged_into__isnull=True
    )
    patient = patients.first()
    if patient is None:
        raise NotFound(_("There is no such patient in this practice."), param=param)
    found, facts = lock_packages(
        practice_id=practice_id, package_ids=[package_id], payer_ids=[patient.payer_id]
    )
    package = found[package_id]
    if package.ended_at is not None:
        raise PackageEnded
    return package, patient, facts


def hold_for_visits(*, practice_id: int, attendee_ids: Iterable[int]) -> PracticeFacts:
    """
    Hold everybody whose sessions these visits have or could have, before the visits are.

    :raises ChangedMeanwhile: if that became somebody else while we waited
    """
    return _hold(practice_id, patient_ids=[], attendee_ids=list(attendee_ids))


def hold_for_patient(*, practice_id: int, patient_id: int) -> PracticeFacts:
    """
    Hold everybody whose packages a patient may use. An unknown patient holds nobody.

    :raises ChangedMeanwhile: if somebody else let them use one while we waited
    """
    return _hold(practice_id, patient_ids=[patient_id], attendee_ids=[])


_WHOSE_SQL = """
WITH RECURSIVE who AS (
    SELECT id, payer_id, merged_into_id FROM people_patient
     WHERE practice_id = %(practice)s AND (id = ANY(%(patients)s) OR id IN (
           SELECT patient_id FROM scheduling_attendee
            WHERE practice_id = %(practice)s AND id = ANY(%(visits)s)))
), visited AS (
    SELECT DISTINCT package_id FROM packages_session
     WHERE practice_id = %(practice)s AND attendee_id = ANY(%(visits)s)
       AND status IN ('booked', 'used', 'forfeited')
), behind AS (
    SELECT k.id, k.account_id, k.origin_id, k.membership_id FROM packages_package k
     WHERE k.practice_id = %(practice)s AND k.id IN (SELECT package_id FROM visited)
    UNION
    SELECT k.id, k.account_id, k.origin_id, k.membership_id
      FROM behind JOIN packages_package k
        ON k.practice_id = %(practice)s
       AND (k.id = behind.origin_id OR k.membership_id = behind.membership_id)
), charged AS (
    SELECT DISTINCT l.invoice_id FROM invoicing_invoiceline l
     WHERE l.practice_id = %(practice)s
       AND l.account_id = ANY(ARRAY(SELECT account_id FROM behind))
)
SELECT payer_id FROM who WHERE merged_into_id IS NULL
UNION
SELECT unnest(ARRAY[k.payer_id, (
           SELECT payer_id FROM invoicing_invoice WHERE practice_id = k.practice_id AND id = (
               SELECT invoice_id FROM invoicing_invoiceline
                WHERE practice_id = k.practice_id AND id = k.line_id))])
  FROM packages_package k
 WHERE k.practice_id = %(practice)s AND k.id = ANY(ARRAY(
       SELECT id FROM packages_package
        WHERE practice_id = %(practice)s AND patient_id = ANY(ARRAY(SELECT id FROM who))
       UNION ALL
       SELECT package_id FROM packages_packageshare
        WHERE practice_id = %(practice)s AND ended_at IS NULL
          AND patient_id = ANY(ARRAY(SELECT id FROM who))
       UNION ALL
       SELECT package_id FROM visited))
UNION
SELECT payer_id FROM invoicing_invoice
 WHERE practice_id = %(practice)s AND id = ANY(ARRAY(SELECT invoice_id FROM charged))
UNION
SELECT (SELECT payer_id FROM credit_lot WHERE practice_id = paid.practice_id AND id = paid.lot_id)
  FROM payments_allocation paid
 WHERE paid.practice_id = %(practice)s AND paid.returned_minor < paid.amount_minor
   AND paid.invoice_id = ANY(ARRAY(SELECT invoice_id FROM charged))
"""
"""
Who may use what the visits could have; and, as what is not kept of a session goes back, whose
invoices the packages of the visits were charged on, and whose credit paid those
(`crediting.payers_behind`).
"""


def _hold(practice_id: int, *, patient_ids: list[int], attendee_ids: list[int]) -> PracticeFacts:
    where = {"practice": practice_id, "patients": patient_ids, "visits": attendee_ids}
    payers = _whose(where)
    if not payers:
        return practice_facts(practice_id)
    facts = lock_several(practice_id=practice_id, payer_ids=payers)
    # Read again: a merge that was undone, or a permission that was given, while we waited. From
    # here on neither happens, for both hold the person that we hold.
    if not _whose(where) <= payers:
        raise ChangedMeanwhile
    return facts


def _whose(where: dict[str, Any]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE_SQL, where)
        return {row[0] for row in cursor.fetchall()}


def require_held(
    *, practice_id: int, attendee_ids: Iterable[int], appointment_ids: Iterable[int]
) -> None:
    """
    Of appointments that are held now: whether their visits are those whose people were held before.

    :raises ChangedMeanwhile: if somebody was put into one while we waited
    """
    coming = Attendee.objects.filter(
        practice_id=practice_id, appointment_id__in=list(appointment_ids)
    )
    if coming.exclude(pk__in=list(attendee_ids)).exists():
        raise ChangedMeanwhile
