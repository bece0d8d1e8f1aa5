"""The calculator of what is left of a package: its form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.packages.ending import Ask
from creditwell.packages.queries_left import Left, PartLeft
from creditwell.packages.rules_refund import Method
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.fields import Form, MoneyField
from creditwell.web.components.formats import money_text
from creditwell.web.packages.forms import chose_all, so_much_label

ALL, SOME = "all", "some"
REFUND, CREDIT = "refund", "credit"


class GiveBackForm(Form):
    """How much, by which rule, less which fee, and where the money goes."""

    into = forms.ChoiceField(
        label=gettext_lazy("What becomes of the money"),
        choices=[
            (REFUND, gettext_lazy("Refund it by the sources it came by")),
            (CREDIT, gettext_lazy("Keep it as account credit of whoever paid")),
        ],
        widget=forms.RadioSelect,
    )
    what = forms.ChoiceField(
        label=gettext_lazy("How much is given back"),
        choices=[(ALL, gettext_lazy("All that is left")), (SOME, gettext_lazy("Only so much:"))],
        widget=forms.RadioSelect,
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Rule"),
        choices=Method.choices,
        widget=forms.RadioSelect,
    )
    release = forms.BooleanField(
        label=gettext_lazy("These visits stay booked, but lose their session"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("It is printed on the credit note and the refund."),
        error_messages={"required": gettext_lazy("Say why; it stands in the package's history.")},
    )

    def __init__(self, *args: Any, practice: PracticeFacts, left: Left, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.practice, self.left = practice, left
        self.parts = tuple(part for part in left.parts if part.free_units)
        for part in self.parts:
            self.fields[_name(part)] = self._units_field(part)
        fee = MoneyField(practice.currency, required=False, label=_("Fee that you keep"))
        self.fields["fee"] = fee

    def _units_field(self, part: PartLeft) -> forms.Field:
        several, measure = len(self.parts) > 1, self.left.measure
        label = so_much_label(part.name, measure) if several else self._measure_word()
        whole = _("Write a whole number, like 2.")
        field: forms.Field
        if measure == "money":
            field = MoneyField(self.practice.currency, required=False, label=label)
        else:
            field = forms.IntegerField(
                required=False,
                label=label,
                widget=forms.TextInput({"class": "in", "autocomplete": "off"}),
                min_value=0,
                error_messages={"invalid": whole, "min_value": whole},
            )
            field.widget.attrs["inputmode"] = "numeric"
        field.widget.attrs["data-chooses"] = "id_what_1"
        field.help_text = _("%(count)s free") % {"count": self._figure(part.free_units)}
        return field

    def _figure(self, units: int) -> str:
        return _units_text(self.left, units)

    def _measure_word(self) -> str:
        words = {"minutes": _("How many minutes"), "money": _("How much")}
        return words.get(self.left.measure, _("How many sessions"))

    def clean(self) -> dict[str, Any]:
        """Only so much has to be something; beside all nothing is typed."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        names = [_name(part) for part in self.parts]
        typed = [data[name] for name in names if data.get(name) is not None]
        if data.get("what") == ALL and typed:
            self.add_error("what", chose_all())
        nothing = not any(_units(value) for value in typed)
        if data.get("what") == SOME and nothing and not any(name in self.errors for name in names):
            self.add_error(names[0] if names else "what", _("Enter how much is given back."))
        return data

    @property
    def counts(self) -> list[Any]:
        """The fields of how much of each kind."""
        return [self[_name(part)] for part in self.parts]

    def ask(self) -> Ask:
        """What was typed, as far as it can be read."""
        data = self.cleaned_data
        fee: Money | None = data.get("fee")
        units = tuple((part.id, _units(data.get(_name(part)))) for part in self.parts)
        return Ask(
            units=units if data.get("what") == SOME else None,
            method=data.get("method", Method.PRO_RATA),
            fee_minor=fee.minor if fee else 0,
            release=bool(data.get("release")),
        )

    def refuse(self, refusal: Refusal) -> None:
        """A count that is too large stands at the counts."""
        if refusal.param == "units" and self.parts:
            self.add_error(_name(self.parts[0]), refusal.sentence)
        else:
            super().refuse(refusal)

    @property
    def unread(self) -> bool:
        """Whether something that the figures depend on cannot be read."""
        return any(
            name in self.fields and name not in ("reason", "release") for name in self.errors
        )

    @property
    def why_unread(self) -> str:
        """What is wrong with how much is given back, said beside the figures too."""
        names = ("what", *(_name(part) for part in self.parts))
        return next((str(self.errors[name][0]) for name in names if name in self.errors), "")


def first_values(*, into: str, fee: Money) -> dict[str, Any]:
    """What the form begins with."""
    return {
        "into": into,
        "what": ALL,
        "method": Method.PRO_RATA,
        "fee": fee or None,
    }


def standing_words(left: Left) -> str:
    """How much was used, is booked, is free, in the words of what the package counts."""
    booked = sum(row.share.units for part in left.parts for row in part.booked)
    gaps = {
        "used": _units_text(left, left.used_units),
        "booked": _units_text(left, booked),
        "free": _units_text(left, left.free_units),
    }
    if left.measure == "minutes":
        return _("Minutes used: %(used)s, booked: %(booked)s, free: %(free)s.") % gaps
    return _("Used: %(used)s, booked: %(booked)s, free: %(free)s.") % gaps


def _units_text(left: Left, units: int) -> str:
    return money_text(Money(units, left.currency)) if left.measure == "money" else str(units)


def _name(part: PartLeft) -> str:
    return f"units-{part.id}"


def _units(value: Any) -> int:
    if isinstance(value, Money):
        return value.minor
    return int(value or 0)
