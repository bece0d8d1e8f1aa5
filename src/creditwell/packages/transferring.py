"""What is left of a package goes to another patient, as a package of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.ledger.post import Journal
from creditwell.packages.changing import NotUndone
from creditwell.packages.models import TERMS, ActKind, Package, PackageAct, Session, SoldPart
from creditwell.packages.moving import Portion, Way, chosen, move, portions_of
from creditwell.packages.stretches import PAID_FIRST
from creditwell.packages.using import held_minor
from creditwell.people.models import Patient
from creditwell.tenancy.access import PracticeFacts, Written

KEPT = (
    "product_id",
    "line_id",
    "category_id",
    "tax_rate_id",
    "tax_at_use",
    "name",
    "sold_on",
    "first_used_on",
    "expires_on",
    "paused_on",
    "resumes_on",
)
"""What the new package has from the old one, besides the terms."""


class NothingFree(Invalid):
    """There is not as much free as was asked for."""

    code = "nothing_free"

    def __init__(self, *, asked: bool = True) -> None:
        super().__init__(
            _(
                "There is not so much free in this package. Enter less; what is booked has to be "
                "given back first."
            )
            if asked
            else _("Enter how much goes: a number from 1 to what is free."),
            param="units",
        )


class MembershipStays(Refusal):
    """A period of a membership belongs to its member."""

    code = "membership_stays"

    def __init__(self) -> None:
        super().__init__(
            _("This is a period of a membership, which stays with its member. Share it instead.")
        )


def take(
    practice: PracticeFacts, package: Package, wanted: Mapping[int, int] | None
) -> list[Portion]:
    """
    Free units by part (None: all that is free), taken off where they are.

    :raises NothingFree: if there is less, or nothing; or if nothing was asked for
    """
    free = Session.objects.select_for_update(of=("self",)).filter(
        practice_id=practice.id, package_id=package.pk, status="free", units__gt=0
    )
    rows = list(free.order_by(PAID_FIRST, "pk"))
    if wanted is None:
        picked = [(row, row.units) for row in rows]
    else:
        if not wanted or min(wanted.values()) <= 0:
            raise NothingFree(asked=False)
        picked = []
        for part_id, units in wanted.items():
            mine = chosen([row for row in rows if row.part_id == part_id], units)
            if sum(n for _row, n in mine) != units:
                raise NothingFree
            picked += mine
    if not picked:
        raise NothingFree
    return portions_of(practice, package, picked)


def open_for(
    practice: PracticeFacts, package: Package, patient: Patient, *, written: Written
) -> Package:
    """An empty package of another patient, on the same terms, with an account of its own."""
    journal = Journal(practice.id)
    account = journal.open_package(patient.payer_id)
    values = {name: getattr(package, name) for name in (*KEPT, *TERMS)}
    new_id = insert_row(
        Package,
        {
            "practice_id": practice.id,
            "patient_id": patient.pk,
            "payer_id": patient.payer_id,
            "account_id": journal.post().id_of(account),
            "net_minor": 0,
            "tax_minor": 0,
            "origin_id": package.pk,
            **values,
            **written.columns,
        },
    )
    return Package.objects.get(practice_id=practice.id, pk=new_id)


def send(
    practice: PracticeFacts,
    package: Package,
    target: Package,
    portions: Sequence[Portion],
    *,
    reason: str,
    written: Written,
) -> tuple[int, int]:
    """Move them; a package that has nothing left is over. Returns the acts of both histories."""
    acts = move(
        practice,
        Way(
            source=package,
            target=target,
            on=_day(practice, portions, written),
            kinds=(ActKind.SENT, ActKind.RECEIVED),
            reason=reason,
        ),
        portions,
        written=written,
    )
    end_if_empty(practice, package, written)
    return acts


def _day(practice: PracticeFacts, portions: Sequence[Portion], written: Written) -> date:
    return max(practice.day_of(written.at), *(portion.since_on for portion in portions))


def end_if_empty(practice: PracticeFacts, package: Package, written: Written) -> None:
    """A package without anything free or booked, that nobody ever used, is over."""
    left = Session.objects.filter(practice_id=practice.id, package_id=package.pk, units__gt=0)
    if not left.exclude(status="refunded").exists():
        Package.objects.filter(practice_id=practice.id, pk=package.pk).update(ended_at=written.at)


def receiving_act(*, practice_id: int, act_id: int) -> int:
    """The receiver's line of the transfer that a line of either history tells of."""
    acts = PackageAct.objects.filter(practice_id=practice_id)
    sent = acts.filter(pk=act_id, kind=ActKind.SENT).first()
    if sent is None:
        return act_id
    received = acts.filter(package_id=sent.details["to_package_id"], kind=ActKind.RECEIVED)
    return received.order_by("pk").values_list("pk", flat=True).first() or act_id


def send_back(
    practice: PracticeFacts, act: PackageAct, target: Package, source: Package, *, written: Written
) -> None:
    """
    Take a transfer back: `act` is its line in the receiver's history.

    :raises NotUndone: if something of it is used, booked, or not as it came
    """
    rows = Session.objects.select_for_update(of=("self",)).filter(
        practice_id=practice.id, package_id=target.pk, units__gt=0
    )
    picked = [(row, row.units) for row in rows.order_by(PAID_FIRST, "pk")]
    whole = sum(units for _row, units in picked)
    if whole != act.details["units"] or any(row.status != "free" for row, _units in picked):
        raise NotUndone
    if sum(held_minor(target, row) for row, _units in picked) != act.value_minor:
        raise NotUndone  # a swap since was charged, and its invoice is of the receiver's package
    sent = PackageAct.objects.filter(
        practice_id=practice.id, package_id=source.pk, kind=ActKind.SENT
    )
    sent = sent.filter(details__to_package_id=target.pk)
    sent_id = sent.order_by("-pk").values_list("pk", flat=True).first()
    portions = portions_of(practice, target, picked)
    move(
        practice,
        Way(
            source=target,
            target=source,
            on=_day(practice, portions, written),
            kinds=(ActKind.TRANSFER_RETURNED, ActKind.TRANSFER_RETURNED),
            entry_kind="package_transfer_return",
            undoes=(act.pk, sent_id),
        ),
        portions,
        written=written,
    )
    packages = Package.objects.filter(practice_id=practice.id)
    packages.filter(pk=target.pk).update(ended_at=written.at)
    packages.filter(pk=source.pk).update(ended_at=None)


def part_of(*, practice_id: int, package_id: int, part_id: int) -> SoldPart | None:
    """A part of a package, or None."""
    return SoldPart.objects.filter(
        practice_id=practice_id, package_id=package_id, pk=part_id
    ).first()
