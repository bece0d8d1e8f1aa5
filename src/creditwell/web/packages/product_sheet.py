"""
The form of a package as a whole: what was typed, what a session comes to, what is to be kept.

What was typed is kept as it came, so that rows can be added and removed without losing anything;
only a form that is sent for good is checked and complains.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from creditwell.catalog import queries as catalog
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.packages.models import Measure
from creditwell.packages.queries_products import ProductFacts, Worth, concession_prices, worth_of
from creditwell.packages.rules_products import MOST_SESSIONS, PartInput
from creditwell.scheduling.queries import types_of
from creditwell.tenancy.access import Member
from creditwell.tenancy.countries import tax_on_credit_at_use
from creditwell.usecases.save_package_product import SavePackageProduct
from creditwell.web.packages.product_forms import Offering, PartForm, ProductForm
from creditwell.web.packages.words import law_text, names_text, singly_text, worth_lines

MOST_PARTS = 20
ROW = "row"  # the name under which the numbers of the rows come
DEFAULTS: Mapping[str, Any] = {
    "measure": "sessions",
    "valid_unit": "month",
    "valid_from": "sale",
    "usable_when": "at_once",
    "sharing": "family",
    "notice_hours": 24,
    "late_cancel": "0",
    "no_show": "100",
    "renews_count": 1,
    "renews_unit": "month",
}


class ProductSheet:
    """The form with all its rows. Bound (`send`) it checks and complains."""

    def __init__(
        self,
        member: Member,
        *,
        product: ProductFacts | None = None,
        post: QueryDict | None = None,
        send: bool = False,
    ) -> None:
        self.member, self.product, self.send = member, product, send
        self.practice = member.practice
        prices = concession_prices(self.practice, product.item_id) if product else {}
        self.stands = _mark(product, prices)
        self.offering = _offering(member, product)
        self.post = post.copy() if post is not None else None
        if self.post is not None:
            self._tax_default(self.post)
        stored = _stored(product, prices, self.practice.country)
        self.measure = self._measure(stored)
        self.head = ProductForm(offering=self.offering, measure=self.measure, **self._given(stored))
        self.parts = [self._part(row) for row in self._rows()]
        self.focus = ""

    # --- what stands in it ------------------------------------------------------------------------

    def _measure(self, stored: Mapping[str, Any]) -> str:
        said = self.post.get("measure", "") if self.post is not None else stored["measure"]
        return said if said in Measure.values else Measure.SESSIONS.value

    def _tax_default(self, post: QueryDict) -> None:
        """Another measure brings the usual moment of tax with it; a choice is left alone."""
        was = post.get("was-measure", "")
        if was and was != post.get("measure", "") and post.get("tax_when") == _usual(was, self):
            post["tax_when"] = _usual(post.get("measure", ""), self)

    def _given(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        if self.post is None:
            return {"initial": stored}
        return {"data": self.post} if self.send else {"initial": self.post.dict()}

    def _rows(self) -> list[int]:
        if self.post is None:
            return list(range(len(self.product.parts) if self.product else 1))
        numbers = (row_of(text) for text in self.post.getlist(ROW))
        return list(dict.fromkeys(row for row in numbers if row is not None))[:MOST_PARTS]

    def _part(self, row: int) -> PartForm:
        given: dict[str, Any] = {}
        if self.post is None:
            given["initial"] = _stored_part(self, row) if self.product else {"units": ""}
        elif self.send:
            given["data"] = self.post
        else:
            given["initial"] = {
                name: _raw(self.post, f"part-{row}-{name}", many=name in ("types", "items"))
                for name in ("units", "types", "items", "name", "weight")
            }
        return PartForm(offering=self.offering, measure=self.measure, prefix=f"part-{row}", **given)

    def add(self) -> None:
        """One more empty row, which takes the focus."""
        row = max((part.row for part in self.parts), default=-1) + 1
        if len(self.parts) < MOST_PARTS:
            self.parts.append(
                PartForm(offering=self.offering, measure=self.measure, prefix=f"part-{row}")
            )
            self.focus = f"id_part-{row}-units"

    def remove(self, row: int | None) -> None:
        """Take a row out, if there is such a row; one always stays."""
        self.parts = [part for part in self.parts if part.row != row]
        if not self.parts:
            self.add()
        self.focus = "add-part"

    # --- what it comes to -------------------------------------------------------------------------

    @property
    def preview(self) -> tuple[str, ...]:
        """What a session comes to, as far as the form can be read; no lines otherwise."""
        checked = self._readable()
        if checked is None:
            return ()
        price, percent, parts, names = checked
        worth: Worth = worth_of(
            self.practice, price=price, tax_percent=percent, measure=self.measure, parts=parts
        )
        units = [part.units for part in parts]
        lines = worth_lines(worth, measure=self.measure, names=names, units=units)
        singly = singly_text(worth)
        return (*lines, singly) if singly else lines

    def _readable(self) -> tuple[Money, Any, list[PartInput], list[str]] | None:
        """Price, tax and the rows that say something; None while there is nothing to work out."""
        if self.post is None:
            if self.product is None:
                return None
            parts = [part.input for part in self.product.parts]
            names = [part.name or names_text(part.covers) for part in self.product.parts]
            return self.product.price, self.product.tax_percent, parts, names
        head = ProductForm(self.post, offering=self.offering, measure=self.measure)
        head.is_valid()
        rows = [
            PartForm(
                self.post, offering=self.offering, measure=self.measure, prefix=f"part-{part.row}"
            )
            for part in self.parts
            if f"part-{part.row}-units" in self.post
        ]
        if head.cleaned_data.get("price") is None or not rows:
            return None
        if not all(row.is_valid() and row.part().units > 0 for row in rows):
            return None
        count = sum(row.part().units for row in rows)
        if self.measure == Measure.SESSIONS and count > MOST_SESSIONS:
            return None
        taxes = {tax.id: tax.percent for tax in self.offering.taxes}
        percent = taxes.get(head.cleaned_data.get("tax_rate") or 0, 0)
        parts = [row.part() for row in rows]
        return head.cleaned_data["price"], percent, parts, [self._name(part) for part in parts]

    def _name(self, part: PartInput) -> str:
        types, items = dict(self.offering.types), dict(self.offering.items)
        return part.name or names_text(
            [*(types[pk] for pk in part.type_ids), *(items[pk] for pk in part.item_ids)]
        )

    @property
    def law(self) -> str:
        return law_text(self.practice)

    # --- what is to be kept -----------------------------------------------------------------------

    def is_valid(self) -> bool:
        """Check everything, and say at each place what is wrong."""
        assert self.post is not None
        valid = [self.head.is_valid(), *(part.is_valid() for part in self.parts)]
        if not self.parts:
            self.head.add_error(None, _("Say what the package contains: add at least one row."))
            self.add()
            return False
        if self.product and self.post.get("stands", "") not in ("", self.stands):
            self.head.add_error(
                None,
                _(
                    "Somebody has changed this package since you opened the page. Save again to "
                    "keep yours, or go back to look at theirs."
                ),
            )
            return False
        return all(valid)

    def command(self, key: str) -> SavePackageProduct:
        """What was typed; only of a valid form."""
        said = self.head.cleaned_data
        return SavePackageProduct(
            practice_id=self.member.practice_id,
            key=key,
            by=self.member.actor,
            product_id=self.product.id if self.product else None,
            name=said["name"],
            code=said["code"],
            price=said["price"],
            tax_rate_id=said["tax_rate"],
            tax_at_use=said["tax_when"] == "use",
            category_id=said["category"],
            terms=self.head.terms(),
            parts=tuple(part.part() for part in self.parts),
            description=said["description"],
            sold_online=said["sold_online"],
            concession_prices=self.head.prices(),
        )

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal where it belongs: at its row, its field, or above all."""
        if refusal.position is not None and refusal.position < len(self.parts):
            form = self.parts[refusal.position]
            form.add_error("units" if refusal.param == "units" else None, refusal.sentence)
        else:
            self.head.refuse(refusal)

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Everything that is wrong: (id of the field, its name, sentence)."""
        if not self.send:
            return []
        found = [("", "", str(error)) for error in self.head.non_field_errors()]
        found += [
            (bound.id_for_label or str(bound.auto_id), str(bound.label), str(error))
            for bound in self.head
            for error in bound.errors
        ]
        for number, form in enumerate(self.parts, start=1):
            row = _("Row %(number)s") % {"number": number}
            found += [
                (f"id_{form.prefix}-units", row, str(error)) for error in form.non_field_errors()
            ]
            for bound in form:
                label = f"{row}, {bound.label}"
                found += [(bound.id_for_label, label, str(error)) for error in bound.errors]
        return found


def row_of(text: str) -> int | None:
    """The number of a row as it was sent, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def _raw(post: QueryDict, name: str, *, many: bool = False) -> Any:
    return post.getlist(name) if many else post.get(name, "")


