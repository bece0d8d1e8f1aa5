"""Tasks for staff: written by the act that makes them necessary."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from creditwell.tenancy.models import PracticeRow, User


class Task(PracticeRow):
    """
    Something to do, about one record: `kind` says what (dishonour, refund_request), the words are
    the door's. `body` holds ids and amounts, no names.
    """

    kind = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    body = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["practice", "id"],
                condition=Q(done_at__isnull=True),
                name="tasks_task_open",
            ),
            models.Index(
                fields=["practice", "subject_type", "subject_id"], name="tasks_task_subject"
            ),
        ]
