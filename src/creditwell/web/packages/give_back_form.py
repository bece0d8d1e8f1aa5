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
        label = part.name if len(self.parts) > 1 else self._measure_word()
        if self.left.measure == "money":
            return MoneyField(self.practice.currency, required=False, label=label)
        field = forms.IntegerField(required=False, min_value=0, label=label)
        field.widget.attrs.update({"class": "in", "inputmode": "numeric"})
        field.help_text = _("%(count)s free") % {"count": part.free_units}
        return field

    def _measure_word(self) -> str:
        words = {"minutes": _("Minutes"), "money": _("Amount")}
        return words.get(self.left.measure, _("Sessions"))

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


def first_values(left: Left, *, into: str, fee: Money) -> dict[str, Any]:
    """What the form begins with."""
    counts = {
        _name(part): Money(part.free_units, left.currency)
        if left.measure == "money"
        else part.free_units
        for part in left.parts
    }
    return {
        "into": into,
        "what": ALL,
        "method": Method.PRO_RATA,
        "fee": fee or None,
        **counts,
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
