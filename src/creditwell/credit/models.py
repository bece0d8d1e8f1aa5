"""Credit lots: sums of credit with one origin each. A lot's balance stands in its account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creditwell.people.models import Payer
from creditwell.tenancy.models import PracticeRow


class LotKind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    OPENING = "opening", _("Opening balance")
    GOODWILL = "goodwill", _("Goodwill")
    TRANSFER = "transfer", _("Transfer")
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
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "account"], name="credit_lot_account"),
            models.CheckConstraint(condition=Q(original_minor__gt=0), name="credit_lot_positive"),
        ]
        indexes = [
            models.Index(fields=["practice", "payer", "received_on"], name="credit_lot_of_payer")
        ]
