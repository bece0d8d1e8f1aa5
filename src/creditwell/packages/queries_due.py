"""Which memberships have something due; the job asks, and each act asks again once it holds it."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q

from creditwell.packages.models import Membership


def memberships_due(*, practice_id: int, today: date, limit: int) -> list[int]:
    """Memberships whose next period, or the end of whose pause, has come; oldest first."""
    begins = Q(renews_on__lte=today) & (Q(paused_on__isnull=True) | Q(paused_on__gt=F("renews_on")))
    wakes = Q(status="paused", resumes_on__lte=today)
    found = Membership.objects.filter(begins | wakes, practice_id=practice_id)
    rows = found.exclude(status="cancelled").order_by("renews_on", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])
