"""The only way a request gets at a practice and at its rows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.utils.translation import gettext as _

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.money.money import Money
from creditwell.tenancy.models import ApiKey, Membership, Practice, User
from creditwell.tenancy.permissions import allowed_by, allowed_to

M = TypeVar("M", bound=models.Model)


class Forbidden(Refusal):
    """The role or the API key does not carry this permission."""

    code = "forbidden"
    status = 403

    def __init__(self, permission: str) -> None:
        super().__init__(
            _("You are not allowed to do this. Ask the owner of the practice for the permission.")
        )
        self.permission = permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something: a user, an API key, or the system itself (neither)."""

    user_id: int | None = None
    api_key_id: int | None = None


SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class Written:
    """By whom and when a row is written."""

    by: Actor
    at: datetime

    @property
    def columns(self) -> dict[str, object]:
        """For rows that say `created_at` and `created_by`."""
        return {"created_at": self.at, "created_by_id": self.by.user_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeFacts:
    """What pages and rules need to know of a practice; see `Practice` for the meanings."""

    id: int
    name: str
    country: str
    currency: str
    time_zone: str
    locale: str
    tax_name: str
    tax_number_label: str
    tax_number: str
    prices_include_tax: bool
    invoice_prefix: str
    receipt_prefix: str
    payment_terms_days: int
    allocation_order: str
    cash_rounding_minor: int
    books_closed_on: date | None
    amounts_in_email: bool
    credit_lasts_months: int | None = None
    goodwill_lasts_months: int | None = None
    voucher_lasts_months: int | None = None
    expiry_notice_days: int = 30
    expired_credit_into: str = "breakage"
    low_credit_minor: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the practice's time zone: the day of the books."""
        return moment.astimezone(self.zone).date()

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def invoice_number(self, number: int | None) -> str:
        """An invoice's number as printed, with the practice's prefix; "" for a draft."""
        return "" if number is None else f"{self.invoice_prefix}{number}"

    def receipt_number(self, number: int) -> str:
        """A receipt's number as printed."""
        return f"{self.receipt_prefix}{number}"

    def credit_note_number(self, number: int) -> str:
        """A credit note's number as printed."""
        return f"{self.invoice_prefix}CN{number}"


FACTS = tuple(PracticeFacts.__dataclass_fields__)
FACTS_SQL = ", ".join(f"p.{name}" for name in FACTS)
"""The columns of `facts_from`, of a tenancy_practice named p."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Whoever is asking, in the practice that they are asking in."""

    practice: PracticeFacts
    role: str
    permissions: frozenset[str]
    user_id: int | None = None
    api_key_id: int | None = None
    user_name: str = ""
    user_email: str = ""
    shortcuts_enabled: bool = True
    other_practices: tuple[tuple[int, str], ...] = field(default=())

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """:raises Forbidden: without the permission."""
        if not self.may(permission):
            raise Forbidden(permission)

    @property
    def practice_id(self) -> int:
        return self.practice.id

    @property
    def actor(self) -> Actor:
        return Actor(user_id=self.user_id, api_key_id=self.api_key_id)


def facts_of(practice: Practice) -> PracticeFacts:
    return PracticeFacts(**{name: getattr(practice, name) for name in FACTS})


def facts_from(row: Sequence[Any]) -> PracticeFacts:
    """Of the columns FACTS_SQL, for statements that are written by hand."""
    return PracticeFacts(**dict(zip(FACTS, row, strict=True)))


def practice_facts(practice_id: int) -> PracticeFacts:
    """Read the facts anew (one query)."""
    return PracticeFacts(**Practice.objects.values(*FACTS).get(pk=practice_id))


def member_of(user: User, practice_id: int | None) -> Member | None:
    """
    The user's place in the practice asked for, else in the first they work in; one query.

    None when they work nowhere. A practice they do not belong to is never returned.
    """
    rows = list(
        Membership.objects.filter(user=user, ended_at__isnull=True)
        .select_related("practice")
        .order_by("practice__name", "practice_id")
    )
    if not rows:
        return None
    chosen = next((row for row in rows if row.practice_id == practice_id), rows[0])
    return Member(
        practice=facts_of(chosen.practice),
        role=chosen.role,
        permissions=_permissions(chosen.role),
        user_id=user.pk,
        user_name=user.name,
        user_email=user.email,
        shortcuts_enabled=user.shortcuts_enabled,
        other_practices=tuple(
            (row.practice_id, row.practice.name) for row in rows if row is not chosen
        ),
    )


@lru_cache
def _permissions(role: str) -> frozenset[str]:
    return allowed_to(role)


def hash_secret(secret: str) -> str:
    """How tokens and API secrets are kept; they are long and random, so a plain hash will do."""
    return hashlib.sha256(secret.encode()).hexdigest()


_KEY_SQL = f"""
SELECT k.id, k.name, k.secret_hash, k.scopes, k.last_used_on, {FACTS_SQL}
  FROM tenancy_apikey k JOIN tenancy_practice p ON p.id = k.practice_id
 WHERE k.prefix = %s AND k.revoked_at IS NULL
"""  # noqa: S608  # names of our own columns; one prepared statement, for programs ask often


def member_of_key(token: str, now: datetime) -> Member | None:
    """
    The practice that an API key `cw_<prefix>_<secret>` opens, or None; one query as a rule.

    A prefix that nobody has takes as long as a wrong secret.
    """
    parts = token.split("_", 2)
    if len(parts) != 3 or parts[0] != "cw" or "\x00" in token:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_KEY_SQL, [parts[1]])
        row = cursor.fetchone()
    key_id, name, kept, scopes, last_used_on = row[:5] if row else (0, "", "0" * 64, "[]", None)
    if not hmac.compare_digest(kept, hash_secret(parts[2])) or row is None:
        return None
    practice = facts_from(row[5:])
    if last_used_on is None or now.date() - last_used_on >= timedelta(days=1):
        ApiKey.objects.filter(pk=key_id, practice_id=practice.id).update(last_used_on=now.date())
    return Member(
        practice=practice,
        role="",
        permissions=_allowed_by(tuple(json.loads(scopes) if isinstance(scopes, str) else scopes)),
        api_key_id=key_id,
        user_name=name,
    )


@lru_cache
def _allowed_by(scopes: tuple[str, ...]) -> frozenset[str]:
    return allowed_by(list(scopes))


def access(model: type[M], member: Member, pk: int, permission: str) -> M:
    """
    Get one row of the member's practice, for a purpose.

    :raises Forbidden: without the permission
    :raises NotFound: if this practice has no such row (another practice's id looks the same)
    """
    member.require(permission)
    row = model._default_manager.filter(practice_id=member.practice_id, pk=pk).first()
    if row is None:
        raise NotFound
    return row
