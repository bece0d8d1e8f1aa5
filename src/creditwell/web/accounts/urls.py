"""Signing in and one's own account: the pages of allauth that are used here, and ours."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.usersessions import views as sessions
from django.urls import include, path, re_path

from creditwell.web.accounts import views

urlpatterns = [
    path("", views.start, name="start"),
    path("profile/", views.profile, name="profile"),
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("sign-in/inactive/", account.account_inactive, name="account_inactive"),
    path("sign-in/code/", mfa.authenticate, name="mfa_authenticate"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path(
        "password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"
    ),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("profile/password/", account.password_change, name="account_change_password"),
    path("profile/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("profile/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("profile/second-factor/", mfa.index, name="mfa_index"),
    path("profile/second-factor/app/", include("allauth.mfa.totp.urls")),
    path("profile/second-factor/recovery/", include("allauth.mfa.recovery_codes.urls")),
    path("profile/second-factor/passkeys/", include("allauth.mfa.webauthn.urls")),
    path("profile/sessions/", sessions.list_usersessions, name="usersessions_list"),
]
