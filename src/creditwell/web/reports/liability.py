"""The credit liability report as a page shows it, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from creditwell.payments.queries_liability import (
    BY,
    HeldLot,
    Roll,
    RollForward,
    held_lots,
    roll_forward,
)
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.queries_place import location_names
from creditwell.web.components.spreadsheet import csv_answer
from creditwell.web.door.links import page_link
from creditwell.web.reports.asked import Asked, Period, address, by_of, group_of, page_number
from creditwell.web.reports.rolls import (
    SIZE,
    Behind,
    Line,
    Link,
    Table,
    Where,
    ranges,
    table,
    table_csv,
    tabs,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report as shown."""

    period: Period
    found: RollForward
    lines: tuple[Line, ...]
    table: Table
    tabs: tuple[Link, ...]
    ranges: tuple[Link, ...]
    by_word: str
    lots_url: str
    csv_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """One lot behind a closing figure."""

    lot: HeldLot
    origin: str
    payer_url: str
    payment_url: str


def report(practice: PracticeFacts, asked: Asked, period: Period, today: date) -> Report:
    """Put the page together; three queries."""
    by = by_of(asked)
    found = roll_forward(practice, period.since, period.until, by=by)
    names = group_names(practice, by)
    here = {"since": period.since, "until": period.until}
    return Report(
        period=period,
        found=found,
        lines=tuple(_lines(found.total)),
        table=table(column_words(net=True), found, names, partial(_lots_url, by, period)),
        tabs=tabs(by_words(), by, period),
        ranges=tuple(ranges(by, period, today)),
        by_word=by_words()[by],
        lots_url=reverse("credit_lots") + address(until=period.until),
        csv_url=reverse("credit_report_csv") + address(by=by, **here),
    )


def column_words(*, net: bool) -> dict[str, str]:
    """The columns of the groups; transfers as in less out, or each in its own."""
    both = {"transferred_in": _("Transferred in"), "transferred_out": _("Transferred out")}
    return {
        "opening": _("Opening"),
        "received": _("Received"),
        "given": _("Given"),
        "used": _("Used"),
        "refunded": _("Refunded"),
        "expired": _("Expired"),
        "dishonoured": _("Dishonoured"),
        **({"transferred": _("Transferred")} if net else both),
        "corrected": _("Corrected"),
        "closing": _("Closing"),
    }


def by_words() -> dict[str, str]:
    """What groups are called, in the order of the tabs."""
    words = (_("By location"), _("By age"), _("By last visit"), _("By kind"))
    return dict(zip(BY, words, strict=True))


def group_names(practice: PracticeFacts, by: str) -> dict[str, str]:
    """The names of groups by their keys; one query for locations, else none."""
    if by == "location":
        places = location_names(practice_id=practice.id)
        return {**{str(pk): name for pk, name in places.items()}, "0": _("No location")}
    return {
        "age": {
            "0-30": _("Up to 30 days old"),
            "31-90": _("31 to 90 days old"),
            "91-180": _("91 to 180 days old"),
            "181-365": _("181 to 365 days old"),
            "366": _("More than a year old"),
        },
        "visit": {
            "90": _("Here within the last 90 days"),
            "365": _("Last here 91 to 365 days ago"),
            "longer": _("Last here more than a year ago"),
            "never": _("Never here"),
            "nobody": _("Not a patient"),
        },
        "kind": kind_names(),
    }[by]


def kind_names() -> dict[str, str]:
    """Kinds of credit in words."""
    return {
        "payment": _("Paid"),
        "goodwill": _("Goodwill"),
        "opening": _("Opening balances"),
        "voucher": _("Vouchers not redeemed"),
        "other": _("Other"),
    }


def _lots_url(by: str, period: Period, key: str) -> str:
    return reverse("credit_lots") + address(by=by, of=key, until=period.until)


def _lines(total: Roll) -> Iterable[Line]:
    yield Line(word=_("Received"), amount=total.received, hint=_("payments taken"))
    yield Line(word=_("Given"), amount=total.given, hint=_("goodwill and opening balances"))
    yield Line(word=_("Used"), amount=total.used, hint=_("for invoices, less what was taken back"))
    yield Line(word=_("Refunded"), amount=total.refunded)
    yield Line(word=_("Expired"), amount=total.expired, hint=_("less what grace gave back"))
    yield Line(word=_("Dishonoured"), amount=total.dishonoured, hint=_("taken back by the bank"))
    yield Line(word=_("Transferred in"), amount=total.transferred_in)
    yield Line(word=_("Transferred out"), amount=total.transferred_out)
    yield Line(
        word=_("Voided and corrected"), amount=total.corrected, hint=_("payments taken by mistake")
    )


def lots(practice: PracticeFacts, asked: Asked, until: date) -> Behind[LotLine]:
    """One page of lots; two queries at most."""
    group = group_of(asked)
    where = Where(
        group=group,
        until=until,
        number=page_number(asked),
        report_url=reverse("credit_report"),
        csv_url=reverse("credit_lots_csv"),
    )
    found = held_lots(practice, until, group, after=where.after, limit=SIZE)
    return where.page(
        [_lot_line(row) for row in found.lots],
        name=group_names(practice, group[0]).get(group[1], "") if group else "",
        count=found.count,
        total=found.total,
    )


def _lot_line(lot: HeldLot) -> LotLine:
    payer_url = ""
    if lot.patient_id:
        payer_url = page_link("credit_explain", lot.patient_id)
    elif lot.contact_id:
        payer_url = page_link("contact_explain", lot.contact_id)
    return LotLine(
        lot=lot,
        origin=origin_words(lot),
        payer_url=payer_url,
        payment_url=page_link("payment", lot.payment_id) if lot.payment_id else "",
    )


def origin_words(lot: HeldLot) -> str:
    """Where a lot's money first came from: "Payment P-12", "Goodwill"."""
    if lot.receipt:
        return _("Payment %(number)s") % {"number": lot.receipt}
    return kind_names().get(lot.kind, lot.kind)


def report_csv(practice: PracticeFacts, found: RollForward) -> HttpResponse:
    """The groups as a table, then all of them together."""
    groups = by_words()[found.by], group_names(practice, found.by)
    return table_csv(practice, "credit", column_words(net=False), found, groups)


def lots_csv(practice: PracticeFacts, asked: Asked, until: date) -> HttpResponse:
    """All lots behind a closing figure."""
    found = held_lots(practice, until, group_of(asked), limit=None)
    head = [
        _("Whose"),
        _("From"),
        _("Transferred"),
        _("Kind"),
        _("Received"),
        _("Expires"),
        _("Left"),
        _("Currency"),
        _("Last visit"),
    ]
    kinds = kind_names()
    return csv_answer(
        f"credit-lots-{until}.csv",
        head,
        (
            [
                lot.payer,
                origin_words(lot),
                _("yes") if lot.transferred else "",
                kinds.get(lot.kind, lot.kind),
                lot.received_on,
                lot.expires_on,
                lot.left,
                practice.currency,
                lot.last_visit_on,
            ]
            for lot in found.lots
        ),
    )
