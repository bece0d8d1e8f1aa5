"""What is left of a period goes over into the next one, with its exact value in the books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.ledger.post import Journal
from creditwell.packages.acts import Line, write_act
from creditwell.packages.booking import take_units
from creditwell.packages.models import ActKind, Package, Session, SoldCover, SoldPart
from creditwell.packages.rules import Share, open_on
from creditwell.packages.selling import Place, session_row
from creditwell.tenancy.access import PracticeFacts, Written

Covers = frozenset[tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Portion:
    """So many free units of one part, and what they are worth; rows that go as they are."""

    part_id: int
    share: Share
    since_on: date
    row_ids: tuple[int, ...] = ()


def roll_over(practice: PracticeFacts, before: Package, after: Package, *, written: Written) -> int:
    """
    Move free units of the period before, up to its limit, into the next one; returns how many.

    What it does not take stays where it is, and lapses with that package. Units that cannot stand
    in the other package (they are counted or taxed in another way) stay, too: their package is
    given as long as the new period. Whoever calls holds both packages and their payer.
    """
    if not _goes_on(before, after):
        return 0
    free = Session.objects.select_for_update(of=("self",)).filter(
        practice_id=practice.id, package_id=before.pk, status="free", units__gt=0
    )
    rows = _chosen(free.order_by("bonus", "pk"), before.rollover_most)
    if not rows:
        return 0
    if not _same_books(before, after):
        return _prolong(practice, before, after, sum(units for _row, units in rows), written)
    portions = _portions(practice, before, rows)
    on = max(after.sold_on, *(portion.since_on for portion in portions))
    _move(practice, before, after, portions, on=on, written=written)
    return sum(portion.share.units for portion in portions)


def _goes_on(before: Package, after: Package) -> bool:
    """Whether it lapses before the new period ends; what was extended or paused stays as it is."""
    ends_on = after.expires_on
    if before.rollover_most == 0 or before.ended_at is not None or before.expires_on is None:
        return False
    if ends_on is None or before.expires_on > ends_on:
        return False
    return open_on(
        after.sold_on,
        expires_on=None,
        paused_on=before.paused_on,
        resumes_on=before.resumes_on,
    )


def _same_books(before: Package, after: Package) -> bool:
    if before.measure != after.measure or before.tax_at_use != after.tax_at_use:
        return False
    return not before.tax_at_use or before.tax_rate_id == after.tax_rate_id


def _chosen(rows: Iterable[Session], most: int) -> list[tuple[Session, int]]:
    """The first rows, with the units of each, until there are `most`."""
    chosen = []
    for row in rows:
        units = min(most, row.units)
        if units == 0:
            break
        chosen.append((row, units))
        most -= units
    return chosen


def _portions(
    practice: PracticeFacts, before: Package, rows: Sequence[tuple[Session, int]]
) -> list[_Portion]:
    """By part. Counted sessions go as they are; of a stretch so many units are taken off."""
    portions = []
    for part_id in dict.fromkeys(row.part_id for row, _units in rows):
        mine = [(row, units) for row, units in rows if row.part_id == part_id]
        units = sum(units for _row, units in mine)
        if before.measure == "sessions":
            share = Share(
                units=units,
                value=practice.money(sum(row.value_minor for row, _units in mine)),
                tax=practice.money(sum(row.tax_minor for row, _units in mine)),
            )
            portion = _Portion(
                part_id=part_id,
                share=share,
                since_on=max(row.since_on for row, _units in mine),
                row_ids=tuple(row.pk for row, _units in mine),
            )
        else:
            taken = take_units(practice, [row for row, _units in mine], units)
            portion = _Portion(part_id=part_id, share=taken.share, since_on=taken.since_on)
        portions.append(portion)
    return portions


def _move(
    practice: PracticeFacts,
    before: Package,
    after: Package,
    portions: Sequence[_Portion],
    *,
    on: date,
    written: Written,
) -> None:
    net = sum(portion.share.value.minor for portion in portions)
    tax = sum(portion.share.tax.minor for portion in portions)
    held, entry_id = net + (tax if before.tax_at_use else 0), None
    if held:
        journal = Journal(practice.id)
        journal.move(
            "package_transfer", on, source=before.account_id, target=after.account_id, minor=held
        )
        entry_id = journal.post().entry_ids[0]
    places = _places(practice.id, before, after, [portion.part_id for portion in portions])
    place = Place(practice_id=practice.id, package_id=after.pk, since_on=on, at=written.at)
    for portion in portions:
        _move_portion(practice, place, places[portion.part_id], portion)
    rows = Package.objects.filter(practice_id=practice.id)
    for package, sign in ((before, -1), (after, 1)):
        rows.filter(pk=package.pk).update(
            net_minor=F("net_minor") + sign * net, tax_minor=F("tax_minor") + sign * tax
        )
        other = after if package is before else before
        details = {
            "units": sum(portion.share.units for portion in portions),
            "measure": before.measure,
            "to_package_id" if package is before else "from_package_id": other.pk,
        }
        line = Line(
            package_id=package.pk,
            kind=ActKind.ROLLED_OVER,
            on=on,
            value_minor=sign * held,
            entry_id=entry_id,
            details=details,
        )
        write_act(practice.id, line, written)


def _move_portion(practice: PracticeFacts, place: Place, part_id: int, portion: _Portion) -> None:
    if portion.row_ids:
        Session.objects.filter(practice_id=practice.id, pk__in=portion.row_ids).update(
            package_id=place.package_id, part_id=part_id, since_on=place.since_on
        )
    else:
        insert_row(Session, session_row(place, part_id, portion.share))
    parts = SoldPart.objects.filter(practice_id=practice.id)
    parts.filter(pk=portion.part_id).update(units=F("units") - portion.share.units)
    parts.filter(pk=part_id).update(units=F("units") + portion.share.units)


def _places(
    practice_id: int, before: Package, after: Package, part_ids: Sequence[int]
) -> dict[int, int]:
    """Which part of the new package takes what: the one that is good for the same, or a new one."""
    old, new = _covers(practice_id, before), _covers(practice_id, after)
    there = {covers: part_id for part_id, covers in reversed(new.items())}
    found: dict[int, int] = {}
    for part_id in part_ids:
        target = there.get(old[part_id])
        if target is None:
            target = _copy_part(practice_id, part_id, after, position=len(new) + len(found))
        found[part_id] = target
    return found


def _covers(practice_id: int, package: Package) -> dict[int, Covers]:
    parts = SoldPart.objects.filter(practice_id=practice_id, package_id=package.pk)
    return {
        part.pk: frozenset(
            (cover.appointment_type_id, cover.item_id) for cover in part.covers.all()
        )
        for part in parts.prefetch_related("covers")
    }


def _copy_part(practice_id: int, part_id: int, after: Package, *, position: int) -> int:
    part = SoldPart.objects.prefetch_related("covers").get(practice_id=practice_id, pk=part_id)
    new_id = insert_row(
        SoldPart,
        {
            "practice_id": practice_id,
            "package_id": after.pk,
            "position": position,
            "name": part.name,
            "units": 0,
            "weight": part.weight,
        },
    )
    insert_rows(
        SoldCover,
        [
            {
                "practice_id": practice_id,
                "part_id": new_id,
                "appointment_type_id": cover.appointment_type_id,
                "item_id": cover.item_id,
                "price_minor": cover.price_minor,
            }
            for cover in part.covers.all()
        ],
    )
    return new_id


def _prolong(
    practice: PracticeFacts, before: Package, after: Package, units: int, written: Written
) -> int:
    was = before.expires_on
    Package.objects.filter(practice_id=practice.id, pk=before.pk).update(
        expires_on=after.expires_on
    )
    details = {
        "from": was.isoformat() if was else None,
        "until": after.expires_on.isoformat() if after.expires_on else None,
        "to_package_id": after.pk,
    }
    write_act(
        practice.id,
        Line(
            package_id=before.pk,
            kind=ActKind.EXTENDED,
            on=practice.day_of(written.at),
            details=details,
        ),
        written,
    )
    return units