def _usual(measure: str, sheet: ProductSheet) -> str:
    """When tax is usually due, for a measure, by the country's law."""
    at_use = measure == Measure.MONEY and tax_on_credit_at_use(sheet.practice.country)
    return "use" if at_use else "sale"


def _offering(member: Member, product: ProductFacts | None) -> Offering:
    """Everything on offer, and what this product names although it was archived."""
    practice_id = member.practice_id
    parts = product.parts if product else ()
    kept_types = {pk for part in parts for pk in part.type_ids}
    kept_items = {pk for part in parts for pk in part.item_ids}
    items = [one for one in catalog.items_for_sale(practice_id) if one.kind != "package"]
    known = {one.id for one in items}
    if missing := sorted(kept_items - known):
        items += catalog.sale_items(practice_id, missing).values()
    return Offering(
        practice=member.practice,
        taxes=[
            tax
            for tax in catalog.tax_rates(practice_id, archived=True)
            if not tax.archived or (product and tax.id == product.tax_rate_id)
        ],
        categories=catalog.categories(practice_id),
        concessions=catalog.concessions(practice_id),
        types=[
            (one.id, one.name)
            for one in types_of(practice_id=practice_id, archived=True)
            if not one.archived or one.id in kept_types
        ],
        items=[(one.id, one.name) for one in items],
    )


