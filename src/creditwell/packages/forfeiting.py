"""Keep a session that nobody came to: the whole of it, a part, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid
from creditwell.kernel.rows import insert_row, plus
from creditwell.ledger.post import Journal
from creditwell.packages.acts import Line, write_act
from creditwell.packages.booking import Why, give_back
from creditwell.packages.crediting import Leaving, post_crediting, write_crediting
from creditwell.packages.models import ActKind, Package, Session
from creditwell.packages.rules import HUNDRED, kept_by_rule, part_of, take_part
from creditwell.packages.selling import Place, session_row
from creditwell.packages.stretches import columns_of, share_of_row
from creditwell.packages.using import earn, forfeiting
from creditwell.tenancy.access import PracticeFacts, Written


class WrongPercent(Invalid):
    """Between nothing and the whole of a session is kept."""

    code = "wrong_percent"

    def __init__(self) -> None:
        super().__init__(_("Enter how much is kept, from 0 to 100 percent."), param="keep")


class WaiverReason(Invalid):
    """Keeping something else than the rule says wants a reason."""

    code = "waiver_reason"

    def __init__(self) -> None:
        super().__init__(
            _("Say why it is not done as the package's rule says; it stays in the history."),
            param="keep_reason",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """
    What is kept of a session, in percent; None: as the package's rule says. What differs from the
    rule wants a reason.
    """

    percent: int | None = None
    reason: str = ""


BY_RULE = Keeping()


def rule_for_cancel(package: Package, *, starts_at: datetime, now: datetime) -> int:
    """What the package's rule keeps of a session whose visit is cancelled now, in percent."""
    return kept_by_rule(
        starts_at=starts_at,
        now=now,
        notice_hours=package.notice_hours,
        late_cancel_percent=package.late_cancel_percent,
    )


def keep(
    practice: PracticeFacts,
    session: Session,
    keeping: Keeping,
    *,
    by_rule_percent: int,
    visit_on: date,
    written: Written,
) -> int:
    """
    Keep of a booked session what is asked for (or what the rule says); returns the percentage.

    The rest of a counted session becomes account credit of whoever paid; the rest of minutes or
    money stays in the package.

    :raises WrongPercent: outside 0 to 100
    :raises WaiverReason: if it is not as the rule says and nobody says why
    """
    percent = by_rule_percent if keeping.percent is None else keeping.percent
    if not 0 <= percent <= HUNDRED:
        raise WrongPercent
    reason = keeping.reason.strip()
    if percent != by_rule_percent and not reason:
        raise WaiverReason
    if percent == 0:
        why = Why(reason=reason, by_rule_percent=by_rule_percent)
        give_back(practice, session, written=written, why=why)
        return percent
    if percent < HUNDRED:
        _give_rest(practice, session, percent, written)
    earning = forfeiting(reason=reason, percent=percent, by_rule_percent=by_rule_percent)
    earn(practice, session, earning, visit_on=visit_on, written=written)
    return percent


def _give_rest(practice: PracticeFacts, session: Session, percent: int, written: Written) -> None:
    if session.package.measure != "sessions":
        _shorten(practice, session, percent, written)
    elif session.value_minor + session.tax_minor:
        _credit_rest(practice, session, percent, written)


def _shorten(practice: PracticeFacts, session: Session, percent: int, written: Written) -> None:
    """Of minutes and money, the units that are not kept are free again."""
    kept = max(1, practice.money(session.units).at_rate(Decimal(percent) / HUNDRED).minor)
    if kept >= session.units:
        return
    stays, goes = take_part(share_of_row(practice, session), kept)
    columns = columns_of(stays)
    for name, value in columns.items():
        setattr(session, name, value)
    session.save(update_fields=list(columns))
    place = Place(
        practice_id=practice.id,
        package_id=session.package_id,
        since_on=session.since_on,
        at=written.at,
    )
    insert_row(Session, session_row(place, session.part_id, goes))


def _credit_rest(practice: PracticeFacts, session: Session, percent: int, written: Written) -> None:
    """Of a counted session, what is not kept goes back to whoever paid, as credit."""
    package, on = session.package, practice.day_of(written.at)
    value, tax = practice.money(session.value_minor), practice.money(session.tax_minor)
    kept_value, kept_tax = part_of(value, percent=percent), part_of(tax, percent=percent)
    rest = (value - kept_value).minor, (tax - kept_tax).minor
    if not any(rest):
        return  # a coin is kept whole
    leaving = Leaving(value_minor=rest[0], tax_minor=rest[1], gross_minor=sum(rest))
    journal = Journal(practice.id)
    crediting = post_crediting(journal, practice, package, leaving, on=on)
    posted = journal.post()
    reason = _("Part of a session that was not kept")
    note_ids = write_crediting(crediting, posted, on=on, reason=reason, written=written)
    session.value_minor, session.tax_minor = kept_value.minor, kept_tax.minor
    session.save(update_fields=["value_minor", "tax_minor"])
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        net_minor=plus("net_minor", -rest[0]), tax_minor=plus("tax_minor", -rest[1])
    )
    write_act(
        practice.id,
        Line(
            package_id=package.pk,
            kind=ActKind.CONVERTED,
            on=on,
            session_id=session.pk,
            visit_id=session.attendee_id,
            value_minor=-crediting.left_minor,
            details={"credit_note_ids": note_ids, "gross_minor": leaving.gross_minor},
        ),
        written,
    )
