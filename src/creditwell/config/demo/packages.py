"""Packages in the demo clinic: who buys which, what their visits use, what they do not come to."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import Max

from creditwell.catalog.models import Category, TaxRate
from creditwell.config.demo.clinic import Clinic
from creditwell.config.demo.story import Story
from creditwell.config.demo.visits import Visit
from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.operations import Content
from creditwell.packages.booking import FIRST
from creditwell.packages.forfeiting import BY_RULE
from creditwell.packages.holding import hold_for_patient
from creditwell.packages.models import Package
from creditwell.packages.queries_offers import Wanted, offers_for
from creditwell.packages.rules_products import PartInput, TermsInput
from creditwell.people.models import Patient
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import PracticeFacts, Written
from creditwell.usecases import _sessions
from creditwell.usecases.save_package_product import SavePackageProduct, save_package_product
from creditwell.usecases.write_invoice import InvoiceWritten, WriteInvoice, write_invoice

FIRST_BUYER, BUYERS = 22, 48
"""Patients from this place on buy packages: those who come often, and play no other part."""
OPENED_DAYS = 397


class Packages:
    """What the clinic offers in packages, and the patients who buy them."""

    def __init__(
        self, clinic: Clinic, patients: list[Patient], story: Story, chance: Random
    ) -> None:
        self.clinic, self.story, self.chance = clinic, story, chance
        buyers = patients[FIRST_BUYER : FIRST_BUYER + BUYERS]
        self._offer = self._write_products(story.now - timedelta(days=OPENED_DAYS))
        self._likes = {
            patient.pk: self._offer[n % len(self._offer)] for n, patient in enumerate(buyers)
        }

    def serves(self, visit: Visit) -> bool:
        """Whether a package is the patient's way to pay for this visit."""
        return visit.patient.pk in self._likes and visit.kind.max_attendees == 1

    def covers(self, visit: Visit) -> bool:
        """Whether somebody else who has a session for this visit, a member, may use it."""
        return visit.kind.max_attendees == 1 and self._has_one(visit)

    def serve(self, visit: Visit, at: datetime) -> InvoiceWritten | None:
        """
        Let a visit that is over use a session, of a new package if none is left; returns the
        invoice of a package that was sold now, which is to be paid.
        """
        sold = None
        if not self._has_one(visit):
            sold = self._sell(visit, at)
        with transaction.atomic():
            self._use(visit, at)
        return sold

    def book_ahead(self, visits: list[Visit]) -> None:
        """Visits to come have their sessions, as far as packages reach."""
        for visit in visits:
            if visit.attendee.status == Attendee.Status.BOOKED and self.serves(visit):
                with transaction.atomic():
                    facts, attendee = self._held(visit)
                    written = Written(self.clinic.by, self.story.now)
                    _sessions.book(facts, attendee, FIRST, written=written)

    def _use(self, visit: Visit, at: datetime) -> None:
        facts, attendee = self._held(visit)
        bought_at = Package.objects.filter(
            practice_id=self.clinic.practice.id, patient_id=visit.patient.pk
        ).aggregate(latest=Max("created_at"))["latest"]
        booked_at = max(visit.appointment.starts_at - timedelta(days=2), bought_at)
        _sessions.book(facts, attendee, FIRST, written=Written(self.clinic.by, booked_at))
        if attendee.status == Attendee.Status.DID_NOT_ARRIVE:
            _sessions.did_not_come(facts, attendee, BY_RULE, by=self.clinic.by, now=at)
        else:
            _sessions.came(facts, attendee, by=self.clinic.by, now=at)

    def _held(self, visit: Visit) -> tuple[PracticeFacts, Attendee]:
        facts = hold_for_patient(practice_id=self.clinic.practice.id, patient_id=visit.patient.pk)
        visit.attendee.appointment = visit.appointment
        return facts, visit.attendee

    def _has_one(self, visit: Visit) -> bool:
        practice = self.clinic.practice
        wanted = Wanted(
            patient_id=visit.patient.pk,
            type_id=visit.kind.pk,
            on=practice.day_of(visit.appointment.starts_at),
            minutes=visit.kind.duration_minutes,
        )
        return bool(offers_for(practice, wanted).usable)

    def _sell(self, visit: Visit, at: datetime) -> InvoiceWritten:
        content = Content(
            patient_id=visit.patient.pk,
            lines=(LineInput(item_id=self._likes[visit.patient.pk]),),
            practitioner_id=visit.appointment.practitioner_id,
            location_id=visit.appointment.location_id,
        )
        command = WriteInvoice(
            practice_id=self.clinic.practice.id,
            key="",
            by=self.clinic.by,
            issue=True,
            content=content,
        )
        return write_invoice(command, at)

    def _write_products(self, at: datetime) -> list[int]:
        """Five, ten to share, minutes, and money to spend; returns their items."""
        initial, standard, long = (kind.pk for kind in self.clinic.types)
        any_of = (initial, standard, long)
        offers = (
            (
                "Five consultations",
                45000,
                TermsInput(valid_count=12, late_cancel_percent=50, refund_fee_minor=2500),
                PartInput(units=5, type_ids=any_of),
            ),
            (
                "Ten to share",
                85000,
                TermsInput(valid_count=18, sharing="anybody", valid_from="first_use"),
                PartInput(units=10, type_ids=any_of, name="Consultation"),
            ),
            (
                "Five hours",
                78000,
                TermsInput(measure="minutes", valid_count=24),
                PartInput(units=300, type_ids=any_of, name="Treatment"),
            ),
            (
                "A thousand to spend",
                95000,
                TermsInput(measure="money"),
                PartInput(units=100000, type_ids=any_of, name="Consultations"),
            ),
        )
        return [self._write_product(offer, at) for offer in offers]

    def _write_product(self, offer: tuple[str, int, TermsInput, PartInput], at: datetime) -> int:
        name, price_minor, terms, part = offer
        practice = self.clinic.practice
        rate = TaxRate.objects.filter(practice_id=practice.id, percent=0).first()
        category = Category.objects.filter(practice_id=practice.id).earliest("pk")
        saved = save_package_product(
            SavePackageProduct(
                practice_id=practice.id,
                by=self.clinic.by,
                name=name,
                price=practice.money(price_minor),
                tax_rate_id=rate.pk if rate else None,
                category_id=category.pk,
                terms=terms,
                parts=(part,),
            ),
            at,
        )
        return saved.item_id