def _stored(
    product: ProductFacts | None, prices: Mapping[int, Money], country: str
) -> dict[str, Any]:
    if product is None:
        return {**DEFAULTS, "tax_when": "sale"}
    terms = product.terms
    units: Any = terms.rollover_most
    if terms.measure == Measure.MONEY:
        units = Money(units, product.price.currency) if units else None
    return {
        **{name: getattr(terms, name) for name in DEFAULTS if hasattr(terms, name)},
        "name": product.name,
        "code": product.code,
        "description": product.description,
        "category": product.category_id,
        "tax_rate": product.tax_rate_id,
        "tax_when": "use" if product.tax_at_use else "sale",
        "price": product.price,
        "valid_count": terms.valid_count,
        "renews": terms.renews_count is not None,
        "renews_count": terms.renews_count or 1,
        "rollover_most": units or "",
        "refund_fee": Money(terms.refund_fee_minor, product.price.currency)
        if terms.refund_fee_minor
        else "",
        "sold_online": product.sold_online,
        **_kept("late_cancel", terms.late_cancel_percent),
        **_kept("no_show", terms.no_show_percent),
        **{f"concession_{pk}": price for pk, price in prices.items()},
    }


def _kept(name: str, percent: int) -> dict[str, Any]:
    listed = percent in (0, 50, 100)
    return {
        name: str(percent) if listed else "other",
        f"{name}_percent": "" if listed else percent,
    }


def _stored_part(sheet: ProductSheet, row: int) -> dict[str, Any]:
    assert sheet.product is not None
    part = sheet.product.parts[row]
    money = sheet.practice.money
    return {
        "units": money(part.units) if sheet.measure == Measure.MONEY else part.units,
        "types": list(part.type_ids),
        "items": list(part.item_ids),
        "name": part.name,
        "weight": money(part.weight_minor) if part.weight_minor else "",
    }


def _mark(product: ProductFacts | None, prices: Mapping[int, Money]) -> str:
    """What tells whether somebody changed the product meanwhile."""
    said = repr((product, sorted(prices.items())))
    return hashlib.sha256(said.encode()).hexdigest()[:32]
