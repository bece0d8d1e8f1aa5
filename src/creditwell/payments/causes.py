"""Why something moved on a lot or an invoice: the words for every act of credit but paying."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from creditwell.credit.models import Lot, LotKind
from creditwell.payments.models import (
    Dishonour,
    Gift,
    LotExpiry,
    LotExpiryReturn,
    TransferPart,
    TransferReturn,
)
from creditwell.payments.rules_voucher import masked
from creditwell.tenancy.access import PracticeFacts

ACTS = (
    "transfer",
    "transfer_return",
    "goodwill",
    "goodwill_return",
    "opening",
    "opening_return",
    "expiry",
    "expiry_return",
    "dishonour",
)
"""What becomes of credit besides paying."""


@dataclass(frozen=True, slots=True)
class Cause:
    """
    Why something moved. `page` and `id` name the page of the document, "" where there is none.

    The words differ by where one stands: on a lot an allocation is an invoice, on an invoice it is
    a payment.
    """

    text: str
    page: str
    id: int
    who: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Causes:
    """
    By entry: the cause as seen from a lot, and as seen from an invoice.

    A transfer moves lots on both sides: `onto_lot` is its name where the money comes in.
    """

    of_lot: dict[int, Cause] = field(default_factory=dict)
    onto_lot: dict[int, Cause] = field(default_factory=dict)
    of_invoice: dict[int, Cause] = field(default_factory=dict)
    receipts: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Lot id -> payment id, receipt number."""

    def of(self, lot_entry_id: int, *, undoes_id: int | None, onto: bool) -> Cause:
        """The cause of a movement on a lot; a reversal is kept under its original, negated."""
        if onto and lot_entry_id in self.onto_lot:
            return self.onto_lot[lot_entry_id]
        return cause(self.of_lot, lot_entry_id, undoes_id)


def cause(table: dict[int, Cause], entry_id: int, undoes_id: int | None) -> Cause:
    """The cause of an entry; a reversal is found under the entry that it reverses, negated."""
    if undoes_id is not None:
        entry_id = -undoes_id
    return table.get(entry_id) or Cause(_("Correction"), "", 0, "")


def name_of(user: Any) -> str:
    """Who did it; "" when it was a program."""
    return user.name if user is not None else ""


def add_credit_acts(
    practice: PracticeFacts,
    found: Causes,
    payers: Collection[int],
    entries: Collection[int] | None = None,
) -> None:
    """
    Name transfers, gifts, expiry, grace and dishonour on the lots of these payers; six queries.

    `entries` narrows it to some entries of the journal.
    """
    which = Q() if entries is None else Q(entry_id__in=entries)
    _add_transfers(practice, found, payers, entries)
    _add_transfer_returns(practice, found, payers, which)
    _add_gifts(practice, found, payers, which)
    _add_expiry(practice, found, payers, which)
    rows = Dishonour.objects.filter(
        which, practice_id=practice.id, part__payment__payer_id__in=payers
    )
    for row in rows.select_related("part__payment", "created_by"):
        payment = row.part.payment
        found.of_lot[row.entry_id] = Cause(
            _("Payment %(number)s taken back by the bank")
            % {"number": practice.receipt_number(payment.number)},
            "payment",
            payment.pk,
            name_of(row.created_by),
            row.reason,
        )


def _add_transfers(
    practice: PracticeFacts,
    found: Causes,
    payers: Collection[int],
    entries: Collection[int] | None,
) -> None:
    which = Q() if entries is None else Q(transfer__entry_id__in=entries)
    parts = TransferPart.objects.filter(
        Q(from_lot__payer_id__in=payers) | Q(to_lot__payer_id__in=payers),
        which,
        practice_id=practice.id,
    ).select_related("transfer__created_by", *_BOTH)
    for part in parts:
        out, onto = _names(part)
        act = part.transfer
        who = name_of(act.created_by)
        found.of_lot[act.entry_id] = Cause(out[0], "transfer", act.pk, who, act.reason)
        found.onto_lot[act.entry_id] = Cause(onto[0], "transfer", act.pk, who, act.reason)


def _add_transfer_returns(
    practice: PracticeFacts, found: Causes, payers: Collection[int], which: Q
) -> None:
    returns = TransferReturn.objects.filter(
        Q(part__from_lot__payer_id__in=payers) | Q(part__to_lot__payer_id__in=payers),
        which,
        practice_id=practice.id,
    ).select_related("created_by", *(f"part__{name}" for name in _BOTH))
    for row in returns:
        out, onto = _names(row.part)
        who = name_of(row.created_by)
        act_id = row.part.transfer_id
        found.onto_lot[row.entry_id] = Cause(out[1], "transfer", act_id, who, row.reason)
        found.of_lot[row.entry_id] = Cause(onto[1], "transfer", act_id, who, row.reason)


_BOTH = ("from_lot__payer__voucher", "to_lot__payer__voucher")


def _names(part: TransferPart) -> tuple[tuple[str, str], tuple[str, str]]:
    """On the giver's lot and on the receiver's: done, and undone."""
    giver, taker = part.from_lot, part.to_lot
    out = (
        sold_words(taker)
        if _is_voucher(taker)
        else (
            _("Transferred to %(name)s") % {"name": taker.payer.name},
            _("Transfer to %(name)s undone") % {"name": taker.payer.name},
        )
    )
    onto = (
        (_("Voucher redeemed"), _("Redeeming the voucher undone"))
        if _is_voucher(giver)
        else (
            _("Transferred from %(name)s") % {"name": giver.payer.name},
            _("Transfer from %(name)s undone") % {"name": giver.payer.name},
        )
    )
    return out, onto


def sold_words(lot: Lot) -> tuple[str, str]:
    """A voucher's sale and its end, as the buyer reads it: the code is the money, so masked."""
    gap = {"code": masked(lot.payer.voucher.code)}
    return _("Gift voucher %(code)s") % gap, _("Gift voucher %(code)s taken back") % gap


def _is_voucher(lot: Lot) -> bool:
    return getattr(lot.payer, "voucher", None) is not None


def _add_gifts(practice: PracticeFacts, found: Causes, payers: Collection[int], which: Q) -> None:
    rows = Gift.objects.filter(which, practice_id=practice.id, lot__payer_id__in=payers)
    for row in rows.select_related("lot", "created_by"):
        opening = row.lot.kind == LotKind.OPENING
        given = _("Opening balance") if opening else _("Goodwill")
        back = _("Opening balance taken back") if opening else _("Goodwill taken back")
        who = name_of(row.created_by)
        found.of_lot[row.entry_id] = Cause(given, "gift", row.pk, who, row.reason)
        found.of_lot[-row.entry_id] = Cause(back, "gift", row.pk, "", row.taken_back_reason)


def _add_expiry(practice: PracticeFacts, found: Causes, payers: Collection[int], which: Q) -> None:
    rows = LotExpiry.objects.filter(which, practice_id=practice.id, lot__payer_id__in=payers)
    for row in rows.select_related("created_by"):
        found.of_lot[row.entry_id] = Cause(_("Expired"), "", 0, name_of(row.created_by))
    back = LotExpiryReturn.objects.filter(
        which, practice_id=practice.id, expiry__lot__payer_id__in=payers
    )
    for grace in back.select_related("created_by"):
        found.of_lot[grace.entry_id] = Cause(
            _("Grace: there again after it expired"), "", 0, name_of(grace.created_by), grace.reason
        )
