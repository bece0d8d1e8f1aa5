"""The sale of a package is voided with its invoice, as long as nothing of it was used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from creditwell.invoicing.models import InvoiceLine
from creditwell.kernel.errors import Refusal
from creditwell.packages.acts import Line, write_act
from creditwell.packages.booking import give_back
from creditwell.packages.models import ActKind, Package, PackageAct, Session
from creditwell.tenancy.access import PracticeFacts, Written

QUIET = (
    ActKind.SOLD,
    ActKind.BOOKED,
    ActKind.GIVEN_BACK,
    ActKind.USED,
    ActKind.USE_RETURNED,
    ActKind.FORFEITED,
    ActKind.FORFEIT_RETURNED,
    ActKind.SHARED,
    ActKind.SHARE_ENDED,
)
"""What may have happened to a package whose sale is unmade, if all its sessions are free."""


class PackageUsed(Refusal):
    """Something of the package was used, changed or given back, so its sale is not unmade."""

    code = "package_used"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The package of this invoice was used or changed already, so the invoice cannot be "
                "voided. Refund what is left of the package on its page."
            )
        )


def hold_sold(practice: PracticeFacts, *, invoice_id: int) -> list[Package]:
    """
    Hold the packages of an invoice that is to be voided.

    :raises PackageUsed: if more happened to one than being booked
    """
    lines = InvoiceLine.objects.filter(
        practice_id=practice.id, invoice_id=invoice_id, account_id__isnull=False
    )
    if not lines.exists():
        return []
    packages = Package.objects.select_for_update(of=("self",), no_key=True).filter(
        practice_id=practice.id, line__invoice_id=invoice_id
    )
    found = list(packages.order_by("pk"))
    if lines.count() > len(found):
        raise PackageUsed  # more was charged for a package that was sold by another invoice
    if any(_is_used(practice, package) for package in found):
        raise PackageUsed
    return found


def used_since(practice: PracticeFacts, *, invoice_id: int) -> bool:
    """Whether `hold_sold` would refuse: to say so before somebody asks. Locks nothing."""
    lines = InvoiceLine.objects.filter(
        practice_id=practice.id, invoice_id=invoice_id, account_id__isnull=False
    )
    packages = list(
        Package.objects.filter(practice_id=practice.id, line__invoice_id=invoice_id).order_by("pk")
    )
    return lines.count() > len(packages) or any(_is_used(practice, one) for one in packages)


def has_moved_since(practice: PracticeFacts, packages: Sequence[Package]) -> bool:
    """
    Whether value came back into one on a later day than its sale: unmade on the day of sale, the
    package would end the days in between below nothing.
    """
    later = Session.objects.filter(
        practice_id=practice.id, package__in=packages, since_on__gt=F("package__sold_on")
    )
    return bool(packages) and later.exists()


def void_sold(
    practice: PracticeFacts,
    packages: Sequence[Package],
    *,
    on: date,
    entry_id: int | None,
    written: Written,
) -> None:
    """
    Take packages off the record whose invoice's entry was reversed (on a day, by an entry); booked
    sessions are given back, and their visits have none.
    """
    for package in packages:
        _void(
            practice,
            package,
            Line(
                package_id=package.pk,
                kind=ActKind.VOIDED,
                on=on,
                value_minor=-_held(package),
                entry_id=entry_id,
            ),
            written,
        )


def _is_used(practice: PracticeFacts, package: Package) -> bool:
    """Whether more happened to a package than being booked."""
    changed = PackageAct.objects.filter(practice_id=practice.id, package_id=package.pk).exclude(
        kind__in=QUIET
    )
    used = Session.objects.filter(practice_id=practice.id, package_id=package.pk).exclude(
        status__in=["free", "booked"]
    )
    return package.ended_at is not None or used.exists() or changed.exists()


def _void(practice: PracticeFacts, package: Package, line: Line, written: Written) -> None:
    sessions = Session.objects.select_for_update(of=("self",)).filter(
        practice_id=practice.id, package_id=package.pk
    )
    for session in sessions.filter(status="booked").order_by("pk"):
        give_back(practice, session, written=written)
    sessions.update(status="refunded")
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        ended_at=written.at, net_minor=0, tax_minor=0
    )
    write_act(practice.id, line, written)


def _held(package: Package) -> int:
    return package.net_minor + (package.tax_minor if package.tax_at_use else 0)
