"""Practitioners and their time. That two appointments never overlap, the database keeps."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from creditwell.catalog.models import Item
from creditwell.people.models import Patient
from creditwell.tenancy.models import Location, PracticeRow, User


class Hue(models.TextChoices):
    """Colours of the calendar; the names are tokens of the design system."""

    SEA = "sea", _("Sea")
    CLAY = "clay", _("Clay")
    HEATH = "heath", _("Heath")
    MOSS = "moss", _("Moss")
    DUNE = "dune", _("Dune")
    DUSK = "dusk", _("Dusk")


class Practitioner(PracticeRow):
    """Somebody who treats."""

    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="practitioners"
    )
    name = models.CharField(max_length=120)
    profession = models.CharField(max_length=80, blank=True)
    provider_number = models.CharField(max_length=40, blank=True)
    hue = models.CharField(max_length=8, choices=Hue.choices, default=Hue.SEA)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]


class WorkingHours(PracticeRow):
    """A stretch of a weekday in which a practitioner works at a location (local time)."""

    practitioner = models.ForeignKey(
        Practitioner, models.CASCADE, db_constraint=False, related_name="hours"
    )
    location = models.ForeignKey(Location, models.PROTECT, db_constraint=False, related_name="+")
    weekday = models.PositiveSmallIntegerField()  # 0 Monday … 6 Sunday
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at"), weekday__lte=6),
                name="scheduling_hours_in_order",
            )
        ]


class Block(PracticeRow):
    """Time in which a practitioner takes no appointments: lunch, leave, a meeting."""

    practitioner = models.ForeignKey(
        Practitioner, models.CASCADE, db_constraint=False, related_name="blocks"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="scheduling_block_in_order"
            )
        ]
        indexes = [
            models.Index(
                fields=["practice", "practitioner", "starts_at"], name="scheduling_block_by_time"
            )
        ]


class AppointmentType(PracticeRow):
    """A kind of visit: how long, what it bills, how many may come."""

    name = models.CharField(max_length=120)
    duration_minutes = models.PositiveSmallIntegerField()
    hue = models.CharField(max_length=8, choices=Hue.choices, blank=True)  # '': practitioner's
    max_attendees = models.PositiveSmallIntegerField(default=1)  # 1: an individual appointment
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"],
                condition=Q(archived_at__isnull=True),
                name="scheduling_type_name",
            ),
            models.CheckConstraint(
                condition=Q(max_attendees__gte=1, duration_minutes__gte=5),
                name="scheduling_type_bounds",
            ),
        ]


class TypeItem(PracticeRow):
    """An item that a visit of this type bills."""

    appointment_type = models.ForeignKey(
        AppointmentType, models.CASCADE, db_constraint=False, related_name="type_items"
    )
    item = models.ForeignKey(Item, models.PROTECT, db_constraint=False, related_name="+")
    quantity = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal(1))
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))


class Series(PracticeRow):
    """Appointments that were booked together, to repeat."""

    every_weeks = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)


class Appointment(PracticeRow):
    """A practitioner's time, given to one or more patients."""

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CANCELLED = "cancelled", _("Cancelled")

    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, db_constraint=False, related_name="appointments"
    )
    location = models.ForeignKey(Location, models.PROTECT, db_constraint=False, related_name="+")
    appointment_type = models.ForeignKey(
        AppointmentType, models.PROTECT, db_constraint=False, related_name="+"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOOKED)
    notes = models.TextField(blank=True)
    series = models.ForeignKey(
        Series, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="scheduling_appointment_in_order"
            )
        ]
        indexes = [
            models.Index(fields=["practice", "starts_at"], name="scheduling_appointment_time")
        ]


class CancelReason(models.TextChoices):
    FEELING_BETTER = "feeling_better", _("Feeling better")
    CONDITION_WORSE = "condition_worse", _("Condition worse")
    SICK = "sick", _("Sick")
    AWAY = "away", _("Away")
    WORK = "work", _("Work")
    PRACTICE = "practice", _("Cancelled by the practice")
    OTHER = "other", _("Other")


class Attendee(PracticeRow):
    """One patient in one appointment."""

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        ARRIVED = "arrived", _("Arrived")
        COMPLETED = "completed", _("Completed")
        DID_NOT_ARRIVE = "did_not_arrive", _("Did not arrive")
        CANCELLED = "cancelled", _("Cancelled")

    appointment = models.ForeignKey(
        Appointment, models.PROTECT, db_constraint=False, related_name="attendees"
    )
    patient = models.ForeignKey(
        Patient, models.PROTECT, db_constraint=False, related_name="attendances"
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.BOOKED)
    cancel_reason = models.CharField(max_length=20, choices=CancelReason.choices, blank=True)
    cancel_note = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)  # when the status last changed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "appointment", "patient"],
                condition=~Q(status="cancelled"),
                name="scheduling_attendee_once",
            )
        ]
