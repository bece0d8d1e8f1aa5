"""The form of an appointment type, with the items that it bills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.scheduling.models import Hue
from creditwell.scheduling.operations import TypeItemInput
from creditwell.scheduling.queries import BilledItem
from creditwell.web.components.fields import Form

SPARE_ROWS = 2


@dataclass(frozen=True, slots=True)
class ItemRow:
    """The three fields of one billed item."""

    item: BoundField
    quantity: BoundField
    discount: BoundField


class TypeForm(Form):
    """How long, how many may come, what is billed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    duration_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        min_value=5,
        max_value=720,
        initial=30,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    max_attendees = forms.IntegerField(
        label=gettext_lazy("Patients at once"),
        min_value=1,
        max_value=500,
        initial=1,
        help_text=gettext_lazy("More than one makes it a group."),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    hue = forms.ChoiceField(
        label=gettext_lazy("Colour in the calendar"),
        choices=[("", gettext_lazy("The practitioner’s")), *Hue.choices],
        widget=forms.RadioSelect,
        required=False,
    )
    archived = forms.BooleanField(
        label=gettext_lazy("Not booked any more"),
        required=False,
        help_text=gettext_lazy("Appointments of this type stay as they are."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        items: Sequence[tuple[int, str]],
        billed: Sequence[BilledItem] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        known = {pk for pk, _name in items}
        kept = [(one.item_id, one.name) for one in billed if one.item_id not in known]
        self.row_count = len(billed) + SPARE_ROWS
        for n in range(self.row_count):
            self._add_row(n, [("", "–"), *items, *kept])
            if n < len(billed):
                self.initial.update(
                    {
                        f"item-{n}": billed[n].item_id,
                        f"quantity-{n}": billed[n].quantity.normalize().to_eng_string(),
                        f"discount-{n}": billed[n].discount_percent.normalize().to_eng_string()
                        if billed[n].discount_percent
                        else "",
                    }
                )

    def _add_row(self, n: int, choices: list[tuple[Any, str]]) -> None:
        number = forms.TextInput({"inputmode": "decimal", "class": "in num"})
        self.fields[f"item-{n}"] = forms.TypedChoiceField(
            coerce=int,
            choices=choices,
            required=False,
            empty_value=None,
            label=_("Item %(number)s") % {"number": n + 1},
            widget=forms.Select({"class": "in"}),
        )
        self.fields[f"quantity-{n}"] = forms.DecimalField(
            required=False,
            min_value=Decimal("0.01"),
            max_digits=8,
            decimal_places=2,
            label=_("Quantity %(number)s") % {"number": n + 1},
            widget=number,
        )
        self.fields[f"discount-{n}"] = forms.DecimalField(
            required=False,
            min_value=0,
            max_value=100,
            max_digits=5,
            decimal_places=2,
            label=_("Discount %(number)s, %%") % {"number": n + 1},
            widget=forms.TextInput({"inputmode": "decimal", "class": "in num"}),
        )

    @property
    def rows(self) -> list[ItemRow]:
        return [
            ItemRow(self[f"item-{n}"], self[f"quantity-{n}"], self[f"discount-{n}"])
            for n in range(self.row_count)
        ]

    def billed(self) -> tuple[TypeItemInput, ...]:
        """The rows that name an item."""
        values = self.cleaned_data
        return tuple(
            TypeItemInput(
                item_id=values[f"item-{n}"],
                quantity=values[f"quantity-{n}"] or Decimal(1),
                discount_percent=values[f"discount-{n}"] or Decimal(0),
            )
            for n in range(self.row_count)
            if values[f"item-{n}"]
        )
