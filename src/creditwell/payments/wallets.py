"""Whose credit may pay whose invoices, and how much of it is left. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from creditwell.credit.queries import OpenLot, open_lots
from creditwell.credit.rules import Purse, order_of_use, usable


@dataclass(frozen=True, slots=True)
class StandingShare:
    """A permission that stands, and what was used by it of its cap (this month, or in all)."""

    id: int
    owner_id: int
    owner_name: str
    user_id: int
    user_name: str
    mode: str
    cap_minor: int | None
    used_minor: int

    @property
    def room_minor(self) -> int | None:
        return None if self.cap_minor is None else max(0, self.cap_minor - self.used_minor)


# The month counts whatever was used by any permission between the two: giving one anew does not
# begin the month again. A cap in all counts from the day that its permission was given.
_SHARES_SQL = """
SELECT s.id, s.owner_id, o.name, s.user_id, u.name, s.mode, s.cap_minor,
       (CASE s.mode
       WHEN 'monthly' THEN coalesce((
            SELECT sum(x.amount_minor - x.returned_minor) FROM payments_allocation x
              JOIN credit_share b ON b.practice_id = x.practice_id AND b.id = x.share_id
             WHERE x.practice_id = s.practice_id
               AND b.owner_id = s.owner_id AND b.user_id = s.user_id
               AND x.allocated_on >= date_trunc('month', %(on)s::date)
               AND x.allocated_on < date_trunc('month', %(on)s::date) + interval '1 month'), 0)
       WHEN 'total' THEN coalesce((
            SELECT sum(x.amount_minor - x.returned_minor) FROM payments_allocation x
             WHERE x.practice_id = s.practice_id AND x.share_id = s.id), 0)
       ELSE 0 END)::bigint
  FROM credit_share s
  JOIN people_payer o ON o.practice_id = s.practice_id AND o.id = s.owner_id
  JOIN people_payer u ON u.practice_id = s.practice_id AND u.id = s.user_id
 WHERE s.practice_id = %(practice)s AND s.ended_at IS NULL
   AND (s.user_id = ANY(%(users)s::bigint[]) OR s.owner_id = ANY(%(owners)s::bigint[]))
 ORDER BY s.given_at, s.id
"""


def shares_of(
    *,
    practice_id: int,
    on: date,
    user_ids: Iterable[int] = (),
    owner_ids: Iterable[int] = (),
) -> list[StandingShare]:
    """
    Permissions that stand, to these users or by these owners; one query.

    What was used of a cap is that of the month of `on`, a day in the practice's time zone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SHARES_SQL,
            {
                "on": on,
                "practice": practice_id,
                "users": list(user_ids),
                "owners": list(owner_ids),
            },
        )
        return [StandingShare(*row) for row in cursor.fetchall()]


def owners_for(*, practice_id: int, user_ids: Iterable[int]) -> set[int]:
    """Payers whose credit these may use (whether there is any); one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner_id FROM credit_share WHERE practice_id = %s AND ended_at IS NULL "
            "AND user_id = ANY(%s::bigint[])",
            [practice_id, list(user_ids)],
        )
        return {int(row[0]) for row in cursor.fetchall()}


def own_purse(*, practice_id: int, payer_id: int, on: date) -> Purse:
    """What a payer can use of their own; one query."""
    lots = usable(open_lots(practice_id=practice_id, payer_ids=[payer_id]), on)
    return Purse(owner_id=payer_id, user_id=payer_id, lots=tuple(order_of_use(lots)))


def purses_for(*, practice_id: int, user_ids: Iterable[int], on: date) -> list[Purse]:
    """
    What each of these may use on a day: their own, then what others let them; two queries.

    One lot may lie in several purses: `credit.rules.draw` takes it once.
    """
    users = sorted(set(user_ids))
    shares = shares_of(practice_id=practice_id, on=on, user_ids=users)
    owners = {*users, *(share.owner_id for share in shares)}
    by_owner: dict[int, list[OpenLot]] = {}
    for lot in usable(open_lots(practice_id=practice_id, payer_ids=sorted(owners)), on):
        by_owner.setdefault(lot.payer_id, []).append(lot)
    lots = {owner: tuple(order_of_use(found)) for owner, found in by_owner.items()}
    own = [Purse(owner_id=user, user_id=user, lots=lots.get(user, ())) for user in users]
    return own + [
        Purse(
            owner_id=share.owner_id,
            user_id=share.user_id,
            lots=lots.get(share.owner_id, ()),
            share_id=share.id,
            mode=share.mode,
            room_minor=share.room_minor,
            owner_name=share.owner_name,
        )
        for share in shares
    ]
