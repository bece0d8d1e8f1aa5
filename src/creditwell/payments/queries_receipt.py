"""Read one payment as its receipt shows it. A bounded number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from creditwell.kernel.errors import NotFound
from creditwell.ledger.queries_history import legs_of
from creditwell.money.money import Money
from creditwell.payments.causes import ACTS, Causes, add_credit_acts
from creditwell.payments.models import (
    Allocation,
    Dishonour,
    Payment,
    PaymentPart,
    RefundPart,
    TransferPart,
)
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPart:
    """What came by one source: `till` went into it, `rounding` is what cash rounding added."""

    id: int
    source: str
    kind: str
    reference: str
    till: Money
    rounding: Money
    refunded: Money
    dishonoured: Money

    @property
    def settled(self) -> Money:
        return self.till + self.rounding

    @property
    def bank_has_left(self) -> Money:
        """What the bank could still take back."""
        return self.settled - self.dishonoured

    @property
    def through_bank(self) -> bool:
        """A bank could take some of it back: cash never went through one."""
        return self.kind != "cash" and bool(self.bank_has_left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """What of a lot pays an invoice and still stands; `patient` is whose invoice it is."""

    allocation_id: int
    invoice_id: int
    invoice_number: str
    patient: str
    amount: Money
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WentBack:
    """What of the payment was refunded."""

    refund_id: int
    number: int
    on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenByBank:
    """What of the payment the bank took back; `loss` of it had been refunded before."""

    source: str
    on: date
    amount: Money
    loss: Money
    reason: str

    @property
    def off_credit(self) -> Money:
        return self.amount - self.loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """
    Credit of the payment that went another way than to an invoice or a refund: transferred, sold
    as a voucher, expired, taken back by the bank. Negative when it came back. `kind` is that of
    the entry, or "voucher": then `expires_on` is its last day, if it has one.
    """

    kind: str
    on: date
    text: str
    amount: Money
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another payment, by its receipt."""

    id: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """
    A payment: parts = total = went + refunded + elsewhere + not allocated (or taken back, when it
    does not stand any more). `credit_used` is account credit from before that was used in the
    same act.
    """

    id: int
    number: str
    status: str
    payer_id: int
    payer_name: str
    patient_id: int | None
    location_id: int | None
    received_on: date
    recorded_at: datetime
    recorded_by: str
    note: str
    total: Money
    parts: tuple[ReceiptPart, ...]
    went: tuple[Went, ...]
    refunds: tuple[WentBack, ...]
    dishonours: tuple[TakenByBank, ...]
    elsewhere: tuple[Elsewhere, ...]
    not_allocated: Money
    credit_used: tuple[Went, ...]
    voided_on: date | None
    void_reason: str
    replaces: Other | None
    replaced_by: Other | None

    @property
    def stands(self) -> bool:
        return self.status == Payment.Status.RECORDED

    @property
    def allocated(self) -> Money:
        return Money.total((row.amount for row in self.went), self.total.currency)


def receipt(practice: PracticeFacts, payment_id: int) -> Receipt:
    """
    Read a payment as its receipt shows it, as things stand now.

    :raises NotFound: if it is not of this practice
    """
    row = (
        Payment.objects.filter(practice_id=practice.id, pk=payment_id)
        .select_related("payer__patient", "lot__account", "recorded_by", "replaces")
        .first()
    )
    if row is None:
        raise NotFound
    patient = getattr(row.payer, "patient", None)
    later = Payment.objects.filter(practice_id=practice.id, replaces_id=row.pk).first()
    return Receipt(
        id=row.pk,
        number=practice.receipt_number(row.number),
        status=row.status,
        payer_id=row.payer_id,
        payer_name=row.payer.name,
        patient_id=patient.pk if patient else None,
        location_id=row.location_id,
        received_on=row.received_on,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by.name if row.recorded_by else "",
        note=row.note,
        total=practice.money(row.total_minor),
        parts=_parts(practice, row.pk),
        went=_went(practice, row),
        refunds=_refunds(practice, row),
        dishonours=_dishonours(practice, row.pk),
        elsewhere=_elsewhere(practice, row),
        not_allocated=practice.money(row.lot.account.balance_minor or 0),
        credit_used=_credit_used(practice, row),
        voided_on=row.voided_on,
        void_reason=row.void_reason,
        replaces=_other(practice, row.replaces),
        replaced_by=_other(practice, later),
    )


def _other(practice: PracticeFacts, row: Payment | None) -> Other | None:
    return Other(id=row.pk, number=practice.receipt_number(row.number)) if row else None


