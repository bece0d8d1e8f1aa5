"""Credit lots: sums of credit with one origin each. A lot's balance stands in its account."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creditwell.catalog.models import Category
from creditwell.people.models import Payer
from creditwell.tenancy.models import PracticeRow, User


class LotKind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    OPENING = "opening", _("Opening balance")
    GOODWILL = "goodwill", _("Goodwill")
    VOUCHER = "voucher", _("Voucher")


class Lot(PracticeRow):
    """A sum of credit with one origin."""

    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="lots")
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, db_constraint=False, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=LotKind.choices)
    original_minor = models.BigIntegerField()
    received_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    refundable = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True)
    # Of a transfer: the lot it was taken from, and the one that the money first came into.
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    root = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    # Credit that pays for one kind of item only.
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    expiry_noticed_on = models.DateField(null=True)  # the owner was told that it expires
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "account"], name="credit_lot_account"),
            models.CheckConstraint(
                condition=Q(origin__isnull=True, root__isnull=True)
                | Q(origin__isnull=False, root__isnull=False),
                name="credit_lot_origin_and_root",
            ),
            models.CheckConstraint(condition=Q(original_minor__gt=0), name="credit_lot_positive"),
        ]
        indexes = [
            models.Index(fields=["practice", "payer", "received_on"], name="credit_lot_of_payer"),
            models.Index(
                fields=["practice", "expires_on"],
                condition=Q(expires_on__isnull=False),
                name="credit_lot_by_expiry",
            ),
        ]


class Share(PracticeRow):
    """
    A permission in one direction: the owner's credit may pay the user's invoices.

    It is never changed, but ended, and another given: what was allowed when is history.
    """

    class Mode(models.TextChoices):
        ALWAYS = "always", _("Always")
        MONTHLY = "monthly", _("Up to an amount each month")
        TOTAL = "total", _("Up to an amount in all")
        ASK = "ask", _("Ask first, each time")

    owner = models.ForeignKey(
        Payer, models.PROTECT, db_constraint=False, related_name="shares_given"
    )
    user = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="shares_had")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    cap_minor = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)  # how the owner agreed
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "owner", "user"],
                condition=Q(ended_at__isnull=True),
                name="credit_share_once",
            ),
            models.CheckConstraint(condition=~Q(owner=F("user")), name="credit_share_two"),
            models.CheckConstraint(
                condition=Q(mode__in=["monthly", "total"], cap_minor__gt=0)
                | Q(mode__in=["always", "ask"], cap_minor__isnull=True),
                name="credit_share_cap",
            ),
        ]
