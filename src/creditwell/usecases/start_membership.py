"""A patient has a package anew each period from now on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.packages.memberships import (
    hold_membership,
    hold_payers,
    insert_membership,
    product_that_renews,
)
from creditwell.packages.models import Product
from creditwell.packages.rules_periods import last_of_period
from creditwell.people.models import Patient
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases._periods import Wish, begin_period

FURTHEST_AHEAD = timedelta(days=366)


class StartsTooEarly(Invalid):
    """The first period would be over already, or lies in closed books."""

    code = "starts_too_early"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, param="starts_on")


class StartsTooLate(Invalid):
    """Nobody plans that far ahead."""

    code = "starts_too_late"

    def __init__(self) -> None:
        super().__init__(_("Choose a first day within the next year."), param="starts_on")


class PatientArchived(Invalid):
    """Nothing new is sold to somebody whose record is archived."""

    code = "patient_archived"

    def __init__(self) -> None:
        super().__init__(
            _("This patient is archived. Restore the patient first, then start the membership."),
            param="patient",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMembership:
    """
    `starts_on` None is today; on a day to come it begins by itself then. `use_credit`: account
    credit pays the first invoice if there is enough for all of it.
    """

    practice_id: int
    key: str
    by: Actor
    patient_id: int
    product_id: int
    starts_on: date | None = None
    use_credit: bool = True
    email: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipStarted:
    """Without invoice and package where it begins on a day to come."""

    membership_id: int
    invoice_id: int | None
    package_id: int | None
    owing_minor: int


@usecase(MembershipStarted)
def start_membership(command: StartMembership, now: datetime) -> MembershipStarted:
    """
    Start a membership; its first period begins now, or on a day to come.

    :raises NotFound: if patient or product are not of this practice
    :raises MergedAway: if the patient's record was merged into another
    :raises PatientArchived, DoesNotRenew, ProductArchived, NotAProduct: as named
    :raises StartsTooEarly: if the first period would be over, or its first day's books are closed
    :raises StartsTooLate: if it begins in more than a year
    """
    patient = Patient.objects.filter(practice_id=command.practice_id, pk=command.patient_id).first()
    if patient is None:
        raise NotFound(_("There is no such patient in this practice."), param="patient")
    _owners, practice = hold_payers(practice_id=command.practice_id, payer_id=patient.payer_id)
    if patient.archived_at is not None:
        raise PatientArchived
    product = product_that_renews(practice_id=practice.id, product_id=command.product_id)
    today = practice.day_of(now)
    starts_on = command.starts_on or today
    _check(practice, product, starts_on, today)
    membership_id = insert_membership(
        practice,
        patient=patient,
        product=product,
        starts_on=starts_on,
        written=Written(command.by, now),
    )
    note(
        "start_membership",
        ("membership", membership_id),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"product_id": product.pk, "starts_on": starts_on.isoformat()},
    )
    if starts_on > today:
        return MembershipStarted(
            membership_id=membership_id, invoice_id=None, package_id=None, owing_minor=0
        )
    held = hold_membership(practice_id=practice.id, membership_id=membership_id)
    wish = Wish(by=command.by, email=command.email, pay=command.use_credit)
    begun = begin_period(held, wish, now)
    return MembershipStarted(
        membership_id=membership_id,
        invoice_id=begun.invoice_id,
        package_id=begun.package_id,
        owing_minor=begun.owing_minor,
    )


def _check(practice: PracticeFacts, product: Product, starts_on: date, today: date) -> None:
    assert product.renews_count is not None, product.pk
    closed = practice.books_closed_on
    if closed is not None and starts_on <= closed:
        raise StartsTooEarly(_("The books of this day are closed. Choose a later first day."))
    ends_on = last_of_period(
        starts_on, product.renews_count, product.renews_unit, anchor_on=starts_on
    )
    if ends_on < today:
        raise StartsTooEarly(_("The first period would be over already. Choose a later first day."))
    if starts_on > today + FURTHEST_AHEAD:
        raise StartsTooLate
