"""Invoices, their lines, and credit notes."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creditwell.catalog.models import Category, Item, TaxRate
from creditwell.people.models import Contact, Patient, Payer
from creditwell.scheduling.models import Attendee, Practitioner
from creditwell.tenancy.models import Location, PracticeRow, User


class Invoice(PracticeRow):
    """
    What a patient is asked to pay.

    A draft may be changed and thrown away. Once issued it has a number and an account whose
    balance is what it still asks for; amounts and number never change again.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        VOID = "void", _("Void")

    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    patient = models.ForeignKey(Patient, models.PROTECT, db_constraint=False, related_name="+")
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="+")
    bill_to = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    bill_to_text = models.TextField(blank=True)  # as printed, frozen when issued
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    attendee = models.ForeignKey(
        Attendee, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    number = models.PositiveBigIntegerField(null=True)
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    notes = models.TextField(blank=True)
    tax_included = models.BooleanField()
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)  # by credit notes
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    entry = models.ForeignKey(
        "ledger.Entry",
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    voided_on = models.DateField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="invoicing_invoice_number"),
            models.UniqueConstraint(
                fields=["practice", "attendee"],
                condition=~Q(status="void"),
                name="invoicing_invoice_once_per_visit",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", number__isnull=True, account__isnull=True)
                | (
                    ~Q(status="draft")
                    & Q(number__isnull=False, account__isnull=False, issued_on__isnull=False)
                ),
                name="invoicing_invoice_issued_has_number",
            ),
            models.CheckConstraint(
                condition=Q(total_minor=models.F("net_minor") + models.F("tax_minor"))
                & Q(total_minor__gte=0, credited_minor__gte=0)
                & Q(credited_minor__lte=models.F("total_minor")),
                name="invoicing_invoice_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "patient", "-id"], name="invoicing_of_patient"),
            models.Index(fields=["practice", "-issued_on", "-id"], name="invoicing_by_day"),
            models.Index(fields=["practice", "account"], name="invoicing_by_account"),
        ]


class InvoiceLine(PracticeRow):
    """One thing sold: copied from the catalogue, never looked up again."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="lines")
    position = models.PositiveSmallIntegerField()
    item = models.ForeignKey(
        Item,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    category = models.ForeignKey(
        Category, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    code = models.CharField(max_length=40, blank=True)
    description = models.CharField(max_length=200)
    service_on = models.DateField(null=True, blank=True)
    quantity = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal(1))
    unit_price_minor = models.BigIntegerField()
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    discount_minor = models.BigIntegerField(default=0)  # in money, off the whole line
    tax_rate = models.ForeignKey(
        TaxRate,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    tax_name = models.CharField(max_length=40, blank=True)
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3, default=Decimal(0))
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    # Its net is not earned yet: it stands in a package's account (of its own, once issued).
    sells_package = models.BooleanField(default=False)
    account = models.ForeignKey(
        "ledger.Account",
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_minor=models.F("net_minor") + models.F("tax_minor")),
                name="invoicing_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, discount_percent__gte=0, discount_percent__lte=100)
                & Q(discount_minor__gte=0, total_minor__gte=0),
                name="invoicing_line_bounds",
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "account"],
                condition=Q(account__isnull=False),
                name="invoicing_line_of_account",
            ),
        ]


class CreditNote(PracticeRow):
    """What of an invoice is no longer asked; what was already paid becomes credit again."""

    invoice = models.ForeignKey(
        Invoice, models.PROTECT, db_constraint=False, related_name="credit_notes"
    )
    number = models.PositiveBigIntegerField()
    issued_on = models.DateField()
    reason = models.CharField(max_length=200)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "number"], name="invoicing_credit_note_number"
            ),
            models.CheckConstraint(
                condition=Q(total_minor=models.F("net_minor") + models.F("tax_minor"))
                & Q(total_minor__gt=0),
                name="invoicing_credit_note_adds_up",
            ),
        ]


class CreditNoteLine(PracticeRow):
    """What of one line is credited."""

    credit_note = models.ForeignKey(
        CreditNote, models.PROTECT, db_constraint=False, related_name="lines"
    )
    line = models.ForeignKey(
        InvoiceLine, models.PROTECT, db_constraint=False, related_name="credited"
    )
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
