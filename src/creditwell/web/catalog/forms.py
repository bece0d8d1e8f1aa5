"""Forms of what is sold and how it is paid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.catalog import queries
from creditwell.catalog.models import LOOSE_KINDS, SourceKind
from creditwell.tenancy.access import Member
from creditwell.usecases.save_category import SaveCategory
from creditwell.usecases.save_concession import SaveConcession
from creditwell.usecases.save_item import SaveItem
from creditwell.usecases.save_payment_source import SavePaymentSource
from creditwell.usecases.save_tax_rate import SaveTaxRate
from creditwell.web.catalog.pages import percent_text
from creditwell.web.components.fields import Form, MoneyField
from creditwell.web.components.meanwhile import EditForm


def _typed(**attrs: str) -> forms.TextInput:
    return forms.TextInput({"autocomplete": "off", **attrs})


class ItemForm(EditForm):
    """An item, its tax, and a price for each concession that the practice gives."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(kind.value, kind.label) for kind in LOOSE_KINDS]
    )
    name = forms.CharField(label=gettext_lazy("Name"), widget=_typed())
    code = forms.CharField(label=gettext_lazy("Code"), required=False, widget=_typed())
    category = forms.TypedChoiceField(label=gettext_lazy("Category"), coerce=int)
    tax_rate = forms.TypedChoiceField(
        label=gettext_lazy("Tax"), required=False, coerce=int, empty_value=None
    )
    supplier = forms.CharField(
        label=gettext_lazy("Supplier"), required=False, max_length=120, widget=_typed()
    )
    stock_count = forms.IntegerField(
        label=gettext_lazy("In stock"),
        required=False,
        min_value=-(10**6),
        max_value=10**6,
        widget=_typed(inputmode="numeric"),
    )

    def __init__(
        self, *args: Any, member: Member, item: queries.ItemRecord | None = None, **kwargs: Any
    ) -> None:
        """`item` is the one to be changed; None adds one."""
        super().__init__(*args, initial={**_shown(item), **kwargs.pop("initial", {})}, **kwargs)
        self.member, self.item = member, item
        practice = member.practice
        self.fields["price"] = MoneyField(practice.currency, label=_("Price"))
        self.fields["cost"] = MoneyField(practice.currency, label=_("Cost"), required=False)
        self.concessions = queries.concessions(practice.id)
        for concession in self.concessions:
            self.fields[f"concession_{concession.id}"] = MoneyField(
                practice.currency, label=concession.name, required=False
            )
        self._choices()
        self.fields["price"].help_text = (
            _("As patients pay it: tax is included.")
            if practice.prices_include_tax
            else _("Before tax; tax is added on the invoice.")
        )
        if item:
            self.guard()

    def _choices(self) -> None:
        practice_id, chosen = self.member.practice_id, self.item and self.item.tax_rate_id
        taxes = [
            (
                tax.id,
                _("%(name)s (%(percent)s%%)")
                % {"name": tax.name, "percent": percent_text(tax.percent)},
            )
            for tax in queries.tax_rates(practice_id, archived=True)
            if not tax.archived or tax.id == chosen
        ]
        categories = [(found.id, found.name) for found in queries.categories(practice_id)]
        self.fields["tax_rate"].choices = [("", _("No tax")), *taxes]  # type: ignore[attr-defined]  # a choice field
        self.fields["category"].choices = categories  # type: ignore[attr-defined]  # a choice field

    def concession_fields(self) -> list[forms.BoundField]:
        """The price of each concession, in the order of their names."""
        return [self[f"concession_{concession.id}"] for concession in self.concessions]

    def command(self, key: str) -> SaveItem:
        """What was typed, once it is valid."""
        said = self.cleaned_data
        return SaveItem(
            practice_id=self.member.practice_id,
            key=key,
            by=self.member.actor,
            item_id=self.item.id if self.item else None,
            kind=said["kind"],
            code=said["code"],
            name=said["name"],
            price=said["price"],
            tax_rate_id=said["tax_rate"],
            category_id=said["category"],
            supplier=said["supplier"],
            cost=said["cost"],
            stock_count=said["stock_count"],
            concession_prices={
                concession.id: said[f"concession_{concession.id}"]
                for concession in self.concessions
            },
        )


def _shown(item: queries.ItemRecord | None) -> dict[str, Any]:
    if item is None:
        return {}
    prices = {f"concession_{pk}": price for pk, price in item.concession_prices.items()}
    return {
        "kind": item.kind,
        "name": item.name,
        "code": item.code,
        "category": item.category_id,
        "tax_rate": item.tax_rate_id,
        "price": item.price,
        "cost": item.cost,
        "supplier": item.supplier,
        "stock_count": item.stock_count,
        **prices,
    }


class NamedForm(Form):
    """A name; what categories and concessions are made of."""

    name = forms.CharField(label=gettext_lazy("Name"), widget=_typed())

    def __init__(self, *args: Any, member: Member, pk: int | None = None, **kwargs: Any) -> None:
        """`pk` is the row to be changed; None adds one."""
        super().__init__(*args, **kwargs)
        self.member, self.pk = member, pk

    def whose(self, key: str) -> dict[str, Any]:
        """What every command begins with."""
        return {"practice_id": self.member.practice_id, "by": self.member.actor, "key": key}


class CategoryForm(NamedForm):
    def command(self, key: str) -> SaveCategory:
        name = self.cleaned_data["name"]
        return SaveCategory(**self.whose(key), category_id=self.pk, name=name)


class ConcessionForm(NamedForm):
    def command(self, key: str) -> SaveConcession:
        name = self.cleaned_data["name"]
        return SaveConcession(**self.whose(key), concession_id=self.pk, name=name)


class TaxForm(NamedForm):
    """A tax by name and percentage."""

    percent = forms.DecimalField(
        label=gettext_lazy("Percent"), localize=True, widget=_typed(inputmode="decimal")
    )

    def command(self, key: str) -> SaveTaxRate:
        said = self.cleaned_data
        return SaveTaxRate(
            **self.whose(key), tax_rate_id=self.pk, name=said["name"], percent=said["percent"]
        )


class SourceForm(NamedForm):
    """A payment source: its name, and what kind of money comes by it."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SourceKind.choices)

    def command(self, key: str) -> SavePaymentSource:
        said = self.cleaned_data
        return SavePaymentSource(
            **self.whose(key), payment_source_id=self.pk, name=said["name"], kind=said["kind"]
        )
