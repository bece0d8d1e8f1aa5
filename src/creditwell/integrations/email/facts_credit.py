"""
What letters about account credit need to know. Each goes to a payer that can be written to, and
knows that payer's own credit and nobody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from creditwell.credit.models import Lot, Share
from creditwell.credit.queries import open_lots
from creditwell.credit.rules import usable
from creditwell.integrations.email.facts import Addressee
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import LotExpiry, Refund, Transfer, TransferPart
from creditwell.people.models import Contact, Patient, Payer
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two people of a transfer."""

    transfer_id: int
    number: str
    on: date
    total: Money
    sender: Addressee
    receiver: Addressee


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFacts:
    """
    A permission, for whoever gave it. `follows`: one was ended in the same act, so this is a
    change; `followed`: one took this one's place in the act that ended it.
    """

    owner: Addressee
    user_name: str
    mode: str
    cap: Money | None
    follows: bool
    followed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryFacts:
    """Credit of one payer that runs out, or ran out, on one day: all of it in one letter."""

    to: Addressee
    amount: Money
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    to: Addressee
    number: str
    on: date
    total: Money


def reachable(payer: Payer) -> Addressee:
    """
    Where a letter that nobody asked for may go; without an address for records that are archived
    or merged. One or two queries.
    """
    practice_id = payer.practice_id
    patient = Patient.objects.filter(practice_id=practice_id, payer_id=payer.pk).first()
    contact = None
    if patient is None:
        contact = Contact.objects.filter(practice_id=practice_id, payer_id=payer.pk).first()
    email = ""
    if patient is not None and patient.merged_into_id is None and patient.archived_at is None:
        email = patient.invoice_email or patient.email
    elif contact is not None and contact.archived_at is None:
        email = contact.email
    if payer.merged_into_id is not None:
        email = ""
    return Addressee(payer_id=payer.pk, name=payer.name, email=email)


def reachable_payer(practice_id: int, payer_id: int) -> Addressee:
    """:raises NotFound: if this practice has no such payer."""
    payer = Payer.objects.filter(practice_id=practice_id, pk=payer_id).first()
    if payer is None:
        raise NotFound
    return reachable(payer)


def credit_left(practice: PracticeFacts, payer_id: int | None, now: datetime) -> Money:
    """Their own credit that can be spent today; one query."""
    lots = open_lots(practice_id=practice.id, payer_ids=[payer_id] if payer_id else [])
    return practice.money(sum(lot.left_minor for lot in usable(lots, practice.day_of(now))))


def sides_of(practice: PracticeFacts, transfer_id: int) -> Sides:
    """:raises NotFound: if this practice has no such transfer."""
    transfer = Transfer.objects.filter(practice_id=practice.id, pk=transfer_id).first()
    part = (
        TransferPart.objects.filter(practice_id=practice.id, transfer_id=transfer_id)
        .select_related("from_lot__payer", "to_lot__payer")
        .order_by("pk")
        .first()
    )
    if transfer is None or part is None:
        raise NotFound
    return Sides(
        transfer_id=transfer_id,
        number=str(transfer.number),
        on=transfer.transferred_on,
        total=practice.money(transfer.total_minor),
        sender=reachable(part.from_lot.payer),
        receiver=reachable(part.to_lot.payer),
    )


def share_facts(practice: PracticeFacts, share_id: int) -> ShareFacts:
    """:raises NotFound: if this practice has no such permission."""
    share = (
        Share.objects.filter(practice_id=practice.id, pk=share_id)
        .select_related("owner", "user")
        .first()
    )
    if share is None:
        raise NotFound
    between = Share.objects.filter(
        practice_id=practice.id, owner_id=share.owner_id, user_id=share.user_id
    ).exclude(pk=share.pk)
    return ShareFacts(
        owner=reachable(share.owner),
        user_name=share.user.name,
        mode=share.mode,
        cap=None if share.cap_minor is None else practice.money(share.cap_minor),
        follows=between.filter(ended_at=share.given_at).exists(),
        followed=share.ended_at is not None and between.filter(given_at=share.ended_at).exists(),
    )


def expiring_facts(
    practice: PracticeFacts, lot_id: int, expires_on: date, now: datetime
) -> ExpiryFacts | None:
    """
    What runs out that day, of all lots that were noticed together: told of the first of them, None
    of the others. None also when nothing is left of it, or it was given more time.
    """
    lot = Lot.objects.filter(practice_id=practice.id, pk=lot_id).select_related("payer").first()
    if lot is None:
        raise NotFound
    if lot.expires_on != expires_on:
        return None
    together = Lot.objects.filter(
        practice_id=practice.id,
        payer_id=lot.payer_id,
        expires_on=expires_on,
        expiry_noticed_on=lot.expiry_noticed_on,
    )
    ids = set(together.values_list("pk", flat=True))
    lots = usable(
        open_lots(practice_id=practice.id, payer_ids=[lot.payer_id]), practice.day_of(now)
    )
    left = sum(one.left_minor for one in lots if one.id in ids)
    if not left or lot_id != min(ids):
        return None
    return ExpiryFacts(to=reachable(lot.payer), amount=practice.money(left), expires_on=expires_on)


def expired_facts(practice: PracticeFacts, expiry_id: int) -> ExpiryFacts | None:
    """What was swept off together and had run out the same day: told of the first, as above."""
    expiry = (
        LotExpiry.objects.filter(practice_id=practice.id, pk=expiry_id)
        .select_related("lot__payer")
        .first()
    )
    if expiry is None:
        raise NotFound
    together = LotExpiry.objects.filter(
        practice_id=practice.id,
        created_at=expiry.created_at,
        lot__payer_id=expiry.lot.payer_id,
        lot__expires_on=expiry.lot.expires_on,
    )
    rows = list(together.values_list("pk", "amount_minor", "returned_minor"))
    gone = sum(amount - returned for _pk, amount, returned in rows)
    last = expiry.lot.expires_on or expiry.expired_on
    if gone <= 0 or expiry_id != min(pk for pk, _amount, _returned in rows):
        return None
    to = reachable(expiry.lot.payer)
    return ExpiryFacts(to=to, amount=practice.money(gone), expires_on=last)


def refund_facts(practice: PracticeFacts, refund_id: int) -> RefundFacts:
    """:raises NotFound: if this practice has no such refund."""
    refund = (
        Refund.objects.filter(practice_id=practice.id, pk=refund_id).select_related("payer").first()
    )
    if refund is None:
        raise NotFound
    return RefundFacts(
        to=reachable(refund.payer),
        number=str(refund.number),
        on=refund.refunded_on,
        total=practice.money(refund.total_minor),
    )
