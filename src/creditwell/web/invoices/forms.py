"""The parts of the invoice form: what stands above the lines, and one line."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from creditwell.catalog.models import ItemKind
from creditwell.invoicing.lines import LineInput, OnePackageOnALine
from creditwell.money.money import Money
from creditwell.web.components.fields import DayField, Form, MoneyField
from creditwell.web.components.formats import amount_text
from creditwell.web.invoices.catalogue import Catalogue
from creditwell.web.invoices.fields import DiscountField, QuantityField


def id_of(value: str) -> int | None:
    """The number that a text is; None if it is none, or beyond every id."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


class HeadForm(Form):
    """Everything but the lines. The patient is chosen by the picker, outside of this form."""

    attendee = forms.ChoiceField(label=_("Appointment"), required=False)
    practitioner = forms.ChoiceField(label=_("Practitioner"), required=False)
    location = forms.ChoiceField(label=_("Location"), required=False)
    bill_to = forms.ChoiceField(label=_("Bill to"), required=False)
    bill_to_text = forms.CharField(
        label=_("Address on the invoice"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Printed instead of the name above, such as a claim address."),
    )
    issued_on = DayField(label=_("Invoice date"))
    due_on = DayField(
        label=_("Due date"), required=False, help_text=_("Left empty: by your payment terms.")
    )
    notes = forms.CharField(
        label=_("Notes on the invoice"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("attendee", catalogue.visit_choices())
        people = [(str(one.id), one.name) for one in catalogue.practitioners]
        self._offer("practitioner", [("", _("Nobody in particular")), *people])
        places = [(str(one.id), one.name) for one in catalogue.locations]
        self._offer("location", places or [("", "–")])
        self._offer("bill_to", [("", _("The patient")), *catalogue.contacts])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def chosen(self, name: str) -> int | None:
        return id_of(self.cleaned_data[name])


class LineForm(Form):
    """
    One line. With an item, what is left empty is taken from the catalogue.

    `filled` and `listed` are hidden: for which item, and with which price, the line was filled in.
    """

    item = forms.ChoiceField(label=_("Item"), required=False)
    description = forms.CharField(label=_("Description"), required=False, max_length=200)
    quantity = QuantityField(label=_("Quantity"), required=False)
    price = forms.Field(
        label=_("Price"), required=False
    )  # a MoneyField, once the currency is known
    discount = forms.Field(label=_("Discount"), required=False)
    tax = forms.ChoiceField(label=_("Tax"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    service_on = DayField(label=_("Date of service"), required=False)
    filled = forms.CharField(required=False, widget=forms.HiddenInput)
    listed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        self.fields["price"] = MoneyField(catalogue.currency, label=_("Price"), required=False)
        self.fields["discount"] = DiscountField(catalogue.currency, label=_("Discount"))
        for name, choices in (
            ("item", catalogue.item_choices()),
            ("tax", catalogue.tax_choices()),
            ("category", [(str(one.id), one.name) for one in catalogue.categories]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["discount"].widget.attrs["placeholder"] = "–"
        if self.is_package:
            self.fields["quantity"].widget.attrs["readonly"] = True
        self.amount: Money | None = None  # what the line comes to, once it is known

    @property
    def number(self) -> int:
        """Its place among the lines, counted from one."""
        return self.index + 1

    @property
    def index(self) -> int:
        return int(str(self.prefix).rpartition("-")[2])

    @property
    def item_id(self) -> int | None:
        return id_of(str(self["item"].value() or ""))

    @property
    def is_package(self) -> bool:
        """Whether the line sells a package, which is sold whole."""
        item = self.catalogue.items.get(self.item_id or 0)
        return item is not None and item.kind == ItemKind.PACKAGE

    @property
    def concession_words(self) -> tuple[str, str] | None:
        """Name of the concession and the usual price, where the price is the concession's."""
        item = self.catalogue.items.get(self.item_id or 0)
        if item is None or not item.by_concession:
            return None
        return self.catalogue.concession, amount_text(item.usual_price)

    def clean(self) -> dict[str, Any]:
        """A line without an item has to say itself what it is, and what it costs."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("item"):
            if not cleaned.get("description") and "description" in cleaned:
                self.add_error("description", _("Choose an item, or describe what is sold."))
            if cleaned.get("price") is None and "price" in cleaned:
                self.add_error("price", _("Enter a price."))
        if cleaned.get("quantity") is None and "quantity" in cleaned:
            self.add_error("quantity", _("Enter how many."))
        if self.is_package and cleaned.get("quantity") not in (None, 1):
            self.add_error("quantity", OnePackageOnALine().sentence)
        return cleaned

    def line(self) -> LineInput:
        """The line as asked for; only of a valid form."""
        data = self.cleaned_data
        item_id, tax = id_of(data["item"]), id_of(data["tax"])
        price: Money | None = data["price"]
        return LineInput(
            item_id=item_id,
            description=data["description"] or None,
            category_id=None if item_id else id_of(data["category"]),
            quantity=data["quantity"],
            unit_price_minor=None if price is None else price.minor,
            discount_percent=data["discount"].percent,
            discount_minor=data["discount"].money.minor,
            tax_rate_id=tax,
            no_tax=tax is None,
            service_on=data["service_on"],
        )


def day_words(value: date | None) -> str:
    """A day as a day field holds it."""
    return value.isoformat() if value else ""
