"""Forms about staff."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.permissions import Role
from creditwell.web.accounts.forms import check_password, new_password_field
from creditwell.web.components.fields import Form


class InviteForm(Form):
    email = forms.EmailField(label=_("Email"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.RECEPTIONIST)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)


class RoleForm(Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)


class JoinForm(Form):
    """A new account; the email address is the one that was invited."""

    user_name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = new_password_field()

    def __init__(self, *args: object, email: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> None:
        if password := self.cleaned_data.get("password"):
            name = self.cleaned_data.get("user_name", "")
            check_password(self, password, name=name, email=self.email)
