"""Acts of the machine: what becomes of packages besides their visits."""

from __future__ import annotations

from datetime import timedelta

from creditwell.invoicing.models import InvoiceLine
from creditwell.packages.changing import NotUndone
from creditwell.packages.models import Session, SoldCover
from creditwell.packages.swapping import WorthLess
from creditwell.packages.upgrading import NotAlike, NotLarger, RanOut
from creditwell.usecases.add_bonus_sessions import (
    AddBonusSessions,
    TakeBackBonus,
    add_bonus_sessions,
    take_back_bonus,
)
from creditwell.usecases.expire_package import ExpirePackage, expire_package
from creditwell.usecases.extend_package import ExtendPackage, extend_package
from creditwell.usecases.give_package_grace import GivePackageGrace, give_package_grace
from creditwell.usecases.swap_session import SwapSession, swap_session
from creditwell.usecases.transfer_package import (
    TransferPackage,
    UndoPackageTransfer,
    transfer_package,
    undo_package_transfer,
)
from creditwell.usecases.upgrade_package import UpgradePackage, upgrade_package
from tests.machine.model import Bill
from tests.machine.packs import NIL, Pack, Piece, Sum, add
from tests.machine.selling import credit_pack
from tests.machine.table import AT, MAYBE, PICK, Table, World, act, between, one_of, pick

UNTIL = one_of(None, 0, 10, 90)


def alive(pack: Pack) -> bool:
    return not pack.ended


