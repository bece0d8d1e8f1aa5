"""Give credit back, lot by lot. Amounts are minor units of the practice's currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from creditwell.catalog.models import PaymentSource
from creditwell.credit.models import Lot, LotKind
from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.kernel.numbering import next_number
from creditwell.kernel.rows import insert_row, insert_rows, plus
from creditwell.ledger.post import Journal, Leg, Overdrawn
from creditwell.ledger.queries import balances_of, last_raised
from creditwell.money.money import Money
from creditwell.payments.models import PaymentPart, Refund, RefundPart
from creditwell.payments.rules import cash_back
from creditwell.payments.rules_refund import FromLot
from creditwell.tenancy.access import PracticeFacts, Written


class OverRefunded(Refusal):
    """More would go back by a source than came in by it."""

    code = "over_refunded"

    def __init__(self) -> None:
        super().__init__(
            _("This is more than is left of what came in by this source. Nothing was refunded.")
        )


REFUSED_BY["payments_part_not_over_refunded"] = OverRefunded


class NotRefundable(Refusal):
    """Credit that did not come in as money, or was given on condition that it stays."""

    code = "not_refundable"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(credit)s cannot be refunded. It can pay invoices; refund other credit instead.")
            % {"credit": name},
            param="parts",
        )


class TooSmallForCash(Invalid):
    """Less than the smallest coin would go back in cash."""

    code = "too_small_for_cash"

    def __init__(self) -> None:
        super().__init__(
            _("This is less than the smallest coin, so it cannot go back in cash. Enter more."),
            param="parts",
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """What goes back of one lot by one source; `part` is None for an opening balance."""

    lot: Lot
    part: PaymentPart | None
    source: PaymentSource
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A refund as written."""

    refund_id: int
    number: int
    total_minor: int


def from_parts(
    *, practice_id: int, payer_id: int, parts: Sequence[tuple[int, int]]
) -> list[FromLot]:
    """
    Refunds that name only the part of a payment: they come off that payment's own lot.

    :raises NotFound: if a part is not one of this payer's payments
    """
    lots = dict(
        PaymentPart.objects.filter(
            practice_id=practice_id,
            pk__in=[part_id for part_id, _minor in parts],
            payment__payer_id=payer_id,
            payment__status="recorded",
        ).values_list("pk", "payment__lot_id")
    )
    if any(part_id not in lots for part_id, _minor in parts):
        raise NotFound(_("There is no such payment of this patient."), param="parts")
    return [FromLot(lot_id=lots[pk], part_id=pk, minor=minor) for pk, minor in parts]


def pieces_of(*, practice_id: int, payer_id: int, wanted: Sequence[FromLot]) -> list[Piece]:
    """
    Look up what is named: whoever holds a lot now is paid by the part that the money first came by.

    :raises NotFound: if a lot is not this payer's, or a part not of its payment
    :raises NotRefundable: if a lot may not go back
    :raises Invalid: if the way back is not said, or an amount is not above zero
    """
    if not wanted or any(one.minor <= 0 for one in wanted):
        raise Invalid(_("Enter how much goes back, above zero."), param="parts")
    lots = Lot.objects.filter(practice_id=practice_id, payer_id=payer_id).in_bulk(
        [one.lot_id for one in wanted]
    )
    roots = {lot.root_id or lot.pk for lot in lots.values()}
    parts: dict[int, list[PaymentPart]] = {}
    for part in PaymentPart.objects.filter(
        practice_id=practice_id,
        payment__practice_id=practice_id,
        payment__lot_id__in=roots,
        payment__status="recorded",
    ).select_related("payment", "source"):
        parts.setdefault(part.payment.lot_id, []).append(part)
    chosen = [one.source_id for one in wanted if one.source_id]
    sources = PaymentSource.objects.filter(practice_id=practice_id).in_bulk(chosen)
    return [_piece(one, lots.get(one.lot_id), parts, sources) for one in wanted]


def _piece(
    wanted: FromLot,
    lot: Lot | None,
    parts: dict[int, list[PaymentPart]],
    sources: dict[int, PaymentSource],
) -> Piece:
    if lot is None:
        raise NotFound(_("This patient has no such credit."), param="parts")
    came_by = parts.get(lot.root_id or lot.pk, [])
    if not lot.refundable or (lot.kind == LotKind.GOODWILL):
        raise NotRefundable(name_of(lot))
    if not came_by and lot.kind != LotKind.OPENING:
        raise NotFound(
            _("The payment that this credit came by was voided or changed."), param="parts"
        )
    if not came_by:
        source = sources.get(wanted.source_id or 0)
        if source is None:
            raise Invalid(_("Choose the payment source that it goes back by."), param="source")
        return Piece(lot, None, source, wanted.minor)
    if wanted.part_id is None and len(came_by) > 1:
        raise Invalid(_("Choose by which source of the payment it goes back."), param="parts")
    part = next((one for one in came_by if wanted.part_id in (None, one.pk)), None)
    if part is None:
        raise NotFound(_("The credit did not come in by this payment."), param="parts")
    return Piece(lot, part, part.source, wanted.minor)


def name_of(lot: Lot) -> str:
    """What a lot is called in a sentence."""
    kind = str(LotKind(lot.kind).label)
    return f"{kind} ({lot.note})" if lot.note else kind


