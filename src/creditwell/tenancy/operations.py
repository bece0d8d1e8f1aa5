"""Writes of practices, places and people. Each expects to stand in a use case's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.tenancy.access import hash_secret
from creditwell.tenancy.countries import country_of, must_be_currency, must_be_time_zone
from creditwell.tenancy.models import ApiKey, Invitation, Location, Membership, Practice, User
from creditwell.tenancy.permissions import SCOPES, Role
from creditwell.tenancy.tokens import ApiToken, invitation_token

INVITATION_LASTS = timedelta(days=7)


class LastOwner(Refusal):
    """A practice without an owner could never be managed again."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__(
            _("This is the only owner of the practice. Make somebody else an owner first.")
        )


class AlreadyMember(Refusal):
    """This person works here already."""

    code = "already_member"

    def __init__(self) -> None:
        super().__init__(_("This person already works in the practice."), param="email")


class InvitationGone(Refusal):
    """The link of an invitation is used up, withdrawn, too old, or was never given out."""

    code = "invitation_gone"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            _(
                "This invitation is no longer open: it was used, withdrawn or is older than seven "
                "days. Ask the practice to invite you again."
            )
        )


class LastLocation(Refusal):
    """A practice needs a place."""

    code = "last_location"

    def __init__(self) -> None:
        super().__init__(_("A practice needs at least one location. Add the other one first."))


class NameTaken(Refusal):
    """There is one of this name already."""

    code = "name_taken"

    def __init__(self) -> None:
        super().__init__(
            _("There is already one with this name. Choose another name."), param="name"
        )


class EmailTaken(Refusal):
    """Somebody signs in with this address already."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__(
            _("This e-mail address is already used to sign in. Choose another."), param="email"
        )


REFUSED_BY["tenancy_location_name"] = NameTaken
REFUSED_BY["tenancy_user_email_once"] = EmailTaken
REFUSED_BY["tenancy_user_email_key"] = EmailTaken


class Required(Invalid):
    """Something has to be written here."""

    code = "required"

    def __init__(self, param: str) -> None:
        super().__init__(_("Write something here."), param=param)


def must_say(value: str, param: str) -> str:
    """
    The text without spaces around it.

    :raises Required: if nothing is left
    """
    if not (text := value.strip()):
        raise Required(param)
    return text


def locked_practice(practice_id: int) -> Practice:
    """The practice's row, kept by us until the transaction ends: staff changes queue here."""
    return Practice.objects.select_for_update().get(pk=practice_id)


def create_practice_row(*, name: str, country: str, at: datetime, **chosen: Any) -> Practice:
    """
    Make a practice with the usual ways of its country; `chosen` says what is different.

    :raises UnknownCountry, UnknownCurrency, UnknownTimeZone, Required:
    """
    usual = country_of(country)
    fields = {
        "currency": usual.currency,
        "time_zone": usual.time_zone,
        "locale": usual.locale,
        "tax_name": usual.tax_name,
        "tax_number_label": usual.tax_number_label,
        "prices_include_tax": usual.prices_include_tax,
        "cash_rounding_minor": usual.cash_rounding_minor,
        "payment_terms_days": usual.payment_terms_days,
        "week_starts_on": usual.week_starts_on,
        **chosen,
    }
    must_be_currency(fields["currency"])
    must_be_time_zone(fields["time_zone"])
    if fields["currency"] != usual.currency:
        fields["cash_rounding_minor"] = 1  # the country's coins say nothing of foreign money
    return Practice.objects.create(
        name=must_say(name, "name"), country=country, created_at=at, **fields
    )


