"""How allauth behaves in this house: where people land, what is said, what is mailed."""

from __future__ import annotations

import logging
from threading import Thread
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.models import User
from creditwell.web.door.links import link_to

log = logging.getLogger(__name__)

SMTP = "django.core.mail.backends.smtp.EmailBackend"
UNSAID = frozenset(
    {
        "account/messages/logged_in.txt",
        "account/messages/logged_out.txt",
        "mfa/messages/recovery_codes_generated.txt",
    }
)
"""What everybody sees without being told."""


def display_name(user: User) -> str:
    """What a person is called in a mail or by their passkey."""
    return user.name or user.email


def home() -> str:
    """The page that a day begins with: the calendar, else the first page that is there."""
    places = (link_to(name) for name in ("calendar", "patients", "settings", "profile"))
    return next(filter(None, places), "/")


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """No public sign-up; mail is sent beside the request; quiet where there is nothing to say."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The email address and the password do not match."),
        "too_many_login_attempts": _(
            "Too many attempts with this email address. Wait five minutes, or set a new password."
        ),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home()

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return link_to("profile")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Behind a Unix socket there is no address: then all share one, and its limits."""
        if not request.META.get("REMOTE_ADDR") and not request.headers.get("x-forwarded-for"):
            return "127.0.0.1"
        return str(super().get_client_ip(request))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if message_template not in UNSAID:
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """
        Send a mail beside the request.

        An answer must not take longer for an address that we know than for one that we do not.
        Without a mail server nothing is sent, and the log says so without naming anybody.
        """
        message = self.render_mail(template_prefix, email, context)
        if settings.EMAIL_BACKEND != SMTP:
            message.send()
        elif settings.EMAIL_CONFIGURED:
            Thread(target=_send, args=[message], name="account-mail").start()
        else:
            log.warning("No mail server is set up: %s was not sent.", template_prefix)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError as error:  # what smtplib and sockets raise
        log.error("A mail of an account could not be sent: %s", type(error).__name__)
