"""Package products and sales in tests: keyword-only, valid by default."""

from __future__ import annotations

from typing import Any

from creditwell.catalog.models import TaxRate
from creditwell.packages.models import Package, Part, PartCover, Product, Session
from creditwell.people.models import Patient
from creditwell.scheduling.models import AppointmentType, TypeItem
from creditwell.tenancy.access import facts_of
from tests.acts import invoice
from tests.factories import NOW, Clinic, make_appointment_type, make_item


def make_visit_type(clinic: Clinic, *, price_minor: int = 10000, **fields: Any) -> AppointmentType:
    """A kind of visit that bills one item of that price."""
    kind = make_appointment_type(practice=clinic.practice, **fields)
    item = make_item(practice=clinic.practice, price_minor=price_minor, name=f"Item of {kind.name}")
    TypeItem.objects.create(practice=clinic.practice, appointment_type=kind, item=item)
    return kind


def make_product(
    clinic: Clinic,
    *kinds: AppointmentType | tuple[AppointmentType, ...],
    units: int | tuple[int, ...] = 5,
    price_minor: int = 45000,
    tax: TaxRate | None = None,
    tax_at_use: bool = False,
    weights: tuple[int, ...] = (),
    **terms: Any,
) -> Product:
    """
    A product with a part for each kind of visit; a tuple of kinds is one part good for any of them.
    """
    item = make_item(
        practice=clinic.practice,
        price_minor=price_minor,
        kind="package",
        tax_rate=tax,
        tax_at_use=tax_at_use,
        name=terms.pop("name", "Five sessions"),
    )
    product = Product.objects.create(practice=clinic.practice, item=item, created_at=NOW, **terms)
    counts = units if isinstance(units, tuple) else (units,) * len(kinds)
    for n, (kind, count) in enumerate(zip(kinds, counts, strict=True)):
        part = Part.objects.create(
            practice=clinic.practice,
            product=product,
            position=n,
            units=count,
            weight=weights[n] if weights else 0,
        )
        for one in kind if isinstance(kind, tuple) else (kind,):
            PartCover.objects.create(practice=clinic.practice, part=part, appointment_type=one)
    return product


def sell(
    clinic: Clinic, product: Product, *, patient: Patient | None = None, **content: Any
) -> Package:
    """Sell a package on an invoice of its own; not paid."""
    written = invoice(clinic, item=product.item, patient=patient, **content)
    return Package.objects.get(practice=clinic.practice, pk=written.package_ids[0])


def sessions(package: Package) -> list[Session]:
    """The sessions of a package in order."""
    return list(Session.objects.filter(package_id=package.pk).order_by("pk"))


def states(package: Package) -> list[str]:
    return [one.status for one in sessions(package)]


def unearned(package: Package) -> int:
    """What stands in the package's account."""
    package.account.refresh_from_db()
    return package.account.balance_minor or 0


def facts(clinic: Clinic) -> Any:
    return facts_of(clinic.practice)
