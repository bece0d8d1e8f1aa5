"""Acts of the machine: credit moves, is given, expires, becomes vouchers, and goes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from creditwell.kernel.errors import Invalid
from creditwell.payments.models import LotExpiry, TransferPart, Voucher
from creditwell.payments.refunding import TooSmallForCash
from creditwell.payments.rules_refund import FromLot
from creditwell.usecases.approve_refund import ApproveRefund, CreditGone, approve_refund
from creditwell.usecases.decline_refund import DeclineRefund, decline_refund
from creditwell.usecases.disable_voucher import DisableVoucher, disable_voucher
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment
from creditwell.usecases.enable_voucher import EnableVoucher, enable_voucher
from creditwell.usecases.expire_credit import ExpireCredit, expire_credit
from creditwell.usecases.extend_credit import ExtendCredit, extend_credit
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.redeem_voucher import RedeemVoucher, redeem_voucher
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.request_refund import RequestRefund, request_refund
from creditwell.usecases.sell_vouchers import NewVoucher, SellVouchers, sell_vouchers
from creditwell.usecases.take_back_gift import TakeBackGift, take_back_gift
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from tests.machine.model import Asked, Gone, Lot, Part, Sold
from tests.machine.table import (
    AMOUNTS,
    AT,
    DAYS_AGO,
    MAYBE,
    PICK,
    WHO,
    Table,
    World,
    act,
    between,
    one_of,
    pick,
)

LASTS = one_of(None, 0, 5, 40)


class Moving(Table):
    @act(1, days=one_of(1, 7, 40))
    def time_passes(self, days: int) -> None:
        for world in self.worlds:
            world.wait(days)

    # -- transfers ------------------------------------------------------------------------------

    @act(3, at=AT, giver=WHO, to=WHO, minor=AMOUNTS, days=DAYS_AGO)
    def transfer(self, at: int, giver: int, to: int, minor: int, days: int) -> None:
        """In the written order of use."""
        world = self.worlds[at]
        payer, rest = world.payers[giver], minor
        takes: dict[int, int] = {}
        lots = world.model.lots.values()
        mine = [x for x in lots if x.payer == payer and x.left and x.usable(world.today)]
        for lot in world.model.in_order(mine):
            part = min(rest, lot.left)
            if part:
                takes[lot.id] = part
                rest -= part
        self._transfer(world, payer, to, takes, not rest, amount_minor=minor, days=days)

    @act(4, at=AT, which=PICK, to=WHO, part=between(1, 120), days=DAYS_AGO)
    def transfer_chosen(self, at: int, which: int, to: int, part: int, days: int) -> None:
        world = self.worlds[at]
        lot = pick(world.model.lots.values(), which, lambda lot: lot.left)
        if lot is None:
            return
        minor = max(1, lot.left * part // 100)
        fits = minor <= lot.left and lot.usable(world.today) and lot.payer in world.payers
        takes = {lot.id: minor}
        self._transfer(world, lot.payer, to, takes, fits, lots=((lot.id, minor),), days=days)

    def _transfer(
        self, world: World, payer: int, to: int, takes: dict[int, int], fits: bool, **fields: Any
    ) -> None:
        """On a day that is over only if the credit was there: that is for the proofs to see."""
        days = fields.pop("days")
        command = TransferCredit(
            **world.base,
            from_payer_id=payer,
            to_payer_id=world.payers[to],
            reason="They share",
            anywhere=True,
            on=world.today - timedelta(days=days),
            **fields,
        )
        fits = fits and payer != world.payers[to]
        sent = self.attempt(
            fits, lambda: transfer_credit(command, world.now), unless=Invalid if days else None
        )
        if sent:
            assert world.learn_transfer(sent.transfer_id) == takes

    @act(2, at=AT, which=PICK)
    def undo_transfer(self, at: int, which: int) -> None:
        """Chains, too: what was passed on cannot come back before that does."""
        world = self.worlds[at]
        some = pick(world.model.passed, which, lambda part: part.stands and not part.sale)
        if some is None:
            return
        transfer = some.transfer
        parts = [part for part in world.model.passed if part.transfer == transfer]
        fits = (
            any(part.stands for part in parts)
            and all(part.target.left >= part.stands for part in parts)
            and not parts[0].sale
        )
        command = UndoTransfer(**world.base, transfer_id=transfer)
        if self.attempt(fits, lambda: undo_transfer(command, world.now)):
            for part in parts:
                world.model.pass_back(part, part.stands)

    # -- given, expired, extended -----------------------------------------------------------------

    @act(at=AT, who=WHO, minor=AMOUNTS, opening=MAYBE, lasts=LASTS, only=MAYBE)
    def give(
        self, at: int, who: int, minor: int, opening: bool, lasts: int | None, only: bool
    ) -> None:
        world = self.worlds[at]
        command = GiveCredit(
            **world.base,
            payer_id=world.payers[who],
            kind="opening" if opening else "goodwill",
            amount_minor=minor,
            reason="Sorry",
            expires_on=None if lasts is None else world.today + timedelta(days=lasts),
            category_id=world.clinic.item.category_id if only else None,
        )
        given = give_credit(command, world.now)
        lot = world.learn_lot(given.lot_id, minor)
        assert lot.refundable is opening
        world.model.gifts[given.gift_id] = lot, True

    @act(1, at=AT, which=PICK)
    def take_back_gift(self, at: int, which: int) -> None:
        world = self.worlds[at]
        gift_id = pick(world.model.gifts, which, lambda pk: world.model.gifts[pk][0].left)
        if gift_id is None:
            return
        lot, stands = world.model.gifts[gift_id]
        command = TakeBackGift(**world.base, gift_id=gift_id, reason="Typed twice")
        fits = stands and lot.left == lot.original
        if self.attempt(fits, lambda: take_back_gift(command, world.now)):
            lot.left = 0
            world.model.gifts[gift_id] = lot, False

    @act(1, at=AT)
    def sweep(self, at: int) -> None:
        """Everybody's credit that ran out, a voucher's too."""
        world = self.worlds[at]
        over = [x for x in world.model.lots.values() if x.left and not x.usable(world.today)]
        for payer in sorted({lot.payer for lot in over} | {world.payers[0]}):
            expired = expire_credit(ExpireCredit(**world.base, payer_id=payer), world.now)
            mine = [lot for lot in over if lot.payer == payer]
            assert sorted(expired.lot_ids) == sorted(lot.id for lot in mine)
            for lot in mine:
                row = LotExpiry.objects.filter(lot_id=lot.id).latest("pk")
                gone = Gone(id=row.pk, lot=lot, stands=lot.left, on=row.expired_on)
                world.model.gone.append(gone)
                lot.left = 0

    @act(at=AT, which=PICK, days=one_of(None, 1, 60))
    def extend(self, at: int, which: int, days: int | None) -> None:
        """Grace; what had run out is there again."""
        world = self.worlds[at]
        lots = [x for x in world.model.lots.values() if x.expires_on is not None]
        lot = pick(lots, which, lambda lot: lot.left or world.model.expired(lot))
        if lot is None:
            return
        until = None if days is None else world.today + timedelta(days=days)
        gone = world.model.expired(lot)
        fits = bool(lot.left or gone) and (until is None or until > lot.expires_on)
        command = ExtendCredit(**world.base, lot_id=lot.id, until=until)
        extended = self.attempt(fits, lambda: extend_credit(command, world.now))
        if extended:
            assert extended.returned_minor == sum(one.stands for one in gone)
            for one in gone:
                lot.left += one.stands
                one.stands = 0
            lot.expires_on = until

    # -- vouchers ---------------------------------------------------------------------------------

    @act(2, at=AT, who=WHO, minor=AMOUNTS, days=DAYS_AGO, two=MAYBE)
    def sell(self, at: int, who: int, minor: int, days: int, two: bool) -> None:
        world = self.worlds[at]
        values = [minor, 500] if two else [minor]
        command = SellVouchers(
            **world.base,
            payer_id=world.payers[who],
            parts=(PartInput(source_id=world.clinic.card.pk, amount_minor=sum(values)),),
            vouchers=tuple(NewVoucher(value_minor=value) for value in values),
            received_on=world.today - timedelta(days=days),
        )
        done = sell_vouchers(command, world.now)
        rows = list(Voucher.objects.filter(pk__in=done.voucher_ids).order_by("pk"))
        lot_id = rows[0].payment.lot_id
        paid = world.learn_payment(done.payment_id, lot_id, sum(values))
        for row, value in zip(rows, values, strict=True):
            paid.sold.append(Sold(id=row.pk, code=row.code, payer=row.payer_id))
            sale = row.payer.lots.get()
            assert sale.original_minor == value
            transfer = TransferPart.objects.get(to_lot_id=sale.pk).transfer_id
            world.learn_transfer(transfer, sale=True)

    def _sold(self, world: World, which: int) -> Sold | None:
        found = [sold for paid in world.model.paid for sold in paid.sold]
        return pick(found, which, lambda sold: self._lot_of(world, sold).left)

    def _lot_of(self, world: World, sold: Sold) -> Lot:
        return next(lot for lot in world.model.lots.values() if lot.payer == sold.payer)

    @act(3, at=AT, which=PICK, who=between(0, 2), part=between(1, 120), all_=MAYBE)
    def redeem(self, at: int, which: int, who: int, part: int, all_: bool) -> None:
        world = self.worlds[at]
        sold = self._sold(world, which)
        if sold is None:
            return
        lot = self._lot_of(world, sold)
        minor = lot.left if all_ else max(1, lot.left * part // 100)
        fits = 0 < minor <= lot.left and lot.usable(world.today) and not sold.disabled
        command = RedeemVoucher(
            **world.base,
            code=sold.code,
            patient_id=world.patients[who].pk,
            amount_minor=None if all_ else minor,
        )
        redeemed = self.attempt(fits, lambda: redeem_voucher(command, world.now))
        if redeemed:
            assert world.learn_transfer(redeemed.transfer_id) == {lot.id: minor}
            assert redeemed.left_minor == lot.left

    @act(1, at=AT, which=PICK, on=MAYBE)
    def disable_or_enable(self, at: int, which: int, on: bool) -> None:
        world = self.worlds[at]
        sold = self._sold(world, which)
        if sold is None:
            return
        ids = {**world.base, "voucher_id": sold.id}
        if on:
            fits = sold.disabled and self._lot_of(world, sold).left > 0
            done = self.attempt(fits, lambda: enable_voucher(EnableVoucher(**ids), world.now))
        else:
            command = DisableVoucher(**ids, reason="Lost")
            done = self.attempt(not sold.disabled, lambda: disable_voucher(command, world.now))
        if done:
            sold.disabled = not on

    # -- refunds and dishonour --------------------------------------------------------------------

    def _fits_refund(self, world: World, lot: Lot, part: Part | None, minor: int) -> bool:
        paid = world.model.paid_into(lot)
        return (
            lot.payer in world.payers
            and lot.refundable
            and minor <= lot.left
            and (paid is None or paid.standing)
            and (part is None or minor <= part.room)
        )

    def _part(self, world: World, lot: Lot, which: int) -> Part | None:
        paid = world.model.paid_into(lot)
        return pick(paid.parts, which) if paid else None

    @act(at=AT, which=PICK, by=PICK, minor=AMOUNTS, plain=MAYBE)
    def refund(self, at: int, which: int, by: int, minor: int, plain: bool) -> None:
        """By a part of the payment, or of a lot that is chosen, wherever that came from."""
        world = self.worlds[at]
        lot = pick(world.model.lots.values(), which, lambda lot: lot.left)
        if lot is None:
            return
        part = self._part(world, lot, by)
        fits = self._fits_refund(world, lot, part, minor)
        how: dict[str, Any] = {"chosen": (self._from(world, lot, part, minor),)}
        if plain and part is not None and lot.root is None:
            how = {"parts": ((part.id, minor),)}
        command = RefundCredit(**world.base, payer_id=lot.payer, reason="asked for", **how)
        small = TooSmallForCash if part is not None and part.cash else None
        if self.attempt(fits, lambda: refund_credit(command, world.now), unless=small):
            self._refunded(lot, part, minor)

    def _from(self, world: World, lot: Lot, part: Part | None, minor: int) -> FromLot:
        source = None if part else world.clinic.card.pk
        return FromLot(
            lot_id=lot.id, minor=minor, part_id=part.id if part else None, source_id=source
        )

    def _refunded(self, lot: Lot, part: Part | None, minor: int) -> None:
        lot.left -= minor
        if part is not None:
            part.refunded += minor

    @act(at=AT, which=PICK, by=PICK, minor=AMOUNTS)
    def request_refund(self, at: int, which: int, by: int, minor: int) -> None:
        world = self.worlds[at]
        paid = pick(world.model.paid, which, lambda paid: paid.standing)
        if paid is None:
            return
        lots = [lot for lot in world.model.lots.values() if lot.money is paid.lot]
        lot, part = pick(lots, by, lambda lot: lot.left), pick(paid.parts, by)
        command = RequestRefund(
            **{**world.base, "by": world.asker},
            payer_id=lot.payer,
            chosen=(self._from(world, lot, part, minor),),
            reason="moves away",
        )
        fits = self._fits_refund(world, lot, part, minor)
        small = TooSmallForCash if part.cash else None
        asked = self.attempt(fits, lambda: request_refund(command, world.now), unless=small)
        if asked:
            world.model.asked.append(Asked(id=asked.request_id, lot=lot, part=part, minor=minor))

    @act(at=AT, which=PICK, yes=MAYBE)
    def decide_refund(self, at: int, which: int, yes: bool) -> None:
        """Approved, it is made if the credit is still there; else the request waits on."""
        world = self.worlds[at]
        asked = pick(world.model.asked, which, lambda asked: asked.waiting)
        if asked is None:
            return
        ids = {**world.base, "request_id": asked.id}
        there = self._fits_refund(world, asked.lot, asked.part, asked.minor)
        if not yes:
            command = DeclineRefund(**ids)
            if self.attempt(asked.waiting, lambda: decline_refund(command, world.now)):
                asked.waiting = False
            return
        refused = CreditGone if not there else TooSmallForCash if asked.part.cash else None
        approved = self.attempt(
            asked.waiting,
            lambda: approve_refund(ApproveRefund(**ids), world.now),
            unless=refused if asked.waiting else None,
        )
        if approved:
            assert there
            asked.waiting = False
            self._refunded(asked.lot, asked.part, asked.minor)

    @act(2, at=AT, which=PICK, by=PICK, part=between(1, 110), days=DAYS_AGO)
    def dishonour(self, at: int, which: int, by: int, part: int, days: int) -> None:
        """The bank takes money back, wherever it went; what was refunded is lost."""
        world = self.worlds[at]
        paid = pick(world.model.paid, which, lambda x: x.standing and x.lot.left < x.lot.original)
        if paid is None:
            return
        of = pick(paid.parts, by)
        minor = max(1, (of.came - of.dishonoured) * part // 100)
        fits = paid.standing and minor <= of.came - of.dishonoured
        command = DishonourPayment(
            **world.base,
            part_id=of.id,
            amount_minor=minor,
            reason="Bounced",
            on=max(paid.received_on, world.today - timedelta(days=days)),
        )
        done = self.attempt(fits, lambda: dishonour_payment(command, world.now))
        if done:
            got = world.model.gather(paid.lot, minor)
            paid.lot.left -= got
            of.dishonoured += minor
            assert done.loss_minor == minor - got
