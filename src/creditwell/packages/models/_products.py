"""What is offered: package products. Name, price, tax and concession prices are the item's."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creditwell.catalog.models import Item
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.models import PracticeRow


class Measure(models.TextChoices):
    """In what a package is counted."""

    SESSIONS = "sessions", _("Sessions")
    MINUTES = "minutes", _("Minutes")
    MONEY = "money", _("Money")


class UsableWhen(models.TextChoices):
    AT_ONCE = "at_once", _("At once, paid or not")
    PAID = "paid", _("Only when its invoice is paid")


class Sharing(models.TextChoices):
    """Whom the owner may let use it."""

    NOBODY = "nobody", _("Nobody else")
    FAMILY = "family", _("Members of the family")
    ANYBODY = "anybody", _("Anybody")


class StartsFrom(models.TextChoices):
    SALE = "sale", _("The day of sale")
    FIRST_USE = "first_use", _("The first visit")


class Unit(models.TextChoices):
    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")
    YEAR = "year", _("years")


class Terms(models.Model):
    """
    The rules of a package. A sale copies them, so that editing a product changes no sale.

    Percentages say how much of a session is kept by the practice: 100 the whole, 0 nothing.
    """

    measure = models.CharField(max_length=8, choices=Measure.choices, default=Measure.SESSIONS)
    usable_when = models.CharField(
        max_length=8, choices=UsableWhen.choices, default=UsableWhen.AT_ONCE
    )
    sharing = models.CharField(max_length=8, choices=Sharing.choices, default=Sharing.FAMILY)
    valid_count = models.PositiveSmallIntegerField(null=True, blank=True)  # None: no end
    valid_unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.MONTH)
    valid_from = models.CharField(
        max_length=10, choices=StartsFrom.choices, default=StartsFrom.SALE
    )
    notice_hours = models.PositiveSmallIntegerField(default=24)
    late_cancel_percent = models.PositiveSmallIntegerField(default=0)
    no_show_percent = models.PositiveSmallIntegerField(default=100)
    refund_fee_minor = models.BigIntegerField(default=0)
    # A membership: a new package each period. What is left rolls over up to so many units.
    renews_count = models.PositiveSmallIntegerField(null=True, blank=True)  # None: it does not
    renews_unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.MONTH)
    rollover_most = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


TERMS = tuple(field.attname for field in Terms._meta.local_fields)
"""The columns that a sale copies."""


class Product(Terms, PracticeRow):
    """The rules of an item of the kind package."""

    item = models.OneToOneField(Item, models.PROTECT, db_constraint=False, related_name="product")
    description = models.CharField(max_length=300, blank=True)
    sold_online = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(late_cancel_percent__lte=100, no_show_percent__lte=100),
                name="packages_product_percents",
            ),
            models.CheckConstraint(
                condition=Q(valid_count__isnull=True) | Q(valid_count__gte=1),
                name="packages_product_valid",
            ),
            models.CheckConstraint(
                condition=Q(renews_count__isnull=True) | Q(renews_count__gte=1),
                name="packages_product_renews",
            ),
        ]


class Part(PracticeRow):
    """
    One kind of session of a product: so many units, for any of the types (or items) it covers.

    Units are sessions, minutes, or minor units of money, as the product measures. `weight` is what
    one unit counts when the price is shared out over the parts (minor units; 0: by list price).
    """

    product = models.ForeignKey(Product, models.CASCADE, db_constraint=False, related_name="parts")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120, blank=True)  # '': the names of what it covers
    units = models.PositiveIntegerField()
    weight = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1, weight__gte=0), name="packages_part_bounds"
            )
        ]


class PartCover(PracticeRow):
    """What a part may be used for: visits of a type, or an item."""

    part = models.ForeignKey(Part, models.CASCADE, db_constraint=False, related_name="covers")
    appointment_type = models.ForeignKey(
        AppointmentType, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    item = models.ForeignKey(Item, models.PROTECT, null=True, db_constraint=False, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(appointment_type__isnull=True, item__isnull=False)
                | Q(appointment_type__isnull=False, item__isnull=True),
                name="packages_part_cover_one",
            )
        ]
