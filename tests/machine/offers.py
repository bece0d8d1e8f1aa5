"""What the machine's clinics have on offer: kinds of visit, and packages of every measure."""

from __future__ import annotations

from typing import Any

from creditwell.scheduling.models import AppointmentType
from tests.factories import Clinic
from tests.machine.packs import Kind, Offer
from tests.sold import make_product, make_visit_type


def make_kinds(clinic: Clinic) -> list[Kind]:
    """Two for one patient each, and a group."""
    wanted: list[dict[str, Any]] = [
        {"price_minor": 10000},
        {"price_minor": 14999, "duration_minutes": 45},
        {"price_minor": 3333, "max_attendees": 9},
    ]
    rows = [make_visit_type(clinic, **fields) for fields in wanted]
    return [
        Kind(
            id=row.pk,
            minutes=row.duration_minutes,
            price=fields["price_minor"],
            group=row.max_attendees > 1,
        )
        for row, fields in zip(rows, wanted, strict=True)
    ]


def make_offers(clinic: Clinic, kinds: list[Kind]) -> list[Offer]:
    """Odd prices, both ways of taxing, each rule once."""
    short, long, group = kinds
    wanted: list[dict[str, Any]] = [
        {"parts": ((3, (short,)),), "price": 10000, "late": 50},
        {"parts": ((5, (short,)), (2, (long, group))), "price": 49999, "tax": True, "days": 60},
        {"parts": ((10, (short, long, group)),), "price": 77777, "at_use": True, "no_show": 33},
        {"parts": ((200, (short, long)),), "price": 20001, "measure": "minutes", "late": 50},
        {"parts": ((30000, (short, group)),), "price": 25001, "measure": "money", "at_use": True},
        {"parts": ((2, (group,)),), "price": 1, "days": 20, "from_first": True, "no_show": 50},
        {"parts": ((4, (long,)),), "price": 40000, "paid_first": True, "fee": 1500, "tax": True},
        {"parts": ((1, (short,)),), "price": 0},
        {"parts": ((6, (short,)),), "price": 18001, "days": 90, "late": 25},
    ]
    return [_make(clinic, **fields) for fields in wanted]


def _make(
    clinic: Clinic,
    *,
    parts: tuple[tuple[int, tuple[Kind, ...]], ...],
    price: int,
    measure: str = "sessions",
    tax: bool = False,
    at_use: bool = False,
    **terms: Any,
) -> Offer:
    types = {row.pk: row for row in AppointmentType.objects.filter(practice=clinic.practice)}
    product = make_product(
        clinic,
        *(tuple(types[kind.id] for kind in kinds) for _units, kinds in parts),
        units=tuple(units for units, _kinds in parts),
        price_minor=price,
        tax=clinic.tax if tax or at_use else None,
        tax_at_use=at_use,
        measure=measure,
        usable_when="paid" if terms.get("paid_first") else "at_once",
        valid_count=terms.get("days"),
        valid_unit="day",
        valid_from="first_use" if terms.get("from_first") else "sale",
        no_show_percent=terms.get("no_show", 100),
        late_cancel_percent=terms.get("late", 0),
        refund_fee_minor=terms.get("fee", 0),
    )
    return Offer(
        id=product.pk,
        item=product.item_id,
        category=product.item.category_id,
        measure=measure,
        parts=parts,
        price=price,
        at_use=at_use,
        **terms,
    )
