"""Which packages a visit could use. Units are sessions, minutes, or minor units of money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from creditwell.catalog.models import Item
from creditwell.invoicing.lines import LineInput, priced_lines, total_of
from creditwell.packages.models import SoldCover
from creditwell.packages.owing import OWING
from creditwell.packages.queries import STANDS_AT
from creditwell.packages.rules import Offer, in_order
from creditwell.people.models import Patient
from creditwell.scheduling.models import TypeItem
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A visit to come: whose, of which type, on which day of the practice, how long."""

    patient_id: int
    type_id: int
    on: date
    minutes: int


_OFFERS_SQL = f"""
WITH theirs AS MATERIALIZED (
    SELECT k.*, NULL::bigint AS most_units FROM packages_package k
     WHERE k.practice_id = %(practice)s AND k.patient_id = %(patient)s
    UNION ALL
    SELECT k.*, share.most_units FROM packages_packageshare share
      JOIN packages_package k ON k.practice_id = share.practice_id AND k.id = share.package_id
     WHERE share.practice_id = %(practice)s AND share.patient_id = %(patient)s
       AND share.ended_at IS NULL AND k.patient_id <> %(patient)s
)
SELECT k.id, part.id, k.payer_id,
       (SELECT name FROM people_payer WHERE practice_id = k.practice_id AND id = k.payer_id),
       k.name, part.name, k.patient_id = %(patient)s, k.expires_on, k.sold_on,
       (SELECT count(*) FROM packages_soldcover c
         WHERE c.practice_id = part.practice_id AND c.part_id = part.id),
       held.free, held.total, k.measure,
       CASE WHEN k.most_units IS NOT NULL THEN greatest(0, k.most_units - held.theirs) END,
       k.usable_when = 'paid' AND {OWING} > 0
  FROM theirs k
  JOIN packages_soldpart part ON part.practice_id = k.practice_id AND part.package_id = k.id
 CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.units) FILTER (WHERE s.part_id = part.id AND s.status = 'free'), 0)
               ::bigint AS free,
           coalesce(sum(s.units) FILTER (WHERE s.part_id = part.id), 0)::bigint AS total,
           coalesce(sum(s.units) FILTER (
               WHERE s.patient_id = %(patient)s AND s.status IN ('booked', 'used', 'forfeited')
           ), 0)::bigint AS theirs
      FROM packages_session s
     WHERE s.practice_id = k.practice_id AND s.package_id = k.id
 ) held
 WHERE k.ended_at IS NULL
   AND (k.expires_on IS NULL OR k.expires_on >= %(on)s)
   AND NOT (k.paused_on IS NOT NULL AND %(on)s >= k.paused_on
            AND (k.resumes_on IS NULL OR %(on)s < k.resumes_on))
   AND EXISTS (SELECT FROM packages_soldcover c
                WHERE c.practice_id = part.practice_id AND c.part_id = part.id
                  AND (c.appointment_type_id = %(type)s OR c.item_id = ANY(%(items)s)))
"""  # noqa: S608  # pieces of SQL of our own
"""
Begins at the packages of one patient, own and shared, and looks the rest up from there. Written so
that the planner has no choice: of tables that were never analysed it believes that a practice has
one row in each, and then reads all packages of the practice for every invoice.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """
    What a visit could use, in the written order (`usable`), and what is there but cannot be used:
    `unpaid` until its invoice is paid, `short` because there is too little left of it.
    """

    usable: tuple[Offer, ...] = ()
    unpaid: tuple[Offer, ...] = ()
    short: tuple[Offer, ...] = ()


def offers_for(practice: PracticeFacts, wanted: Wanted) -> Offers:
    """Packages that the patient may use for such a visit, own and shared; a few queries."""
    items = _items_of(practice.id, wanted.type_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _OFFERS_SQL,
            {
                "practice": practice.id,
                "patient": wanted.patient_id,
                "type": wanted.type_id,
                "items": items,
                "on": wanted.on,
            },
        )
        rows = cursor.fetchall()
    price = 0
    if any(row[12] == "money" for row in rows):
        price = price_of_visit(practice, patient_id=wanted.patient_id, type_id=wanted.type_id)
    offers = [(_offer(row, {"minutes": wanted.minutes, "money": price}), row[14]) for row in rows]
    paid = [offer for offer, unpaid in offers if not unpaid]
    return Offers(
        usable=tuple(in_order(paid)),
        unpaid=tuple(in_order(offer for offer, unpaid in offers if unpaid)),
        short=tuple(offer for offer in paid if offer.free_units and not offer.is_enough),
    )


_AHEAD_SQL = f"""
SELECT s.part_id, sum(s.units)::bigint
  FROM packages_session s
  JOIN tenancy_practice zone ON zone.id = s.practice_id
  LEFT JOIN scheduling_attendee v ON v.practice_id = s.practice_id AND v.id = s.attendee_id
  LEFT JOIN scheduling_appointment a ON a.practice_id = v.practice_id AND a.id = v.appointment_id
 WHERE s.practice_id = %s AND s.part_id = ANY(%s)
   AND s.status IN ('booked', 'used', 'forfeited')
   AND {STANDS_AT} < %s
 GROUP BY s.part_id
