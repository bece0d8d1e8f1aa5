"""Settings of signing in: django-allauth, its rate limits and the cache that counts them."""

from __future__ import annotations

import os
from typing import Any

_HTTPS = os.environ.get("CREDITWELL_URL", "").startswith("https://")

# Shared by all processes: a limit that each counted alone would be as many times too generous.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kernel_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "creditwell.web.accounts.adapter.Accounts"
ACCOUNT_FORMS = {
    "login": "creditwell.web.accounts.forms.SignInForm",
    "change_password": "creditwell.web.accounts.forms.ChangePassword",
    "reset_password": "creditwell.web.accounts.forms.AskForPassword",
    "reset_password_from_key": "creditwell.web.accounts.forms.SetNewPassword",
    "reauthenticate": "creditwell.web.accounts.forms.ConfirmPassword",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "creditwell.web.accounts.adapter.display_name"
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come by invitation; there is no public sign-up
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_COOKIE_AGE = 14 * 24 * 60 * 60  # with "keep me signed in"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "10/m/ip,3/5m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "5/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if os.environ.get("CREDITWELL_BEHIND_PROXY") == "1" else 0

MFA_ADAPTER = "creditwell.web.accounts.second_factor.SecondFactor"
MFA_FORMS = {
    "authenticate": "creditwell.web.accounts.forms.EnterCode",
    "reauthenticate": "creditwell.web.accounts.forms.EnterCodeAgain",
    "activate_totp": "creditwell.web.accounts.forms.TurnOnApp",
    "add_webauthn": "creditwell.web.accounts.forms.AddPasskey",
    "edit_webauthn": "creditwell.web.accounts.forms.RenamePasskey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Creditwell"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS  # browsers allow it on localhost alone
