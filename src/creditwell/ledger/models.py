"""The journal. Rows are only ever added, and the database sees to it (migrations/sql)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from creditwell.tenancy.models import PracticeRow


class Account(PracticeRow):
    """
    A place where money stands. Amounts to its good are positive, amounts it owes negative.

    Lots and invoices (and packages) are guarded: they store a balance, moved by postings alone,
    which may not leave floor and ceiling. Clinic-wide accounts are summed instead, for a stored
    balance would make every payment of a clinic wait for every other.
    """

    kind = models.CharField(max_length=20)
    reference = models.BigIntegerField(null=True)  # clinic-wide: id of the source, category, rate
    holder_id = models.BigIntegerField(null=True)  # guarded: the payer whose money or debt it is
    floor_minor = models.BigIntegerField(null=True)
    ceiling_minor = models.BigIntegerField(null=True)
    balance_minor = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "kind", "reference"],
                condition=Q(reference__isnull=False),
                name="ledger_account_clinic_wide",
            ),
            models.CheckConstraint(
                condition=Q(floor_minor__isnull=True) | Q(balance_minor__gte=F("floor_minor")),
                name="ledger_account_not_overdrawn",
            ),
            models.CheckConstraint(
                condition=Q(ceiling_minor__isnull=True) | Q(balance_minor__lte=F("ceiling_minor")),
                name="ledger_account_not_overpaid",
            ),
            models.CheckConstraint(
                condition=Q(
                    reference__isnull=False,
                    balance_minor__isnull=True,
                    floor_minor__isnull=True,
                    ceiling_minor__isnull=True,
                )
                | Q(reference__isnull=True, balance_minor__isnull=False),
                name="ledger_account_guarded_or_clinic_wide",
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "holder_id", "kind"],
                condition=Q(reference__isnull=True) & ~Q(balance_minor=0),
                name="ledger_account_open",
            ),
        ]


class Entry(PracticeRow):
    """One journal entry: a sealed set of postings that sum to zero."""

    kind = models.CharField(max_length=30)
    occurred_on = models.DateField()  # day of the books, in the practice's time zone
    recorded_at = models.DateTimeField(default=timezone.now)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "reverses"], name="ledger_entry_reversed_once"
            )
        ]


class Posting(PracticeRow):
    """One leg of an entry: an amount onto (positive) or off (negative) an account."""

    entry = models.ForeignKey(Entry, models.PROTECT, db_constraint=False, db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False)
    amount_minor = models.BigIntegerField()
    occurred_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_posting_not_zero"),
        ]
        indexes = [
            models.Index(fields=["practice", "entry"], name="ledger_posting_of_entry"),
            models.Index(
                fields=["practice", "account", "occurred_on"], name="ledger_posting_of_account"
            ),
        ]