class Lasting(Table):
    @act(3, at=AT, which=PICK)
    def expire_package(self, at: int, which: int) -> None:
        """What is free the day after its last one; booked sessions wait for their visits."""
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, lambda pack: _is_due(world, pack))
        if pack is None:
            return
        command = ExpirePackage(practice_id=world.practice.pk, package_id=pack.id)
        expired = self.attempt(not pack.ended, lambda: expire_package(command, world.now))
        if not expired:
            return
        due = _is_due(world, pack)
        assert expired.units == (sum(p.free[0] for p in pack.pieces) if due else 0)
        if due:
            for piece in pack.pieces:
                piece.expired, piece.free = add(piece.expired, piece.free), NIL
            pack.changed = True

    @act(2, at=AT, which=PICK, days=UNTIL)
    def give_grace(self, at: int, which: int, days: int | None) -> None:
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, _has_expired)
        if pack is None:
            return
        until = None if days is None else world.today + timedelta(days=days)
        later = until is None or pack.expires_on is None or until > pack.expires_on
        command = GivePackageGrace(**world.base, package_id=pack.id, until=until)
        fits = not pack.ended and _has_expired(pack) and later
        given = self.attempt(fits, lambda: give_package_grace(command, world.now))
        if given:
            assert given.units == sum(piece.expired[0] for piece in pack.pieces)
            for piece in pack.pieces:
                piece.free, piece.expired = add(piece.free, piece.expired), NIL
            pack.expires_on = until

    @act(1, at=AT, which=PICK, days=UNTIL)
    def extend_package(self, at: int, which: int, days: int | None) -> None:
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, lambda pack: pack.expires_on)
        if pack is None:
            return
        until = None if days is None else world.today + timedelta(days=days)
        command = ExtendPackage(**world.base, package_id=pack.id, until=until, reason="Ill")
        fits = (
            not pack.ended
            and pack.expires_on is not None
            and (until is None or until > max(pack.expires_on, world.today))
        )
        if self.attempt(fits, lambda: extend_package(command, world.now)):
            pack.expires_on, pack.changed = until, True

    @act(2, at=AT, which=PICK, units=one_of(1, 2, 30), back=MAYBE)
    def add_bonus(self, at: int, which: int, units: int, back: bool) -> None:
        """Worth nothing; now and then taken back, if nobody has used it yet."""
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, alive)
        if pack is None:
            return
        piece = pick(pack.pieces, which)
        base = {**world.base, "reason": "Thanks"}
        command = AddBonusSessions(**base, package_id=pack.id, part_id=piece.id, units=units)
        added = self.attempt(alive(pack), lambda: add_bonus_sessions(command, world.now))
        if added:
            piece.free = add(piece.free, (units, 0, 0))
            pack.changed = True
            world.packs.bonuses.append((pack, piece, units, added.act_id))
        if back and world.packs.bonuses:
            pack, piece, units, act_id = pick(world.packs.bonuses, which)
            taking = TakeBackBonus(**world.base, act_id=act_id)
            fits = alive(pack)
            if self.attempt(fits, lambda: take_back_bonus(taking, world.now), unless=NotUndone):
                piece.free = add(piece.free, (units, 0, 0), -1)
                world.packs.bonuses.remove((pack, piece, units, act_id))

    @act(4, at=AT, which=PICK, who=between(0, 2), units=one_of(None, 1, 2, 45))
    def transfer_package(self, at: int, which: int, who: int, units: int | None) -> None:
        world = self.worlds[at]
        source = pick(world.packs.packs.values(), which, lambda pack: pack.has_free)
        if source is None:
            return
        patient = world.patients[who]
        if source.owner == patient.pk and which % 5:  # as a rule somebody else
            patient = world.patients[who - 1]
        piece = pick(source.pieces, which, lambda piece: piece.free[0])
        free = sum(one.free[0] for one in source.pieces) if units is None else piece.free[0]
        fits = alive(source) and source.owner != patient.pk and (units or 1) <= free
        command = TransferPackage(
            **world.base,
            package_id=source.id,
            to_patient_id=patient.pk,
            parts=None if units is None else ((piece.id, units),),
            reason="A present",
            anywhere=True,
        )
        sent = self.attempt(fits, lambda: transfer_package(command, world.now))
        if not sent:
            return
        target = Pack(
            id=sent.to_package_id,
            offer=source.offer,
            bill=source.bill,
            owner=patient.pk,
            payer=patient.payer_id,
            sold_on=source.sold_on,
            expires_on=source.expires_on,
            first=source.first,
            pieces=[],
            changed=True,
            origin=source,
            sent=free if units is None else units,
            received_by=sent.act_id,
        )
        world.packs.packs[target.id] = target
        self._moved(world, source, target)
        target.came = target.price
        source.changed = True
        source.ended = source.price[0] == 0

    @act(3, at=AT, which=PICK)
    def undo_package_transfer(self, at: int, which: int) -> None:
        world = self.worlds[at]
        target = pick([one for one in world.packs.packs.values() if one.origin], which, alive)
        if target is None or target.origin is None:
            return
        untouched = not target.visits and all(
            not piece.expired[0] and not piece.refunded[0] for piece in target.pieces
        )
        fits = (
            alive(target)
            and untouched
            and target.price[0] == target.sent
            and target.price == target.came  # a swap since was charged to the receiver
        )
        command = UndoPackageTransfer(**world.base, act_id=target.received_by)
        if self.attempt(fits, lambda: undo_package_transfer(command, world.now)):
            self._moved(world, target, target.origin)
            target.ended, target.origin.ended = True, False

    # -- something else, or more of it -----------------------------------------------------------

    @act(3, at=AT, which=PICK, kind=PICK, difference=one_of(None, 0, 700, -300))
    def swap_session(self, at: int, which: int, kind: int, difference: int | None) -> None:
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, _may_swap)
        if pack is None:
            return
        piece = pick(pack.pieces, which, lambda piece: piece.free[0])
        target, before = pick(world.kinds, kind), pack.price
        command = SwapSession(
            **world.base,
            package_id=pack.id,
            part_id=piece.id,
            type_id=target.id,
            difference_minor=difference,
        )
        fits = (
            alive(pack)
            and pack.offer.measure == "sessions"
            and piece.free[0] > 0
            and target not in piece.kinds
        )
        swapped = self.attempt(fits, lambda: swap_session(command, world.now), unless=WorthLess)
        if not swapped:
            return
        self._charged(world, pack, swapped.invoice_id, swapped.difference_minor)
        _learn_free(world, pack)
        came = add(pack.price, before, -1)
        assert (came[0], came[1] + came[2]) == (0, swapped.difference_minor)
        if swapped.credit_note_ids:
            credit_pack(world, pack, -swapped.difference_minor)
        assert bool(swapped.credit_note_ids) == (swapped.difference_minor < 0)
        pack.changed = True

    @act(3, at=AT, which=PICK, to=PICK, price=one_of(None, None, 0, 3333))
    def upgrade_package(self, at: int, which: int, to: int, price: int | None) -> None:
        """Of what has no tax and is counted, the larger ones of the same; else it is refused."""
        world = self.worlds[at]
        pack = pick(world.packs.packs.values(), which, lambda pack: pack.has_free)
        if pack is None:
            return
        offer, before = pick(world.packs.offers, to), pack.price
        command = UpgradePackage(
            **world.base, package_id=pack.id, product_id=offer.id, price_minor=price
        )
        done = self.attempt(
            alive(pack),
            lambda: upgrade_package(command, world.now),
            unless=(NotAlike, NotLarger, RanOut),
        )
        if not done:
            return
        assert (offer.measure, offer.at_use) == (pack.offer.measure, pack.offer.at_use)
        self._charged(world, pack, done.invoice_id, done.price_minor)
        pack.offer, pack.changed = offer, True
        begins = None if offer.from_first and pack.first is None else world.today
        pack.expires_on = pack.end(begins)
        for held in pack.live:
            if held.state == "booked":
                row = Session.objects.get(pk=held.id)
                held.sum = (row.units, row.value_minor, row.tax_minor)
        _learn_free(world, pack)
        came = add(pack.price, before, -1)
        assert came[0] > 0
        assert came[1] + came[2] == done.price_minor

    def _charged(self, world: World, pack: Pack, invoice_id: int | None, minor: int) -> None:
        """A bill for what came into a package."""
        assert (invoice_id is not None) == (minor > 0)
        if invoice_id is not None:
            bill = Bill(
                id=invoice_id,
                line=InvoiceLine.objects.get(invoice_id=invoice_id).pk,
                payer=pack.payer,
                category=pack.offer.category,
                total=minor,
                owing=minor,
                issued_on=world.today,
            )
            world.model.bills[bill.id] = bill
            pack.more.append(bill)

    def _moved(self, world: World, source: Pack, target: Pack) -> None:
        """Between two packages: nothing comes to be, and nothing is lost."""
        before = add(source.price, target.price)
        _learn_free(world, source)
        _learn_free(world, target)
        assert add(source.price, target.price) == before


