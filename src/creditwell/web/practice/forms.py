"""Forms of the settings of a practice."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from creditwell.money.money import Money
from creditwell.tenancy.countries import time_zones, time_zones_of
from creditwell.tenancy.models import AllocationOrder
from creditwell.tenancy.permissions import SCOPES
from creditwell.web.components.fields import DayField, Form, MoneyField, TimeField
from creditwell.web.components.meanwhile import EditForm

WEEKDAYS = [(0, _("Monday")), (6, _("Sunday")), (5, _("Saturday"))]
LOCALES = (
    "en_AU", "en_NZ", "en_GB", "en_IE", "en_US", "en_CA", "en_SG", "en_ZA", "en_IN",
    "en_DE", "en_FR", "en_NL", "en_ES", "en_IT", "en_AT", "en_CH", "en_BE", "en_DK", "en_SE",
    "en_FI", "en_PT", "en_PL", "de_DE", "de_AT", "de_CH", "fr_FR", "fr_CA", "fr_CH", "nl_NL",
    "es_ES", "it_IT", "pt_PT", "da_DK", "sv_SE", "nb_NO", "fi_FI", "pl_PL", "cs_CZ", "ja_JP",
)  # fmt: skip


class GeneralForm(EditForm):
    """Name, taxes in words, place in time."""

    name = forms.CharField(label=_("Name"), max_length=120)
    tax_number = forms.CharField(label=_("Tax number"), max_length=40, required=False)
    tax_name = forms.CharField(
        label=_("Tax is called"), max_length=20, required=False, help_text=_("GST, VAT …")
    )
    tax_number_label = forms.CharField(
        label=_("Its number is called"),
        max_length=20,
        required=False,
        help_text=_("ABN, VAT number …"),
    )
    locale = forms.ChoiceField(label=_("Money and dates are written"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("A day of the books is a day in this time zone.")
    )
    day_starts_at = TimeField(label=_("Calendar starts at"))
    day_ends_at = TimeField(label=_("Calendar ends at"))
    week_starts_on = forms.TypedChoiceField(
        label=_("The week starts on"), choices=WEEKDAYS, coerce=int
    )

    def __init__(self, *args: Any, country: str, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = self.initial["time_zone"]
        near = dict.fromkeys((here, *time_zones_of(country)))
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            (_("In this country"), [(z, z.replace("_", " ")) for z in near]),
            (_("All time zones"), [(z, z.replace("_", " ")) for z in time_zones()]),
        ]
        names = dict.fromkeys((self.initial["locale"], f"en_{country}", *LOCALES))
        self.fields["locale"].choices = [  # type: ignore[attr-defined]
            (name, _sample(name, currency)) for name in names if _known(name)
        ]


class PaymentsForm(EditForm):
    """What invoices and receipts say, and where a payment goes."""

    invoice_prefix = forms.CharField(
        label=_("Invoice numbers start with"), max_length=10, required=False
    )
    receipt_prefix = forms.CharField(
        label=_("Receipt numbers start with"), max_length=10, required=False
    )
    payment_terms_days = forms.IntegerField(
        label=_("Invoices are due after"),
        min_value=0,
        max_value=365,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    prices_include_tax = forms.BooleanField(
        label=_("Prices include tax"),
        required=False,
        help_text=_("How you write prices of items. Prices stay as they are when you change this."),
    )
    allocation_order = forms.ChoiceField(
        label=_("A payment pays first"), choices=AllocationOrder.choices, widget=forms.RadioSelect
    )
    invoice_notes = forms.CharField(
        label=_("At the foot of each invoice"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Bank details, thanks, house rules."),
    )
    receipt_notes = forms.CharField(
        label=_("At the foot of each receipt"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
    )
    amounts_in_email = forms.BooleanField(
        label=_("Write amounts in emails"),
        required=False,
        help_text=_("Without, the email says only that there is a document."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cash_rounding"] = MoneyField(
            currency,
            label=_("Cash is rounded to"),
            help_text=_(
                "The smallest coin that you take. Only the cash part of a total is rounded."
            ),
            initial=Money(self.initial["cash_rounding_minor"], currency),
        )
        self.fields["cash_rounding"].widget.attrs.setdefault("class", "in")

    def settings(self) -> dict[str, Any]:
        """The settings as the use case takes them."""
        data = dict(self.cleaned_data)
        data["cash_rounding_minor"] = data.pop("cash_rounding").minor
        return data


class BooksForm(Form):
    until = DayField(
        label=_("Closed up to and including"),
        required=False,
        help_text=_("Leave it empty to open all books again."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        help_text=_("For whoever reads the history: “BAS for October lodged”."),
    )


class LocationForm(Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("As it is printed on invoices."),
    )
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    email = forms.EmailField(label=_("Email"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)


THINGS: dict[str, str | Promise] = {
    "patients": _("patients"),
    "appointments": _("appointments"),
    "catalog": _("items and prices"),
    "invoices": _("invoices"),
    "payments": _("payments"),
    "packages": _("packages and memberships"),
    "reports": _("reports"),
    "messages": _("messages and their words"),
}


def scope_words(scope: str) -> str:
    """patients:read becomes Read patients; an unknown one stays as it is."""
    thing, _colon, act = scope.partition(":")
    if thing not in THINGS or act not in ("read", "write"):
        return scope
    pattern = gettext("Read %(things)s") if act == "read" else gettext("Change %(things)s")
    return pattern % {"things": THINGS[thing]}


class ApiKeyForm(Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The program that uses it."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(scope, scope_words(scope)) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)


def _known(name: str) -> bool:
    try:
        Locale.parse(name)
    except ValueError:
        return False
    return True


def _sample(name: str, currency: str) -> str:
    """English (Germany): 1.234,50 €, 24. Nov. 2026"""
    money = format_currency(1234.5, currency, locale=name)
    day = format_date(date(2026, 11, 24), format="medium", locale=name)
    return f"{Locale.parse(name).get_display_name('en')}: {money}, {day}"
