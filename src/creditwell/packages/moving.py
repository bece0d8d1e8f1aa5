"""Free units go from one package into another, with their exact value in the books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from creditwell.kernel.rows import insert_row, insert_rows, plus
from creditwell.ledger.post import Journal
from creditwell.packages.acts import Line, write_act
from creditwell.packages.booking import take_units
from creditwell.packages.models import ActKind, Package, Session, SoldCover, SoldPart
from creditwell.packages.rules import Share
from creditwell.packages.selling import Place, session_row
from creditwell.tenancy.access import PracticeFacts, Written

Covers = frozenset[tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """So many free units of one part, and what they are worth; rows that go as they are."""

    part_id: int
    share: Share
    since_on: date
    row_ids: tuple[int, ...] = ()


def chosen(rows: Iterable[Session], most: int) -> list[tuple[Session, int]]:
    """The first rows, with the units of each, until there are `most`."""
    chosen = []
    for row in rows:
        units = min(most, row.units)
        if units == 0:
            break
        chosen.append((row, units))
        most -= units
    return chosen


def portions_of(
    practice: PracticeFacts, before: Package, rows: Sequence[tuple[Session, int]]
) -> list[Portion]:
    """
    By part. Counted sessions go as they are; of a stretch so many units are taken off.
    """
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
            portion = Portion(
                part_id=part_id,
                share=share,
                since_on=max(row.since_on for row, _units in mine),
                row_ids=tuple(row.pk for row, _units in mine),
            )
        else:
            taken = take_units(practice, [row for row, _units in mine], units)
            portion = Portion(part_id=part_id, share=taken.share, since_on=taken.since_on)
        portions.append(portion)
    return portions


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """
    From which package into which, on which day of the books, and what both histories call it.

    `undoes` are the acts (of source and target) that are taken back with it.
    """

    source: Package
    target: Package
    on: date
    kinds: tuple[str, str] = (ActKind.ROLLED_OVER, ActKind.ROLLED_OVER)
    entry_kind: str = "package_transfer"
    reason: str = ""
    undoes: tuple[int | None, int | None] = (None, None)


def move(
    practice: PracticeFacts, way: Way, portions: Sequence[Portion], *, written: Written
) -> tuple[int, int]:
    """
    Move portions, their value in the books, and write both histories; returns the two acts.

    Whoever calls holds both packages and their payers.
    """
    source, target = way.source, way.target
    net = sum(portion.share.value.minor for portion in portions)
    tax = sum(portion.share.tax.minor for portion in portions)
    held, entry_id = net + (tax if source.tax_at_use else 0), None
    if held:
        journal = Journal(practice.id)
        accounts = {"source": source.account_id, "target": target.account_id}
        journal.move(way.entry_kind, way.on, **accounts, minor=held)
        entry_id = journal.post().entry_ids[0]
    places = _places(practice.id, source, target, [portion.part_id for portion in portions])
    place = Place(practice_id=practice.id, package_id=target.pk, since_on=way.on, at=written.at)
    for portion in portions:
        _move_portion(practice, place, places[portion.part_id], portion)
    rows = Package.objects.filter(practice_id=practice.id)
    for package, sign in ((source, -1), (target, 1)):
        rows.filter(pk=package.pk).update(
            net_minor=plus("net_minor", sign * net), tax_minor=plus("tax_minor", sign * tax)
        )
    units = sum(portion.share.units for portion in portions)
    return (
        _tell(practice.id, way, 0, (-held, entry_id, units), written),
        _tell(practice.id, way, 1, (held, entry_id, units), written),
    )


def _tell(
    practice_id: int, way: Way, side: int, what: tuple[int, int | None, int], written: Written
) -> int:
    package, other = (way.source, way.target) if side == 0 else (way.target, way.source)
    minor, entry_id, units = what
    line = Line(
        package_id=package.pk,
        kind=way.kinds[side],
        on=way.on,
        value_minor=minor,
        entry_id=entry_id,
        reason=way.reason,
        details={
            "units": units,
            "measure": package.measure,
            "to_package_id" if side == 0 else "from_package_id": other.pk,
        },
        undoes_id=way.undoes[side],
    )
    return write_act(practice_id, line, written)


def _move_portion(practice: PracticeFacts, place: Place, part_id: int, portion: Portion) -> None:
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
