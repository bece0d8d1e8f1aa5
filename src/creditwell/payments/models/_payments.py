"""Payments, allocations, and refunds."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creditwell.catalog.models import PaymentSource
from creditwell.credit.models import Lot, Share
from creditwell.invoicing.models import Invoice
from creditwell.people.models import Payer
from creditwell.tenancy.models import Location, PracticeRow, User


class Payment(PracticeRow):
    """Money received from a payer on a day; what of it is not allocated is account credit."""

    class Status(models.TextChoices):
        RECORDED = "recorded", _("Recorded")
        REPLACED = "replaced", _("Replaced")
        VOID = "void", _("Void")

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECORDED)
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="+")
    number = models.PositiveBigIntegerField()  # of the receipt
    received_on = models.DateField()
    total_minor = models.BigIntegerField()  # of all parts, cash rounding included
    lot = models.ForeignKey(Lot, models.PROTECT, db_constraint=False, related_name="+")
    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)
    voided_on = models.DateField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="payments_payment_number"),
            models.UniqueConstraint(
                fields=["practice", "replaces"], name="payments_payment_replaced_once"
            ),
            models.UniqueConstraint(fields=["practice", "lot"], name="payments_payment_lot"),
            models.CheckConstraint(
                condition=Q(total_minor__gt=0), name="payments_payment_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "payer", "-id"], name="payments_of_payer"),
            models.Index(fields=["practice", "-received_on", "-id"], name="payments_by_day"),
        ]


class PaymentPart(PracticeRow):
    """
    What came by one source.

    `amount_minor` is what went into the till; `rounding_minor` what cash rounding added to it (or
    took off) so that the sum settled is exact. Refunded and dishonoured may overlap: what the bank
    takes back after it was refunded is a loss.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, db_constraint=False, related_name="parts")
    source = models.ForeignKey(
        PaymentSource, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    amount_minor = models.BigIntegerField()
    rounding_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    dishonoured_minor = models.BigIntegerField(default=0)  # the bank took it back
    reference = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, refunded_minor__gte=0, dishonoured_minor__gte=0)
                & Q(refunded_minor__lte=F("amount_minor") + F("rounding_minor"))
                & Q(dishonoured_minor__lte=F("amount_minor") + F("rounding_minor")),
                name="payments_part_not_over_refunded",
            )
        ]


class Allocation(PracticeRow):
    """A dated act that took from a lot and paid (part of) an invoice."""

    lot = models.ForeignKey(Lot, models.PROTECT, db_constraint=False, related_name="allocations")
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, db_constraint=False, related_name="allocations"
    )
    amount_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)  # of it, taken back since
    allocated_on = models.DateField()
    # The payment it was made together with; none when credit from before was used.
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, db_constraint=False, related_name="allocations"
    )
    # Somebody else's credit: by this permission, and for one that asks, how they agreed.
    share = models.ForeignKey(
        Share, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    agreed = models.CharField(max_length=200, blank=True)
    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, returned_minor__gte=0)
                & Q(returned_minor__lte=F("amount_minor")),
                name="payments_allocation_not_over_returned",
            )
        ]


class AllocationReturn(PracticeRow):
    """Part or all of an allocation was taken back: the lot has it again, the invoice asks again."""

    allocation = models.ForeignKey(
        Allocation, models.PROTECT, db_constraint=False, related_name="returns"
    )
    amount_minor = models.BigIntegerField()
    returned_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_return_positive")
        ]


class Refund(PracticeRow):
    """Credit went back to its payer, by the source it came in by."""

    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="+")
    number = models.PositiveBigIntegerField()
    refunded_on = models.DateField()
    total_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="payments_refund_number"),
            models.CheckConstraint(condition=Q(total_minor__gt=0), name="payments_refund_positive"),
        ]


class RefundPart(PracticeRow):
    """
    What of a refund came off one lot and went back by one source: the part of the payment that the
    money came by, or, of an opening balance, a source that was chosen.
    """

    refund = models.ForeignKey(Refund, models.PROTECT, db_constraint=False, related_name="parts")
    lot = models.ForeignKey(Lot, models.PROTECT, db_constraint=False, related_name="+")
    part = models.ForeignKey(
        PaymentPart, models.PROTECT, null=True, db_constraint=False, related_name="refunds"
    )
    source = models.ForeignKey(
        PaymentSource, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    amount_minor = models.BigIntegerField()
    rounding_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="payments_refund_part_positive"
            )
        ]
