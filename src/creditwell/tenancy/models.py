"""Practices, their places and their people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.permissions import Role


class AllocationOrder(models.TextChoices):
    """Which invoices a payment goes to when nobody says otherwise."""

    OLDEST = "oldest", _("Oldest invoices first")
    NEWEST = "newest", _("Newest invoices first")
    SOURCE = "source", _("Only the invoice that the payment was started from")
    NONE = "none", _("None: keep it as account credit")


class ExpiredCredit(models.TextChoices):
    """Where credit goes that has run out."""

    BREAKAGE = "breakage", _("Income of the practice (breakage)")
    UNCLAIMED = "unclaimed", _("Unclaimed money, owed to the owner or the state")


class Practice(models.Model):
    """The tenant: one clinic business, its currency, time zone and ways of working."""

    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)  # ISO 3166-1
    currency = models.CharField(max_length=3)  # ISO 4217
    time_zone = models.CharField(max_length=60)
    locale = models.CharField(max_length=12, default="en_AU")  # how money and dates are written
    tax_name = models.CharField(max_length=20, blank=True)  # GST, VAT
    tax_number_label = models.CharField(max_length=20, blank=True)  # ABN, VAT number
    tax_number = models.CharField(max_length=40, blank=True)
    prices_include_tax = models.BooleanField(default=True)
    invoice_prefix = models.CharField(max_length=10, blank=True)
    receipt_prefix = models.CharField(max_length=10, blank=True)
    payment_terms_days = models.PositiveSmallIntegerField(default=14)
    allocation_order = models.CharField(
        max_length=10, choices=AllocationOrder.choices, default=AllocationOrder.OLDEST
    )
    cash_rounding_minor = models.PositiveSmallIntegerField(default=1)  # 5 where cash has no 1 c
    books_closed_on = models.DateField(null=True, blank=True)  # the last day of closed books
    invoice_notes = models.TextField(blank=True)
    receipt_notes = models.TextField(blank=True)
    amounts_in_email = models.BooleanField(default=True)
    # Credit: when it runs out (months; none: never), and what becomes of it then.
    credit_lasts_months = models.PositiveSmallIntegerField(null=True, blank=True)
    goodwill_lasts_months = models.PositiveSmallIntegerField(null=True, blank=True)
    voucher_lasts_months = models.PositiveSmallIntegerField(null=True, blank=True)
    expiry_notice_days = models.PositiveSmallIntegerField(default=30)
    expired_credit_into = models.CharField(
        max_length=10, choices=ExpiredCredit.choices, default=ExpiredCredit.BREAKAGE
    )
    low_credit_minor = models.BigIntegerField(null=True, blank=True)  # a mail goes out below it
    # Refunds: receptionists alone up to the first; above the second, two people whoever they are.
    receptionist_refunds_up_to_minor = models.BigIntegerField(null=True, blank=True)
    refunds_need_two_above_minor = models.BigIntegerField(null=True, blank=True)
    day_starts_at = models.TimeField(default="08:00")
    day_ends_at = models.TimeField(default="18:00")
    week_starts_on = models.PositiveSmallIntegerField(default=0)  # 0 Monday … 6 Sunday
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cash_rounding_minor__gte=1), name="tenancy_practice_cash_rounding"
            ),
            models.CheckConstraint(
                condition=Q(day_starts_at__lt=models.F("day_ends_at")),
                name="tenancy_practice_day_has_hours",
            ),
        ]


class PracticeRow(models.Model):
    """A row that belongs to one practice. Its keys are made by `PracticeKeys`."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Location(PracticeRow):
    """One place of a practice."""

    name = models.CharField(max_length=120)
    address = models.TextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "name"], name="tenancy_location_name")
        ]


class Concession(PracticeRow):
    """A kind of patient who may pay another price: pensioner, student."""

    name = models.CharField(max_length=60)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "name"], name="tenancy_concession_name")
        ]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """A person who signs in; the same person may work in several practices."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    shortcuts_enabled = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="tenancy_user_email_once")]


class Membership(PracticeRow):
    """A user works in a practice, in one role."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "user"], name="tenancy_membership_once")
        ]


class Invitation(PracticeRow):
    """Somebody was asked to join; the link carries a token of which only the hash is kept."""

    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices)
    token_hash = models.CharField(max_length=64)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "token_hash"], name="tenancy_invitation_token"
            )
        ]
        indexes = [models.Index(fields=["token_hash"], name="tenancy_invitation_by_token")]


class ApiKey(PracticeRow):
    """A program's way in: `cw_<prefix>_<secret>`; only the secret's hash is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "prefix"], name="tenancy_api_key_prefix")
        ]
        indexes = [models.Index(fields=["prefix"], name="tenancy_api_key_by_prefix")]