def change_practice(*, practice_id: int, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Write what is different; returns old and new value of each field that changed."""
    practice = locked_practice(practice_id)
    changed = {
        name: [getattr(practice, name), value]
        for name, value in changes.items()
        if getattr(practice, name) != value
    }
    for name, (_old, new) in changed.items():
        setattr(practice, name, new)
    if changed:
        practice.save(update_fields=list(changed))
    return changed


def add_location(
    *, practice_id: int, name: str, address: str = "", phone: str = "", email: str = ""
) -> Location:
    """:raises NameTaken: through the database, if there is one of this name"""
    last = Location.objects.filter(practice_id=practice_id).aggregate(last=Max("position"))["last"]
    return Location.objects.create(
        practice_id=practice_id,
        name=must_say(name, "name"),
        address=address.strip(),
        phone=phone.strip(),
        email=email.strip(),
        position=0 if last is None else last + 1,
    )


def change_location(*, practice_id: int, location_id: int, **fields: str) -> Location:
    """:raises NotFound, Required: and NameTaken through the database"""
    location = _location(practice_id, location_id)
    for name, value in fields.items():
        setattr(location, name, value.strip())
    location.name = must_say(location.name, "name")
    _save(location, list(fields))
    return location


def archive_location(
    *, practice_id: int, location_id: int, archived: bool, at: datetime
) -> Location:
    """
    Put a location away, or bring it back.

    :raises NotFound: :raises LastLocation: if it is the only one in use
    """
    locked_practice(practice_id)
    location = _location(practice_id, location_id)
    others = Location.objects.filter(practice_id=practice_id, archived_at__isnull=True)
    if archived and not others.exclude(pk=location_id).exists():
        raise LastLocation
    location.archived_at = at if archived else None
    _save(location, ["archived_at"])
    return location


def add_member(*, practice_id: int, user_id: int, role: str, at: datetime) -> Membership:
    """
    Let a user work in the practice; whoever left before comes back in the new role.

    :raises AlreadyMember: if they work there now
    """
    locked_practice(practice_id)
    before = Membership.objects.filter(practice_id=practice_id, user_id=user_id).first()
    if before is None:
        return Membership.objects.create(
            practice_id=practice_id, user_id=user_id, role=Role(role), created_at=at
        )
    if before.ended_at is None:
        raise AlreadyMember
    before.role, before.ended_at = Role(role), None
    _save(before, ["role", "ended_at"])
    return before


def change_role(*, practice_id: int, membership_id: int, role: str) -> tuple[Membership, str]:
    """
    Give a member another role; returns the membership and the role before.

    :raises NotFound: :raises LastOwner: if the practice would be left without an owner
    """
    membership = _active_member(practice_id, membership_id)
    before = membership.role
    if role != Role.OWNER:
        _keep_an_owner(membership)
    membership.role = Role(role)
    _save(membership, ["role"])
    return membership, before


def end_membership(*, practice_id: int, membership_id: int, at: datetime) -> Membership:
    """
    Let a member go; what they did stays under their name.

    :raises NotFound: :raises LastOwner: if the practice would be left without an owner
    """
    membership = _active_member(practice_id, membership_id)
    _keep_an_owner(membership)
    membership.ended_at = at
    _save(membership, ["ended_at"])
    return membership


def invite(
    *, practice_id: int, email: str, role: str, invited_by: int, at: datetime
) -> tuple[Invitation, str]:
    """
    Invite somebody for seven days; returns the invitation and its token.

    An earlier open invitation of the same address is withdrawn.

    :raises AlreadyMember: if a member signs in with this address
    """
    address = must_say(email, "email").lower()
    locked_practice(practice_id)
    members = Membership.objects.filter(practice_id=practice_id, ended_at__isnull=True)
    if members.filter(user__email__iexact=address).exists():
        raise AlreadyMember
    _open_invitations(practice_id).filter(email=address).update(withdrawn_at=at)
    token = invitation_token(practice_id=practice_id, email=address, created_at=at)
    invitation = Invitation.objects.create(
        practice_id=practice_id,
        email=address,
        role=Role(role),
        token_hash=hash_secret(token),
        invited_by_id=invited_by,
        created_at=at,
        expires_at=at + INVITATION_LASTS,
    )
    return invitation, token


def withdraw_invitation(*, practice_id: int, invitation_id: int, at: datetime) -> Invitation:
    """:raises NotFound: if no such invitation is open"""
    invitation = _open_invitations(practice_id).select_for_update().filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound
    invitation.withdrawn_at = at
    _save(invitation, ["withdrawn_at"])
    return invitation


def use_invitation(*, token: str, at: datetime) -> Invitation:
    """
    Take an invitation by its token; it is used up from now on.

    :raises InvitationGone: if it is not open
    """
    invitation = (
        Invitation.objects.select_for_update()
        .filter(
            token_hash=hash_secret(token),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=at,
        )
        .first()
    )
    if invitation is None:
        raise InvitationGone
    invitation.accepted_at = at
    _save(invitation, ["accepted_at"])
    return invitation


def create_user(*, email: str, name: str, password: str, at: datetime) -> User:
    """:raises Required: :raises EmailTaken: if somebody signs in with this address"""
    address = must_say(email, "email").lower()
    if User.objects.filter(email__iexact=address).exists():
        raise EmailTaken
    return User.objects.create_user(
        address, password, name=must_say(name, "user_name"), date_joined=at
    )


def create_api_key(
    *, practice_id: int, name: str, scopes: tuple[str, ...], token: ApiToken, by: int, at: datetime
) -> ApiKey:
    """:raises Required: without a name or without a scope"""
    wanted = [scope for scope in SCOPES if scope in scopes]
    if not wanted:
        raise Required("scopes")
    return ApiKey.objects.create(
        practice_id=practice_id,
        name=must_say(name, "name"),
        prefix=token.prefix,
        secret_hash=hash_secret(token.secret),
        scopes=wanted,
        created_by_id=by,
        created_at=at,
    )


def revoke_api_key(*, practice_id: int, api_key_id: int, at: datetime) -> ApiKey:
    """:raises NotFound: if no such key is in force"""
    key = (
        ApiKey.objects.select_for_update()
        .filter(practice_id=practice_id, pk=api_key_id, revoked_at__isnull=True)
        .first()
    )
    if key is None:
        raise NotFound
    key.revoked_at = at
    _save(key, ["revoked_at"])
    return key


def _save(row: Location | Membership | Invitation | ApiKey, fields: list[str]) -> None:
    """Update by the whole key: (practice_id, id)."""
    type(row)._default_manager.filter(practice_id=row.practice_id, pk=row.pk).update(
        **{name: getattr(row, name) for name in fields}
    )


def _location(practice_id: int, location_id: int) -> Location:
    found = Location.objects.filter(practice_id=practice_id, pk=location_id).first()
    if found is None:
        raise NotFound
    return found


def _active_member(practice_id: int, membership_id: int) -> Membership:
    locked_practice(practice_id)
    found = Membership.objects.filter(
        practice_id=practice_id, pk=membership_id, ended_at__isnull=True
    ).first()
    if found is None:
        raise NotFound
    return found


def _keep_an_owner(leaving: Membership) -> None:
    owners = Membership.objects.filter(
        practice_id=leaving.practice_id, role=Role.OWNER, ended_at__isnull=True
    )
    if leaving.role == Role.OWNER and not owners.exclude(pk=leaving.pk).exists():
        raise LastOwner


def _open_invitations(practice_id: int) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        practice_id=practice_id, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
