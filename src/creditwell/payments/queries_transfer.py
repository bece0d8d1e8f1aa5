"""Transfers and gifts as their pages show them. A bounded number of queries each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from creditwell.credit.models import Lot, LotKind
from creditwell.credit.queries import open_lots
from creditwell.credit.rules import order_of_use, usable
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import Gift, Payment, Transfer, TransferPart
from creditwell.people.models import Contact, Patient, Payer
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The giver or the receiver of a transfer; `patient_id` is None of a contact."""

    payer_id: int
    name: str
    patient_id: int | None
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLot:
    """What came off one lot. `back` went back since, `left` of it the receiver still has."""

    kind: str  # in words
    receipt_number: str  # of the payment it first came by; "" for other credit
    payment_id: int | None
    received_on: date
    expires_on: date | None
    amount: Money
    back: Money
    left: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFacts:
    """A transfer: both sides, each lot, what stands of it."""

    id: int
    number: int
    on: date
    total: Money
    reason: str
    giver: Side
    receiver: Side
    lots: tuple[MovedLot, ...]
    made_at: datetime
    made_by: str

    @property
    def back(self) -> Money:
        return Money.total((lot.back for lot in self.lots), self.total.currency)

    @property
    def stands(self) -> bool:
        """Whether something of it has not gone back."""
        return self.back < self.total

    @property
    def used(self) -> Money:
        """What the receiver has used (or passed on) of what stands."""
        gone = (lot.amount - lot.back - lot.left for lot in self.lots)
        zero = Money.zero(self.total.currency)
        return Money.total((max(zero, one) for one in gone), self.total.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    """A transfer in the list."""

    id: int
    number: int
    on: date
    giver: str
    receiver: str
    total: Money
    undone: bool
    reason: str


def transfer_facts(practice: PracticeFacts, transfer_id: int) -> TransferFacts:
    """:raises NotFound: if this practice has no such transfer"""
    row = (
        Transfer.objects.filter(practice_id=practice.id, pk=transfer_id)
        .select_related("created_by")
        .first()
    )
    parts = list(
        TransferPart.objects.filter(practice_id=practice.id, transfer_id=transfer_id)
        .select_related("from_lot__root", "to_lot__account")
        .order_by("pk")
    )
    if row is None or not parts:
        raise NotFound
    sides = sides_of(practice, [parts[0].from_lot.payer_id, parts[0].to_lot.payer_id])
    roots = [part.from_lot.root_id or part.from_lot_id for part in parts]
    receipts = receipts_of_lots(practice, roots)
    return TransferFacts(
        id=row.pk,
        number=row.number,
        on=row.transferred_on,
        total=practice.money(row.total_minor),
        reason=row.reason,
        giver=sides[parts[0].from_lot.payer_id],
        receiver=sides[parts[0].to_lot.payer_id],
        lots=tuple(_moved(practice, part, receipts) for part in parts),
        made_at=row.created_at,
        made_by=row.created_by.name if row.created_by else "",
    )


def _moved(
    practice: PracticeFacts, part: TransferPart, receipts: dict[int, tuple[int, str]]
) -> MovedLot:
    first = part.from_lot.root or part.from_lot
    payment_id, number = receipts.get(first.pk, (None, ""))
    return MovedLot(
        kind=str(LotKind(part.to_lot.kind).label),
        receipt_number=number,
        payment_id=payment_id,
        received_on=first.received_on,
        expires_on=part.to_lot.expires_on,
        amount=practice.money(part.amount_minor),
        back=practice.money(part.returned_minor),
        left=practice.money(
            min(part.to_lot.account.balance_minor or 0, part.amount_minor - part.returned_minor)
        ),
    )


def receipts_of_lots(practice: PracticeFacts, lot_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Payment and receipt number by the lot that it opened; one query."""
    rows = Payment.objects.filter(practice_id=practice.id, lot_id__in=list(lot_ids))
    return {
        lot_id: (pk, practice.receipt_number(number))
        for lot_id, pk, number in rows.values_list("lot_id", "pk", "number")
    }


def sides_of(practice: PracticeFacts, payer_ids: Iterable[int]) -> dict[int, Side]:
    """Who these payers are, patients and contacts; three queries."""
    wanted = list(payer_ids)
    names = dict(
        Payer.objects.filter(practice_id=practice.id, pk__in=wanted).values_list("pk", "name")
    )
    mine = {"practice_id": practice.id, "payer_id__in": wanted}
    contacts = dict(Contact.objects.filter(**mine).values_list("payer_id", "email"))
    patients = {
        payer_id: (pk, email)
        for payer_id, pk, email in Patient.objects.filter(**mine).values_list(
            "payer_id", "pk", "email"
        )
    }
    return {
        payer_id: Side(
            payer_id=payer_id,
            name=name,
            patient_id=patients.get(payer_id, (None, ""))[0],
            email=patients.get(payer_id, (None, contacts.get(payer_id, "")))[1],
        )
        for payer_id, name in names.items()
    }


def list_transfers(
    practice: PracticeFacts, *, page: int = 1, size: int = 50
) -> tuple[list[TransferLine], bool]:
    """One page, newest first, and whether there are more; three queries."""
    start = (page - 1) * size
    rows = list(
        Transfer.objects.filter(practice_id=practice.id).order_by("-transferred_on", "-id")[
            start : start + size + 1
        ]
    )
    parts: dict[int, list[TransferPart]] = {}
    for part in TransferPart.objects.filter(
        practice_id=practice.id, transfer_id__in=[row.pk for row in rows]
    ).select_related("from_lot__payer", "to_lot__payer"):
        parts.setdefault(part.transfer_id, []).append(part)
    lines = [
        TransferLine(
            id=row.pk,
            number=row.number,
            on=row.transferred_on,
            giver=parts[row.pk][0].from_lot.payer.name,
            receiver=parts[row.pk][0].to_lot.payer.name,
            total=practice.money(row.total_minor),
            undone=all(part.returned_minor == part.amount_minor for part in parts[row.pk]),
            reason=row.reason,
        )
        for row in rows
    ]
    return lines[:size], len(rows) > size


@dataclass(frozen=True, slots=True, kw_only=True)
class LotChoice:
    """A lot that can be given away; `kind` in words, `number` of its receipt or ""."""

    id: int
    kind: str
    number: str
    received_on: date
    expires_on: date | None
    category: str
    left: Money


def lots_to_move(practice: PracticeFacts, payer_id: int, today: date) -> list[LotChoice]:
    """Usable credit of a payer in the written order of use; three queries."""
    lots = order_of_use(usable(open_lots(practice_id=practice.id, payer_ids=[payer_id]), today))
    receipts = receipts_of_lots(practice, [lot.root_id or lot.id for lot in lots])
    categories = dict(
        Lot.objects.filter(
            practice_id=practice.id, pk__in=[lot.id for lot in lots], category__isnull=False
        ).values_list("pk", "category__name")
    )
    return [
        LotChoice(
            id=lot.id,
            kind=str(LotKind(lot.kind).label),
            number=receipts.get(lot.root_id or lot.id, (0, ""))[1],
            received_on=lot.received_on,
            expires_on=lot.expires_on,
            category=categories.get(lot.id, ""),
            left=practice.money(lot.left_minor),
        )
        for lot in lots
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftFacts:
    """Goodwill or an opening balance that was given, and what is left of it."""

    id: int
    lot_id: int
    kind: str
    kind_name: str
    to: Side
    on: date
    total: Money
    left: Money
    reason: str
    expires_on: date | None
    category: str
    taken_back_on: date | None
    taken_back_reason: str
    made_at: datetime
    made_by: str


def gift_facts(practice: PracticeFacts, gift_id: int) -> GiftFacts:
    """:raises NotFound: if this practice has no such gift"""
    row = (
        Gift.objects.filter(practice_id=practice.id, pk=gift_id)
        .select_related("lot__account", "lot__category", "created_by")
        .first()
    )
    if row is None:
        raise NotFound
    lot = row.lot
    return GiftFacts(
        id=row.pk,
        lot_id=lot.pk,
        kind=lot.kind,
        kind_name=str(LotKind(lot.kind).label),
        to=sides_of(practice, [lot.payer_id])[lot.payer_id],
        on=row.given_on,
        total=practice.money(lot.original_minor),
        left=practice.money(lot.account.balance_minor or 0),
        reason=row.reason,
        expires_on=lot.expires_on,
        category=lot.category.name if lot.category else "",
        taken_back_on=row.taken_back_on,
        taken_back_reason=row.taken_back_reason,
        made_at=row.created_at,
        made_by=row.created_by.name if row.created_by else "",
    )


def subjects_of(*, practice_id: int, payer_id: int) -> Sequence[tuple[str, int]]:
    """What the audit trail tells of a payer's lots, gifts and transfers; three queries."""
    lots = Lot.objects.filter(practice_id=practice_id, payer_id=payer_id)
    ids = list(lots.order_by("-pk").values_list("pk", flat=True)[:200])
    gifts = Gift.objects.filter(practice_id=practice_id, lot_id__in=ids)
    parts = TransferPart.objects.filter(
        Q(from_lot_id__in=ids) | Q(to_lot_id__in=ids), practice_id=practice_id
    )
    return [
        *(("lot", pk) for pk in ids),
        *(("gift", pk) for pk in gifts.values_list("pk", flat=True)),
        *(("transfer", pk) for pk in parts.values_list("transfer_id", flat=True).distinct()),
    ]
