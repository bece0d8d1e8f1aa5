"""Rows that every use case writes: the request it answers and the counters it draws from."""

from __future__ import annotations

from django.db import models


class Request(models.Model):
    """One thing somebody asked for once; asked again, they get the first answer again."""

    practice_id = models.BigIntegerField()
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "key"], name="kernel_request_once")
        ]


class Counter(models.Model):
    """The last number given out in a series of one practice."""

    practice_id = models.BigIntegerField()
    series = models.CharField(max_length=40)
    value = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "series"], name="kernel_counter_series")
        ]
