"""What was written to whom: kept whether or not it could be sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creditwell.people.models import Payer
from creditwell.tenancy.models import PracticeRow, User


class Message(PracticeRow):
    """One email. Its document is made again from the books when it is opened or sent."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        KEPT = "kept", _("Kept: no mail server is set up")
        FAILED = "failed", _("Failed")

    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    event_id = models.BigIntegerField(null=True)  # of the outbox: delivered twice, written once
    payer = models.ForeignKey(
        Payer, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    kind = models.CharField(max_length=20)  # receipt, invoice, statement, invitation …
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    # When the practice had last changed the words; none: they are the built-in ones.
    worded_at = models.DateTimeField(null=True)
    document = models.CharField(max_length=20, blank=True)  # invoice, receipt, statement
    document_id = models.BigIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "event_id", "kind", "payer"],
                condition=Q(event_id__isnull=False),
                nulls_distinct=False,  # an invitation has no payer, and is still written once
                name="email_message_once",
            )
        ]
        indexes = [
            models.Index(fields=["practice", "-created_at"], name="email_message_by_time"),
            models.Index(
                fields=["practice", "payer", "-created_at"], name="email_message_of_payer"
            ),
        ]


class MessageTemplate(PracticeRow):
    """
    What a practice changed about a kind of message: its own words, or that it is not sent.

    Without words of its own (both empty) the built-in ones are sent.
    """

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    is_enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "kind"], name="email_template_once"),
            models.CheckConstraint(
                condition=Q(subject="", body="") | (~Q(subject="") & ~Q(body="")),
                name="email_template_whole",
            ),
        ]
