"""What stands in the books. Amounts are minor units of the practice's currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet, Sum

from creditwell.ledger.models import Account, Posting


@dataclass(frozen=True, slots=True)
class Standing:
    """What we hold for a payer, and what they owe: both zero or more."""

    credit_minor: int = 0
    owing_minor: int = 0

    @property
    def balance_minor(self) -> int:
        """What they owe after their credit is used; negative when it is in their favour."""
        return self.owing_minor - self.credit_minor


def standing_of(*, practice_id: int, holder_id: int, as_of: date | None = None) -> Standing:
    """Account credit and owing of one payer, now or at the end of a day; one query."""
    return standings_of(practice_id=practice_id, holder_ids=[holder_id], as_of=as_of)[holder_id]


def standings_of(
    *, practice_id: int, holder_ids: Iterable[int], as_of: date | None = None
) -> dict[int, Standing]:
    """The same for many payers, still in one query."""
    wanted = list(holder_ids)
    sums: dict[int, dict[str, int]] = {holder: {} for holder in wanted}
    for holder, kind, total in _sums(practice_id, wanted, as_of):
        sums[holder][kind] = total or 0
    return {
        holder: Standing(credit_minor=kinds.get("lot", 0), owing_minor=-kinds.get("invoice", 0))
        for holder, kinds in sums.items()
    }


def _sums(
    practice_id: int, holder_ids: list[int], as_of: date | None
) -> QuerySet[Account, tuple[int, str, int]] | QuerySet[Posting, tuple[int, str, int]]:
    if as_of is None:
        return (
            Account.objects.filter(
                ~Q(balance_minor=0),
                practice_id=practice_id,
                holder_id__in=holder_ids,
                kind__in=["lot", "invoice"],
                reference__isnull=True,
            )
            .values_list("holder_id", "kind")
            .annotate(total=Sum("balance_minor"))
        )
    return (
        Posting.objects.filter(
            practice_id=practice_id,
            account__practice_id=practice_id,
            account__holder_id__in=holder_ids,
            account__kind__in=["lot", "invoice"],
            occurred_on__lte=as_of,
        )
        .values_list("account__holder_id", "account__kind")
        .annotate(total=Sum("amount_minor"))
    )


def balances_of(*, practice_id: int, account_ids: Iterable[int]) -> dict[int, int]:
    """Stored balances of guarded accounts, by account id."""
    return {
        account_id: balance or 0
        for account_id, balance in Account.objects.filter(
            practice_id=practice_id, pk__in=list(account_ids)
        ).values_list("pk", "balance_minor")
    }


def last_raised(*, practice_id: int, account_ids: Iterable[int]) -> date | None:
    """The last day on which anything came onto one of these accounts; one query."""
    found = Posting.objects.filter(
        practice_id=practice_id, account_id__in=list(account_ids), amount_minor__gt=0
    )
    last: date | None = found.aggregate(last=Max("occurred_on"))["last"]
    return last


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One line of the trial balance: clinic-wide accounts singly, guarded ones by kind."""

    kind: str
    reference: int | None
    total_minor: int


def trial_balance(
    *, practice_id: int, until: date | None = None, since: date | None = None
) -> list[TrialRow]:
    """What every account has moved; sums to zero. Over all time, or of the days given."""
    postings = Posting.objects.filter(practice_id=practice_id)
    if until is not None:
        postings = postings.filter(occurred_on__lte=until)
    if since is not None:
        postings = postings.filter(occurred_on__gte=since)
    rows = (
        postings.values_list("account__kind", "account__reference")
        .annotate(total=Sum("amount_minor"))
        .order_by("account__kind", "account__reference")
    )
    return [TrialRow(kind, reference, total or 0) for kind, reference, total in rows]


def holders_with(*, practice_id: int, kind: str) -> list[int]:
    """Payers for whom we hold credit (kind "lot"), or who owe something ("invoice"); one query."""
    found = Account.objects.filter(
        ~Q(balance_minor=0), practice_id=practice_id, kind=kind, reference__isnull=True
    )
    ids = found.values_list("holder_id", flat=True).distinct().order_by("holder_id")
    return [holder for holder in ids if holder is not None]
