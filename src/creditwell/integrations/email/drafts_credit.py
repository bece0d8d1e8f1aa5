"""Letters about account credit: from the event to what is to be written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from creditwell.integrations.email import facts_credit as facts
from creditwell.integrations.email.facts import Addressee
from creditwell.integrations.email.operations import Draft
from creditwell.integrations.email.words import amount, day, limit_words
from creditwell.outbox.deliver import Told
from creditwell.tenancy.access import PracticeFacts


def transfer_made(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """To both sides; each reads of their own credit alone."""
    sides = facts.sides_of(practice, int(event.body["transfer_id"]))
    return [_sent(practice, sides, now), _received(practice, sides, now)]


def transfer_requested(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """To the side that somebody sends its receipt to, by hand."""
    sides = facts.sides_of(practice, int(event.body["transfer_id"]))
    one_side = _sent if event.body["side"] == "giver" else _received
    return [one_side(practice, sides, now)]


def transfer_undone(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """To both sides."""
    sides = facts.sides_of(practice, int(event.body["transfer_id"]))
    undone = replace(sides, on=practice.day_of(event.created_at))
    return [
        replace(draft, kind="transfer_undone", document="", document_id=None)
        for draft in (_sent(practice, undone, now), _received(practice, undone, now))
    ]


def _sent(practice: PracticeFacts, sides: facts.Sides, now: datetime) -> Draft:
    values = _transfer_values(practice, sides)
    draft = _draft(practice, "transfer_sent", sides.sender, values, now)
    return replace(draft, document="transfer_giver", document_id=sides.transfer_id)


def _received(practice: PracticeFacts, sides: facts.Sides, now: datetime) -> Draft:
    values = _transfer_values(practice, sides)
    draft = _draft(practice, "transfer_received", sides.receiver, values, now)
    return replace(draft, document="transfer_receiver", document_id=sides.transfer_id)


def _transfer_values(practice: PracticeFacts, sides: facts.Sides) -> dict[str, str]:
    return {
        "number": sides.number,
        "amount": amount(practice, sides.total),
        "day": day(practice, sides.on),
    }


def share_given(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """To the owner; one that took another's place in the same act is a change."""
    found = facts.share_facts(practice, int(event.body["share_id"]))
    values = {
        "user": found.user_name,
        "limit": limit_words(practice, found.mode, found.cap),
        "name": found.owner.name,
    }
    kind = "share_changed" if found.follows else "share_given"
    return [Draft(kind=kind, to=found.owner, values=values)]


def share_ended(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """To the owner, unless another took its place: that one is told of."""
    found = facts.share_facts(practice, int(event.body["share_id"]))
    if found.followed:
        return []
    values = {"user": found.user_name, "name": found.owner.name}
    return [Draft(kind="share_ended", to=found.owner, values=values)]


def credit_low(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """Unless there is enough again meanwhile, or nobody wants to be told any more."""
    to = facts.reachable_payer(practice.id, int(event.body["payer_id"]))
    low = practice.low_credit_minor
    if low is None:
        return []
    left = facts.credit_left(practice, to.payer_id, now)
    if left.minor >= low:
        return []
    values = {"name": to.name, "credit_left": amount(practice, left)}
    return [Draft(kind="low_credit", to=to, values=values)]


def credit_expiring(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    expires_on = date.fromisoformat(event.body["expires_on"])
    found = facts.expiring_facts(practice, int(event.body["lot_id"]), expires_on, now)
    return [] if found is None else [_expiry(practice, "credit_expiring", found, now)]


def credit_expired(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    found = facts.expired_facts(practice, int(event.body["expiry_id"]))
    return [] if found is None else [_expiry(practice, "credit_expired", found, now)]


def _expiry(practice: PracticeFacts, kind: str, found: facts.ExpiryFacts, now: datetime) -> Draft:
    values = {
        "amount": amount(practice, found.amount),
        "expires_on": day(practice, found.expires_on),
    }
    return _draft(practice, kind, found.to, values, now)


def refunded(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    found = facts.refund_facts(practice, int(event.body["refund_id"]))
    values = {
        "number": found.number,
        "amount": amount(practice, found.total),
        "day": day(practice, found.on),
    }
    return [_draft(practice, "refund", found.to, values, now)]


def _draft(
    practice: PracticeFacts, kind: str, to: Addressee, values: dict[str, str], now: datetime
) -> Draft:
    left = amount(practice, facts.credit_left(practice, to.payer_id, now))
    return Draft(kind=kind, to=to, values={**values, "name": to.name, "credit_left": left})