def _learn_free(world: World, pack: Pack) -> None:
    """What of each part is free, also of parts that came to be by a transfer."""
    sums: dict[int, Sum] = {piece.id: NIL for piece in pack.pieces}
    for row in Session.objects.filter(package_id=pack.id, status="free"):
        taken: Sum = (row.units, row.value_minor, row.tax_minor)
        sums[row.part_id] = add(sums.get(row.part_id, NIL), taken)
    known = {piece.id: piece for piece in pack.pieces}
    for part_id, free in sums.items():
        types = SoldCover.objects.filter(part_id=part_id).values_list("appointment_type_id")
        ids = {row[0] for row in types}
        kinds = tuple(kind for kind in world.kinds if kind.id in ids)
        if part_id not in known:
            known[part_id] = Piece(id=part_id, kinds=kinds, free=NIL)
            pack.pieces.append(known[part_id])
        known[part_id].free, known[part_id].kinds = free, kinds


def _may_swap(pack: Pack) -> bool:
    return pack.has_free and pack.offer.measure == "sessions"


def _is_due(world: World, pack: Pack) -> bool:
    over = pack.expires_on is not None and pack.expires_on < world.today
    return over and pack.has_free


def _has_expired(pack: Pack) -> bool:
    return any(piece.expired[0] for piece in pack.pieces)
