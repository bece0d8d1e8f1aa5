"""Lists of what came in and what went back: one page at a time, with its totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum

from creditwell.money.money import Money
from creditwell.payments.models import Dishonour, Payment, PaymentPart, Refund, RefundPart
from creditwell.people.queries import find_patients
from creditwell.tenancy.access import PracticeFacts

SHOWS = ("all", "not_allocated", "void", "refunds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is asked for; "" and None ask for everything. `source_id` is a payment source."""

    show: str = "all"
    search: str = ""
    source_id: int | None = None
    since: date | None = None
    until: date | None = None

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.source_id or self.since or self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """
    A payment (positive), a refund or what the bank took back (negative); `state` is a status word.
    `id` of what the bank took back ("dishonour") is that of its payment.
    """

    kind: str
    id: int
    number: str
    payer_name: str
    patient_id: int | None
    on: date
    sources: str
    state: str
    total: Money
    not_allocated: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTotal:
    """What a source took and gave back, of everything that the filters let through."""

    name: str
    received: Money
    refunded: Money
    dishonoured: Money  # taken back by the bank

    @property
    def net(self) -> Money:
        return self.received - self.refunded - self.dishonoured


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of the list, newest day first."""

    lines: tuple[PaymentLine, ...]
    more: bool


def list_payments(
    practice: PracticeFacts, filters: Filters, *, page: int = 1, size: int = 50
) -> Listing:
    """
    One page of payments and refunds, by day; a bounded number of queries.

    Both are cut to what could be on the page before they are mixed.
    """
    end = page * size + 1
    keys: list[tuple[date, datetime, str, int]] = []
    if filters.show != "refunds":
        rows = payments_for(practice, filters).order_by("-received_on", "-pk")
        keys += [
            (on, at, "payment", pk)
            for pk, on, at in rows.values_list("pk", "received_on", "recorded_at")[:end]
        ]
    if filters.show in ("all", "refunds"):
        rows_back = refunds_for(practice, filters).order_by("-refunded_on", "-pk")
        keys += [
            (on, at, "refund", pk)
            for pk, on, at in rows_back.values_list("pk", "refunded_on", "created_at")[:end]
        ]
    if filters.show == "all":
        rows_taken = dishonours_for(practice, filters).order_by("-dishonoured_on", "-pk")
        keys += [
            (on, at, "dishonour", pk)
            for pk, on, at in rows_taken.values_list("pk", "dishonoured_on", "created_at")[:end]
        ]
    keys.sort(reverse=True)
    shown = keys[(page - 1) * size : page * size]
    found = {
        **_payment_lines(practice, [key[3] for key in shown if key[2] == "payment"]),
        **_refund_lines(practice, [key[3] for key in shown if key[2] == "refund"]),
        **_dishonour_lines(practice, [key[3] for key in shown if key[2] == "dishonour"]),
    }
    return Listing(
        lines=tuple(found[key[2], key[3]] for key in shown), more=len(keys) > page * size
    )


def totals_by_source(practice: PracticeFacts, filters: Filters) -> tuple[SourceTotal, ...]:
    """
    What each source took, gave back and lost to the bank, each on its own day; void payments are
    left out. Three queries.
    """
    sums: dict[tuple[int, str], list[int]] = {}
    if filters.show != "refunds":
        parts = PaymentPart.objects.filter(
            practice_id=practice.id,
            payment__in=payments_for(practice, filters).filter(status="recorded"),
        )
        _add(sums, parts, "source", 0, filters.source_id)
    if filters.show in ("all", "refunds"):
        back = RefundPart.objects.filter(
            practice_id=practice.id, refund__in=refunds_for(practice, filters)
        )
        _add(sums, back, "source", 1, filters.source_id)
    if filters.show == "all":
        _add(sums, dishonours_for(practice, filters), "part__source", 2, filters.source_id)
    return tuple(
        SourceTotal(
            name=name,
            received=practice.money(came),
            refunded=practice.money(went),
            dishonoured=practice.money(taken),
        )
        for (_position, name), (came, went, taken) in sorted(sums.items())
    )


def _add(
    sums: dict[tuple[int, str], list[int]],
    rows: QuerySet[Any],
    source: str,
    at: int,
    source_id: int | None,
) -> None:
    if source_id is not None:
        rows = rows.filter(**{f"{source}_id": source_id})
    grouped = rows.values_list(f"{source}__position", f"{source}__name")
    for position, name, total in grouped.annotate(total=Sum("amount_minor")):
        sums.setdefault((position, name), [0, 0, 0])[at] += total or 0


def payments_for(practice: PracticeFacts, filters: Filters) -> QuerySet[Payment]:
    """The payments that the filters let through."""
    rows = Payment.objects.filter(practice_id=practice.id)
    if filters.since:
        rows = rows.filter(received_on__gte=filters.since)
    if filters.until:
        rows = rows.filter(received_on__lte=filters.until)
    if filters.source_id:
        rows = rows.filter(
            pk__in=PaymentPart.objects.filter(
                practice_id=practice.id, source_id=filters.source_id
            ).values("payment_id")
        )
    if filters.search:
        rows = rows.filter(_searched(practice, filters.search, practice.receipt_prefix))
    if filters.show == "not_allocated":
        rows = rows.filter(status="recorded", lot__account__balance_minor__gt=0)
    elif filters.show == "void":
        rows = rows.exclude(status="recorded")
    return rows


def refunds_for(practice: PracticeFacts, filters: Filters) -> QuerySet[Refund]:
    """The refunds that the filters let through."""
    rows = Refund.objects.filter(practice_id=practice.id)
    if filters.since:
        rows = rows.filter(refunded_on__gte=filters.since)
    if filters.until:
        rows = rows.filter(refunded_on__lte=filters.until)
    if filters.source_id:
        rows = rows.filter(
            pk__in=RefundPart.objects.filter(
                practice_id=practice.id, source_id=filters.source_id
            ).values("refund_id")
        )
    if filters.search:
        rows = rows.filter(_searched(practice, filters.search, ""))
    return rows


def dishonours_for(practice: PracticeFacts, filters: Filters) -> QuerySet[Dishonour]:
    """What the bank took back, on the day that it did, as far as the filters let it through."""
    rows = Dishonour.objects.filter(practice_id=practice.id)
    if filters.since:
        rows = rows.filter(dishonoured_on__gte=filters.since)
    if filters.until:
        rows = rows.filter(dishonoured_on__lte=filters.until)
    if filters.source_id:
        rows = rows.filter(part__source_id=filters.source_id)
    if filters.search:
        rows = rows.filter(
            part__payment__in=Payment.objects.filter(
                _searched(practice, filters.search, practice.receipt_prefix),
                practice_id=practice.id,
            )
        )
    return rows


def _searched(practice: PracticeFacts, text: str, prefix: str) -> Q:
    """By receipt number, as printed or bare, or by patient."""
    bare = text.strip().upper().removeprefix(prefix.upper()).lstrip("#")
    people = find_patients(practice_id=practice.id, text=text, limit=200, archived=True)
    found = Q(payer_id__in=[person.payer_id for person in people])
    if bare.isascii() and bare.isdigit() and len(bare) < 18:
        found |= Q(number=int(bare))
    return found


def _payment_lines(
    practice: PracticeFacts, ids: Sequence[int]
) -> dict[tuple[str, int], PaymentLine]:
    rows = (
        Payment.objects.filter(practice_id=practice.id, pk__in=ids)
        .select_related("payer__patient", "lot__account")
        .prefetch_related("parts__source")
    )
    return {
        ("payment", row.pk): PaymentLine(
            kind="payment",
            id=row.pk,
            number=practice.receipt_number(row.number),
            payer_name=row.payer.name,
            patient_id=_patient_id(row.payer),
            on=row.received_on,
            sources=_names(part.source.name for part in row.parts.all()),
            state=_state(row),
            total=practice.money(row.total_minor),
            not_allocated=practice.money(row.lot.account.balance_minor or 0),
            at=row.recorded_at,
        )
        for row in rows
    }


def _state(row: Payment) -> str:
    if row.status != Payment.Status.RECORDED:
        return "edited" if row.status == Payment.Status.REPLACED else "void"
    left = row.lot.account.balance_minor or 0
    if any(part.dishonoured_minor for part in row.parts.all()):
        return "dishonoured"
    if sum(part.refunded_minor for part in row.parts.all()) == row.total_minor:
        return "refunded"
    if left == 0:
        return "allocated"
    return "not_allocated" if left == row.total_minor else "part_allocated"


def _refund_lines(
    practice: PracticeFacts, ids: Sequence[int]
) -> dict[tuple[str, int], PaymentLine]:
    rows = (
        Refund.objects.filter(practice_id=practice.id, pk__in=ids)
        .select_related("payer__patient")
        .prefetch_related("parts__source")
    )
    return {
        ("refund", row.pk): PaymentLine(
            kind="refund",
            id=row.pk,
            number=str(row.number),
            payer_name=row.payer.name,
            patient_id=_patient_id(row.payer),
            on=row.refunded_on,
            sources=_names(part.source.name for part in row.parts.all()),
            state="refunded",
            total=practice.money(-row.total_minor),
            not_allocated=practice.money(0),
            at=row.created_at,
        )
        for row in rows
    }


def _dishonour_lines(
    practice: PracticeFacts, ids: Sequence[int]
) -> dict[tuple[str, int], PaymentLine]:
    rows = Dishonour.objects.filter(practice_id=practice.id, pk__in=ids)
    return {
        ("dishonour", row.pk): PaymentLine(
            kind="dishonour",
            id=row.part.payment_id,
            number=practice.receipt_number(row.part.payment.number),
            payer_name=row.part.payment.payer.name,
            patient_id=_patient_id(row.part.payment.payer),
            on=row.dishonoured_on,
            sources=row.part.source.name,
            state="dishonoured",
            total=practice.money(-row.amount_minor),
            not_allocated=practice.money(0),
            at=row.created_at,
        )
        for row in rows.select_related("part__source", "part__payment__payer__patient")
    }


def _names(names: Any) -> str:
    return ", ".join(dict.fromkeys(names))


def _patient_id(payer: Any) -> int | None:
    patient = getattr(payer, "patient", None)
    return patient.pk if patient else None
