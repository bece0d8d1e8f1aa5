"""What the rest of the world must hear of."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from creditwell.tenancy.models import PracticeRow


class Event(PracticeRow):
    """Something happened that others want to know: written with it, delivered after it."""

    topic = models.CharField(max_length=60)  # payment.taken
    body = models.JSONField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["practice", "id"],
                condition=Q(delivered_at__isnull=True),
                name="outbox_event_waiting",
            )
        ]
