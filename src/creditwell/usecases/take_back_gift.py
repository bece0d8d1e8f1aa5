"""Credit that was given is taken back, as long as nothing of it was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import AlreadyReversed, Journal
from creditwell.outbox.emit import emit
from creditwell.payments.models import Gift
from creditwell.payments.operations import lock_payer, require_still
from creditwell.payments.transferring import CreditSpent
from creditwell.tenancy.access import Actor, PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackGift:
    practice_id: int
    key: str
    by: Actor
    gift_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftTakenBack:
    gift_id: int
    total_minor: int


@usecase(GiftTakenBack)
def take_back_gift(command: TakeBackGift, now: datetime) -> GiftTakenBack:
    """
    Reverse the gift, dated today; both stay in the history.

    :raises NotFound: if this practice has no such gift
    :raises AlreadyReversed: if it was taken back before
    :raises CreditSpent: if some of it was used, passed on or has expired meanwhile
    :raises Invalid: without a reason
    """
    if not command.reason.strip():
        raise Invalid(_("Say why it is taken back; it stays in the history."), param="reason")
    gift, practice = _standing(command)
    left = gift.lot.account.balance_minor or 0
    if left < gift.lot.original_minor:
        raise CreditSpent(practice.money(gift.lot.original_minor - left))
    today = practice.day_of(now)
    journal = Journal(practice.id)
    journal.reverse(f"{gift.lot.kind}_return", today, gift.entry_id)
    journal.post()
    Gift.objects.filter(practice_id=practice.id, pk=gift.pk).update(
        taken_back_on=today, taken_back_reason=command.reason.strip()
    )
    note(
        "take_back_gift",
        ("gift", gift.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"total_minor": left, "reason": command.reason.strip()},
    )
    emit("credit.taken_back", {"gift_id": gift.pk}, practice_id=practice.id, at=now)
    return GiftTakenBack(gift_id=gift.pk, total_minor=left)


def _standing(command: TakeBackGift) -> tuple[Gift, PracticeFacts]:
    """Lock the payer first, then read the gift again."""
    payer_id = (
        Gift.objects.filter(practice_id=command.practice_id, pk=command.gift_id)
        .values_list("lot__payer_id", flat=True)
        .first()
    )
    found = lock_payer(practice_id=command.practice_id, payer_id=payer_id) if payer_id else None
    if found is None:
        raise NotFound
    gift = (
        Gift.objects.select_for_update(of=("self",), no_key=True)
        .select_related("lot__account")
        .get(practice_id=command.practice_id, pk=command.gift_id)
    )
    require_still(gift.lot.payer_id, found[0])
    if gift.taken_back_on is not None:
        raise AlreadyReversed
    return gift, found[1]
