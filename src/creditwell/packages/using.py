"""Sessions are used and forfeited, which earns their share of the price; both can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditwell.ledger.post import Journal, Leg
from creditwell.packages.acts import Line, write_act
from creditwell.packages.models import ActKind, Package, PackageAct, Session
from creditwell.packages.rules import day_of_use, last_day
from creditwell.payments.rules import day_of_correction
from creditwell.tenancy.access import PracticeFacts, Written


def earned_legs(
    journal: Journal, package: Package, *, value_minor: int, tax_minor: int
) -> list[Leg]:
    """Legs that earn a share: off the package, onto revenue, and tax that becomes due with it."""
    due = tax_minor if package.tax_at_use else 0
    legs: list[Leg] = [
        (package.account_id, -(value_minor + due)),
        (journal.clinic_wide("revenue", package.category_id), value_minor),
        (journal.clinic_wide("tax", package.tax_rate_id or 0), due),
    ]
    return [leg for leg in legs if leg[1]]


def held_minor(package: Package, session: Session) -> int:
    """What of the package's account is this session's, while it is free or booked."""
    return session.value_minor + (session.tax_minor if package.tax_at_use else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """How a session is earned: `kind` of entry, state after it, and the line of the history."""

    kind: str
    status: str
    act: str
    reason: str = ""
    percent: int = 100
    by_rule_percent: int = 100
    patient_id: int | None = None  # who used it, where no visit says so


USE = Earning(kind="session_use", status="used", act=ActKind.USED)


def forfeiting(*, reason: str = "", percent: int = 100, by_rule_percent: int = 100) -> Earning:
    """Keep a session, or what is left of it after part was given back, without a visit."""
    return Earning(
        kind="session_forfeit",
        status="forfeited",
        act=ActKind.FORFEITED,
        reason=reason,
        percent=percent,
        by_rule_percent=by_rule_percent,
    )


def earn(
    practice: PracticeFacts,
    session: Session,
    earning: Earning,
    *,
    visit_on: date,
    written: Written,
) -> date:
    """
    Use (or forfeit) a session: its share becomes revenue. Returns the day of the books.

    A package that begins with its first visit begins now.
    """
    package = session.package
    on = day_of_use(
        visit_on=visit_on,
        today=practice.day_of(written.at),
        since_on=session.since_on,
        books_closed_on=practice.books_closed_on,
    )
    held = held_minor(package, session)
    entry_id = None
    if held:
        journal = Journal(practice.id)
        journal.entry(
            earning.kind,
            on,
            earned_legs(
                journal, package, value_minor=session.value_minor, tax_minor=session.tax_minor
            ),
        )
        entry_id = journal.post().entry_ids[0]
    visit_id = session.attendee_id
    session.status, session.used_on, session.entry_id = earning.status, on, entry_id
    session.kept_percent = earning.percent
    session.save(update_fields=["status", "used_on", "entry", "kept_percent"])
    _begin(practice, package, on)
    write_act(
        practice.id,
        Line(
            package_id=package.pk,
            kind=earning.act,
            on=on,
            session_id=session.pk,
            visit_id=visit_id,
            value_minor=-held,
            entry_id=entry_id,
            reason=earning.reason,
            details=_details(earning),
        ),
        written,
    )
    return on


def _details(earning: Earning) -> dict[str, int]:
    if earning.patient_id is not None:
        return {"patient_id": earning.patient_id}
    if earning.status == "used" or (earning.percent, earning.by_rule_percent) == (100, 100):
        return {}
    return {"percent": earning.percent, "by_rule_percent": earning.by_rule_percent}


def _begin(practice: PracticeFacts, package: Package, on: date) -> None:
    if package.first_used_on is None or on < package.first_used_on:
        _begins_on(practice, package, on)


def _begins_on(practice: PracticeFacts, package: Package, on: date | None) -> None:
    """
    It begins on a day (None: not yet), and so ends so much later, unless its last day is another
    than followed from its first: it was extended, or is a membership's.
    """
    if package.valid_from == "first_use" and package.expires_on == _end(
        package, package.first_used_on
    ):
        package.expires_on = _end(package, on)
    package.first_used_on = on
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        first_used_on=on, expires_on=package.expires_on
    )


def _end(package: Package, begins_on: date | None) -> date | None:
    if begins_on is None:
        return None
    return last_day(begins_on, package.valid_count, package.valid_unit)


def take_back(practice: PracticeFacts, session: Session, *, written: Written) -> None:
    """
    A used or forfeited session is booked again for its visit, or free if no visit had it: the entry
    is reversed, dated as the entry was unless those books are closed (ADR 0007).
    """
    assert session.status in {"used", "forfeited"}, session.status
    assert session.used_on is not None, session.pk
    package, was = session.package, session.status
    on = day_of_correction(
        original=session.used_on,
        today=practice.day_of(written.at),
        books_closed_on=practice.books_closed_on,
    )
    entry_id = None
    if session.entry_id is not None:
        journal = Journal(practice.id)
        kind = "session_use_return" if was == "used" else "session_forfeit_return"
        journal.reverse(kind, on, session.entry_id)
        entry_id = journal.post().entry_ids[0]
    session.status, session.used_on, session.entry_id = "booked", None, None
    if session.attendee_id is None:
        session.status, session.patient_id = "free", None
    session.since_on, session.kept_percent = max(session.since_on, on), 100
    session.save(
        update_fields=["status", "used_on", "entry", "since_on", "kept_percent", "patient"]
    )
    _begin_anew(practice, package)
    done = (
        PackageAct.objects.filter(
            practice_id=practice.id,
            session_id=session.pk,
            kind=ActKind.USED if was == "used" else ActKind.FORFEITED,
        )
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    write_act(
        practice.id,
        Line(
            package_id=package.pk,
            kind=ActKind.USE_RETURNED if was == "used" else ActKind.FORFEIT_RETURNED,
            on=on,
            session_id=session.pk,
            visit_id=session.attendee_id,
            value_minor=held_minor(package, session),
            entry_id=entry_id,
            undoes_id=done,
        ),
        written,
    )


def _begin_anew(practice: PracticeFacts, package: Package) -> None:
    """A package whose only use was taken back has not begun yet, and is not over."""
    used = Session.objects.filter(
        practice_id=practice.id, package_id=package.pk, status__in=["used", "forfeited"]
    )
    first = used.order_by("used_on").values_list("used_on", flat=True).first()
    if first != package.first_used_on:
        _begins_on(practice, package, first)
    if package.ended_at is not None:  # this is there again, dead ones are not
        package.ended_at = None
        Package.objects.filter(practice_id=practice.id, pk=package.pk).update(ended_at=None)
