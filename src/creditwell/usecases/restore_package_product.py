"""Sell a package again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.operations import set_archived
from creditwell.kernel.usecase import usecase
from creditwell.packages.products import lock_product
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class RestorePackageProduct:
    practice_id: int
    key: str = ""
    by: Actor
    product_id: int


@dataclass(frozen=True, kw_only=True)
class PackageProductRestored:
    product_id: int


@usecase(PackageProductRestored)
def restore_package_product(
    command: RestorePackageProduct, now: datetime
) -> PackageProductRestored:
    """
    Offer the package again.

    :raises NotFound: if this practice has no such package on offer
    :raises CodeTaken: if another item has its code by now
    """
    product = lock_product(practice_id=command.practice_id, product_id=command.product_id)
    set_archived(product.item, None)
    note(
        "restore_package_product",
        ("package_product", product.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": product.item.name},
    )
    return PackageProductRestored(product_id=product.pk)
