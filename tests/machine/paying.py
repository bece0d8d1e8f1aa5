"""Acts of the machine: payments, invoices, credit that pays, families and their permissions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from creditwell.credit.sharing import Terms
from creditwell.invoicing.models import InvoiceLine
from creditwell.usecases.apply_credit import ApplyCredit, apply_credit
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.stop_sharing import StopSharing, stop_sharing
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import PartInput, TakePayment, take_payment
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.acts import invoice
from tests.machine.model import Bill, Lot, Need, Paid, Share
from tests.machine.table import (
    AMOUNTS,
    AT,
    DAYS_AGO,
    MAYBE,
    PICK,
    WHO,
    Chance,
    Table,
    World,
    act,
    between,
    one_of,
    pick,
)

THREE: Chance = lambda random: (AMOUNTS(random), AMOUNTS(random), AMOUNTS(random))  # noqa: E731
MODES = one_of("always", "always", "monthly", "total", "ask")


def owes(bill: Bill) -> bool:
    return bill.owing > 0


def has(lot: Lot) -> bool:
    return lot.left > 0


def fitting(which: int, minor: int, most: int) -> int:
    """As a rule no more than there is."""
    return min(minor, most) if most and which % 4 else minor


def is_whole(world: World, paid: Paid) -> bool:
    """Nothing of a payment went back, to others, or was lost: it can be unmade."""
    model = world.model
    sales = [part for part in model.passed_on(paid.lot) if part.sale]
    return (
        paid.standing
        and not any(part.refunded or part.dishonoured for part in paid.parts)
        and len(sales) == len(model.passed_on(paid.lot))
        and all(part.target.left == part.stands for part in sales)
        and not model.expired(paid.lot)
    )


class Paying(Table):
    @act(5, at=AT, minor=AMOUNTS, who=WHO, days=DAYS_AGO, auto=MAYBE, two=MAYBE)
    def take_payment(self, at: int, minor: int, who: int, days: int, auto: bool, two: bool) -> None:
        """By card, or by card and cash."""
        world = self.worlds[at]
        payer, clinic = world.payers[who], world.clinic
        owed, total = world.model.owing(payer), minor + (700 if two else 0)
        parts = [PartInput(source_id=clinic.card.pk, amount_minor=minor)]
        if two:
            parts.append(PartInput(source_id=clinic.cash.pk, amount_minor=700))
        taken = take_payment(
            TakePayment(
                **world.base,
                payer_id=payer,
                parts=tuple(parts),
                received_on=world.today - timedelta(days=days),
                pay=None if auto else (),
            ),
            world.now,
        )
        world.learn_payment(taken.payment_id, taken.lot_id, total)
        world.learn_uses(taken.allocation_ids)
        assert taken.to_credit_minor == (max(total - owed, 0) if auto else total)

    @act(5, at=AT, minor=AMOUNTS, who=between(0, 2), days=DAYS_AGO, taxed=MAYBE)
    def issue_invoice(self, at: int, minor: int, who: int, days: int, taxed: bool) -> None:
        world = self.worlds[at]
        patient, day = world.patients[who], world.today - timedelta(days=days)
        item = world.clinic.taxed_item if taxed else world.clinic.item
        written = invoice(
            world.clinic, minor, item=item, patient=patient, issued_on=day, now=world.now
        )
        world.model.bills[written.invoice_id] = Bill(
            id=written.invoice_id,
            line=InvoiceLine.objects.get(invoice_id=written.invoice_id).pk,
            payer=patient.payer_id,
            category=item.category_id,
            total=minor,
            owing=minor,
            issued_on=day,
        )

    @act(at=AT, which=PICK, minor=AMOUNTS, lot=PICK, days=DAYS_AGO)
    def apply_some_credit(self, at: int, which: int, minor: int, lot: int, days: int) -> None:
        """One's own, of a lot that is chosen."""
        world = self.worlds[at]
        bill = pick(world.model.bills.values(), which, owes)
        if bill is None or not world.model.lots:
            return
        first = pick(world.model.lots.values(), lot, has).id
        minor = fitting(which, minor, bill.owing)
        self._apply(world, [(bill, minor, bill.payer)], bill.payer, lots=(first,), days=days)

    @act(3, at=AT, which=PICK, minor=AMOUNTS, who=WHO, own=MAYBE, agreed=MAYBE)
    def apply_family_credit(
        self, at: int, which: int, minor: int, who: int, own: bool, agreed: bool
    ) -> None:
        """What somebody lets others use, and some of one's own besides."""
        world = self.worlds[at]
        bill = pick(world.model.bills.values(), which, owes)
        if bill is None:
            return
        owner = self._lender(world, bill, which, who)
        if bill.payer == owner or bill.owing <= own:
            return
        needs: list[Need] = [(bill, 1, bill.payer)] if own else []
        needs.append((bill, fitting(which, minor, bill.owing - own), owner))
        named = ((owner, "by phone"),) if agreed else ()
        self._apply(world, needs, bill.payer, agreed=named)

    def _apply(
        self, world: World, needs: list[Need], payer: int, days: int = 0, **fields: Any
    ) -> None:
        """Apply credit that is named; it must come out of the lots that the model draws from."""
        model = world.model
        drawn = model.draw(needs, world.today, first=next(iter(fields.get("lots", [])), 0))
        wanted = sum(minor for _bill, minor, _owner in needs)
        fits = (
            sum(minor for _lot, _bill, minor, _share in drawn) == wanted
            and wanted <= needs[0][0].owing
            and all(self._may(world, need, fields.get("agreed")) for need in needs)
        )
        command = ApplyCredit(
            **world.base,
            payer_id=payer,
            use=tuple((bill.id, minor) for bill, minor, owner in needs if owner == payer) or None,
            family_credit=tuple(
                (bill.id, owner or 0, minor) for bill, minor, owner in needs if owner != payer
            ),
            on=world.today - timedelta(days=days),
            **fields,
        )
        applied = self.attempt(fits, lambda: apply_credit(command, world.now))
        if applied:
            world.learn_uses(applied.allocation_ids, drawn)

    def _lender(self, world: World, bill: Bill, which: int, who: int) -> int:
        """As a rule somebody who lets the one who owes the bill use something."""
        lends = [s.owner for s in world.model.shares if s.user == bill.payer and not s.ended]
        found: int = pick(lends, who) if lends and which % 5 else world.payers[who]
        return found

    def _may(self, world: World, need: Need, agreed: object) -> bool:
        bill, _minor, owner = need
        if owner == bill.payer:
            return True
        share = world.model.share_between(owner or 0, bill.payer)
        return share is not None and (share.mode != "ask" or bool(agreed))

    @act(at=AT, who=WHO)
    def apply_all_credit(self, at: int, who: int) -> None:
        """By the written order: one's own, then the family's."""
        world = self.worlds[at]
        payer = world.payers[who]
        needs: list[Need] = [(b, b.owing, None) for b in world.model.bills_of(payer)]
        drawn = world.model.draw(needs, world.today)
        command = ApplyCredit(**world.base, payer_id=payer)
        applied = self.attempt(bool(drawn), lambda: apply_credit(command, world.now))
        if applied:
            world.learn_uses(applied.allocation_ids, drawn)
            assert applied.total_minor == sum(minor for _lot, _bill, minor, _by in drawn)
            assert applied.family_minor == sum(minor for _lot, _bill, minor, by in drawn if by)

    @act(at=AT, which=PICK, who=WHO, lent=WHO, minors=THREE)
    def pay_a_bill(
        self, at: int, which: int, who: int, lent: int, minors: tuple[int, int, int]
    ) -> None:
        """Anybody pays anybody's bill: with money, their own credit and somebody else's."""
        world = self.worlds[at]
        bill = pick(world.model.bills.values(), which, owes)
        if bill is None:
            return
        payer = bill.payer if which % 3 else world.payers[who]
        owner = self._lender(world, bill, which, lent)
        if owner == payer:
            return
        cash, own, family = (fitting(which, minor, bill.owing) // 3 for minor in minors)
        if not cash:
            return
        needs: list[Need] = [(bill, own, payer)] if own else []
        needs += [(bill, family, owner)] if family else []
        drawn = world.model.draw(needs, world.today)
        fits = (
            sum(minor for _lot, _bill, minor, _by in drawn) == own + family
            and cash + own + family <= bill.owing
            and all(self._may(world, need, agreed=True) for need in needs)
        )
        command = TakePayment(
            **world.base,
            payer_id=payer,
            parts=(PartInput(source_id=world.clinic.card.pk, amount_minor=cash + 1),),
            pay=((bill.id, cash),),
            use_credit=((bill.id, own),),
            family_credit=((bill.id, owner, family),),
            agreed=((payer, "here"), (owner, "by phone")),
        )
        taken = self.attempt(fits, lambda: take_payment(command, world.now))
        if taken:
            paid = world.learn_payment(taken.payment_id, taken.lot_id, cash + 1)
            world.learn_uses(taken.allocation_ids, [*drawn, (paid.lot, bill, cash, 0)])

    @act(at=AT, which=PICK, part=between(1, 100))
    def take_back(self, at: int, which: int, part: int) -> None:
        world = self.worlds[at]
        use = pick(world.model.uses, which, lambda use: use.stands)
        if use is None:
            return
        minor = max(use.stands * part // 100, 1)
        command = TakeBackAllocation(**world.base, allocation_id=use.id, amount_minor=minor)
        if self.attempt(use.stands > 0, lambda: take_back_allocation(command, world.now)):
            world.model.give_back(use, minor)

    @act(1, at=AT, which=PICK)
    def void_payment(self, at: int, which: int) -> None:
        world = self.worlds[at]
        paid = pick(world.model.paid, which, lambda paid: is_whole(world, paid))
        if paid is None:
            return
        command = VoidPayment(**world.base, payment_id=paid.id, reason="mistake")
        if self.attempt(is_whole(world, paid), lambda: void_payment(command, world.now)):
            for part in world.model.passed_on(paid.lot):
                world.model.pass_back(part, part.stands)
            for sold in paid.sold:
                sold.disabled = True
            world.model.undo(paid)

    @act(at=AT, which=PICK, minor=AMOUNTS)
    def edit_payment(self, at: int, which: int, minor: int) -> None:
        """What it settled stays settled as far as it goes, and by whose leave."""
        world = self.worlds[at]
        paid = pick(world.model.paid, which, lambda paid: is_whole(world, paid))
        if paid is None:
            return
        before = [use for use in world.model.uses if use.lot is paid.lot]
        settled = sum(use.stands for use in before)
        lent = {(use.bill.id, use.share): 0 for use in before}
        for use in before:
            lent[use.bill.id, use.share] += use.stands
        command = EditPayment(
            **world.base,
            payment_id=paid.id,
            parts=(PartInput(source_id=world.clinic.card.pk, amount_minor=minor),),
        )
        fits = is_whole(world, paid) and not paid.sold
        edited = self.attempt(fits, lambda: edit_payment(command, world.now))
        if edited:
            world.model.undo(paid)
            new = world.learn_payment(edited.payment_id, edited.lot_id, minor)
            world.learn_uses(edited.allocation_ids)
            assert edited.to_credit_minor == max(minor - settled, 0)
            for use in world.model.uses:
                if use.lot is new.lot:
                    assert use.stands <= lent[use.bill.id, use.share]

    @act(1, at=AT, which=PICK)
    def void_invoice(self, at: int, which: int) -> None:
        world = self.worlds[at]
        bill = pick(world.model.bills.values(), which, lambda bill: not bill.void)
        if bill is None:
            return
        command = VoidInvoice(**world.base, invoice_id=bill.id, reason="mistake")
        fits = not bill.void and not bill.credited and world.packs.may_void(bill)
        if self.attempt(fits, lambda: void_invoice(command, world.now)):
            world.packs.void(bill)
            for use in world.model.uses:
                if use.bill is bill:
                    world.model.give_back(use, use.stands)
            bill.void, bill.owing = True, 0

    @act(at=AT, which=PICK, minor=AMOUNTS)
    def credit_note(self, at: int, which: int, minor: int) -> None:
        """Which use it takes back is the books' choice; how much is not."""
        world = self.worlds[at]
        bill = pick(world.model.bills.values(), which, lambda bill: not bill.void)
        if bill is None:
            return
        command = CreditInvoice(
            **world.base, invoice_id=bill.id, lines=((bill.line, minor),), reason="less"
        )
        fits = (
            not bill.void and minor <= bill.total - bill.credited and not world.packs.is_sold(bill)
        )
        credited = self.attempt(fits, lambda: credit_invoice(command, world.now))
        if credited:
            assert credited.freed_minor == max(minor - bill.owing, 0)
            world.learn_credit_note(bill, minor)

    @act(3, at=AT, owner=WHO, user=WHO, mode=MODES, cap=AMOUNTS)
    def share(self, at: int, owner: int, user: int, mode: str, cap: int) -> None:
        """Anybody may lend; only patients use."""
        world = self.worlds[at]
        ends = world.payers[owner], world.payers[user]
        terms = Terms(mode=mode, cap_minor=cap if mode in ("monthly", "total") else None)
        command = ShareCredit(**world.base, owner_id=ends[0], user_id=ends[1], terms=terms)
        fits = owner != user and user < len(world.patients)
        shared = self.attempt(fits, lambda: share_credit(command, world.now))
        if not shared:
            return
        before = world.model.share_between(*ends)
        if before is None or before.id != shared.share_id:
            if before is not None:
                before.ended = True
            world.model.shares.append(
                Share(
                    id=shared.share_id,
                    owner=ends[0],
                    user=ends[1],
                    mode=mode,
                    cap=terms.cap_minor,
                )
            )

    @act(1, at=AT, which=PICK)
    def stop_sharing(self, at: int, which: int) -> None:
        world = self.worlds[at]
        share = pick(world.model.shares, which, lambda share: not share.ended)
        if share is None:
            return
        command = StopSharing(**world.base, share_id=share.id)
        if self.attempt(not share.ended, lambda: stop_sharing(command, world.now)):
            share.ended = True