def require_there(practice: PracticeFacts, pieces: Sequence[Piece], on: date) -> None:
    """
    Whether the credit is there, and was on that day: had come, and come back from what it paid.

    :raises Overdrawn: if a lot has less
    :raises OverRefunded: if more would go back by a part than is left of it
    :raises Invalid: for a day before the credit was there
    :raises TooSmallForCash: if no coin is small enough for what would go back in cash
    """
    accounts = {piece.lot.account_id for piece in pieces}
    left = balances_of(practice_id=practice.id, account_ids=accounts)
    room = {piece.part.pk: room_of(piece.part) for piece in pieces if piece.part}
    for piece in pieces:
        left[piece.lot.account_id] -= piece.minor
        if piece.part:
            room[piece.part.pk] -= piece.minor
    if min(left.values()) < 0:
        raise Overdrawn
    if room and min(room.values()) < 0:
        raise OverRefunded
    since = last_raised(practice_id=practice.id, account_ids=accounts)
    if since is not None and on < since:
        raise Invalid(
            _("Money cannot go back before the day it came. Choose a later day."), param="date"
        )
    payouts(practice, pieces)


def room_of(part: PaymentPart) -> int:
    """What may still go back by a part: what came by it, less refunds and dishonours."""
    came = part.amount_minor + part.rounding_minor
    return max(0, came - part.refunded_minor - part.dishonoured_minor)


def make_refund(
    practice: PracticeFacts,
    payer_id: int,
    pieces: Sequence[Piece],
    *,
    on: date,
    reason: str,
    written: Written,
) -> Made:
    """
    Post and write a refund: each lot onto the funds of its source. Its payer is locked.

    :raises OverRefunded: if a part has less left; and what the journal refuses
    """
    entry_id, rows = _post(practice, pieces, on)
    _mark_parts(practice.id, pieces)
    total = sum(piece.minor for piece in pieces)
    number = next_number(practice_id=practice.id, series="refund")
    values = {
        "practice_id": practice.id,
        "payer_id": payer_id,
        "number": number,
        "refunded_on": on,
        "total_minor": total,
        "reason": reason,
        "entry_id": entry_id,
        **written.columns,
    }
    refund_id = insert_row(Refund, values)
    insert_rows(
        RefundPart, [{"practice_id": practice.id, "refund_id": refund_id, **row} for row in rows]
    )
    return Made(refund_id=refund_id, number=number, total_minor=total)


def payouts(practice: PracticeFacts, pieces: Sequence[Piece]) -> list[Money]:
    """
    What leaves by the source for each piece (`rules.cash_back`); a query for each cash part.

    :raises TooSmallForCash: if one of them pays nothing
    """
    paid: list[Money] = []
    gone: dict[int, tuple[int, int]] = {}  # by part: credit that went back, and what left the till
    for piece in pieces:
        part, in_till = piece.part, None
        if part is not None and piece.source.kind == "cash":
            if part.pk not in gone:
                rows = RefundPart.objects.filter(practice_id=practice.id, part_id=part.pk)
                left = rows.aggregate(minor=Sum("amount_minor"))["minor"] or 0
                gone[part.pk] = part.refunded_minor, left
            credit, left = gone[part.pk]
            if credit + piece.minor == part.amount_minor + part.rounding_minor:
                in_till = practice.money(part.amount_minor - left)
        coins = cash_back(
            practice.money(piece.minor),
            piece.source.kind,
            practice.cash_rounding_minor,
            in_till=in_till,
        )
        if not coins:
            raise TooSmallForCash
        if part is not None and part.pk in gone:
            credit, left = gone[part.pk]
            gone[part.pk] = credit + piece.minor, left + coins.minor
        paid.append(coins)
    return paid


def _post(
    practice: PracticeFacts, pieces: Sequence[Piece], on: date
) -> tuple[int, list[dict[str, int | None]]]:
    """Post the entry; returns its id, and the parts of the refund as they will be written."""
    journal = Journal(practice.id)
    rows: list[dict[str, int | None]] = []
    legs: dict[tuple[str, int], int] = {}
    lots: dict[int, int] = {}
    for piece, paid in zip(pieces, payouts(practice, pieces), strict=True):
        rounding = piece.minor - paid.minor
        account_id = piece.lot.account_id
        lots[account_id] = lots.get(account_id, 0) - piece.minor
        for name, amount in ((("funds", piece.source.pk), paid.minor), (("rounding", 0), rounding)):
            legs[name] = legs.get(name, 0) + amount
        rows.append(
            {
                "lot_id": piece.lot.pk,
                "part_id": piece.part.pk if piece.part else None,
                "source_id": piece.source.pk,
                "amount_minor": paid.minor,
                "rounding_minor": rounding,
            }
        )
    journal.entry("refund", on, [*lots.items(), *_clinic(journal, legs)])
    return journal.post().entry_ids[0], rows


def _mark_parts(practice_id: int, pieces: Iterable[Piece]) -> None:
    """Written only where there is room: two lots of one payment may have two payers by now."""
    sums: dict[int, int] = {}
    for piece in pieces:
        if piece.part:
            sums[piece.part.pk] = sums.get(piece.part.pk, 0) + piece.minor
    for part_id, minor in sorted(sums.items()):
        marked = PaymentPart.objects.filter(
            practice_id=practice_id,
            pk=part_id,
            refunded_minor__lte=plus("amount_minor", -minor)
            + F("rounding_minor")
            - F("dishonoured_minor"),
        ).update(refunded_minor=plus("refunded_minor", minor))
        if not marked:
            raise OverRefunded


def _clinic(journal: Journal, legs: dict[tuple[str, int], int]) -> list[Leg]:
    return [
        (journal.clinic_wide(kind, reference), minor)
        for (kind, reference), minor in sorted(legs.items())
        if minor
    ]
