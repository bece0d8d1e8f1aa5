"""Sign somebody in who has just chosen a password."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import HttpRequest

from creditwell.tenancy.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def sign_in(request: HttpRequest, user_id: int) -> None:
    """Start a session that counts as signed in by password, and is listed among the sessions."""
    user = User.objects.get(pk=user_id)
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method="password", email=user.email)
    UserSession.objects.create_from_request(request)
