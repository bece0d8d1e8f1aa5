"""The form of a package on offer: what stands at its head, and one row of its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.catalog.queries import Named, Tax
from creditwell.money.money import Money
from creditwell.packages.models import Measure, Sharing, StartsFrom, Unit, UsableWhen
from creditwell.packages.rules_products import MOST_PERIODS, MOST_UNITS, PartInput, TermsInput
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.catalog.pages import percent_text
from creditwell.web.components.fields import Form, MoneyField

KEPT = (
    ("0", gettext_lazy("Nothing: it is given back")),
    ("50", gettext_lazy("Half of it")),
    ("100", gettext_lazy("All of it: it is used up")),
    ("other", gettext_lazy("Another part")),
)
"""How much of a session is kept."""


def _number() -> forms.TextInput:
    return forms.TextInput({"class": "in", "inputmode": "numeric", "autocomplete": "off"})


def _text() -> forms.TextInput:
    return forms.TextInput({"autocomplete": "off"})


def _whole(label: Any, *, most: int, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=kwargs.pop("least", 1),
        max_value=most,
        widget=_number(),
        error_messages={"invalid": gettext_lazy("Enter a whole number.")},
        **kwargs,
    )


def _keep(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=KEPT)


def _percent(label: Any) -> forms.IntegerField:
    return _whole(label, least=0, most=100, required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """What the form offers to choose from; read once."""

    practice: PracticeFacts
    taxes: Sequence[Tax]
    categories: Sequence[Named]
    concessions: Sequence[Named]
    types: Sequence[tuple[int, str]]
    items: Sequence[tuple[int, str]]


class ProductForm(Form):
    """Everything but the content."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=160, widget=_text())
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=40, required=False, widget=_text()
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), max_length=300, required=False, widget=_text()
    )
    category = forms.TypedChoiceField(label=gettext_lazy("Category"), coerce=int)
    tax_rate = forms.TypedChoiceField(
        label=gettext_lazy("Tax"), required=False, coerce=int, empty_value=None
    )
    tax_when = forms.ChoiceField(
        label=gettext_lazy("When tax is due"),
        choices=[("sale", gettext_lazy("At the sale")), ("use", gettext_lazy("As it is used"))],
        widget=forms.RadioSelect,
    )
    measure = forms.ChoiceField(
        label=gettext_lazy("Counted in"), choices=Measure.choices, widget=forms.RadioSelect
    )
    valid_count = _whole(
        gettext_lazy("Good for"),
        most=MOST_PERIODS,
        required=False,
        help_text=gettext_lazy("Left empty: no end."),
    )
    valid_unit = forms.ChoiceField(label=gettext_lazy("Days or months"), choices=Unit.choices)
    valid_from = forms.ChoiceField(label=gettext_lazy("From"), choices=StartsFrom.choices)
    usable_when = forms.ChoiceField(
        label=gettext_lazy("Can be used"), choices=UsableWhen.choices, widget=forms.RadioSelect
    )
    sharing = forms.ChoiceField(
        label=gettext_lazy("Whom else the patient may let use it"), choices=Sharing.choices
    )
    notice_hours = _whole(
        gettext_lazy("Notice for cancelling, hours"),
        least=0,
        most=8760,
        help_text=gettext_lazy("Cancelled earlier, a visit always gives its session back."),
    )
    late_cancel = _keep(gettext_lazy("Kept when cancelled later"))
    late_cancel_percent = _percent(gettext_lazy("Percent kept when cancelled later"))
    no_show = _keep(gettext_lazy("Kept when nobody comes"))
    no_show_percent = _percent(gettext_lazy("Percent kept when nobody comes"))
    renews = forms.BooleanField(
        label=gettext_lazy("Renews until it is cancelled: a membership"), required=False
    )
    renews_count = _whole(gettext_lazy("Every"), most=MOST_PERIODS, required=False)
    renews_unit = forms.ChoiceField(label=gettext_lazy("Weeks or months"), choices=Unit.choices)
    sold_online = forms.BooleanField(
        label=gettext_lazy("Patients may buy it online, once online sale is set up"),
        required=False,
    )

    def __init__(self, *args: Any, offering: Offering, measure: str, **kwargs: Any) -> None:
        """`measure` says in what the rollover is typed."""
        super().__init__(*args, **kwargs)
        self.offering = offering
        currency = offering.practice.currency
        self.fields["price"] = MoneyField(currency, label=_("Price"))
        self.fields["refund_fee"] = MoneyField(
            currency, label=_("Fee for a refund"), required=False, help_text=_("Empty: none.")
        )
        self.fields["rollover_most"] = units_field(
            measure, currency, label=_("Rolls over, at most"), required=False
        )
        for concession in offering.concessions:
            self.fields[f"concession_{concession.id}"] = MoneyField(
                currency, label=concession.name, required=False
            )
        self.fields["price"].help_text = (
            _("As patients pay it: tax is included.")
            if offering.practice.prices_include_tax
            else _("Before tax; tax is added on the invoice.")
        )
        self._choices()

    def _choices(self) -> None:
        taxes = [
            (tax.id, f"{tax.name} ({percent_text(tax.percent)}%)") for tax in self.offering.taxes
        ]
        categories = [(one.id, one.name) for one in self.offering.categories]
        self.fields["tax_rate"].choices = [("", _("No tax")), *taxes]  # type: ignore[attr-defined]  # a choice field
        self.fields["category"].choices = categories  # type: ignore[attr-defined]  # a choice field

    def concession_fields(self) -> list[forms.BoundField]:
        """The price of each concession, in the order of their names."""
        return [self[f"concession_{one.id}"] for one in self.offering.concessions]

    def clean(self) -> dict[str, Any]:
        """What only matters beside something else: another part, how often it renews."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("late_cancel", "no_show"):
            if cleaned.get(name) == "other" and cleaned.get(f"{name}_percent", 0) is None:
                self.add_error(f"{name}_percent", _("Enter a percentage from 0 to 100."))
        if cleaned.get("renews") and cleaned.get("renews_count", 0) is None:
            self.add_error("renews_count", _("Say how often it renews."))
        return cleaned

    def terms(self) -> TermsInput:
        """The rules as typed; only of a valid form."""
        said = self.cleaned_data
        renews = said["renews"]
        fee: Money | None = said["refund_fee"]
        return TermsInput(
            measure=said["measure"],
            usable_when=said["usable_when"],
            sharing=said["sharing"],
            valid_count=said["valid_count"],
            valid_unit=said["valid_unit"],
            valid_from=said["valid_from"],
            notice_hours=said["notice_hours"],
            late_cancel_percent=self._kept("late_cancel"),
            no_show_percent=self._kept("no_show"),
            refund_fee_minor=fee.minor if fee else 0,
            renews_count=said["renews_count"] if renews else None,
            renews_unit=said["renews_unit"],
            rollover_most=units_of(said["rollover_most"]) if renews else 0,
        )

    def _kept(self, name: str) -> int:
        said = self.cleaned_data[name]
        return int(self.cleaned_data[f"{name}_percent"] if said == "other" else said)

    def prices(self) -> Mapping[int, Money | None]:
        """The price of each concession; None where it has none."""
        return {
            one.id: self.cleaned_data[f"concession_{one.id}"] for one in self.offering.concessions
        }


def units_field(measure: str, currency: str, **kwargs: Any) -> forms.Field:
    """How much, as the package measures: sessions and minutes counted, money as an amount."""
    if measure == Measure.MONEY:
        return MoneyField(currency, **kwargs)
    return _whole(kwargs.pop("label"), most=MOST_UNITS, least=0, **kwargs)


def units_of(value: Any) -> int:
    """What was read from such a field, in units."""
    return value.minor if isinstance(value, Money) else int(value or 0)


class PartForm(Form):
    """One row of the content: how much, and what it may be used for."""

    name = forms.CharField(
        label=gettext_lazy("Name of this row"), max_length=120, required=False, widget=_text()
    )

    def __init__(self, *args: Any, offering: Offering, measure: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "sessions": _("How many sessions"),
            "minutes": _("How many minutes"),
            "money": _("Amount to spend"),
        }
        currency = offering.practice.currency
        self.fields["units"] = units_field(measure, currency, label=labels[measure])
        for name, label, choices in (
            ("types", _("Kinds of visits"), offering.types),
            ("items", _("Items that visits bill"), offering.items),
        ):
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=label,
                coerce=int,
                choices=choices,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields["weight"] = MoneyField(
            currency,
            label=_("Counts as, each"),
            required=False,
            help_text=_("For sharing out the price. Empty: by list price."),
        )
        self.fields["name"].help_text = _("Left empty: the names of what it is for.")

    @property
    def row(self) -> int:
        """Its number on the form; rows keep theirs when others are removed."""
        return int(str(self.prefix).rpartition("-")[2])

    @property
    def some_item(self) -> bool:
        """Whether an item is chosen, so that the list of items has to be open."""
        return bool(self["items"].value())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("types") and not cleaned.get("items"):
            raise ValidationError(_("Choose at least one kind of visit, or an item."))
        return cleaned

    def part(self) -> PartInput:
        """The row as typed; only of a valid form."""
        said = self.cleaned_data
        weight: Money | None = said["weight"]
        return PartInput(
            units=units_of(said["units"]),
            type_ids=tuple(said["types"]),
            item_ids=tuple(said["items"]),
            name=said["name"].strip(),
            weight_minor=weight.minor if weight else 0,
        )
