"""What is left of a period goes over into the next one, with its exact value in the books."""

from __future__ import annotations

from creditwell.packages.acts import Line, write_act
from creditwell.packages.models import ActKind, Package, Session
from creditwell.packages.moving import Way, chosen, move, portions_of
from creditwell.packages.rules import open_on
from creditwell.packages.stretches import PAID_FIRST
from creditwell.tenancy.access import PracticeFacts, Written


def roll_over(practice: PracticeFacts, before: Package, after: Package, *, written: Written) -> int:
    """
    Move free units of the period before, up to its limit, into the next one; returns how many.

    What it does not take stays where it is, and lapses with that package. Units that cannot stand
    in the other package (they are counted or taxed in another way) stay, too: their package is
    given as long as the new period. Whoever calls holds both packages and their payer.
    """
    if not _goes_on(before, after):
        return 0
    free = Session.objects.select_for_update(of=("self",)).filter(
        practice_id=practice.id, package_id=before.pk, status="free", units__gt=0
    )
    rows = chosen(free.order_by(PAID_FIRST, "pk"), before.rollover_most)
    if not rows:
        return 0
    if not _same_books(before, after):
        return _prolong(practice, before, after, sum(units for _row, units in rows), written)
    portions = portions_of(practice, before, rows)
    on = max(after.sold_on, *(portion.since_on for portion in portions))
    move(practice, Way(source=before, target=after, on=on), portions, written=written)
    return sum(portion.share.units for portion in portions)


def _goes_on(before: Package, after: Package) -> bool:
    """Whether it lapses before the new period ends; what was extended or paused stays as it is."""
    ends_on = after.expires_on
    if before.rollover_most == 0 or before.ended_at is not None or before.expires_on is None:
        return False
    if ends_on is None or before.expires_on > ends_on:
        return False
    return open_on(
        after.sold_on,
        expires_on=None,
        paused_on=before.paused_on,
        resumes_on=before.resumes_on,
    )


def _same_books(before: Package, after: Package) -> bool:
    if before.measure != after.measure or before.tax_at_use != after.tax_at_use:
        return False
    return not before.tax_at_use or before.tax_rate_id == after.tax_rate_id


def _prolong(
    practice: PracticeFacts, before: Package, after: Package, units: int, written: Written
) -> int:
    was = before.expires_on
    Package.objects.filter(practice_id=practice.id, pk=before.pk).update(
        expires_on=after.expires_on
    )
    details = {
        "from": was.isoformat() if was else None,
        "until": after.expires_on.isoformat() if after.expires_on else None,
        "to_package_id": after.pk,
    }
    write_act(
        practice.id,
        Line(
            package_id=before.pk,
            kind=ActKind.EXTENDED,
            on=practice.day_of(written.at),
            details=details,
        ),
        written,
    )
    return units
