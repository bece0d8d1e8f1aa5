"""What was sold: packages, their sessions, who may use them, and the story of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creditwell.catalog.models import Category, Item, TaxRate
from creditwell.invoicing.models import InvoiceLine
from creditwell.packages.models._products import Product, Terms
from creditwell.people.models import Patient, Payer
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.tenancy.models import PracticeRow, User


class Membership(PracticeRow):
    """A product that a patient has anew each period, until it is cancelled."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")

    patient = models.ForeignKey(Patient, models.PROTECT, db_constraint=False, related_name="+")
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, db_constraint=False, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    started_on = models.DateField()
    anchor_on = models.DateField()  # whose day of the month periods begin on; moved by a pause
    renews_on = models.DateField()  # on which the next period begins, unless it is cancelled
    periods_count = models.PositiveIntegerField(default=0)  # how many have begun
    paused_on = models.DateField(null=True)  # from then on (maybe a day to come) none begins
    resumes_on = models.DateField(null=True)  # None: until somebody resumes it
    cancelled_on = models.DateField(null=True)  # its last day
    cancel_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_on__isnull=False)
                | Q(status="active", paused_on__isnull=True, cancelled_on__isnull=True)
                | Q(status="paused", paused_on__isnull=False, cancelled_on__isnull=True),
                name="packages_membership_state",
            ),
            models.CheckConstraint(
                condition=Q(resumes_on__isnull=True) | Q(resumes_on__gt=models.F("paused_on")),
                name="packages_membership_pause",
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "renews_on"],
                condition=~Q(status="cancelled"),
                name="packages_membership_due",
            ),
            models.Index(fields=["practice", "patient"], name="packages_membership_of"),
        ]


