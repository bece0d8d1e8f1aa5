"""The staff page of a practice, and the page that an invitation's link opens."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.tenancy.models import User
from creditwell.tenancy.queries import InvitationLine, has_account, invitation_by_token, members
from creditwell.tenancy.staff import EmailTaken
from creditwell.usecases.accept_invitation import AcceptInvitation, accept_invitation
from creditwell.usecases.change_role import ChangeRole, change_role
from creditwell.usecases.end_membership import EndMembership, end_membership
from creditwell.usecases.invite_member import InviteMember, invite_member
from creditwell.usecases.withdraw_invitation import WithdrawInvitation, withdraw_invitation
from creditwell.web.accounts.session import sign_in
from creditwell.web.door.guard import door, to_sign_in
from creditwell.web.door.requests import PRACTICE_KEY, PracticeRequest
from creditwell.web.staff.forms import InviteForm, JoinForm, RoleForm
from creditwell.web.staff.pages import staff_page


@door("staff.manage")
def staff(request: PracticeRequest) -> HttpResponse:
    """Who works here, who is invited, and what each role may do."""
    return _staff(request, InviteForm(initial={"key": uuid.uuid4().hex}))


@require_POST
@door("staff.manage")
def invite(request: PracticeRequest) -> HttpResponse:
    """Invite somebody; the page shows the link, for where no mail is sent."""
    form = InviteForm(request.POST)
    if form.is_valid():
        command = InviteMember(
            practice_id=request.member.practice_id,
            by=request.member.actor,
            email=form.cleaned_data["email"],
            role=form.cleaned_data["role"],
            key=form.cleaned_data["key"],
        )
        try:
            invite_member(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Invitation made."))
            return redirect("staff")
    return _staff(request, form)


@door("staff.manage")
def member(request: PracticeRequest, membership_id: int) -> HttpResponse:
    """One member: their role, and letting them go."""
    practice_id = request.member.practice_id
    shown = next((m for m in members(practice_id) if m.id == membership_id), None)
    if shown is None:
        raise NotFound
    form = RoleForm(request.POST or None, initial={"role": shown.role})
    if request.method == "POST" and form.is_valid():
        command = ChangeRole(
            practice_id=practice_id,
            by=request.member.actor,
            membership_id=membership_id,
            role=form.cleaned_data["role"],
        )
        try:
            change_role(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Role changed."))
            return redirect("staff")
    context = {"form": form, "shown": shown, "mine": shown.user_id == request.user.pk}
    return render(request, "staff/member.html", context, status=422 if form.is_bound else 200)


@require_POST
@door("staff.manage")
def end(request: PracticeRequest, membership_id: int) -> HttpResponse:
    """Let somebody go."""
    command = EndMembership(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        membership_id=membership_id,
    )
    end_membership(command, timezone.now())
    messages.success(request, _("They no longer have access."))
    return redirect("staff")


@require_POST
@door("staff.manage")
def withdraw(request: PracticeRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    command = WithdrawInvitation(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        invitation_id=invitation_id,
    )
    withdraw_invitation(command, timezone.now())
    messages.success(request, _("Invitation withdrawn."))
    return redirect("staff")


@never_cache
@sensitive_post_parameters("password")
@sensitive_variables("token")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """
    Accept an invitation: with a new account, or with the one that one has, after sign-in.

    The token in the address is as good as a key: the page is not kept, and other sites do not
    hear of it (Referrer-Policy is same-origin everywhere; `no-referrer` would break CSRF checks).
    """
    invitation = invitation_by_token(token, timezone.now())
    if invitation is None:
        return render(request, "staff/invitation_gone.html", status=410)
    if not request.user.is_authenticated and has_account(invitation.email):
        if request.method == "POST":
            return to_sign_in(request)
        return _join(request, invitation, None)
    if isinstance(request.user, User):
        return _join_with_account(request, invitation, token)
    form = JoinForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        command = AcceptInvitation(
            token=token,
            user_name=form.cleaned_data["user_name"],
            password=form.cleaned_data["password"],
        )
        try:
            return _joined(request, command)
        except EmailTaken:  # made in the meantime
            return to_sign_in(request)
        except Refusal as refusal:
            form.refuse(refusal)
    return _join(request, invitation, form)


def _join_with_account(
    request: HttpRequest, invitation: InvitationLine, token: str
) -> HttpResponse:
    form = None
    if request.method == "POST":
        try:
            return _joined(request, AcceptInvitation(token=token, user_id=request.user.pk))
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
    return _join(request, invitation, form)


def _joined(request: HttpRequest, command: AcceptInvitation) -> HttpResponse:
    done = accept_invitation(command, timezone.now())
    if command.user_id is None:
        sign_in(request, done.user_id)
    request.session[PRACTICE_KEY] = done.practice_id
    return redirect("start")


def _join(request: HttpRequest, invitation: InvitationLine, form: JoinForm | None) -> HttpResponse:
    context = {"invitation": invitation, "form": form}
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "staff/join.html", context, status=status)


def _staff(request: PracticeRequest, form: InviteForm) -> HttpResponse:
    page = staff_page(request.member.practice_id, timezone.now())
    status = 422 if form.is_bound else 200
    return render(request, "staff/list.html", {"page": page, "form": form}, status=status)
