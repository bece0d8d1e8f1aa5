"""The form that opens a practice, with or without its first user."""

from __future__ import annotations

from typing import Any, cast

from babel.numbers import get_currency_name
from django import forms
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.countries import (
    COMMON,
    country_names,
    country_of,
    currencies,
    time_zones,
    time_zones_of,
)
from creditwell.usecases.create_practice import CreatePractice
from creditwell.web.accounts.forms import check_password, new_password_field
from creditwell.web.components.fields import Form

Choices = list[tuple[Any, Any]]  # value and word, or group and its choices


class PracticeForm(Form):
    """What a practice is called, where it is, and who treats there first."""

    name = forms.CharField(label=_("Name of the practice"), max_length=120)
    country = forms.ChoiceField(
        label=_("Country"),
        widget=forms.Select(
            attrs={
                "hx-get": reverse_lazy("set_up_country"),
                "hx-trigger": "change",
                "hx-target": "#by-country",
                "hx-swap": "outerHTML",
            }
        ),
        help_text=_("It suggests the currency, the taxes and the payment sources."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), help_text=_("All books are kept in it. It cannot be changed later.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))
    tax_number = forms.CharField(
        label=_("Tax number"),
        max_length=40,
        required=False,
        help_text=_("It is printed on invoices. You can add it later."),
    )
    location_name = forms.CharField(
        label=_("First location"),
        max_length=120,
        help_text=_("A suburb or a street, such as Balmain or High Street."),
    )
    owner_practises = forms.BooleanField(label=_("I treat patients myself"), required=False)
    practitioner_name = forms.CharField(
        label=_("First practitioner"),
        max_length=120,
        required=False,
        help_text=_("Somebody else who treats. Leave it empty if it is you."),
    )

    def __init__(self, *args: Any, country: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = (get_language() or "en").split("-")[0]
        self.hasty = self._follow_country(language)
        self.usual = country_of(self._chosen(country, language))
        self.fields["country"].choices = _countries(language)  # type: ignore[attr-defined]
        self.fields["currency"].choices = _currencies(language)  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = _time_zones(self.usual.code)  # type: ignore[attr-defined]
        self.initial.setdefault("country", self.usual.code)
        self.initial.setdefault("currency", self.usual.currency)
        self.initial.setdefault("time_zone", self.usual.time_zone)
        if self.usual.tax_number_label:
            self.fields["tax_number"].label = self.usual.tax_number_label

    def _chosen(self, country: str, language: str) -> str:
        asked = country or (self.data.get("country", "") if self.is_bound else "")
        return asked if asked in country_names(language) else COMMON[0]

    def _follow_country(self, language: str) -> bool:
        """
        Whether it was sent before the suggestions of the country just chosen had come.

        Then currency and time zone are still another country's; the right ones are put in for a
        second look, because the currency cannot be changed later.
        """
        sent = cast("QueryDict", self.data)
        before, country = sent.get("suggested_for", ""), sent.get("country", "")
        names = country_names(language)
        if before == country or before not in names or country not in names:
            return False
        old, new = country_of(before), country_of(country)
        if sent.get("currency") != old.currency or sent.get("time_zone") != old.time_zone:
            return False
        sent = sent.copy()
        sent["currency"], sent["time_zone"] = new.currency, new.time_zone
        self.data = sent
        return True

    def clean(self) -> None:
        data = self.cleaned_data
        if self.hasty:
            self.add_error(
                "currency",
                _("The country was changed. Look at the currency and the time zone once more."),
            )
        if not data.get("owner_practises") and not data.get("practitioner_name", "").strip():
            self.add_error(
                "practitioner_name",
                _("Write who treats, or tick that you treat patients yourself."),
            )

    def command(self, *, owner_id: int, owner_name: str, key: str = "") -> CreatePractice:
        data = self.cleaned_data
        other = data["practitioner_name"].strip()
        return CreatePractice(
            owner_id=owner_id,
            name=data["name"],
            country=data["country"],
            currency=data["currency"],
            time_zone=data["time_zone"],
            tax_number=data["tax_number"],
            location_name=data["location_name"],
            practitioner_name=owner_name if data["owner_practises"] else other,
            owner_practises=data["owner_practises"],
            key=key,
        )


class FirstForm(PracticeForm):
    """The same, and the person who owns it."""

    user_name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    email = forms.EmailField(
        label=_("Your email"),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text=_("You sign in with it."),
    )
    password = new_password_field()
    field_order = ["user_name", "email", "password"]

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if password := data.get("password"):
            check_password(
                self, password, name=data.get("user_name", ""), email=data.get("email", "")
            )


def _countries(language: str) -> Choices:
    names = country_names(language)
    common = [(code, names[code]) for code in COMMON]
    return [(_("Common"), common), (_("All countries"), list(names.items()))]


def _currencies(language: str) -> Choices:
    return [(code, f"{code} – {get_currency_name(code, locale=language)}") for code in currencies()]


def _time_zones(country: str) -> Choices:
    near = [(zone, zone.replace("_", " ")) for zone in time_zones_of(country)]
    rest = [(zone, zone.replace("_", " ")) for zone in time_zones()]
    return [(_("In this country"), near), (_("All time zones"), rest)]
