"""Acts of the machine: visits, and the sessions of packages that they use."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from creditwell.packages.booking import FIRST, NONE, Choice
from creditwell.packages.forfeiting import Keeping
from creditwell.packages.models import Session
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import BookAppointment, book_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.mark_attendance import (
    MarkAttendance,
    mark_arrived,
    mark_completed,
    mark_did_not_arrive,
)
from creditwell.usecases.move_appointment import MoveAppointment, move_appointment
from creditwell.usecases.remove_attendee import RemoveAttendee, remove_attendee
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.usecases.update_appointment import UpdateAppointment, update_appointment
from tests.machine.packs import Held, Kind, Pack, Piece, Sum, Visit, add, need_of
from tests.machine.selling import credit_pack
from tests.machine.table import AT, MAYBE, PICK, Table, World, act, between, one_of, pick

AHEAD = one_of(-40, -3, 0, 0, 0, 1, 1, 7, 30)
PATIENT = between(0, 2)
ANYWAY = one_of(True, True, False)
PERCENT = one_of(None, None, None, 0, 33, 50, 100)
MARKS = {
    "arrived": mark_arrived,
    "completed": mark_completed,
    "did_not_arrive": mark_did_not_arrive,
}


def has(visit: Visit) -> bool:
    return visit.held is not None


class Visiting(Table):
    # -- booking --------------------------------------------------------------------------------

    @act(12, at=AT, who=PATIENT, kind=PICK, ahead=AHEAD, how=PICK)
    def book(self, at: int, who: int, kind: int, ahead: int, how: int) -> None:
        """By the written order, as a rule; or with a package that is named, or without any."""
        world = self.worlds[at]
        patient, one = world.patients[who].pk, pick(world.kinds, kind)
        sold = pick(world.packs.packs.values(), how, lambda pack: pack.has_free)
        if sold is not None and kind % 8:  # as a rule somebody who has something for it
            patient = pick([sold.owner, *sold.users], who)
            one = pick(pick(sold.pieces, how, lambda piece: piece.free[0]).kinds, kind)
        day = world.today + timedelta(days=ahead)
        starts_at = world.slot(day)
        if starts_at is None:
            return
        choice, wanted = self._choice(world, patient, one, day, how)
        command = BookAppointment(
            **world.base,
            patient_id=patient,
            practitioner_id=world.clinic.practitioner.pk,
            location_id=world.clinic.location.pk,
            type_id=one.id,
            starts_at=starts_at,
            anyway=True,
            package=choice,
        )
        fits = wanted is not None or choice.package_id is None
        booked = self.attempt(fits, lambda: book_appointment(command, world.now))
        if booked:
            visit = Visit(
                id=booked.attendee_id,
                appointment=booked.appointment_id,
                patient=patient,
                kind=one,
                minutes=one.minutes,
                starts_at=starts_at,
                day=day,
            )
            world.packs.visits.append(visit)
            assert bool(booked.covered_ids) == (wanted is not None)
            self._take(world, visit, wanted)

    def _choice(
        self, world: World, patient: int, kind: Kind, day: date, how: int
    ) -> tuple[Choice, tuple[Pack, Piece] | None]:
        """What is asked for, and what the model says comes of it."""
        found = world.packs.could_use(patient, kind, kind.minutes, day)
        if how % 10 == 0:
            return NONE, None
        named = pick(world.packs.packs.values(), how)
        if how % 3 or named is None:
            return FIRST, found[0] if found else None
        wanted = next((one for one in found if one[0] is named), None)
        return Choice(package_id=named.id), wanted

    def _take(self, world: World, visit: Visit, wanted: tuple[Pack, Piece] | None) -> None:
        """The visit has a session of that part of that package; what it is worth is learned."""
        row = Session.objects.filter(attendee_id=visit.id).first()
        if wanted is None:
            assert row is None
            return
        assert row is not None
        pack, piece = wanted
        assert (row.package_id, row.part_id, row.status) == (pack.id, piece.id, "booked")
        assert row.units == need_of(pack.offer, visit.kind, visit.minutes)
        taken: Sum = (row.units, row.value_minor, row.tax_minor)
        piece.free = add(piece.free, taken, -1)
        assert min(piece.free) >= 0
        visit.held = Held(id=row.pk, pack=pack, piece=piece, sum=taken)
        visit.had_one = True
        pack.visits.append(visit)

    @act(2, at=AT, which=PICK, who=PATIENT)
    def join(self, at: int, which: int, who: int) -> None:
        """Somebody comes along to a group."""
        world = self.worlds[at]
        other = pick([one for one in world.packs.visits if one.kind.group], which)
        if other is None:
            return
        patient = world.patients[who].pk
        together = [v for v in world.packs.visits if v.appointment == other.appointment]
        fits = all(v.patient != patient or v.state == "cancelled" for v in together)
        found = world.packs.could_use(patient, other.kind, other.minutes, other.day)
        command = AddAttendee(**world.base, appointment_id=other.appointment, patient_id=patient)
        joined = self.attempt(fits, lambda: add_attendee(command, world.now))
        if joined:
            visit = Visit(
                id=joined.attendee_id,
                appointment=other.appointment,
                patient=patient,
                kind=other.kind,
                minutes=other.minutes,
                starts_at=other.starts_at,
                day=other.day,
            )
            world.packs.visits.append(visit)
            self._take(world, visit, found[0] if found else None)

    @act(1, at=AT, which=PICK)
    def remove(self, at: int, which: int) -> None:
        world = self.worlds[at]
        visit = pick(world.packs.visits, which, lambda visit: visit.kind.group)
        if visit is None:
            return
        command = RemoveAttendee(**world.base, attendee_id=visit.id)
        fits = visit.kind.group and visit.state == "booked" and not _kept(visit)
        if self.attempt(fits, lambda: remove_attendee(command, world.now)):
            self._give_back(visit)
            world.packs.visits.remove(visit)

    # -- who came -------------------------------------------------------------------------------

    @act(9, at=AT, which=PICK, to=one_of("arrived", "completed"), anyway=ANYWAY)
    def mark(self, at: int, which: int, to: str, *, anyway: bool) -> None:
        """Of a visit on a day to come only if that is meant."""
        world = self.worlds[at]
        visit = pick(world.packs.visits, which, lambda v: v.state == "booked" and v.held)
        if visit is None:
            return
        command = MarkAttendance(**world.base, attendee_id=visit.id, anyway=anyway)
        before = visit.state
        fits = before != "cancelled" and (anyway or before == to or visit.day <= world.today)
        if self.attempt(fits, lambda: MARKS[to](command, world.now)) and before != to:
            visit.state = to
            held = visit.held
            if held and held.percent == 100 and held.state != "used":
                self._use(world, held, "used")

    @act(4, at=AT, which=PICK, percent=PERCENT, anyway=ANYWAY)
    def mark_did_not_come(self, at: int, which: int, percent: int | None, *, anyway: bool) -> None:
        world = self.worlds[at]
        visit = pick(world.packs.visits, which, lambda v: v.state == "booked" and v.held)
        if visit is None:
            return
        keeping = Keeping(percent=percent, reason="It rained")
        command = MarkAttendance(**world.base, attendee_id=visit.id, keeping=keeping, anyway=anyway)
        before = visit.state
        same = before == "did_not_arrive"
        fits = before != "cancelled" and (anyway or same or visit.day <= world.today)
        marked = self.attempt(fits, lambda: mark_did_not_arrive(command, world.now))
        if marked and before != "did_not_arrive":
            visit.state = "did_not_arrive"
            if visit.held:
                rule = visit.held.pack.offer.no_show
                self._keep(world, visit, rule if percent is None else percent)

    @act(5, at=AT, which=PICK, percent=PERCENT, reason=one_of("sick", "sick", "practice"))
    def cancel(self, at: int, which: int, percent: int | None, reason: str) -> None:
        world = self.worlds[at]
        visit = pick(world.packs.visits, which, lambda v: v.state == "booked" and v.held)
        if visit is None:
            return
        keeping = Keeping(percent=percent, reason="It rained")
        command = CancelAttendance(
            **world.base, attendee_id=visit.id, reason=reason, keeping=keeping
        )
        fits = visit.state in ("booked", "arrived", "did_not_arrive")
        done = self.attempt(fits, lambda: cancel_attendance(command, world.now))
        if not done:
            return
        visit.state = "cancelled"
        if visit.held and visit.held.state != "forfeited":
            late = world.now > visit.starts_at - timedelta(hours=24)
            rule = visit.held.pack.offer.late if late and reason != "practice" else 0
            assert done.kept_percent == (rule if percent is None else percent)
            self._keep(world, visit, done.kept_percent)

    @act(5, at=AT, which=PICK)
    def reset(self, at: int, which: int) -> None:
        """What was used or kept is booked again; who gave a session back gets another one."""
        world = self.worlds[at]
        visit = pick(world.packs.visits, which, lambda v: v.state != "booked")
        if visit is None:
            return
        rivals = [
            other
            for other in world.packs.visits
            if other is not visit
            and (other.appointment, other.patient) == (visit.appointment, visit.patient)
        ]
        fits = visit.state != "cancelled" or all(v.state == "cancelled" for v in rivals)
        command = ResetAttendance(**world.base, attendee_id=visit.id)
        if not self.attempt(fits, lambda: reset_attendance(command, world.now)):
            return
        before, visit.state = visit.state, "booked"
        if visit.held is None:
            if before == "cancelled" and visit.had_one:
                found = world.packs.could_use(visit.patient, visit.kind, visit.minutes, visit.day)
                self._take(world, visit, found[0] if found else None)
        elif visit.held.percent == 100:
            visit.held.state, visit.held.used_on = "booked", None
            visit.held.pack.ended = False
            visit.held.pack.begin()

    def _use(self, world: World, held: Held, state: str, percent: int = 100) -> None:
        """The day is learned: not to come, and not before the sale."""
        row = Session.objects.get(pk=held.id)
        assert row.used_on is not None
        assert held.pack.sold_on <= row.used_on <= world.today
        if held.state != "booked":
            held.pack.ended = False
        held.state, held.percent, held.used_on = state, percent, row.used_on
        held.pack.begin()

    def _keep(self, world: World, visit: Visit, percent: int) -> None:
        held = visit.held
        if held is None or held.state == "forfeited":
            return
        if held.state == "used":
            held.pack.ended, held.state, held.used_on = False, "booked", None
            held.pack.begin()
        if percent == 0:
            self._give_back(visit)
            return
        if percent < 100:
            self._keep_some(world, held, percent)
        self._use(world, held, "forfeited", percent)

    def _keep_some(self, world: World, held: Held, percent: int) -> None:
        """Of a counted session the rest is asked no more, or paid back; of units it is free."""
        row = Session.objects.get(pk=held.id)
        kept: Sum = (row.units, row.value_minor, row.tax_minor)
        rest = add(held.sum, kept, -1)
        assert min(rest) >= 0
        if held.pack.offer.measure == "sessions":
            assert kept == (1, *(_half_up(minor, percent) for minor in held.sum[1:]))
            credit_pack(world, held.pack, rest[1] + rest[2])
            held.pack.changed = held.pack.changed or bool(rest[1] + rest[2])
        else:
            assert kept[0] == max(1, _half_up(held.sum[0], percent))
            held.piece.free = add(held.piece.free, rest)
        held.sum = kept

    def _give_back(self, visit: Visit) -> None:
        held = visit.held
        if held is not None:
            assert held.state == "booked"
            held.piece.free = add(held.piece.free, held.sum)
            held.pack.visits.remove(visit)
            visit.held = None

    # -- another time, another kind ---------------------------------------------------------------

    @act(4, at=AT, which=PICK, ahead=AHEAD, kind=PICK, longer=MAYBE)
    def change(self, at: int, which: int, ahead: int, kind: int, longer: bool) -> None:
        """Moved to another day; now and then of another kind or length then."""
        world = self.worlds[at]
        visit = pick(world.packs.visits, which, lambda v: v.state == "booked" and v.held)
        day = world.today + timedelta(days=ahead)
        if visit is None or (visit.kind.group and kind % 2 == 0):
            return
        starts_at = world.slot(day)
        if starts_at is None:
            return
        together = [v for v in world.packs.visits if v.appointment == visit.appointment]
        fits = all(v.state in ("booked", "arrived") or v.state == "cancelled" for v in together)
        fits = fits and (visit.kind.group or visit.state != "cancelled")
        before, base = visit.kind, {**world.base, "appointment_id": visit.appointment}
        if kind % 2:
            command = MoveAppointment(**base, starts_at=starts_at, anyway=True)
            done = self.attempt(fits, lambda: move_appointment(command, world.now))
            after, minutes = before, visit.minutes
        else:
            after = pick([one for one in world.kinds if not one.group], kind // 2)
            minutes = after.minutes + (15 if longer else 0)
            update = self._update(world, base, after, minutes, starts_at)
            done = self.attempt(fits, lambda: update_appointment(update, world.now))
        if done:
            for one in sorted(together, key=lambda v: v.id):
                one.kind, one.minutes, one.starts_at, one.day = after, minutes, starts_at, day
                if one.state == "booked":
                    self._choose_again(world, one, retyped=after is not before)

    def _update(
        self, world: World, base: dict[str, Any], kind: Kind, minutes: int, starts_at: Any
    ) -> UpdateAppointment:
        return UpdateAppointment(
            **base,
            practitioner_id=world.clinic.practitioner.pk,
            location_id=world.clinic.location.pk,
            type_id=kind.id,
            starts_at=starts_at,
            minutes=minutes,
            anyway=True,
        )

    def _choose_again(self, world: World, visit: Visit, *, retyped: bool) -> None:
        held = visit.held
        if held is None or held.state != "booked":
            return
        pack, measure = held.pack, held.pack.offer.measure
        good = (
            (pack.expires_on is None or pack.expires_on >= visit.day)
            and visit.kind in held.piece.kinds
            and (measure != "minutes" or held.sum[0] == visit.minutes)
            and not (retyped and measure == "money")
        )
        if not good:
            self._give_back(visit)
            found = world.packs.could_use(visit.patient, visit.kind, visit.minutes, visit.day)
            same = [one for one in found if one[0] is pack]
            self._take(world, visit, (same or found or [None])[0])


def _kept(visit: Visit) -> bool:
    return visit.held is not None and visit.held.state != "booked"


def _half_up(minor: int, percent: int) -> int:
    return (2 * minor * percent + 100) // 200
