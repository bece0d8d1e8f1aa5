"""Write package products: the terms and the content of an item of the kind package."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.catalog.models import Item, ItemKind
from creditwell.kernel.errors import NotFound
from creditwell.packages.models import (
    Measure,
    Part,
    PartCover,
    Product,
    Sharing,
    StartsFrom,
    Unit,
    UsableWhen,
)
from creditwell.packages.rules_products import PartInput, TermsInput, WrongTerm
from creditwell.scheduling.models import AppointmentType

OFFERED: dict[str, Collection[str]] = {
    "measure": Measure.values,
    "usable_when": UsableWhen.values,
    "sharing": Sharing.values,
    "valid_unit": Unit.values,
    "valid_from": StartsFrom.values,
    "renews_unit": Unit.values,
}


def require_offered(terms: TermsInput) -> None:
    """:raises WrongTerm: if a term is a word that is not offered."""
    for name, words in OFFERED.items():
        if getattr(terms, name) not in words:
            raise WrongTerm(name, _("Choose one of those that are offered."))


def lock_product(*, practice_id: int, product_id: int) -> Product:
    """
    Hold a product with its item until the commit.

    :raises NotFound: if this practice has no such product
    """
    product = (
        Product.objects.select_for_update(of=("self", "item"))
        .select_related("item")
        .filter(practice_id=practice_id, pk=product_id)
        .first()
    )
    if product is None:
        raise NotFound(_("There is no such package in this practice."), param="product")
    return product


def write_product(
    *,
    product: Product | None,
    item: Item,
    terms: TermsInput,
    description: str,
    sold_online: bool,
    at: datetime,
) -> Product:
    """Keep the terms of an item, of a new product or of the one that is held."""
    kept = product or Product(practice_id=item.practice_id, item=item, created_at=at)
    for name, value in asdict(terms).items():
        setattr(kept, name, value)
    kept.description, kept.sold_online = description, sold_online
    kept.save()
    return kept


def write_parts(product: Product, parts: Sequence[PartInput]) -> None:
    """
    Replace what a product contains. What was sold of it before stays as it was sold.

    :raises NotFound: if a type or an item is not of this practice; `position` says in which part
    """
    _require_own(product.practice_id, parts)
    Part.objects.filter(practice_id=product.practice_id, product_id=product.pk).delete()
    for position, part in enumerate(parts):
        row = Part.objects.create(
            practice_id=product.practice_id,
            product=product,
            position=position,
            name=part.name,
            units=part.units,
            weight=part.weight_minor,
        )
        PartCover.objects.bulk_create(
            [
                *(
                    PartCover(practice_id=product.practice_id, part=row, appointment_type_id=pk)
                    for pk in dict.fromkeys(part.type_ids)
                ),
                *(
                    PartCover(practice_id=product.practice_id, part=row, item_id=pk)
                    for pk in dict.fromkeys(part.item_ids)
                ),
            ]
        )


def _require_own(practice_id: int, parts: Sequence[PartInput]) -> None:
    """Types and items of this practice; a package is not the content of a package."""
    types = set(
        AppointmentType.objects.filter(
            practice_id=practice_id, pk__in={pk for part in parts for pk in part.type_ids}
        ).values_list("pk", flat=True)
    )
    items = set(
        Item.objects.filter(
            practice_id=practice_id, pk__in={pk for part in parts for pk in part.item_ids}
        )
        .exclude(kind=ItemKind.PACKAGE)
        .values_list("pk", flat=True)
    )
    for position, part in enumerate(parts):
        if set(part.type_ids) - types or set(part.item_ids) - items:
            refusal = NotFound(
                _("There is no such kind of visit or item in this practice."), param="covers"
            )
            refusal.position = position
            raise refusal
