"""Reads of practices, places and people, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from creditwell.tenancy.access import hash_secret
from creditwell.tenancy.models import (
    ApiKey,
    Invitation,
    Location,
    Membership,
    Practice,
    User,
)
from creditwell.tenancy.permissions import Role
from creditwell.tenancy.tokens import invitation_token


def is_set_up() -> bool:
    """Whether anybody has opened a practice or signed up here."""
    return Practice.objects.exists() or User.objects.exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSettings:
    """Everything that an owner can set, and the two things that never change."""

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
    invoice_notes: str
    receipt_notes: str
    amounts_in_email: bool
    day_starts_at: time
    day_ends_at: time
    week_starts_on: int


SETTINGS = tuple(PracticeSettings.__dataclass_fields__)


def practice_settings(practice_id: int) -> PracticeSettings:
    """One query."""
    return PracticeSettings(**Practice.objects.values(*SETTINGS).get(pk=practice_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLine:
    """Somebody who works in the practice now."""

    id: int  # of the membership
    user_id: int
    name: str
    email: str
    role: str
    role_word: str
    since: datetime


def members(practice_id: int) -> list[MemberLine]:
    """Who works here, by name; one query."""
    rows = (
        Membership.objects.filter(practice_id=practice_id, ended_at__isnull=True)
        .select_related("user")
        .order_by("user__name", "id")
    )
    return [
        MemberLine(
            id=row.pk,
            user_id=row.user_id,
            name=row.user.name,
            email=row.user.email,
            role=row.role,
            role_word=str(Role(row.role).label),
            since=row.created_at,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLine:
    """An invitation that nobody has used or withdrawn; with its token, for those who may invite."""

    id: int
    practice_name: str
    email: str
    role: str
    role_word: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    token: str  # '' if the installation's secret has changed since: the link cannot be shown again

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at <= now


def open_invitations(practice_id: int) -> list[InvitationLine]:
    """Those not used and not withdrawn, newest first, expired ones too; one query."""
    rows = Invitation.objects.filter(
        practice_id=practice_id, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    return [_line(row) for row in rows.select_related("invited_by", "practice").order_by("-id")]


def invitation(practice_id: int, invitation_id: int) -> InvitationLine | None:
    """One invitation, for its mail; None when it is used, withdrawn or of another practice."""
    return next((i for i in open_invitations(practice_id) if i.id == invitation_id), None)


def invitation_by_token(token: str, now: datetime) -> InvitationLine | None:
    """What the holder of the link is invited to; None when the link opens nothing (any more)."""
    row = (
        Invitation.objects.filter(
            token_hash=hash_secret(token),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=now,
        )
        .select_related("invited_by", "practice")
        .first()
    )
    return _line(row) if row else None


def _line(row: Invitation) -> InvitationLine:
    token = invitation_token(
        practice_id=row.practice_id, email=row.email, created_at=row.created_at
    )
    return InvitationLine(
        id=row.pk,
        practice_name=row.practice.name,
        email=row.email,
        role=row.role,
        role_word=str(Role(row.role).label),
        invited_by=row.invited_by.name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        token=token if hash_secret(token) == row.token_hash else "",
    )


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address; ask only for holders of its invitation."""
    return User.objects.filter(email__iexact=email).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationLine:
    id: int
    name: str
    address: str
    phone: str
    email: str
    archived: bool


def locations(practice_id: int) -> list[LocationLine]:
    """All locations, those in use first; one query."""
    rows = Location.objects.filter(practice_id=practice_id)
    lines = [
        LocationLine(
            id=row.pk,
            name=row.name,
            address=row.address,
            phone=row.phone,
            email=row.email,
            archived=row.archived_at is not None,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: line.archived)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyLine:
    id: int
    name: str
    start: str  # what the key begins with: enough to recognise it
    scopes: list[str]
    created_by: str
    created_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None


def api_keys(practice_id: int) -> list[ApiKeyLine]:
    """All keys, those in force first, newest first; one query."""
    rows = ApiKey.objects.filter(practice_id=practice_id).select_related("created_by")
    lines = [
        ApiKeyLine(
            id=row.pk,
            name=row.name,
            start=f"cw_{row.prefix}_…",
            scopes=list(row.scopes),
            created_by=row.created_by.name,
            created_at=row.created_at,
            last_used_on=row.last_used_on,
            revoked_at=row.revoked_at,
        )
        for row in rows.order_by("-id")
    ]
    return sorted(lines, key=lambda line: line.revoked_at is not None)


def practice_ids() -> list[int]:
    """All practices, by id."""
    return list(Practice.objects.order_by("pk").values_list("pk", flat=True))
