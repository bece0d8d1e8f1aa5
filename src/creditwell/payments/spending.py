"""Credit pays invoices, one's own and the family's: from what is asked to what is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from creditwell.credit.rules import Need, Purse, Rooms, Use, draw
from creditwell.invoicing.queries import OpenInvoice
from creditwell.money.money import Money
from creditwell.payments import rules, wallets
from creditwell.payments.operations import NewAllocation
from creditwell.payments.restrictions import room
from creditwell.payments.rules_family import family_problems, needs_of, short_of
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The credit that may pay certain invoices of a payer and their family."""

    payer_id: int
    purses: tuple[Purse, ...]
    rooms: Rooms = field(default_factory=dict)

    @property
    def own(self) -> Purse:
        """The payer's own purse."""
        return next(purse for purse in self.purses if purse.own and purse.owner_id == self.payer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """
    How credit is to be used: `lots` are preferred in that order; `agreed` says how an owner who is
    to be asked first agreed.
    """

    lots: tuple[int, ...] = ()
    agreed: Mapping[int, str] = field(default_factory=dict)


def means_for(
    practice: PracticeFacts,
    payer_id: int,
    invoices: Iterable[OpenInvoice],
    *,
    on: date,
    shared: bool = True,
) -> Means:
    """
    What credit can pay these invoices; two queries (one with `shared` False: then only the payer's
    own is looked at), and one more where some credit may pay for one kind of item only.
    """
    listed = list(invoices)
    if shared:
        users = {payer_id, *(invoice.payer_id for invoice in listed)}
        purses = wallets.purses_for(practice_id=practice.id, user_ids=users, on=on)
    else:
        purses = [wallets.own_purse(practice_id=practice.id, payer_id=payer_id, on=on)]
    categories = {
        lot.category_id for purse in purses for lot in purse.lots if lot.category_id is not None
    }
    rooms: Rooms = {}
    if categories and listed:
        rooms = room(
            practice_id=practice.id,
            invoice_ids=[invoice.id for invoice in listed],
            category_ids=categories,
        )
    return Means(payer_id=payer_id, purses=tuple(purses), rooms=rooms)


def problems_of(sheet: rules.Worksheet, means: Means, wishes: Wishes) -> list[rules.Problem]:
    """What `rules.examine` cannot know: whose credit may be used, and for what."""
    problems = family_problems(
        sheet, means.purses, payer_id=means.payer_id, agreed=wishes.agreed.keys()
    )
    if problems or sheet.problems:
        return problems
    return short_of(sheet, uses_of(sheet, means, wishes), payer_id=means.payer_id)


def uses_of(sheet: rules.Worksheet, means: Means, wishes: Wishes) -> list[Use]:
    """Which lots give what a worksheet asks for, in the written order of use."""
    return draw(
        means.purses,
        needs_of(sheet, payer_id=means.payer_id),
        rooms=means.rooms,
        by_hand=wishes.lots,
    )


def planned(
    means: Means, invoices: Sequence[OpenInvoice], wishes: Wishes
) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """
    What credit gives when nobody says otherwise, for invoices in the order given: of the payer's
    own by invoice id, of others by (invoice id, owner id). Who is to be asked first is left out.
    """
    needs = [Need(invoice.id, invoice.payer_id, invoice.owing_minor) for invoice in invoices]
    own: dict[int, int] = {}
    family: dict[tuple[int, int], int] = {}
    for use in draw(means.purses, needs, rooms=means.rooms, by_hand=wishes.lots):
        if use.lot.payer_id == means.payer_id:
            own[use.invoice_id] = own.get(use.invoice_id, 0) + use.amount_minor
        else:
            key = (use.invoice_id, use.lot.payer_id)
            family[key] = family.get(key, 0) + use.amount_minor
    return own, family


def allocations(
    uses: Sequence[Use], invoices: Iterable[OpenInvoice], wishes: Wishes, *, on: date
) -> list[NewAllocation]:
    """What is to be written of them, each on the first day that it can be."""
    by_id = {invoice.id: invoice for invoice in invoices}
    return [
        NewAllocation(
            lot_id=use.lot.id,
            lot_account=use.lot.account_id,
            invoice_id=use.invoice_id,
            invoice_account_id=by_id[use.invoice_id].account_id,
            amount_minor=use.amount_minor,
            on=rules.day_of_allocation(
                there_since=use.lot.there_since,
                asked_since=by_id[use.invoice_id].asked_since,
                on=on,
            ),
            share_id=use.share_id,
            agreed=wishes.agreed.get(use.lot.payer_id, "") if use.share_id else "",
        )
        for use in uses
    ]


def family_uses(
    practice: PracticeFacts, triples: Iterable[tuple[int, int, int]]
) -> tuple[rules.FamilyUse, ...]:
    """Of (invoice id, owner's payer id, minor units); the same pair named twice adds up."""
    sums: dict[tuple[int, int], Money] = {}
    for invoice_id, owner_id, minor in triples:
        if minor:
            key = (invoice_id, owner_id)
            sums[key] = sums.get(key, practice.money(0)) + practice.money(minor)
    return tuple(rules.FamilyUse(*key, amount) for key, amount in sums.items())
