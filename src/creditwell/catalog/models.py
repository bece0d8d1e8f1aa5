"""What is sold, at which price and tax, and how it may be paid."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.models import Concession, PracticeRow


class TaxRate(PracticeRow):
    """A tax by name and percentage, as printed on invoices."""

    name = models.CharField(max_length=40)
    percent = models.DecimalField(max_digits=6, decimal_places=3, default=Decimal(0))
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "name"], name="catalog_tax_rate_name"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="catalog_tax_rate_percent"
            ),
        ]


class Category(PracticeRow):
    """A kind of revenue: consultations, products."""

    name = models.CharField(max_length=60)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "name"], name="catalog_category_name")
        ]


class ItemKind(models.TextChoices):
    SERVICE = "service", _("Service")
    PRODUCT = "product", _("Product")
    PACKAGE = "package", _("Package of sessions")
    OTHER = "other", _("Other")


LOOSE_KINDS = tuple(kind for kind in ItemKind if kind is not ItemKind.PACKAGE)
"""Kinds of items that are all there is of them; what a package contains is said elsewhere."""


class Item(PracticeRow):
    """Something that can stand on an invoice. `price_minor` is as the practice quotes prices."""

    kind = models.CharField(max_length=10, choices=ItemKind.choices, default=ItemKind.SERVICE)
    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=160)
    price_minor = models.BigIntegerField()
    tax_rate = models.ForeignKey(
        TaxRate, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    category = models.ForeignKey(Category, models.PROTECT, db_constraint=False, related_name="+")
    supplier = models.CharField(max_length=120, blank=True)
    cost_minor = models.BigIntegerField(null=True, blank=True)
    stock_count = models.IntegerField(null=True, blank=True)  # None: not counted
    tax_at_use = models.BooleanField(default=False)  # of a package: tax is due as it is used
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="catalog_item_price"),
            models.UniqueConstraint(
                fields=["practice", "code"],
                condition=~Q(code="") & Q(archived_at__isnull=True),
                name="catalog_item_code",
            ),
        ]


class ConcessionPrice(PracticeRow):
    """What an item costs patients of a concession."""

    item = models.ForeignKey(
        Item, models.CASCADE, db_constraint=False, related_name="concession_prices"
    )
    concession = models.ForeignKey(
        Concession, models.PROTECT, db_constraint=False, related_name="+"
    )
    price_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "item", "concession"], name="catalog_concession_price_once"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0), name="catalog_concession_price_minor"
            ),
        ]


class SourceKind(models.TextChoices):
    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    BANK = "bank", _("Bank transfer")
    FUND = "fund", _("Health fund or insurer")
    ONLINE = "online", _("Online")
    OTHER = "other", _("Other")


class PaymentSource(PracticeRow):
    """The method by which money arrives."""

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=SourceKind.choices)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "name"], name="catalog_source_name")
        ]
