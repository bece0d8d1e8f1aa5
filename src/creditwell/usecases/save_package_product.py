"""Add a package to what is offered, or change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal

from creditwell.audit.note import note
from creditwell.catalog import rules
from creditwell.catalog.models import ItemKind, TaxRate
from creditwell.catalog.operations import ItemValues, write_concession_prices, write_item
from creditwell.kernel.usecase import usecase
from creditwell.money.money import Money
from creditwell.packages import products, rules_products
from creditwell.packages.models import Measure
from creditwell.packages.queries_products import charged
from creditwell.packages.rules_products import PartInput, TermsInput
from creditwell.tenancy.access import Actor, PracticeFacts, practice_facts
from creditwell.tenancy.countries import tax_on_credit_at_use


@dataclass(frozen=True, kw_only=True)
class SavePackageProduct:
    """
    A package as it shall be offered. `product_id` None adds one.

    `tax_at_use` None: as the country's law usually has it. `concession_prices` names what is set or
    (None) taken away; other concessions stay as they are.
    """

    practice_id: int
    key: str = ""
    by: Actor
    product_id: int | None = None
    name: str
    code: str = ""
    price: Money
    tax_rate_id: int | None = None
    tax_at_use: bool | None = None
    category_id: int
    terms: TermsInput = field(default_factory=TermsInput)
    parts: tuple[PartInput, ...]
    description: str = ""
    sold_online: bool = False
    concession_prices: Mapping[int, Money | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PackageProductSaved:
    product_id: int
    item_id: int


@usecase(PackageProductSaved)
def save_package_product(command: SavePackageProduct, now: datetime) -> PackageProductSaved:
    """
    Keep the package, its content and its rules. Packages that were sold stay as they were sold.

    :raises NameMissing, NameTooLong, NegativePrice, CodeTaken: see `catalog`
    :raises NoContent, CoversNothing, TooFewUnits, TooManyUnits: if there is nothing to use
    :raises PercentOutOfBounds, FeeTooLarge, WorthLess, WrongTerm: if its rules cannot be meant
    :raises NotFound: if something that it names is not of this practice
    """
    practice = practice_facts(command.practice_id)
    values = _checked(command, practice)
    product = None
    if command.product_id is not None:
        product = products.lock_product(practice_id=practice.id, product_id=command.product_id)
    item_id = product.item_id if product else None
    item = write_item(practice_id=practice.id, item_id=item_id, values=values)
    conceded = {
        pk: None if price is None else price.minor
        for pk, price in command.concession_prices.items()
    }
    write_concession_prices(practice_id=practice.id, item_id=item.pk, prices=conceded)
    product = products.write_product(
        product=product,
        item=item,
        terms=command.terms,
        description=command.description.strip()[:300],
        sold_online=command.sold_online,
        at=now,
    )
    products.write_parts(product, command.parts)
    note(
        "save_package_product",
        ("package_product", product.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={
            "name": values.name,
            "price_minor": values.price_minor,
            "tax_at_use": values.tax_at_use,
            "concession_minor": {str(pk): minor for pk, minor in conceded.items()},
            "terms": asdict(command.terms),
            "parts": [asdict(part) for part in command.parts],
        },
    )
    return PackageProductSaved(product_id=product.pk, item_id=item.pk)


def _checked(command: SavePackageProduct, practice: PracticeFacts) -> ItemValues:
    rules.check_price(command.price, practice.currency)
    for concession_id, price in command.concession_prices.items():
        if price is not None:
            rules.check_price(price, practice.currency, param=f"concession_{concession_id}")
    products.require_offered(command.terms)
    rules_products.check_terms(command.terms, price=command.price)
    rules_products.check_parts(command.parts, measure=command.terms.measure)
    of_money = command.terms.measure == Measure.MONEY
    if of_money:
        rules_products.check_worth(command.parts, charged=_most_charged(command, practice))
    at_use = command.tax_at_use
    if at_use is None:
        at_use = of_money and tax_on_credit_at_use(practice.country)
    return ItemValues(
        kind=ItemKind.PACKAGE,
        code=rules.clean_name(command.code, longest=40, param="code") if command.code else "",
        name=rules.clean_name(command.name, longest=160),
        price_minor=command.price.minor,
        tax_rate_id=command.tax_rate_id,
        category_id=command.category_id,
        tax_at_use=at_use,
    )


def _most_charged(command: SavePackageProduct, practice: PracticeFacts) -> Money:
    """What whoever pays most for it is charged, tax included."""
    rate = TaxRate.objects.filter(practice_id=practice.id, pk=command.tax_rate_id or 0).first()
    conceded = [price.minor for price in command.concession_prices.values() if price is not None]
    price = practice.money(max([command.price.minor, *conceded]))
    percent = rate.percent if rate else Decimal(0)
    return charged(practice, price=price, tax_percent=percent).total
