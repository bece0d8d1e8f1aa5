"""Read gift vouchers: lists, one with its history. A bounded number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from creditwell.audit.queries import notes_about
from creditwell.credit.models import Lot
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import LotExpiry, RefundPart, TransferPart, TransferReturn, Voucher
from creditwell.payments.rules_voucher import ALPHABET, Life, shown, state_of
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherLine:
    """A voucher: value = left + redeemed + refunded + expired (+ what a void took back)."""

    id: int
    payer_id: int
    code: str  # as people read it
    state: str  # of rules_voucher.STATES
    value: Money
    left: Money
    sold_on: date
    expires_on: date | None
    buyer: str
    buyer_patient_id: int | None
    buyer_payer_id: int
    recipient_name: str
    recipient_email: str
    message: str
    payment_id: int
    receipt_number: str
    location_id: int | None  # where it was sold
    disabled_reason: str
    sold_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """
    A line of a voucher's history. `undo_id` is the transfer of a redemption that can be undone,
    `detail` why.
    """

    at: datetime
    kind: str
    text: str
    patient_id: int | None = None
    amount: Money | None = None
    who: str = ""
    undo_id: int | None = None
    transfer_id: int | None = None
    refund_id: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFacts:
    """One voucher whole."""

    line: VoucherLine
    redeemed: Money
    refunded: Money
    expired: Money
    happened: tuple[Happening, ...]


def _with_sums(practice_id: int) -> QuerySet[Voucher]:
    # A voucher has one lot (payments.check_vouchers).
    lot = Lot.objects.filter(practice_id=practice_id, payer_id=OuterRef("payer_id"))
    expired = (
        LotExpiry.objects.filter(practice_id=practice_id, lot__payer_id=OuterRef("payer_id"))
        .order_by()
        .values("lot__payer_id")
        .annotate(sum=Sum(F("amount_minor") - F("returned_minor")))
        .values("sum")
    )
    return (
        Voucher.objects.filter(practice_id=practice_id)
        .select_related("payment__payer__patient")
        .annotate(
            left_minor=Subquery(lot.values("account__balance_minor")[:1]),
            expires_on=Subquery(lot.values("expires_on")[:1]),
            expired_minor=Coalesce(Subquery(expired, output_field=IntegerField()), 0),
        )
    )


def list_vouchers(
    practice: PracticeFacts,
    *,
    show: str = "",
    text: str = "",
    today: date,
    page: int = 1,
    size: int,
) -> tuple[list[VoucherLine], bool]:
    """
    One page of vouchers, newest first, and whether more follow; one query.

    `show` is one of rules_voucher.STATES or "" for all; `text` a code, or part of a name.
    """
    rows = _with_sums(practice.id)
    over = Q(expires_on__lt=today)
    fresh = Q(expires_on__gte=today) | Q(expires_on__isnull=True)
    valid = Q(disabled_at__isnull=True)
    wanted = {
        "disabled": Q(disabled_at__isnull=False),
        "open": valid & Q(left_minor__gt=0) & fresh,
        "expired": valid & (Q(left_minor__gt=0) & over | Q(left_minor=0, expired_minor__gt=0)),
        "used": valid & Q(left_minor=0, expired_minor=0),
    }
    if show in wanted:
        rows = rows.filter(wanted[show])
    if text.strip():
        rows = rows.filter(_searched(text.strip()))
    start = (page - 1) * size
    found = list(rows.order_by("-pk")[start : start + size + 1])
    return [_line(practice, row, today) for row in found[:size]], len(found) > size


def _searched(text: str) -> Q:
    bare = "".join(one for one in text.upper() if one in ALPHABET)
    found = Q(recipient_name__icontains=text) | Q(payment__payer__name__icontains=text)
    if len(bare) >= 4:
        found |= Q(code__startswith=bare)
    return found


def voucher_lines(
    practice: PracticeFacts, *, today: date, ids: Iterable[int] = (), payment_id: int | None = None
) -> list[VoucherLine]:
    """Vouchers by id, or those that a payment sold, in the order they were sold; one query."""
    rows = _with_sums(practice.id)
    rows = rows.filter(payment_id=payment_id) if payment_id else rows.filter(pk__in=list(ids))
    return [_line(practice, row, today) for row in rows.order_by("pk")]


def voucher_line(practice: PracticeFacts, voucher_id: int, *, today: date) -> VoucherLine:
    """:raises NotFound: if this practice has no such voucher"""
    found = voucher_lines(practice, today=today, ids=[voucher_id])
    if not found:
        raise NotFound
    return found[0]


def _line(practice: PracticeFacts, row: Voucher, today: date) -> VoucherLine:
    left, expired = int(row.left_minor), int(row.expired_minor)  # type: ignore[attr-defined]  # annotated
    expires_on: date | None = row.expires_on  # type: ignore[attr-defined]
    life = Life(
        left_minor=left,
        expired_minor=expired,
        expires_on=expires_on,
        disabled=row.disabled_at is not None,
    )
    patient = getattr(row.payment.payer, "patient", None)
    return VoucherLine(
        id=row.pk,
        payer_id=row.payer_id,
        code=shown(row.code),
        state=state_of(life, today),
        value=practice.money(row.value_minor),
        left=practice.money(left),
        sold_on=row.sold_on,
        expires_on=expires_on,
        buyer=row.payment.payer.name,
        buyer_patient_id=patient.pk if patient else None,
        buyer_payer_id=row.payment.payer_id,
        recipient_name=row.recipient_name,
        recipient_email=row.recipient_email,
        message=row.message,
        payment_id=row.payment_id,
        receipt_number=practice.receipt_number(row.payment.number),
        location_id=row.payment.location_id,
        disabled_reason=row.disabled_reason,
        sold_at=row.created_at,
    )


def voucher_facts(practice: PracticeFacts, voucher_id: int, *, today: date) -> VoucherFacts:
    """
    One voucher with everything that happened to it, newest first; six queries.

    :raises NotFound: if this practice has no such voucher
    """
    line = voucher_line(practice, voucher_id, today=today)
    redeemed, lines = _redeemed(practice, line.payer_id)
    back = RefundPart.objects.filter(practice_id=practice.id, lot__payer_id=line.payer_id)
    refunds = list(back.select_related("refund__created_by").order_by("pk"))
    ran_out = LotExpiry.objects.filter(practice_id=practice.id, lot__payer_id=line.payer_id)
    expiries = list(ran_out.order_by("pk"))
    happened = [*lines, *_noted(practice, voucher_id)]
    happened += [
        Happening(
            at=row.refund.created_at,
            kind="refunded",
            text=_("Refunded by refund %(number)s") % {"number": row.refund.number},
            amount=practice.money(row.amount_minor + row.rounding_minor),
            who=row.refund.created_by.name if row.refund.created_by else "",
            refund_id=row.refund_id,
            detail=row.refund.reason,
        )
        for row in refunds
    ]
    happened += [
        Happening(
            at=row.created_at,
            kind="expired",
            text=_("Expired"),
            amount=practice.money(row.amount_minor),
        )
        for row in expiries
    ]
    return VoucherFacts(
        line=line,
        redeemed=redeemed,
        refunded=practice.money(sum(row.amount_minor + row.rounding_minor for row in refunds)),
        expired=practice.money(sum(row.amount_minor - row.returned_minor for row in expiries)),
        happened=tuple(sorted(happened, key=lambda one: one.at, reverse=True)),
    )


def _redeemed(practice: PracticeFacts, payer_id: int) -> tuple[Money, list[Happening]]:
    """What stands of all redemptions, and each of them with its undoing."""
    parts = (
        TransferPart.objects.filter(practice_id=practice.id, from_lot__payer_id=payer_id)
        .select_related("transfer__created_by", "to_lot__payer__patient", "to_lot__account")
        .order_by("pk")
    )
    total, lines = 0, []
    for part in parts:
        stands = part.amount_minor - part.returned_minor
        total += stands
        patient = getattr(part.to_lot.payer, "patient", None)
        whole = stands and (part.to_lot.account.balance_minor or 0) >= stands
        lines.append(
            Happening(
                at=part.transfer.created_at,
                kind="redeemed",
                text=_("Redeemed for %(name)s") % {"name": part.to_lot.payer.name},
                patient_id=patient.pk if patient else None,
                amount=practice.money(part.amount_minor),
                who=part.transfer.created_by.name if part.transfer.created_by else "",
                undo_id=part.transfer_id if whole else None,
                transfer_id=part.transfer_id,
            )
        )
    returns = TransferReturn.objects.filter(
        practice_id=practice.id, part__from_lot__payer_id=payer_id
    ).select_related("created_by", "part__to_lot__payer")
    lines += [
        Happening(
            at=back.created_at,
            kind="undone",
            text=_("Redemption for %(name)s undone") % {"name": back.part.to_lot.payer.name},
            amount=practice.money(back.amount_minor),
            who=back.created_by.name if back.created_by else "",
            transfer_id=back.part.transfer_id,
        )
        for back in returns.order_by("pk")
    ]
    return practice.money(total), lines


def _noted(practice: PracticeFacts, voucher_id: int) -> list[Happening]:
    """Selling, disabling and enabling, by the trail."""
    words = {
        "sell_voucher": ("sold", _("Sold")),
        "disable_voucher": ("disabled", _("Disabled")),
        "enable_voucher": ("enabled", _("Enabled again")),
        "email_voucher": ("sent", _("Sent by email")),
    }
    return [
        Happening(
            at=one.at,
            kind=words[one.action][0],
            text=words[one.action][1],
            who=one.who,
            detail=str(one.details.get("reason", "")),
        )
        for one in notes_about(practice_id=practice.id, subjects=[("voucher", voucher_id)])
        if one.action in words
    ]
