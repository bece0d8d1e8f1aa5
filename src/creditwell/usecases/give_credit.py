"""Credit that nobody paid for now: goodwill, or a balance brought over from before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.catalog.queries import is_category
from creditwell.credit.models import LotKind
from creditwell.credit.rules import last_day
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments.giving import KINDS, Giving, post_giving, write_giving
from creditwell.payments.operations import lock_payer
from creditwell.tenancy.access import Actor, PracticeFacts, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveCredit:
    """
    `kind` is goodwill or opening. Without `expires_on` it lasts as long as the practice lets
    credit of this kind last, or for ever if `never_expires`. With `category_id` it pays only for
    items of this category.
    """

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    kind: str
    amount_minor: int
    reason: str
    on: date | None = None
    expires_on: date | None = None
    never_expires: bool = False
    category_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    gift_id: int
    lot_id: int


@usecase(Given)
def give_credit(command: GiveCredit, now: datetime) -> Given:
    """
    Open a lot: goodwill off the practice's own expense, not refundable; an opening balance off
    the opening account, refundable, for it was paid once.

    :raises NotFound: if the payer or category is not of this practice
    :raises MergedAway: if the payer's record was merged into another
    :raises Invalid: without an amount or reason, for a day to come, or expired when given
    :raises BooksClosed: if the books of that day are closed
    """
    giving = _giving(command, now)
    journal = Journal(giving.practice_id)
    entered = post_giving(journal, giving)
    gift_id, lot_id = write_giving(giving, entered, journal.post(), Written(command.by, now))
    note(
        "give_credit",
        ("gift", gift_id),
        practice_id=giving.practice_id,
        by=command.by,
        at=now,
        details={
            "payer_id": giving.payer_id,
            "lot_id": lot_id,
            "kind": giving.kind.value,
            "total_minor": giving.amount_minor,
            "reason": giving.reason,
            "expires_on": giving.expires_on.isoformat() if giving.expires_on else None,
            "category_id": giving.category_id,
        },
    )
    emit(
        "credit.given",
        {"gift_id": gift_id, "lot_id": lot_id, "payer_id": giving.payer_id},
        practice_id=giving.practice_id,
        at=now,
    )
    return Given(gift_id=gift_id, lot_id=lot_id)


def _giving(command: GiveCredit, now: datetime) -> Giving:
    found = lock_payer(practice_id=command.practice_id, payer_id=command.payer_id)
    if found is None:
        raise NotFound(_("There is no such patient in this practice."), param="payer")
    practice = found[1]
    if command.kind not in KINDS:
        raise Invalid(_("Choose goodwill or an opening balance."), param="kind")
    if command.amount_minor <= 0:
        raise Invalid(_("Enter an amount above zero."), param="amount")
    if not command.reason.strip():
        raise Invalid(_("Say what it is for; it stays with the credit."), param="reason")
    today = practice.day_of(now)
    on = command.on or today
    if on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    if command.category_id is not None and not is_category(
        practice_id=practice.id, category_id=command.category_id
    ):
        raise NotFound(_("There is no such category."), param="category")
    return Giving(
        practice_id=practice.id,
        payer_id=command.payer_id,
        kind=LotKind(command.kind),
        amount_minor=command.amount_minor,
        on=on,
        reason=command.reason.strip(),
        expires_on=_expiry(command, practice, on, today),
        category_id=command.category_id,
    )


def _expiry(command: GiveCredit, practice: PracticeFacts, on: date, today: date) -> date | None:
    if command.never_expires:
        return None
    expires_on = command.expires_on or last_day(practice, command.kind, on)
    if expires_on is not None and expires_on < today:
        raise Invalid(
            _("This credit would have expired already. Choose a later last day."), param="expires"
        )
    return expires_on
