"""Credit of every kind in the demo: given, brought over, sold as vouchers, about to go back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from creditwell.config.demo.story import Story
from creditwell.payments.models import PaymentPart
from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import User
from creditwell.usecases.disable_voucher import DisableVoucher, disable_voucher
from creditwell.usecases.expire_credit import ExpireCredit, expire_credit
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.notice_expiring import NoticeExpiring, notice_expiring
from creditwell.usecases.redeem_voucher import RedeemVoucher, redeem_voucher
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.request_refund import RequestRefund, request_refund
from creditwell.usecases.sell_vouchers import NewVoucher, SellVouchers, Sold, sell_vouchers
from creditwell.usecases.take_payment import PartInput

# Patients who hardly come, counted from the end: their credit stays as it is told here.
SORRY, MISSED, OLD_SYSTEM, RUNS_OUT, MOVED, BUYER, GUEST, MOVES_AWAY = range(-2, -10, -1)
CURED = -11


def plan_gifts(story: Story, reception: User) -> None:
    """Put these acts among the others of the story."""
    before = "Balance of the program before"
    runs_out = replace(_gift(story, RUNS_OUT, "opening", 18000, before), expires_on=story.day(21))
    for days, command in (
        (395, _gift(story, OLD_SYSTEM, "opening", 26000, before)),
        (395, runs_out),
        (395, _gift(story, MOVED, "opening", 9550, before)),
        (200, _gift(story, MISSED, "goodwill", 4000, "Waited for an hour")),
        (170, _gift(story, SORRY, "goodwill", 3500, "Room was double booked")),
        (12, _gift(story, GUEST, "goodwill", 2500, "Sent us a friend")),
    ):
        story.on(days, partial(give_credit, command))
    practice_id = story.clinic.practice.id
    sweep = ExpireCredit(practice_id=practice_id, payer_id=story.payer(MISSED))
    story.on(10, partial(expire_credit, sweep))
    for n in (SORRY, RUNS_OUT):
        notice = NoticeExpiring(practice_id=practice_id, payer_id=story.payer(n))
        story.on(1, partial(notice_expiring, notice))
    story.on(75, partial(_vouchers, story))
    story.prepay(MOVES_AWAY, 64000, (100,), source="card")
    story.prepay(CURED, 30000, (80,), source="card")
    story.on(6, partial(_give_back, story, CURED))
    story.on(1, partial(_ask_back, story, MOVES_AWAY, Actor(user_id=reception.pk)))


def _gift(story: Story, n: int, kind: str, minor: int, reason: str) -> GiveCredit:
    return GiveCredit(
        practice_id=story.clinic.practice.id,
        key="",
        by=story.clinic.by,
        payer_id=story.payer(n),
        kind=kind,
        amount_minor=minor,
        reason=reason,
    )


def _vouchers(story: Story, at: datetime) -> None:
    """Four are sold: one is still whole, one half used, one used up, one was lost."""
    values = (10000, 15000, 9000, 5000)
    sold = sell_vouchers(
        SellVouchers(
            practice_id=story.clinic.practice.id,
            key="",
            by=story.clinic.by,
            payer_id=story.payer(BUYER),
            parts=(PartInput(source_id=story.clinic.sources["card"].pk, amount_minor=sum(values)),),
            vouchers=tuple(
                NewVoucher(value_minor=value, recipient_name=name, message="Rest well!")
                for value, name in zip(
                    values, ("Grandma Elsie", "Kaia", "Uncle Rob", "Noor"), strict=True
                )
            ),
            location_id=story.clinic.locations[0].pk,
        ),
        at,
    )
    story.on(50, lambda later: _redeem(story, sold.codes[1], 6000, later))
    story.on(18, lambda later: _redeem(story, sold.codes[2], None, later))
    story.on(30, lambda later: _lost(story, sold, later))


def _redeem(story: Story, code: str, minor: int | None, at: datetime) -> None:
    redeem_voucher(
        RedeemVoucher(
            practice_id=story.clinic.practice.id,
            key="",
            by=story.clinic.by,
            code=code,
            patient_id=story.patients[GUEST].pk,
            amount_minor=minor,
        ),
        at,
    )


def _lost(story: Story, sold: Sold, at: datetime) -> None:
    command = DisableVoucher(
        practice_id=story.clinic.practice.id,
        key="",
        by=story.clinic.by,
        voucher_id=sold.voucher_ids[3],
        reason="Lost in the post",
    )
    disable_voucher(command, at)


def _last_part(story: Story, n: int) -> PaymentPart:
    return PaymentPart.objects.filter(
        practice_id=story.clinic.practice.id, payment__payer_id=story.payer(n)
    ).latest("pk")


def _give_back(story: Story, n: int, at: datetime) -> None:
    command = RefundCredit(
        practice_id=story.clinic.practice.id,
        key="",
        by=story.clinic.by,
        payer_id=story.payer(n),
        parts=((_last_part(story, n).pk, 10000),),
        reason="Well again before the course was over",
    )
    refund_credit(command, at)


def _ask_back(story: Story, n: int, by: Actor, at: datetime) -> None:
    """More than one person may refund alone: it waits for somebody else."""
    part = _last_part(story, n)
    command = RequestRefund(
        practice_id=story.clinic.practice.id,
        key="",
        by=by,
        payer_id=story.payer(n),
        parts=((part.pk, 56000),),
        reason="Moves to another town",
    )
    request_refund(command, at + timedelta(minutes=1))
