"""The trail: append-only, written in the transaction of what it tells of."""

from __future__ import annotations

from django.db import models

from creditwell.tenancy.models import ApiKey, PracticeRow, User


class Note(PracticeRow):
    """Somebody did something to something."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    api_key = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    action = models.CharField(max_length=60)  # the use case: take_payment
    subject = models.CharField(max_length=30)  # patient, payment, invoice …
    subject_id = models.BigIntegerField()
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["practice", "subject", "subject_id"], name="audit_note_subject"),
            models.Index(fields=["practice", "at"], name="audit_note_at"),
        ]
