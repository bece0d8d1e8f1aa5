"""Inviting, joining, changing roles, leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest

from creditwell.audit.models import Note
from creditwell.kernel.errors import NotFound
from creditwell.outbox.models import Event
from creditwell.tenancy.access import Actor, member_of
from creditwell.tenancy.models import Invitation, Membership, User
from creditwell.tenancy.operations import Required
from creditwell.tenancy.queries import invitation, invitation_by_token, open_invitations
from creditwell.tenancy.staff import AlreadyMember, EmailTaken, InvitationGone, LastOwner
from creditwell.usecases.accept_invitation import AcceptInvitation, accept_invitation
from creditwell.usecases.change_role import ChangeRole, change_role
from creditwell.usecases.end_membership import EndMembership, end_membership
from creditwell.usecases.invite_member import InviteMember, invite_member
from creditwell.usecases.update_profile import UpdateProfile, update_profile
from creditwell.usecases.withdraw_invitation import WithdrawInvitation, withdraw_invitation
from tests.accounts.nothing import refused_with
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def invited(cast: Cast, email: str = "dora@clinic.example", at=NOW, **fields) -> str:
    """Invite; returns the token of the link."""
    command = InviteMember(
        practice_id=cast.clinic.practice.pk,
        by=Actor(user_id=cast.alice.pk),
        email=email,
        role="practitioner",
        **fields,
    )
    made = invite_member(command, at)
    line = invitation(cast.clinic.practice.pk, made.invitation_id)
    assert line is not None
    return line.token


def membership(cast: Cast, user: User) -> Membership:
    return Membership.objects.get(practice=cast.clinic.practice, user=user)


def test_an_invitation_tells_the_outside_and_keeps_only_a_hash(cast):
    token = invited(cast)
    row = Invitation.objects.get()
    event = Event.objects.get()
    assert (event.topic, event.body) == ("member.invited", {"invitation_id": row.pk})
    assert token not in str(Invitation.objects.values().get())
    assert (row.email, row.expires_at) == ("dora@clinic.example", NOW + timedelta(days=7))
    assert Note.objects.get().action == "invite_member"
    assert_books_straight(cast.clinic.practice)


def test_the_same_invitation_is_sent_once(cast):
    assert invited(cast, key="k") == invited(cast, key="k")
    assert Invitation.objects.count() == Event.objects.count() == 1


def test_inviting_again_withdraws_the_earlier_invitation(cast):
    first = invited(cast)
    second = invited(cast, "Dora@Clinic.example", NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=2)
    assert first != second
    assert invitation_by_token(first, later) is None
    assert invitation_by_token(second, later) is not None
    assert len(open_invitations(cast.clinic.practice.pk)) == 1


def test_who_works_here_is_not_invited(cast):
    with refused_with(AlreadyMember):
        invited(cast, cast.bob.email.upper())


def test_an_address_is_needed(cast):
    with refused_with(Required):
        invited(cast, " ")


def test_a_new_person_joins_with_the_role_they_were_invited_to(cast):
    token = invited(cast)
    joined = accept_invitation(
        AcceptInvitation(token=token, user_name="Dora", password="a long password"), NOW
    )
    user = User.objects.get(pk=joined.user_id)
    member = member_of(user, None)
    assert (user.email, user.name) == ("dora@clinic.example", "Dora")
    assert user.check_password("a long password")
    assert member is not None
    assert (member.practice_id, member.role) == (cast.clinic.practice.pk, "practitioner")


def test_somebody_with_an_account_joins_with_it(cast):
    token = invited(cast, cast.charlie.email)
    accept_invitation(AcceptInvitation(token=token, user_id=cast.charlie.pk), NOW)
    places = Membership.objects.filter(user=cast.charlie).order_by("pk")
    assert [place.role for place in places] == ["owner", "practitioner"]


def test_a_link_works_once(cast):
    token = invited(cast)
    accept_invitation(AcceptInvitation(token=token, user_name="Dora", password="p"), NOW)
    user = make_user()
    with refused_with(InvitationGone):
        accept_invitation(AcceptInvitation(token=token, user_id=user.pk), NOW)


def test_a_link_works_for_seven_days(cast):
    token = invited(cast)
    user = make_user()
    with refused_with(InvitationGone):
        accept_invitation(AcceptInvitation(token=token, user_id=user.pk), NOW + timedelta(days=7))
    accept_invitation(
        AcceptInvitation(token=token, user_id=user.pk), NOW + timedelta(days=7, seconds=-1)
    )


def test_a_withdrawn_link_opens_nothing(cast):
    token = invited(cast)
    row = Invitation.objects.get()
    command = WithdrawInvitation(
        practice_id=cast.clinic.practice.pk, by=Actor(user_id=cast.alice.pk), invitation_id=row.pk
    )
    withdraw_invitation(command, NOW)
    user = make_user()
    with refused_with(InvitationGone):
        accept_invitation(AcceptInvitation(token=token, user_id=user.pk), NOW)
    with refused_with(NotFound):
        withdraw_invitation(command, NOW)


def test_an_invented_link_opens_nothing(cast):
    with refused_with(InvitationGone):
        accept_invitation(AcceptInvitation(token="x" * 43, user_id=cast.charlie.pk), NOW)


def test_an_account_is_not_taken_over_by_an_invitation(cast):
    token = invited(cast, cast.charlie.email)
    with refused_with(EmailTaken):
        accept_invitation(AcceptInvitation(token=token, user_name="Not Charlie", password="p"), NOW)


def test_an_invitation_of_another_practice_is_out_of_reach(cast):
    invited(cast)
    command = WithdrawInvitation(
        practice_id=cast.other.practice.pk,
        by=Actor(user_id=cast.charlie.pk),
        invitation_id=Invitation.objects.get().pk,
    )
    with refused_with(NotFound):
        withdraw_invitation(command, NOW)


def test_a_role_changes_what_one_may_do(cast):
    command = ChangeRole(
        practice_id=cast.clinic.practice.pk,
        by=Actor(user_id=cast.alice.pk),
        membership_id=membership(cast, cast.bob).pk,
        role="read_only",
    )
    change_role(command, NOW)
    member = member_of(cast.bob, None)
    assert member is not None
    assert not member.may("payments.take")
    assert Note.objects.get().details == {"role": ["receptionist", "read_only"]}


@pytest.mark.parametrize("way", ["role", "end"])
def test_the_last_owner_stays(cast, way):
    place = {
        "practice_id": cast.clinic.practice.pk,
        "by": Actor(user_id=cast.alice.pk),
        "membership_id": membership(cast, cast.alice).pk,
    }
    with refused_with(LastOwner):
        if way == "role":
            change_role(ChangeRole(**place, role="receptionist"), NOW)
        else:
            end_membership(EndMembership(**place), NOW)
    Membership.objects.filter(practice=cast.clinic.practice, user=cast.bob).update(role="owner")
    end_membership(EndMembership(**place), NOW)
    assert member_of(cast.alice, None) is None


def test_who_left_is_out_and_may_come_back(cast):
    place = membership(cast, cast.bob)
    command = EndMembership(
        practice_id=cast.clinic.practice.pk,
        by=Actor(user_id=cast.alice.pk),
        membership_id=place.pk,
    )
    end_membership(command, NOW)
    assert member_of(cast.bob, None) is None
    with refused_with(NotFound):
        end_membership(command, NOW)
    token = invited(cast, cast.bob.email)
    accept_invitation(AcceptInvitation(token=token, user_id=cast.bob.pk), NOW)
    member = member_of(cast.bob, None)
    assert member is not None
    assert member.role == "practitioner"


@pytest.mark.parametrize("use_case", ["role", "end"])
def test_staff_of_another_practice_is_out_of_reach(cast, use_case):
    place = {
        "practice_id": cast.other.practice.pk,
        "by": Actor(user_id=cast.charlie.pk),
        "membership_id": membership(cast, cast.bob).pk,
    }
    with refused_with(NotFound):
        if use_case == "role":
            change_role(ChangeRole(**place, role="owner"), NOW)
        else:
            end_membership(EndMembership(**place), NOW)


def profile(cast: Cast, **fields) -> UpdateProfile:
    given = {"name": "Bob", "email": cast.bob.email, "shortcuts_enabled": True}
    return UpdateProfile(
        practice_id=cast.clinic.practice.pk, user_id=cast.bob.pk, **{**given, **fields}
    )


def test_a_profile_is_changed_and_the_old_address_forgotten(cast):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=cast.bob, email=cast.bob.email)
    done = update_profile(profile(cast, name="Bobby", email="New@Clinic.example"), NOW)
    cast.bob.refresh_from_db()
    assert done.changed == ["name", "email"]
    assert (cast.bob.name, cast.bob.email) == ("Bobby", "new@clinic.example")
    assert EmailAddress.objects.count() == 0


def test_an_address_signs_in_one_person(cast):
    with refused_with(EmailTaken):
        update_profile(profile(cast, email=cast.alice.email.upper()), NOW)


def test_a_person_has_a_name(cast):
    with refused_with(Required):
        update_profile(profile(cast, name=" "), NOW)
