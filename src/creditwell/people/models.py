"""Patients, contacts and payers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.models import Concession, PracticeRow


class Payer(PracticeRow):
    """Whoever's money it is: behind every patient and every contact stands one."""

    name = models.CharField(max_length=200)  # as shown; kept by people.operations
    # Set while the record is merged into another: no money comes to it any more.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )


class ContactKind(models.TextChoices):
    INSURER = "insurer", _("Insurer or health fund")
    EMPLOYER = "employer", _("Employer")
    DOCTOR = "doctor", _("Doctor")
    CHARITY = "charity", _("Charity or funder")
    OTHER = "other", _("Other")


class Contact(PracticeRow):
    """Somebody who is not treated: an insurer, an employer, a doctor."""

    payer = models.OneToOneField(Payer, models.PROTECT, db_constraint=False, related_name="contact")
    kind = models.CharField(max_length=12, choices=ContactKind.choices)
    name = models.CharField(max_length=160)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)


class SortName(models.Func):
    """
    A name as lists are sorted by it: last name first, no accents and apostrophes, lower case.

    The database makes it, so no way of writing a patient can forget it, and lists have the same
    order whatever locales the database was built with.
    """

    output_field = models.CharField()
    template = (
        "lower(regexp_replace(normalize(translate(last_name || ' ' || first_name, "
        "'ŁłØøĐđÐðÞþßıÆæŒœ’‘''', 'LlOoDdDdTtsiAaOo'), NFKD), '[\u0300-\u036f]', '', 'g'))"
    )


class Patient(PracticeRow):
    """Somebody who is treated."""

    payer = models.OneToOneField(Payer, models.PROTECT, db_constraint=False, related_name="patient")
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80, blank=True)
    preferred_name = models.CharField(max_length=80, blank=True)
    pronouns = models.CharField(max_length=40, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    other_phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    concession = models.ForeignKey(
        Concession, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    alert = models.CharField(max_length=300, blank=True)  # shown wherever the patient is
    notes = models.TextField(blank=True)
    # Whom invoices are addressed to when not to the patient: a contact, or free text.
    bill_to = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    invoice_to = models.TextField(blank=True)
    invoice_email = models.EmailField(blank=True)
    referred_by = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    sort_name = models.GeneratedField(
        expression=SortName(),
        output_field=models.CharField(max_length=170, db_collation="C"),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["practice", "sort_name", "id"], name="people_patient_by_name")
        ]


class SearchWord(PracticeRow):
    """
    One word by which a payer is found, normalised: lower case, no accents.

    Names by their words; a phone number by each of its endings, so that any run of its digits is
    the beginning of one of them.
    """

    payer = models.ForeignKey(Payer, models.CASCADE, db_constraint=False, related_name="words")
    word = models.CharField(max_length=80)

    class Meta:
        indexes = [
            models.Index(
                fields=["practice", "word", "payer"],
                name="people_word_prefix",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            )
        ]


class Family(PracticeRow):
    """Patients who belong together; who may use whose credit is said one by one (credit.Share)."""

    name = models.CharField(max_length=120)
    created_at = models.DateTimeField()


class FamilyMember(PracticeRow):
    """
    A patient in a family. Children of two homes are in two families.

    `relation` is the patient's own place in it, in free words: mother, son, partner.
    """

    family = models.ForeignKey(
        Family, models.CASCADE, db_constraint=False, db_index=False, related_name="members"
    )
    patient = models.ForeignKey(Patient, models.PROTECT, db_constraint=False, related_name="+")
    relation = models.CharField(max_length=40, blank=True)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "family", "patient"], name="people_family_member_once"
            )
        ]


class Merge(PracticeRow):
    """Two records of one person were made one; `moved` lists what to move back to undo it."""

    kept = models.ForeignKey(Patient, models.PROTECT, db_constraint=False, related_name="+")
    merged = models.ForeignKey(Patient, models.PROTECT, db_constraint=False, related_name="+")
    moved = models.JSONField()
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "merged"],
                condition=Q(undone_at__isnull=True),
                name="people_merge_once",
            ),
            models.CheckConstraint(condition=~Q(kept=models.F("merged")), name="people_merge_two"),
        ]
