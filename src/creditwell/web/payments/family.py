"""Somebody else's credit on the payment form: whose, how much of it is left, how they agreed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from creditwell.credit.rules import Purse
from creditwell.invoicing.queries import OpenInvoice
from creditwell.money.money import Money
from creditwell.web.components.formats import amount_text, money_text
from creditwell.web.payments.ground import Ground
from creditwell.web.payments.sheet import Errors, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class LentCell:
    """A field: what this owner's credit gives to the invoice. Texts, as they stand in the field."""

    name: str  # of the field: family-7-12
    owner: str
    left: Money  # that may be used of it
    hint: str
    amount: str
    was: str
    errors: tuple[str, ...]
    filled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerLine:
    """What using their credit comes to for somebody."""

    owner: str
    before: Money
    used: Money

    @property
    def after(self) -> Money:
        return self.before - self.used


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLine:
    """Somebody who is to be asked first."""

    name: str  # of the field: agreed-12
    owner: str
    text: str
    needed: bool
    errors: tuple[str, ...]


def lent_cells(
    ground: Ground, reading: Reading, errors: Errors, invoice: OpenInvoice
) -> tuple[LentCell, ...]:
    """A field for each purse of somebody else that may pay this invoice and has something."""
    return tuple(
        _cell(ground, reading, errors, invoice, purse)
        for purse in _lent_purses(ground)
        if purse.user_id == invoice.payer_id
        and (purse.left_minor or (invoice.id, purse.owner_id) in reading.lent)
    )


def owners_of(ground: Ground, reading: Reading) -> tuple[OwnerLine, ...]:
    """Those whose credit is used, with what remains of it."""
    money = ground.practice.money
    used: dict[int, Money] = {}
    for (_invoice, owner_id), amount in reading.lent.items():
        used[owner_id] = used.get(owner_id, money(0)) + amount
    purses = {purse.owner_id: purse for purse in _lent_purses(ground)}
    return tuple(
        OwnerLine(
            owner=_name(ground, purses[owner_id]),
            before=money(sum(lot.left_minor for lot in purses[owner_id].lots)),
            used=amount,
        )
        for owner_id, amount in used.items()
        if owner_id in purses
    )


def asks_of(ground: Ground, reading: Reading, errors: Errors) -> tuple[AskLine, ...]:
    """Those who want to be asked first, whose credit could pay something here."""
    users = {invoice.payer_id for invoice in ground.invoices}
    found: dict[int, AskLine] = {}
    for purse in _lent_purses(ground):
        if purse.mode == "ask" and purse.user_id in users and purse.left_minor:
            field = f"agreed-{purse.owner_id}"
            found[purse.owner_id] = AskLine(
                name=field,
                owner=_name(ground, purse),
                text=reading.typed.agreed.get(purse.owner_id, ""),
                needed=any(owner_id == purse.owner_id for _invoice, owner_id in reading.lent),
                errors=tuple(errors.get(field, [])),
            )
    return tuple(found.values())


def _lent_purses(ground: Ground) -> list[Purse]:
    purses = ground.means.purses if ground.means else ()
    return [purse for purse in purses if purse.owner_id != ground.payer_id]


def _name(ground: Ground, purse: Purse) -> str:
    return purse.owner_name or ground.related.get(purse.owner_id, "")


def _cell(
    ground: Ground, reading: Reading, errors: Errors, invoice: OpenInvoice, purse: Purse
) -> LentCell:
    typed, pair = reading.typed, (invoice.id, purse.owner_id)
    name = f"family-{invoice.id}-{purse.owner_id}"
    ours = not typed.credit_by_hand or name in reading.filled
    text = amount_text(reading.lent[pair]) if reading.lent.get(pair) else ""
    left = ground.practice.money(purse.left_minor)
    return LentCell(
        name=name,
        owner=_name(ground, purse),
        left=left,
        hint=_hint(purse, left),
        amount=text if ours else typed.lent.get(pair, ""),
        was=text if not typed.credit_by_hand else typed.was_lent.get(pair, ""),
        errors=tuple(errors.get(name, [])),
        filled=name in reading.filled,
    )


def _hint(purse: Purse, left: Money) -> str:
    words = {
        "monthly": _("%(sum)s left this month"),
        "total": _("%(sum)s left of what they allow"),
        "ask": _("%(sum)s left, ask first"),
    }
    return words.get(purse.mode, _("%(sum)s left")) % {"sum": money_text(left)}