def _parts(practice: PracticeFacts, payment_id: int) -> tuple[ReceiptPart, ...]:
    rows = (
        PaymentPart.objects.filter(practice_id=practice.id, payment_id=payment_id)
        .select_related("source")
        .order_by("pk")
    )
    return tuple(
        ReceiptPart(
            id=part.pk,
            source=part.source.name,
            kind=part.source.kind,
            reference=part.reference,
            till=practice.money(part.amount_minor),
            rounding=practice.money(part.rounding_minor),
            refunded=practice.money(part.refunded_minor),
            dishonoured=practice.money(part.dishonoured_minor),
        )
        for part in rows
    )


def _went(practice: PracticeFacts, payment: Payment) -> tuple[Went, ...]:
    rows = Allocation.objects.filter(practice_id=practice.id, lot_id=payment.lot_id)
    return tuple(
        _standing(practice, row, payment.payer_id)
        for row in rows.select_related("invoice__payer").order_by("pk")
        if row.amount_minor > row.returned_minor
    )


def _credit_used(practice: PracticeFacts, payment: Payment) -> tuple[Went, ...]:
    """The allocations of other lots of this payer that were written in the same moment."""
    rows = Allocation.objects.filter(
        practice_id=practice.id,
        lot__payer_id=payment.payer_id,
        payment__isnull=True,
        created_at=payment.recorded_at,
    ).exclude(lot_id=payment.lot_id)
    return tuple(
        _standing(practice, row, payment.payer_id)
        for row in rows.select_related("invoice__payer").order_by("pk")
        if row.amount_minor > row.returned_minor
    )


def _standing(practice: PracticeFacts, row: Allocation, payer_id: int) -> Went:
    return Went(
        allocation_id=row.pk,
        invoice_id=row.invoice_id,
        invoice_number=practice.invoice_number(row.invoice.number),
        patient="" if row.invoice.payer_id == payer_id else row.invoice.payer.name,
        amount=practice.money(row.amount_minor - row.returned_minor),
        on=row.allocated_on,
    )


def _dishonours(practice: PracticeFacts, payment_id: int) -> tuple[TakenByBank, ...]:
    rows = Dishonour.objects.filter(practice_id=practice.id, part__payment_id=payment_id)
    return tuple(
        TakenByBank(
            source=row.part.source.name,
            on=row.dishonoured_on,
            amount=practice.money(row.amount_minor),
            loss=practice.money(row.loss_minor),
            reason=row.reason,
        )
        for row in rows.select_related("part__source").order_by("pk")
    )


def _elsewhere(practice: PracticeFacts, payment: Payment) -> tuple[Elsewhere, ...]:
    """What acts of credit moved on the payment's lot; one query where there were none."""
    legs = [
        leg
        for leg in legs_of(practice_id=practice.id, account_ids=[payment.lot.account_id])
        if leg.kind in ACTS
    ]
    if not legs:
        return ()
    causes = Causes()
    entries = {leg.undoes_id or leg.entry_id for leg in legs}
    add_credit_acts(practice, causes, [payment.payer_id], entries)
    sold = _sold(practice, payment)
    return tuple(
        Elsewhere(
            kind="voucher" if leg.entry_id in sold else leg.kind,
            expires_on=sold.get(leg.entry_id),
            on=leg.on,
            text=causes.of(leg.entry_id, undoes_id=leg.undoes_id, onto=leg.amount_minor > 0).text,
            amount=practice.money(-leg.amount_minor),
        )
        for leg in legs
    )


def _sold(practice: PracticeFacts, payment: Payment) -> dict[int, date | None]:
    """The last day of each gift voucher that the payment sold, by the entry of its sale."""
    rows = TransferPart.objects.filter(
        practice_id=practice.id,
        from_lot_id=payment.lot_id,
        to_lot__payer__voucher__payment_id=payment.pk,
    )
    return dict(rows.values_list("transfer__entry_id", "to_lot__expires_on"))


def _refunds(practice: PracticeFacts, payment: Payment) -> tuple[WentBack, ...]:
    """Off the payment's own lot; what was refunded after it went elsewhere is in there."""
    rows = (
        RefundPart.objects.filter(
            practice_id=practice.id, part__payment_id=payment.pk, lot_id=payment.lot_id
        )
        .select_related("refund")
        .order_by("pk")
    )
    found: dict[int, WentBack] = {}
    for row in rows:
        amount = practice.money(row.amount_minor + row.rounding_minor)
        before = found.get(row.refund_id)
        found[row.refund_id] = WentBack(
            refund_id=row.refund_id,
            number=row.refund.number,
            on=row.refund.refunded_on,
            amount=amount + before.amount if before else amount,
        )
    return tuple(found.values())
