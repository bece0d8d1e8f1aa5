"""Writes of the people of a practice. Each expects to stand in a use case's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, NotFound, Refusal
from creditwell.tenancy.access import hash_secret
from creditwell.tenancy.models import Invitation, Membership, User
from creditwell.tenancy.operations import locked_practice, must_say
from creditwell.tenancy.permissions import Role
from creditwell.tenancy.tokens import invitation_token

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


class NoSuchUser(NotFound):
    """Nobody signs in with this address."""

    code = "no_such_user"

    def __init__(self) -> None:
        super().__init__(_("Nobody signs in with this e-mail. Check how it is written."))


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


class EmailTaken(Refusal):
    """Somebody signs in with this address already."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__(
            _("This email address is already used to sign in. Choose another."), param="email"
        )


REFUSED_BY["tenancy_user_email_once"] = EmailTaken
REFUSED_BY["tenancy_user_email_key"] = EmailTaken


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


def invite(*, practice_id: int, email: str, role: str, invited_by: int, at: datetime) -> Invitation:
    """
    Invite somebody for seven days; its token is made again by `invitation_token`.

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
    return Invitation.objects.create(
        practice_id=practice_id,
        email=address,
        role=Role(role),
        token_hash=hash_secret(token),
        invited_by_id=invited_by,
        created_at=at,
        expires_at=at + INVITATION_LASTS,
    )


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


def change_password(*, email: str, password: str) -> tuple[int, list[int]]:
    """
    Write a new password; sessions begun with the old one end. The user, and where they work.

    :raises NoSuchUser: if nobody signs in with this address
    """
    user = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    if user is None:
        raise NoSuchUser
    user.set_password(password)
    user.save(update_fields=["password"])
    places = Membership.objects.filter(user=user, ended_at__isnull=True).order_by("practice_id")
    return user.pk, list(places.values_list("practice_id", flat=True))


def change_user(*, user_id: int, name: str, email: str, shortcuts_enabled: bool) -> list[str]:
    """
    Write what is different about a user; returns the names of the changed fields.

    :raises Required: :raises EmailTaken: if somebody else signs in with the address
    """
    user = User.objects.select_for_update().get(pk=user_id)
    wanted = {
        "name": must_say(name, "name"),
        "email": must_say(email, "email").lower(),
        "shortcuts_enabled": shortcuts_enabled,
    }
    changed = [field for field, value in wanted.items() if getattr(user, field) != value]
    if "email" in changed and User.objects.filter(email__iexact=wanted["email"]).exists():
        raise EmailTaken
    for field in changed:
        setattr(user, field, wanted[field])
    if changed:
        user.save(update_fields=changed)
    return changed


def _save(row: Membership | Invitation, fields: list[str]) -> None:
    """Update by the whole key: (practice_id, id)."""
    type(row)._default_manager.filter(practice_id=row.practice_id, pk=row.pk).update(
        **{name: getattr(row, name) for name in fields}
    )


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
