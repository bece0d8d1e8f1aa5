"""Sell a package no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.operations import set_archived
from creditwell.kernel.usecase import usecase
from creditwell.packages.products import lock_product
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class ArchivePackageProduct:
    practice_id: int
    key: str = ""
    by: Actor
    product_id: int


@dataclass(frozen=True, kw_only=True)
class PackageProductArchived:
    product_id: int


@usecase(PackageProductArchived)
def archive_package_product(
    command: ArchivePackageProduct, now: datetime
) -> PackageProductArchived:
    """
    Offer the package no longer; those that were sold, and memberships, go on.

    :raises NotFound: if this practice has no such package on offer
    """
    product = lock_product(practice_id=command.practice_id, product_id=command.product_id)
    set_archived(product.item, product.item.archived_at or now)
    note(
        "archive_package_product",
        ("package_product", product.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": product.item.name},
    )
    return PackageProductArchived(product_id=product.pk)
