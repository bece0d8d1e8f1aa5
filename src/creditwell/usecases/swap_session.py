"""A free session of a package becomes one for something else; and that is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.invoicing.models import Invoice
from creditwell.kernel.rows import plus
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.packages import swapping
from creditwell.packages.acts import Line, write_act
from creditwell.packages.changing import act_of, package_of_act
from creditwell.packages.crediting import (
    Leaving,
    Plan,
    plan_notes,
    post_crediting,
    write_crediting,
)
from creditwell.packages.models import ActKind, Package, PackageAct, Session, SoldPart
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases._charging import Charged, charge, line_for
from creditwell.usecases._giving_back import hold, tell_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapSession:
    """
    One free session of a part, for a kind of visit or an item. `difference_minor` is as prices are
    quoted: above zero it is charged, below it is given back; None: by today's list prices.
    """

    practice_id: int
    key: str
    by: Actor
    package_id: int
    part_id: int
    type_id: int | None = None
    item_id: int | None = None
    difference_minor: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSwapped:
    """`invoice_id` charges the difference; `credit_note_ids` give it back."""

    package_id: int
    act_id: int
    session_id: int
    difference_minor: int
    invoice_id: int | None
    credit_note_ids: list[int]


@usecase(SessionSwapped)
def swap_session(command: SwapSession, now: datetime) -> SessionSwapped:
    """
    Swap the session and settle the difference in price, dated today.

    :raises NotFound: if package, part, kind of visit or item are not of this practice
    :raises PackageEnded, ChangedMeanwhile: as `hold`
    :raises NotCounted, NoFreeSession, CoveredAlready, WorthLess: as named
    :raises BooksClosed: if today's books are closed
    """
    package, practice = hold(practice_id=command.practice_id, package_id=command.package_id)
    session = swapping.free_session(practice, package, command.part_id)
    target = swapping.target_of(practice, type_id=command.type_id, item_id=command.item_id)
    swapping.require_other(practice, command.part_id, target)
    difference = command.difference_minor
    if difference is None:
        difference = usual_difference(practice, package, session, target)
    written = Written(command.by, now)
    old = SoldPart.objects.get(practice_id=practice.id, pk=session.part_id)
    settled = _settle(practice, package, session, difference, target.name, written)
    part_id = swapping.part_for(practice, package, target)
    swapping.put(practice, session, part_id)
    act_id = _tell(
        practice,
        package,
        session,
        settled,
        _Said(
            details={
                "from_part_id": old.pk,
                "from": old.name,
                "to_part_id": part_id,
                "to": target.name,
                "difference_minor": difference,
            },
            reason=command.reason,
        ),
        written,
    )
    return SessionSwapped(
        package_id=package.pk,
        act_id=act_id,
        session_id=session.pk,
        difference_minor=difference,
        invoice_id=settled.invoice_id,
        credit_note_ids=settled.note_ids,
    )


def usual_difference(
    practice: PracticeFacts, package: Package, session: Session, target: swapping.Target
) -> int:
    """
    The difference of today's list prices, as prices are quoted; at most what the session cost goes
    back.
    """
    difference = target.price_minor - swapping.price_of_part(practice, session.part_id)
    most = session.value_minor + session.tax_minor
    if swapping.with_tax(practice, package, -difference) > most:
        return -(most if practice.prices_include_tax else session.value_minor)
    return difference


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    """What came into the session and its package (below zero: left it), and by which papers."""

    value_minor: int = 0
    tax_minor: int = 0
    moved_minor: int = 0  # in the account
    invoice_id: int | None = None
    entry_id: int | None = None
    line_id: int | None = None
    note_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """How a swap stands in the history."""

    details: dict[str, Any]
    reason: str
    undoes_id: int | None = None


def _settle(
    practice: PracticeFacts,
    package: Package,
    session: Session,
    difference: int,
    name: str,
    written: Written,
) -> _Settled:
    if difference > 0:
        text = _("%(package)s: %(name)s instead") % {"package": package.name, "name": name}
        line = line_for(package, text, difference)
        done = charge(practice, package, line, by=written.by, now=written.at)
        settled = _of_charge(package, done)
    elif difference < 0:
        gross = swapping.with_tax(practice, package, -difference)
        settled = _give_back(practice, package, session, gross, written)
    else:
        return _Settled(note_ids=[])
    _add(practice, package, session, settled, written)
    return settled


def _of_charge(package: Package, done: Charged) -> _Settled:
    return _Settled(
        value_minor=done.net_minor,
        tax_minor=done.tax_minor,
        moved_minor=done.net_minor + (done.tax_minor if package.tax_at_use else 0),
        invoice_id=done.invoice_id,
        entry_id=done.entry_id,
        line_id=done.line_id,
        note_ids=[],
    )


def _give_back(
    practice: PracticeFacts, package: Package, session: Session, gross: int, written: Written
) -> _Settled:
    value, tax = swapping.share_of(practice, session, gross)
    if gross == 0:
        return _Settled(note_ids=[])
    on = practice.day_of(written.at)
    plans = plan_notes(practice, package, gross, on=on)
    return _credit(practice, package, (value, tax), plans, written)


def _credit(
    practice: PracticeFacts,
    package: Package,
    shares: tuple[int, int],
    plans: list[Plan],
    written: Written,
) -> _Settled:
    on, (value, tax) = practice.day_of(written.at), shares
    leaving = Leaving(value_minor=value, tax_minor=tax, gross_minor=value + tax)
    journal = Journal(practice.id)
    crediting = post_crediting(journal, practice, package, leaving, on=on, plans=plans)
    posted = journal.post()
    reason = _("A session was swapped")
    note_ids = write_crediting(crediting, posted, on=on, reason=reason, written=written)
    tell_notes(note_ids, practice_id=practice.id, at=written.at)
    return _Settled(
        value_minor=-value,
        tax_minor=-tax,
        moved_minor=-crediting.left_minor,
        note_ids=note_ids,
    )


def _add(
    practice: PracticeFacts, package: Package, session: Session, by: _Settled, written: Written
) -> None:
    """Let the session and its package be worth so much more."""
    session.value_minor += by.value_minor
    session.tax_minor += by.tax_minor
    if by.value_minor > 0:
        session.since_on = max(session.since_on, practice.day_of(written.at))
    session.save(update_fields=["value_minor", "tax_minor", "since_on"])
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        net_minor=plus("net_minor", by.value_minor), tax_minor=plus("tax_minor", by.tax_minor)
    )


def _tell(
    practice: PracticeFacts,
    package: Package,
    session: Session,
    settled: _Settled,
    said: _Said,
    written: Written,
) -> int:
    undoes_id = said.undoes_id
    act_id = write_act(
        practice.id,
        Line(
            package_id=package.pk,
            kind=ActKind.SWAPPED,
            on=practice.day_of(written.at),
            session_id=session.pk,
            value_minor=settled.moved_minor,
            entry_id=settled.entry_id,
            reason=" ".join(said.reason.split()),
            details={
                **said.details,
                "invoice_id": settled.invoice_id,
                "line_id": settled.line_id,
                "credit_note_ids": settled.note_ids,
                "worth": [session.value_minor, session.tax_minor],
                "came": [settled.value_minor, settled.tax_minor],
            },
            undoes_id=undoes_id,
        ),
        written,
    )
    note(
        "swap_session" if undoes_id is None else "undo_swap",
        ("package", package.pk),
        practice_id=practice.id,
        by=written.by,
        at=written.at,
        details={
            "session_id": session.pk,
            "names": f"{said.details['from']} → {said.details['to']}",
        },
    )
    emit("package.changed", {"package_id": package.pk}, practice_id=practice.id, at=written.at)
    return act_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoSwap:
    practice_id: int
    key: str
    by: Actor
    act_id: int
    reason: str = ""


@usecase(SessionSwapped)
def undo_swap(command: UndoSwap, now: datetime) -> SessionSwapped:
    """
    Put a session back to what it was good for; the invoice of the difference, of which nothing was
    paid, is credited.

    :raises NotFound, PackageEnded, ChangedMeanwhile: as `hold`, or if there is no such act
    :raises AlreadyReversed: if it was taken back before
    :raises SwapStands: if the session is not free, or something was paid or given back for it
    """
    practice_id = command.practice_id
    package_id = package_of_act(practice_id=practice_id, act_id=command.act_id)
    package, practice = hold(practice_id=practice_id, package_id=package_id)
    act = act_of(practice_id=practice_id, act_id=command.act_id, kind=ActKind.SWAPPED)
    session = _still_swapped(practice_id, act)
    written = Written(command.by, now)
    settled = _Settled(note_ids=[])
    if act.details["invoice_id"]:
        settled = _uncharge(practice, package, act, written)
        _add(practice, package, session, settled, written)
    swapping.put(practice, session, int(act.details["from_part_id"]))
    act_id = _tell(
        practice,
        package,
        session,
        settled,
        _Said(
            details={
                "from_part_id": act.details["to_part_id"],
                "from": act.details["to"],
                "to_part_id": act.details["from_part_id"],
                "to": act.details["from"],
                "difference_minor": -int(act.details["difference_minor"]),
            },
            reason=command.reason,
            undoes_id=act.pk,
        ),
        written,
    )
    return SessionSwapped(
        package_id=package.pk,
        act_id=act_id,
        session_id=session.pk,
        difference_minor=-int(act.details["difference_minor"]),
        invoice_id=None,
        credit_note_ids=settled.note_ids,
    )


def _still_swapped(practice_id: int, act: PackageAct) -> Session:
    """The session as the swap left it. :raises SwapStands: if it is not so any more"""
    session = (
        Session.objects.select_for_update(of=("self",))
        .filter(
            practice_id=practice_id,
            package_id=act.package_id,
            pk=act.session_id or 0,
            part_id=act.details["to_part_id"],
            status="free",
        )
        .first()
    )
    if act.undoes_id is not None or act.details["credit_note_ids"] or session is None:
        raise swapping.SwapStands
    if [session.value_minor, session.tax_minor] != act.details["worth"]:
        raise swapping.SwapStands
    return session


def _uncharge(
    practice: PracticeFacts, package: Package, act: PackageAct, written: Written
) -> _Settled:
    invoice = Invoice.objects.select_related("account").get(
        practice_id=practice.id, pk=act.details["invoice_id"]
    )
    owing = -(invoice.account.balance_minor or 0) if invoice.account else 0
    if invoice.status != "issued" or owing != invoice.total_minor:
        raise swapping.SwapStands
    on = practice.day_of(written.at)
    plans = plan_notes(
        practice, package, invoice.total_minor, on=on, line_id=act.details["line_id"]
    )
    value, tax = act.details["came"]
    return _credit(practice, package, (value, tax), plans, written)
