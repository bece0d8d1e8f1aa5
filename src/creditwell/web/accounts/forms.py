"""The forms of signing in: allauth's rules, our look and our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.models import User
from creditwell.web.components.fields import PLAIN, Form
from creditwell.web.components.mistakes import OurWords

PASSWORD_HELP = _("At least 10 characters. Three words in a row are easy to keep in mind.")


class Ours(OurWords):
    """Our look and words on allauth's forms: labels, no placeholders, no help that is a link."""

    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")
            if not isinstance(field.widget, PLAIN):
                field.widget.attrs["class"] = "in"
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Ours, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    labels = {
        "login": _("Email"),
        "password": _("Password"),
        "remember": _("Keep me signed in on this device for two weeks"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(autocomplete="username", autofocus=True)


class ChangePassword(Ours, account.ChangePasswordForm):  # type: ignore[misc]
    labels = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }
    helps = {"password1": PASSWORD_HELP}


class AskForPassword(Ours, account.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": _("Email")}


class SetNewPassword(Ours, account.ResetPasswordKeyForm):  # type: ignore[misc]
    labels = {"password1": _("New password"), "password2": _("New password once more")}
    helps = {"password1": PASSWORD_HELP}


class ConfirmPassword(Ours, account.ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": _("Password")}


class EnterCode(Ours, codes.AuthenticateForm):  # type: ignore[misc]
    labels = {"code": _("Code")}
    helps = {"code": _("The six digits that your app shows, or one of your recovery codes.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(autofocus=True, inputmode="numeric")


class EnterCodeAgain(Ours, codes.ReauthenticateForm):  # type: ignore[misc]
    labels = {"code": _("Code")}
    helps = EnterCode.helps


class TurnOnApp(Ours, totp.ActivateTOTPForm):  # type: ignore[misc]
    labels = {"code": _("Code that the app shows")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddPasskey(Ours, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    labels = {"name": _("Name of the passkey"), "passwordless": _("Sign in with it alone")}
    helps = {
        "passwordless": _("Without a password: your device then asks for a finger, face or PIN.")
    }


class RenamePasskey(Ours, passkeys.EditWebAuthnForm):  # type: ignore[misc]
    labels = {"name": _("Name of the passkey")}


def new_password_field(**kwargs: Any) -> forms.CharField:
    """A field for a password that is being chosen; `checked_password` judges it."""
    kwargs.setdefault("label", _("Password"))
    kwargs.setdefault("help_text", PASSWORD_HELP)
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(strip=False, widget=widget, **kwargs)


def check_password(form: forms.Form, password: str, *, name: str, email: str) -> None:
    """Put at the field `password` what the validators have against it."""
    try:
        validate_password(password, User(email=email, name=name))
    except forms.ValidationError as error:
        form.add_error("password", error)


class ProfileForm(Form):
    """A new email address is a new way in, so it needs the password."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("Email"),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text=_("You sign in with it."),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Only to change the email address."),
    )
    shortcuts_enabled = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_(
            "Letters such as G and N open pages. The arrow keys and Ctrl+Enter always work."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> None:
        email = self.cleaned_data.get("email", self.user.email)
        if email.lower() == self.user.email.lower():
            return
        if not self.user.check_password(self.cleaned_data.get("password", "")):
            self.add_error("password", _("Type your password to change the email address."))
