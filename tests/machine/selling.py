"""Acts of the machine: packages are sold, shared, and given back."""

from __future__ import annotations

from datetime import timedelta

from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.packages.ending import Ask
from creditwell.packages.models import Package, PackageShare, Session, SoldPart
from creditwell.payments.models import Allocation, RefundPart
from creditwell.usecases._giving_back import GiveBack
from creditwell.usecases.convert_package import convert_package
from creditwell.usecases.refund_package import refund_package
from creditwell.usecases.sell_package import SellPackage, sell_package
from tests.machine.model import Bill
from tests.machine.packs import NIL, Offer, Pack, Piece, add
from tests.machine.table import (
    AT,
    DAYS_AGO,
    MAYBE,
    PICK,
    Table,
    World,
    act,
    between,
    one_of,
    pick,
)


class Selling(Table):
    @act(
        7,
        at=AT,
        who=between(0, 2),
        what=PICK,
        days=DAYS_AGO,
        credit=MAYBE,
        off=one_of(0, 0, 1, 100),
    )
    def sell_package(self, at: int, who: int, what: int, days: int, credit: bool, off: int) -> None:
        """At a discount now and then; paid from one's own credit, if there is enough."""
        world = self.worlds[at]
        offer, patient = pick(world.packs.offers, what), world.patients[who]
        day, price = world.today - timedelta(days=days), (offer.price * (100 - off) + 50) // 100
        lots = [x for x in world.model.lots.values() if x.payer == patient.payer_id]
        usable = [x for x in lots if x.usable(world.today) and x.category in (None, offer.category)]
        pays = price if credit and sum(x.left for x in usable) >= price else 0
        command = SellPackage(
            **world.base,
            patient_id=patient.pk,
            product_id=offer.id,
            credit_minor=pays,
            discount_percent=off,
            issued_on=day,
        )
        sold = self.attempt(True, lambda: sell_package(command, world.now))
        bill = Bill(
            id=sold.invoice_id,
            line=InvoiceLine.objects.get(invoice_id=sold.invoice_id).pk,
            payer=patient.payer_id,
            category=offer.category,
            total=price,
            owing=price,
            issued_on=day,
        )
        world.model.bills[bill.id] = bill
        if pays:
            drawn = world.model.draw([(bill, pays, patient.payer_id)], world.today)
            ids = list(Allocation.objects.filter(invoice_id=bill.id).values_list("pk", flat=True))
            world.learn_uses(ids, drawn)
        self._learn_pack(world, sold.package_id, bill, offer, patient.pk)

    def _learn_pack(self, world: World, pk: int, bill: Bill, offer: Offer, owner: int) -> Pack:
        """Its shares: they sum to the price, and alike ones differ by a coin at most."""
        row = Package.objects.get(pk=pk)
        assert row.net_minor + row.tax_minor == bill.total
        pieces = []
        sold = SoldPart.objects.filter(package_id=pk).order_by("position")
        for part, (units, kinds) in zip(sold, offer.parts, strict=True):
            rows = Session.objects.filter(part_id=part.pk).values_list(
                "units", "value_minor", "tax_minor"
            )
            total = NIL
            for one in rows:
                total = add(total, one)
            assert total[0] == units == part.units
            for n in (1, 2):
                assert max(one[n] for one in rows) - min(one[n] for one in rows) <= 1
            pieces.append(Piece(id=part.pk, kinds=kinds, free=total))
        pack = Pack(
            id=pk,
            offer=offer,
            bill=bill,
            owner=owner,
            payer=bill.payer,
            sold_on=bill.issued_on,
            expires_on=None,
            pieces=pieces,
        )
        if not offer.from_first:
            pack.expires_on = pack.end(pack.sold_on)
        assert pack.price[1] + pack.price[2] == bill.total
        world.packs.packs[pk] = pack
        return pack

    @act(2, at=AT, which=PICK, who=between(0, 2), most=one_of(None, 1, 2, 60))
    def share_package(self, at: int, which: int, who: int, most: int | None) -> None:
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, lambda pack: not pack.ended)
        patient = world.patients[who].pk
        if pack is None or pack.owner == patient or patient in pack.users:
            return
        PackageShare.objects.create(
            practice=world.practice,
            package_id=pack.id,
            patient_id=patient,
            most_units=most,
            given_at=world.now,
        )
        pack.users[patient] = most

    # -- given back -------------------------------------------------------------------------------

    @act(3, at=AT, which=PICK, units=one_of(None, None, 1, 2, 45), how=PICK, to_source=MAYBE)
    def give_package_back(
        self, at: int, which: int, units: int | None, how: int, to_source: bool
    ) -> None:
        """All that is left, or some of it: as account credit, or to where it came from."""
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, lambda pack: pack.unearned)
        if pack is None:
            return
        piece = pick(pack.pieces, how, lambda piece: piece.free[0])
        booked = [visit for visit in pack.visits if visit.held.state == "booked"]
        release = how % 2 == 0
        ask = Ask(
            units=None if units is None else ((piece.id, units),),
            method="used_at_list" if how % 3 == 0 else "pro_rata",
            release=release,
        )
        if units is None:
            fits = bool(booked or any(p.free[0] for p in pack.pieces)) and (release or not booked)
        else:
            fits = units <= piece.free[0]
        command = GiveBack(**world.base, package_id=pack.id, reason="Moved away", ask=ask)
        give = refund_package if to_source else convert_package
        given = self.attempt(fits and not pack.ended, lambda: give(command, world.now))
        if not given:
            return
        if units is None:
            for visit in booked:
                visit.held.piece.free = add(visit.held.piece.free, visit.held.sum)
                visit.held = None
                pack.visits.remove(visit)
        before = pack.unearned
        left = self._learn_dead(pack)
        assert given.back_minor + given.kept_minor == left
        assert given.back_minor <= left
        assert pack.unearned <= before
        if given.back_minor:
            credit_pack(world, pack, given.back_minor)
        pack.changed = True
        pack.ended = given.over
        assert given.over == (pack.unearned == 0 and _is_over(pack))
        for row in RefundPart.objects.filter(refund_id__in=given.refund_ids).order_by("pk"):
            world.learn_refund_part(row)

    def _learn_dead(self, pack: Pack) -> int:
        """What of each part is dead now; returns what it cost, tax included."""
        gross = 0
        for piece in pack.pieces:
            dead = NIL
            for row in Session.objects.filter(part_id=piece.id, status="refunded"):
                dead = add(dead, (row.units, row.value_minor, row.tax_minor))
            new = add(dead, piece.refunded, -1)
            assert min(new) >= 0
            piece.refunded, piece.free = dead, add(piece.free, new, -1)
            assert min(piece.free) >= 0
            gross += new[1] + new[2]
        return gross


def credit_pack(world: World, pack: Pack, whole: int) -> None:
    """
    So much of a package's price is asked no more; what was paid of it is credit again. Which of its
    bills that stands on is learned.
    """
    total = 0
    for bill in {bill.id: bill for bill in pack.bills}.values():
        credited = Invoice.objects.values_list("credited_minor", flat=True).get(pk=bill.id)
        minor = credited - bill.credited
        total += minor
        freed = max(minor - bill.owing, 0)
        stood = sum(use.stands for use in world.model.uses if use.bill is bill)
        world.learn_credit_note(bill, minor)
        stands = sum(use.stands for use in world.model.uses if use.bill is bill)
        assert stood - stands == freed
    assert total == whole


def _is_over(pack: Pack) -> bool:
    nothing = not any(piece.free[0] or piece.expired[0] for piece in pack.pieces)
    return nothing and not any(held.state == "booked" for held in pack.live)
