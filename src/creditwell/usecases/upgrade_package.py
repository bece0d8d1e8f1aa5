"""A package becomes a larger one, such as five sessions ten; the difference is charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.catalog.queries import price_of
from creditwell.kernel.errors import Invalid
from creditwell.kernel.rows import plus
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import upgrading
from creditwell.packages.acts import Line, write_act
from creditwell.packages.holding import lock_package
from creditwell.packages.models import ActKind, Package
from creditwell.packages.selling import Place
from creditwell.people.models import Patient
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases._charging import Charged, charge, line_for


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradePackage:
    """
    `price_minor` is what is charged, as prices are quoted; None: what the other package costs more.
    `renew`: its days begin anew today, by the other package's rule.
    """

    practice_id: int
    key: str
    by: Actor
    package_id: int
    product_id: int
    price_minor: int | None = None
    renew: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageUpgraded:
    package_id: int
    act_id: int
    invoice_id: int | None
    price_minor: int


@usecase(PackageUpgraded)
def upgrade_package(command: UpgradePackage, now: datetime) -> PackageUpgraded:
    """
    Give the package the content and the terms of the other one. What was used stays as it is; what
    is left of the value and what is charged now is shared out over what is not used.

    :raises NotFound: if package or product are not of this practice
    :raises PackageEnded, ChangedMeanwhile: as `lock_package`
    :raises NotAlike, NotLarger, RanOut: as `plan_upgrade`
    :raises Invalid: for a price below nothing
    :raises BooksClosed: if today's books are closed
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    today = practice.day_of(now)
    plan = upgrading.plan_upgrade(
        practice, package, command.product_id, renew=command.renew, today=today
    )
    price = command.price_minor
    if price is None:
        price = difference_minor(practice, package, plan)
    if price < 0:
        raise Invalid(_("Enter a price, or nothing to charge nothing."), param="price")
    charged = Charged()
    if price:
        text = upgrade_line(package, plan, price)
        charged = charge(practice, package, text, by=command.by, now=now)
    came = charged.net_minor, charged.tax_minor
    place = Place(practice_id=practice.id, package_id=package.pk, since_on=today, at=now)
    shared = upgrading.share_out(practice, package, plan, came=came)
    upgrading.write_upgrade(practice, package, plan, shared, place=place)
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        net_minor=plus("net_minor", came[0]), tax_minor=plus("tax_minor", came[1])
    )
    line = Line(
        package_id=package.pk,
        kind=ActKind.UPGRADED,
        on=today,
        value_minor=came[0] + (came[1] if package.tax_at_use else 0),
        entry_id=charged.entry_id,
        reason=" ".join(command.reason.split()),
        details=_details(package, plan, price, charged),
    )
    act_id = write_act(practice.id, line, Written(command.by, now))
    note(
        "upgrade_package",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"name": [package.name, plan.product.item.name], "price_minor": price},
    )
    emit("package.changed", {"package_id": package.pk}, practice_id=practice.id, at=now)
    return PackageUpgraded(
        package_id=package.pk, act_id=act_id, invoice_id=charged.invoice_id, price_minor=price
    )


def upgrade_line(package: Package, plan: upgrading.Upgrade, price_minor: int) -> Any:
    """The line that charges the difference."""
    text = _("%(package)s becomes %(other)s") % {
        "package": package.name,
        "other": plan.product.item.name,
    }
    return line_for(package, text, price_minor)


def difference_minor(practice: PracticeFacts, package: Package, plan: upgrading.Upgrade) -> int:
    """What the other package costs more than was charged for this, as prices are quoted."""
    concession_id = (
        Patient.objects.filter(practice_id=practice.id, pk=package.patient_id)
        .values_list("concession_id", flat=True)
        .first()
    )
    price = price_of(practice.id, plan.product.item_id, concession_id).minor
    paid = package.net_minor + (package.tax_minor if practice.prices_include_tax else 0)
    return max(0, price - paid)


def _details(
    package: Package, plan: upgrading.Upgrade, price_minor: int, charged: Charged
) -> dict[str, Any]:
    days = [day.isoformat() if day else "" for day in (package.expires_on, plan.expires_on)]
    return {
        "names": [package.name, plan.product.item.name],
        "product_ids": [package.product_id, plan.product.pk],
        "units_before": sum(step.before for step in plan.steps),
        "units_after": sum(step.after for step in plan.steps),
        "price_minor": price_minor,
        "invoice_id": charged.invoice_id,
        "expires_on": days,
    }
