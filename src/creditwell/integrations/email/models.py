"""What was written to whom: kept whether or not it could be sent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from creditwell.people.models import Payer
from creditwell.tenancy.models import PracticeRow


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
    document = models.CharField(max_length=20, blank=True)  # invoice, receipt, statement
    document_id = models.BigIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "event_id"], name="email_message_once")
        ]
        indexes = [models.Index(fields=["practice", "-created_at"], name="email_message_by_time")]