"""  # noqa: S608  # a piece of SQL of our own


def ahead_of(*, practice_id: int, part_ids: Iterable[int], starts_at: datetime) -> dict[int, int]:
    """Units of parts that visits before a moment use; parts without any left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD_SQL, [practice_id, list(part_ids), starts_at])
        return dict(cursor.fetchall())


def _offer(row: tuple[Any, ...], takes: dict[str, int]) -> Offer:
    return Offer(
        package_id=row[0],
        part_id=row[1],
        payer_id=row[2],
        owner_name=row[3],
        name=row[4],
        part_name=row[5],
        own=row[6],
        expires_on=row[7],
        sold_on=row[8],
        covers_count=row[9],
        units=max(1, takes.get(row[12], 1)),
        free_units=row[10],
        total_units=row[11],
        measure=row[12],
        room_units=row[13],
    )


def covers(*, practice_id: int, part_id: int, type_id: int) -> bool:
    """Whether a part of a package is good for visits of a type; two queries."""
    good = Q(appointment_type_id=type_id) | Q(item_id__in=_items_of(practice_id, type_id))
    return SoldCover.objects.filter(good, practice_id=practice_id, part_id=part_id).exists()


def price_of_visit(practice: PracticeFacts, *, patient_id: int, type_id: int) -> int:
    """What a visit would be billed without a package, tax included (minor units)."""
    lines = tuple(
        LineInput(item_id=row.item_id, quantity=row.quantity, discount_percent=row.discount_percent)
        for row in TypeItem.objects.filter(practice_id=practice.id, appointment_type_id=type_id)
    )
    if not lines:
        return 0
    concession_id = (
        Patient.objects.filter(practice_id=practice.id, pk=patient_id)
        .values_list("concession_id", flat=True)
        .first()
    )
    rows = priced_lines(practice=practice, lines=lines, concession_id=concession_id)
    return total_of(practice, rows).total.minor


def list_prices(
    practice: PracticeFacts, *, type_ids: Iterable[int], item_ids: Iterable[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Usual prices of types and of items, in minor units, as prices are quoted; two queries."""
    by_type: dict[int, int] = {}
    rows = TypeItem.objects.filter(
        practice_id=practice.id,
        appointment_type_id__in=list(type_ids),
        item__practice_id=practice.id,
    ).select_related("item")
    for row in rows:
        price = practice.money(row.item.price_minor).at_rate(
            row.quantity * (100 - row.discount_percent) / 100
        )
        by_type[row.appointment_type_id] = by_type.get(row.appointment_type_id, 0) + price.minor
    items = Item.objects.filter(practice_id=practice.id, pk__in=list(item_ids))
    return by_type, dict(items.values_list("pk", "price_minor"))


def _items_of(practice_id: int, type_id: int) -> list[int]:
    rows = TypeItem.objects.filter(practice_id=practice_id, appointment_type_id=type_id)
    return list(rows.values_list("item_id", flat=True))
