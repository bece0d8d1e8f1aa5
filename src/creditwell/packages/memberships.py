"""Memberships: take them for an act, write them and what changes. Whoever calls notes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.packages.acts import Line, write_act
from creditwell.packages.models import ActKind, Membership, Package, PackageShare, Product
from creditwell.packages.rules_periods import Standing
from creditwell.payments import wallets
from creditwell.payments.operations import lock_several, require_still
from creditwell.people.models import Patient
from creditwell.tenancy.access import PracticeFacts, Written


class PeriodBegun(Refusal):
    """Somebody else began this period a moment ago."""

    code = "period_begun"

    def __init__(self) -> None:
        super().__init__(
            _("This period of the membership was begun a moment ago. Nothing was done twice.")
        )


class DoesNotRenew(Invalid):
    """The package is sold once, so it cannot be had as a membership."""

    code = "does_not_renew"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This package does not renew. Sell it once, or say under Packages how often it "
                "renews."
            ),
            param="product",
        )


class ProductArchived(Invalid):
    """What is offered no longer is not sold anew."""

    code = "package_product_archived"

    def __init__(self) -> None:
        super().__init__(
            _("This package is archived. Restore it under Packages first, or choose another one."),
            param="product",
        )


class MembershipEnded(Refusal):
    """Nothing goes on with a membership that was cancelled."""

    code = "membership_ended"

    def __init__(self) -> None:
        super().__init__(
            _("This membership is cancelled. Take that back first, or start a new membership.")
        )


REFUSED_BY["packages_period_once"] = PeriodBegun


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A membership that is held, with its payer and everybody whose credit may pay for it."""

    row: Membership
    practice: PracticeFacts
    owner_ids: frozenset[int]

    @property
    def standing(self) -> Standing:
        """What decides whether it renews."""
        return standing_of(self.row)


def standing_of(row: Membership) -> Standing:
    """What decides whether a membership renews."""
    return Standing(
        status=row.status,
        renews_on=row.renews_on,
        paused_on=row.paused_on,
        resumes_on=row.resumes_on,
    )


def hold_membership(*, practice_id: int, membership_id: int) -> Held:
    """
    Take a membership until the commit; the people first, then it.

    :raises NotFound: if this practice has no such membership
    :raises MergedAway: if its payer was merged into another this moment
    """
    rows = Membership.objects.filter(practice_id=practice_id, pk=membership_id)
    payer_id = rows.values_list("payer_id", flat=True).first()
    if payer_id is None:
        raise NotFound(_("There is no such membership in this practice."), param="membership")
    owners, practice = hold_payers(practice_id=practice_id, payer_id=payer_id)
    row = rows.select_for_update(of=("self",), no_key=True).get()
    require_still(row.payer_id, payer_id)
    return Held(row=row, practice=practice, owner_ids=owners)


def hold_payers(*, practice_id: int, payer_id: int) -> tuple[frozenset[int], PracticeFacts]:
    """Take a payer and everybody whose credit they may use."""
    owners = wallets.owners_for(practice_id=practice_id, user_ids=[payer_id]) | {payer_id}
    facts = lock_several(practice_id=practice_id, payer_ids=owners)
    return frozenset(owners), facts


def product_that_renews(*, practice_id: int, product_id: int) -> Product:
    """
    A product that can be had as a membership, with its item.

    :raises NotFound: if this practice has no such product
    :raises DoesNotRenew: if it is sold once
    :raises ProductArchived: if it is not offered any more
    """
    found = Product.objects.select_related("item").filter(practice_id=practice_id, pk=product_id)
    product = found.first()
    if product is None:
        raise NotFound(_("There is no such package in this practice."), param="product")
    if product.renews_count is None:
        raise DoesNotRenew
    if product.item.archived_at is not None:
        raise ProductArchived
    return product


def insert_membership(
    practice: PracticeFacts,
    *,
    patient: Patient,
    product: Product,
    starts_on: date,
    written: Written,
) -> int:
    """A membership of which no period has begun yet; returns its id."""
    return insert_row(
        Membership,
        {
            "practice_id": practice.id,
            "patient_id": patient.pk,
            "payer_id": patient.payer_id,
            "product_id": product.pk,
            "status": Membership.Status.ACTIVE,
            "started_on": starts_on,
            "anchor_on": starts_on,
            "renews_on": starts_on,
            "periods_count": 0,
            "cancel_reason": "",
            **written.columns,
        },
    )


def change_membership(row: Membership, **changes: Any) -> None:
    """Write changes of a membership that is held; the row says the same then."""
    for name, value in changes.items():
        setattr(row, name, value)
    Membership.objects.filter(practice_id=row.practice_id, pk=row.pk).update(**changes)


def period_before(row: Membership) -> Package | None:
    """The package of the last period that began, held; None before the first."""
    return (
        Package.objects.select_for_update(of=("self",), no_key=True)
        .filter(practice_id=row.practice_id, membership_id=row.pk, period_number=row.periods_count)
        .first()
    )


def shares_go_on(practice: PracticeFacts, *, from_id: int, to_id: int, written: Written) -> None:
    """Who may use the package of one period may use the next one's, by the same limit."""
    shares = list(
        PackageShare.objects.filter(
            practice_id=practice.id, package_id=from_id, ended_at__isnull=True
        ).order_by("pk")
    )
    insert_rows(
        PackageShare,
        [
            {
                "practice_id": practice.id,
                "package_id": to_id,
                "patient_id": share.patient_id,
                "most_units": share.most_units,
                "given_at": written.at,
                "given_by_id": share.given_by_id,
            }
            for share in shares
        ],
    )
    for share in shares:
        write_act(
            practice.id,
            Line(
                package_id=to_id,
                kind=ActKind.SHARED,
                on=practice.day_of(written.at),
                details={"patient_id": share.patient_id, "most_units": share.most_units},
            ),
            written,
        )