class Package(Terms, PracticeRow):
    """
    Units sold at once. What of its price is not earned yet stands in its account.

    `net_minor` and `tax_minor` are what was paid for it in all (its sale, and what was charged
    since for more or other sessions), apart from what was given back. With `tax_at_use` the tax
    becomes due as sessions are used, and until then stands in the account with the net.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, db_constraint=False, related_name="+")
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="+")
    product = models.ForeignKey(
        Product, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    line = models.ForeignKey(InvoiceLine, models.PROTECT, db_constraint=False, related_name="+")
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, db_constraint=False, related_name="+"
    )
    category = models.ForeignKey(
        Category, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    tax_rate = models.ForeignKey(
        TaxRate, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    tax_at_use = models.BooleanField(default=False)
    name = models.CharField(max_length=200)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    sold_on = models.DateField()
    first_used_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)  # the last day; None: no end, or not begun
    paused_on = models.DateField(null=True)  # while it is paused
    resumes_on = models.DateField(null=True)
    expiry_noticed_on = models.DateField(null=True)  # the last day that was told of
    last_noticed_on = models.DateField(null=True)  # told that one session is left
    ended_at = models.DateTimeField(null=True)  # voided, refunded, converted or transferred whole
    origin = models.ForeignKey(  # of a transfer: the package that the sessions were sold with
        "self", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, db_constraint=False, related_name="packages"
    )
    period_number = models.PositiveIntegerField(null=True)
    period_starts_on = models.DateField(null=True)  # as it was sold, whatever was extended since
    period_ends_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "account"], name="packages_account"),
            models.UniqueConstraint(
                fields=["practice", "membership", "period_number"], name="packages_period_once"
            ),
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0), name="packages_package_amounts"
            ),
            models.CheckConstraint(
                condition=Q(paused_on__isnull=True, resumes_on__isnull=True)
                | Q(paused_on__isnull=False),
                name="packages_package_paused",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "patient", "-id"], name="packages_of_patient"),
            models.Index(
                fields=["practice", "expires_on"],
                condition=Q(expires_on__isnull=False, ended_at__isnull=True),
                name="packages_by_expiry",
            ),
        ]


class SoldPart(PracticeRow):
    """One kind of session of a package, as sold."""

    package = models.ForeignKey(Package, models.PROTECT, db_constraint=False, related_name="parts")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120)
    units = models.PositiveIntegerField()
    weight = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]


class SoldCover(PracticeRow):
    """What a part of a package may be used for. `price_minor`: its list price at the sale."""

    part = models.ForeignKey(SoldPart, models.PROTECT, db_constraint=False, related_name="covers")
    appointment_type = models.ForeignKey(
        AppointmentType, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    item = models.ForeignKey(Item, models.PROTECT, null=True, db_constraint=False, related_name="+")
    price_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(appointment_type__isnull=True, item__isnull=False)
                | Q(appointment_type__isnull=False, item__isnull=True),
                name="packages_sold_cover_one",
            )
        ]


class SessionStatus(models.TextChoices):
    FREE = "free", _("Free")
    BOOKED = "booked", _("Booked")
    USED = "used", _("Used")
    FORFEITED = "forfeited", _("Forfeited")
    REFUNDED = "refunded", _("Refunded")
    EXPIRED = "expired", _("Expired")


class Session(PracticeRow):
    """
    One session of a package, or (of minutes and money) a stretch of its units.

    `value_minor` and `tax_minor` are its exact share of the price: the shares of what is free or
    booked are what stands in the package's account (with tax only if it becomes due at use). Where
    minutes or money are counted, units go from free rows to booked ones and back; an emptied row
    stays with nothing in it.
    """

    package = models.ForeignKey(
        Package, models.PROTECT, db_constraint=False, related_name="sessions"
    )
    part = models.ForeignKey(SoldPart, models.PROTECT, db_constraint=False, related_name="sessions")
    status = models.CharField(
        max_length=10, choices=SessionStatus.choices, default=SessionStatus.FREE
    )
    units = models.PositiveIntegerField(default=1)
    value_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    bonus_units = models.PositiveIntegerField(default=0)  # of them, a present
    since_on = models.DateField()  # the day from which its value stands in the account
    attendee = models.ForeignKey(
        Attendee, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    patient = models.ForeignKey(  # whose visit it is (or was): the owner, or who may use it too
        Patient, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    used_on = models.DateField(null=True)  # day of the books of use or forfeit
    kept_percent = models.PositiveSmallIntegerField(default=100)  # of a forfeited one
    entry = models.ForeignKey(
        "ledger.Entry",
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "attendee"],
                condition=Q(status__in=["booked", "used", "forfeited"]),
                name="packages_session_once_per_visit",
            ),
            models.CheckConstraint(
                condition=Q(value_minor__gte=0, tax_minor__gte=0)
                & Q(bonus_units__lte=models.F("units")),
                name="packages_session_bounds",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["free", "refunded", "expired"], attendee__isnull=True)
                | Q(status="booked", attendee__isnull=False)
                | Q(status__in=["used", "forfeited"], used_on__isnull=False),
                name="packages_session_state",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "package", "status"], name="packages_session_of"),
            models.Index(fields=["practice", "used_on"], name="packages_session_by_day"),
        ]

    @property
    def bonus(self) -> bool:
        """Whether all of it was a present."""
        return 0 < self.units == self.bonus_units

    @property
    def paid_units(self) -> int:
        return self.units - self.bonus_units


class PackageShare(PracticeRow):
    """Somebody else who may use a package; `most_units` None: as much as there is."""

    package = models.ForeignKey(Package, models.PROTECT, db_constraint=False, related_name="shares")
    patient = models.ForeignKey(Patient, models.PROTECT, db_constraint=False, related_name="+")
    most_units = models.PositiveIntegerField(null=True)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "package", "patient"],
                condition=Q(ended_at__isnull=True),
                name="packages_share_once",
            ),
            models.CheckConstraint(
                condition=Q(most_units__isnull=True) | Q(most_units__gte=1),
                name="packages_share_most",
            ),
        ]


class ActKind(models.TextChoices):
    """What can happen to a package; the words of its history."""

    SOLD = "sold", _("Sold")
    BOOKED = "booked", _("Booked")
    GIVEN_BACK = "given_back", _("Given back")
    USED = "used", _("Used")
    USE_RETURNED = "use_returned", _("Use taken back")
    FORFEITED = "forfeited", _("Forfeited")
    FORFEIT_RETURNED = "forfeit_returned", _("Forfeit taken back")
    EXTENDED = "extended", _("Extended")
    PAUSED = "paused", _("Paused")
    RESUMED = "resumed", _("Resumed")
    BONUS = "bonus", _("Bonus added")
    BONUS_RETURNED = "bonus_returned", _("Bonus taken back")
    SWAPPED = "swapped", _("Swapped")
    UPGRADED = "upgraded", _("Upgraded")
    SHARED = "shared", _("Shared")
    SHARE_ENDED = "share_ended", _("Sharing ended")
    SENT = "sent", _("Transferred")
    RECEIVED = "received", _("Received by transfer")
    TRANSFER_RETURNED = "transfer_returned", _("Transfer taken back")
    CONVERTED = "converted", _("Converted to account credit")
    REFUNDED = "refunded", _("Refunded")
    EXPIRED = "expired", _("Expired")
    EXPIRY_RETURNED = "expiry_returned", _("Grace given")
    ROLLED_OVER = "rolled_over", _("Rolled over")
    VOIDED = "voided", _("Voided with its invoice")


class PackageAct(PracticeRow):
    """
    One line of a package's history. `value_minor` is what the act moved in its account (minor
    units, below zero what left it); `details` holds what an undo needs, and what a page tells.
    """

    package = models.ForeignKey(Package, models.PROTECT, db_constraint=False, related_name="acts")
    kind = models.CharField(max_length=20, choices=ActKind.choices)
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    visit_id = models.BigIntegerField(
        null=True
    )  # the visit that it was about, also once it is gone
    occurred_on = models.DateField()
    value_minor = models.BigIntegerField(default=0)
    entry = models.ForeignKey(
        "ledger.Entry",
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "undoes"], name="packages_act_undone_once")
        ]
        indexes = [
            models.Index(fields=["practice", "package", "id"], name="packages_act_of"),
        ]
