"""
The roll-forward a second time: raw postings, added up in plain Python by rules written down anew.

It shares no statement and no table of words with `payments.queries_liability`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from django.db import connection

from creditwell.credit.models import Lot
from creditwell.payments.models import Payment, Voucher
from creditwell.payments.queries_liability import RollForward
from creditwell.people.models import Patient
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.models import Practice

NAMES = {
    "payment": "received",
    "goodwill": "given",
    "goodwill_return": "given",
    "opening": "given",
    "opening_return": "given",
    "allocation": "used",
    "allocation_return": "used",
    "refund": "refunded",
    "expiry": "expired",
    "expiry_return": "expired",
    "dishonour": "dishonoured",
}
_POSTINGS = """
SELECT l.id, e.kind, g.occurred_on, g.amount_minor
  FROM ledger_posting g, ledger_entry e, credit_lot l
 WHERE l.practice_id = %s AND g.practice_id = l.practice_id AND g.account_id = l.account_id
   AND e.practice_id = g.practice_id AND e.id = g.entry_id AND g.occurred_on <= %s
"""
Lines = dict[str, int]


def assert_second_query_agrees(practice: Practice, found: RollForward) -> None:
    """Every line of every group comes to the same, and the groups to the total."""
    again = roll_again(practice, found.since, found.until, found.by)
    shown = {row.key: _lines(row) for row in (*found.rows,)}
    assert {key: row for key, row in shown.items() if any(row.values())} == {
        key: row for key, row in again.items() if any(row.values())
    }, found.by
    together: Counter[str] = Counter()
    for row in again.values():
        together.update(row)
    assert _lines(found.total) == {name: together[name] for name in _lines(found.total)}


def roll_again(practice: Practice, since: date, until: date, by: str) -> dict[str, Lines]:
    """By group: each line of the roll-forward, with what it began and ended with."""
    place = _placing(practice, until)[by]
    lots = {lot.pk: lot for lot in Lot.objects.filter(practice=practice)}
    groups: dict[str, Lines] = {}
    with connection.cursor() as cursor:
        cursor.execute(_POSTINGS, [practice.pk, until])
        for lot_id, kind, day, minor in cursor.fetchall():
            lot = lots[lot_id]
            root = lots[lot.root_id] if lot.root_id else lot
            lines = groups.setdefault(place(lot, root), dict.fromkeys(EVERY, 0))
            lines["opening" if day < since else _line(kind, minor)] += minor
            lines["closing"] += minor
    return groups


EVERY = (
    *("opening", "received", "given", "used", "refunded", "expired", "dishonoured"),
    *("transferred_in", "transferred_out", "corrected", "closing"),
)


def _line(kind: str, minor: int) -> str:
    if kind == "transfer":
        return "transferred_in" if minor > 0 else "transferred_out"
    if kind == "transfer_return":  # off where it had come in, and back where it had gone out
        return "transferred_in" if minor < 0 else "transferred_out"
    return NAMES.get(kind, "corrected")


def _lines(row: object) -> Lines:
    return {name: getattr(row, name).minor for name in EVERY}


def _placing(practice: Practice, until: date) -> dict[str, Callable[[Lot, Lot], str]]:
    """How a lot and the one that its money first came into are grouped."""
    here = dict(Payment.objects.filter(practice=practice).values_list("lot_id", "location_id"))
    vouchers = set(Voucher.objects.filter(practice=practice).values_list("payer_id", flat=True))
    patients = set(Patient.objects.filter(practice=practice).values_list("payer_id", flat=True))
    seen = _last_visits(practice, until)

    def kind(lot: Lot, root: Lot) -> str:
        return "voucher" if lot.payer_id in vouchers else root.kind

    def visit(lot: Lot, _root: Lot) -> str:
        if lot.payer_id not in patients:
            return "nobody"
        last = seen.get(lot.payer_id)
        if last is None:
            return "never"
        days = (until - last).days
        return "90" if days <= 90 else "365" if days <= 365 else "longer"

    def age(_lot: Lot, root: Lot) -> str:
        days = (until - root.received_on).days
        for most, word in ((30, "0-30"), (90, "31-90"), (180, "91-180"), (365, "181-365")):
            if days <= most:
                return word
        return "366"

    return {
        "location": lambda _lot, root: str(here.get(root.pk) or 0),
        "age": age,
        "visit": visit,
        "kind": kind,
    }


def _last_visits(practice: Practice, until: date) -> dict[int, date]:
    """By payer: the last day on or before `until` on which they were here, on the clinic's wall."""
    zone, last = ZoneInfo(practice.time_zone), dict[int, date]()
    rows = Attendee.objects.filter(practice=practice).select_related("appointment", "patient")
    for row in rows:
        if "cancelled" in (row.status, row.appointment.status) or row.status == "did_not_arrive":
            continue
        day, payer = row.appointment.starts_at.astimezone(zone).date(), row.patient.payer_id
        if payer is not None and day <= until:
            last[payer] = max(day, last.get(payer, day))
    return last
