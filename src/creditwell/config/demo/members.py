"""What becomes of packages in the demo clinic: memberships, and one of each thing that happens."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from creditwell.catalog.models import Category, TaxRate
from creditwell.config.demo.packages import FIRST_BUYER, Packages
from creditwell.packages.models import Membership, Package
from creditwell.packages.rules_products import PartInput, TermsInput
from creditwell.tasks.models import Task
from creditwell.usecases.add_bonus_sessions import AddBonusSessions, add_bonus_sessions
from creditwell.usecases.extend_package import ExtendPackage, extend_package
from creditwell.usecases.finish_task import FinishTask, finish_task
from creditwell.usecases.pause_package import PausePackage, pause_package
from creditwell.usecases.refund_package import GiveBack, refund_package
from creditwell.usecases.renew_membership import RenewMembership, renew_membership
from creditwell.usecases.save_package_product import SavePackageProduct, save_package_product
from creditwell.usecases.share_package import SharePackage, share_package
from creditwell.usecases.start_membership import StartMembership, start_membership
from creditwell.usecases.transfer_package import TransferPackage, transfer_package

FIRST_MEMBER, MEMBERS = 72, 7
MONTHLY_MINOR = 16000
STARTED_DAYS = 140


class Members:
    """Acts on the days on which they happen; the clinic's story makes them."""

    def __init__(self, packages: Packages) -> None:
        self.packages, self.story, self.clinic = packages, packages.story, packages.clinic
        product_id = self._product(self.story.now - timedelta(days=396))
        for n in range(MEMBERS):
            self._plan(FIRST_MEMBER + n, product_id, STARTED_DAYS - 9 * n)
        self.story.on(0, self._renew_due)
        self._plan_life()

    @property
    def _base(self) -> dict[str, Any]:
        """What every act says: where, and by whom."""
        return {"practice_id": self.clinic.practice.id, "key": "", "by": self.clinic.by}

    def _product(self, at: datetime) -> int:
        practice = self.clinic.practice
        rate = TaxRate.objects.filter(practice_id=practice.id, percent=0).first()
        saved = save_package_product(
            SavePackageProduct(
                practice_id=practice.id,
                by=self.clinic.by,
                name="Twice a month",
                price=practice.money(MONTHLY_MINOR),
                tax_rate_id=rate.pk if rate else None,
                category_id=Category.objects.filter(practice_id=practice.id).earliest("pk").pk,
                terms=TermsInput(renews_count=1, rollover_most=1),
                parts=(
                    PartInput(
                        units=2,
                        type_ids=tuple(kind.pk for kind in self.clinic.types),
                        name="Consultation",
                    ),
                ),
            ),
            at,
        )
        return saved.product_id

    def _plan(self, n: int, product_id: int, days_ago: int) -> None:
        patient = self.story.patients[n]

        def start(at: datetime) -> None:
            start_membership(
                StartMembership(
                    **self._base,
                    patient_id=patient.pk,
                    product_id=product_id,
                ),
                at,
            )
            self.story.pay(self.story.payer(n), MONTHLY_MINOR, at, pay=None)

        def renew(at: datetime) -> None:
            membership = Membership.objects.get(
                practice_id=self.clinic.practice.id, patient_id=patient.pk
            )
            done = renew_membership(
                RenewMembership(**self._base, membership_id=membership.pk),
                at,
            )
            if done.owing_minor and n % 4:
                self.story.pay(self.story.payer(n), done.owing_minor, at, pay=None)
                self._tick_off(membership.pk, at)

        self.story.on(days_ago, start)
        begun = self.story.day(-days_ago)
        for months in range(1, 6):
            year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
            due = date(year, month + 1, min(begun.day, 28)) + timedelta(days=3)
            later = (self.story.day(0) - due).days
            if later >= 0:
                self.story.on(later, renew, minutes=n)

    def _renew_due(self, at: datetime) -> None:
        """What begins in these days has begun, as if the worker had run all the time."""
        practice = self.clinic.practice
        due = Membership.objects.filter(practice_id=practice.id, renews_on__lte=practice.day_of(at))
        for membership_id in due.values_list("pk", flat=True):
            renew_membership(
                RenewMembership(**self._base, membership_id=membership_id),
                at,
            )

    def _tick_off(self, membership_id: int, at: datetime) -> None:
        """Who has paid need not be asked any more."""
        tasks = Task.objects.filter(
            practice_id=self.clinic.practice.id,
            subject_type="membership",
            subject_id=membership_id,
            done_at__isnull=True,
        )
        for task_id in tasks.values_list("pk", flat=True):
            finish_task(
                FinishTask(
                    **self._base,
                    task_id=task_id,
                ),
                at,
            )

    def _plan_life(self) -> None:
        """One package is longer, one rests, one is shared, one given away, one given back."""
        self.story.on(20, self._extend)
        self.story.on(18, self._share)
        self.story.on(15, self._give_away)
        self.story.on(12, self._give_back)
        self.story.on(6, self._rest)

    def _package(self, n: int) -> Package | None:
        """An open package of the buyer in that place, with something free in it."""
        return (
            Package.objects.filter(
                practice_id=self.clinic.practice.id,
                patient_id=self.story.patients[FIRST_BUYER + n].pk,
                ended_at__isnull=True,
                sessions__status="free",
                sessions__units__gt=0,
            )
            .order_by("-pk")
            .first()
        )

    def _extend(self, at: datetime) -> None:
        package = self._package(0)
        if package is None or package.expires_on is None:
            return
        until = package.expires_on + timedelta(days=60)
        command = ExtendPackage(
            **self._base,
            package_id=package.pk,
            until=until,
            reason="Was away for two months",
        )
        extend_package(command, at)
        part = package.parts.earliest("pk")
        add_bonus_sessions(
            AddBonusSessions(
                **self._base,
                package_id=package.pk,
                part_id=part.pk,
                units=1,
                reason="We had to move two visits",
            ),
            at,
        )

    def _share(self, at: datetime) -> None:
        package = self._package(1)
        if package is not None and package.sharing == "anybody":
            share_package(
                SharePackage(
                    **self._base,
                    package_id=package.pk,
                    patient_id=self.story.patients[FIRST_BUYER + 4].pk,
                    most_units=3,
                    reason="Her brother",
                ),
                at,
            )

    def _give_away(self, at: datetime) -> None:
        package = self._package(8)
        if package is not None:
            transfer_package(
                TransferPackage(
                    **self._base,
                    package_id=package.pk,
                    to_patient_id=self.story.patients[FIRST_BUYER + 60].pk,
                    reason="Moves away, a friend goes on",
                    anywhere=True,
                ),
                at,
            )

    def _give_back(self, at: datetime) -> None:
        package = self._package(12)
        if package is not None:
            refund_package(
                GiveBack(
                    **self._base,
                    package_id=package.pk,
                    reason="Is treated at home now",
                ),
                at,
            )

    def _rest(self, at: datetime) -> None:
        package = self._package(16)
        if package is not None:
            pause_package(
                PausePackage(
                    **self._base,
                    package_id=package.pk,
                    reason="Operation",
                    resumes_on=self.story.day(30),
                    release=True,
                ),
                at,
            )
