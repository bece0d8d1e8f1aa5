"""Packages: what is offered, what was sold, its sessions, and what happened to them."""

from creditwell.packages.models._products import (
    TERMS,
    Measure,
    Part,
    PartCover,
    Product,
    Sharing,
    StartsFrom,
    Terms,
    Unit,
    UsableWhen,
)
from creditwell.packages.models._sold import (
    ActKind,
    Membership,
    Package,
    PackageAct,
    PackageShare,
    Session,
    SessionStatus,
    SoldCover,
    SoldPart,
)

__all__ = [
    "TERMS",
    "ActKind",
    "Measure",
    "Membership",
    "Package",
    "PackageAct",
    "PackageShare",
    "Part",
    "PartCover",
    "Product",
    "Session",
    "SessionStatus",
    "Sharing",
    "SoldCover",
    "SoldPart",
    "StartsFrom",
    "Terms",
    "Unit",
    "UsableWhen",
]
