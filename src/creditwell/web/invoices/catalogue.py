"""What the invoice form offers to choose from: everything of one practice and one patient."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from creditwell.catalog.queries import (
    Named,
    SaleItem,
    Tax,
    categories,
    items_for_sale,
    sale_items,
    tax_rates,
)
from creditwell.integrations.documents.build import tax_text
from creditwell.invoicing.queries import invoices_of_attendees
from creditwell.kernel.errors import NotFound
from creditwell.ledger.queries import Standing, standing_of
from creditwell.packages.queries import places_of
from creditwell.people.queries import PatientFacts, contact_choices, patient_facts
from creditwell.scheduling.queries import (
    LocationBrief,
    PractitionerBrief,
    locations_of,
    practitioners_of,
)
from creditwell.scheduling.queries_patient import Visit, visits_of
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import clock_text, day_short_text
from creditwell.web.components.locale import current

Choices = list[tuple[str, str]]
Groups = list[tuple[str, Choices]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Read once for a form; no query starts later."""

    currency: str
    tax_included: bool
    tax_name: str
    items: dict[int, SaleItem]
    offered: tuple[int, ...]
    taxes: list[Tax]
    categories: list[Named]
    practitioners: list[PractitionerBrief]
    locations: list[LocationBrief]
    contacts: list[tuple[int, str]]
    patient: PatientFacts | None = None
    standing: Standing = field(default_factory=Standing)
    visits: list[Visit] = field(default_factory=list)
    covered: frozenset[int] = frozenset()  # visits that a package covers

    @property
    def concession(self) -> str:
        return self.patient.concession if self.patient else ""

    def item_choices(self) -> Groups:
        """Items by category; the first choice is for what is in no catalogue."""
        offered = sorted(
            (self.items[pk] for pk in self.offered), key=lambda one: (one.category, one.name)
        )
        groups: Groups = [("", [("", _("Something else: describe it"))])]
        for category, items in groupby(offered, key=lambda one: one.category):
            groups.append((category, [(str(one.id), _item_words(one)) for one in items]))
        gone = [one for pk, one in self.items.items() if pk not in set(self.offered)]
        if gone:
            groups.append((_("Archived"), [(str(one.id), _item_words(one)) for one in gone]))
        return groups

    def tax_choices(self) -> Choices:
        rates = [(str(tax.id), tax_text(tax.name, tax.percent, current())) for tax in self.taxes]
        return [("", _("No tax")), *rates]

    def visit_choices(self) -> Choices:
        visits = [(str(visit.id), self._visit_words(visit)) for visit in self.visits]
        return [("", _("No appointment")), *visits]

    def _visit_words(self, visit: Visit) -> str:
        words = (
            _("%(day)s, %(clock)s, %(type)s, %(practitioner)s (covered by a package)")
            if visit.id in self.covered
            else _("%(day)s, %(clock)s, %(type)s, %(practitioner)s")
        )
        return words % {
            "day": day_short_text(visit.starts_at),
            "clock": clock_text(visit.starts_at),
            "type": visit.kind,
            "practitioner": visit.practitioner,
        }


def _item_words(item: SaleItem) -> str:
    return f"{item.name} ({item.code})" if item.code else item.name


def read_catalogue(
    member: Member, *, patient_id: int | None, item_ids: set[int], invoice_id: int | None = None
) -> Catalogue:
    """
    Everything to choose from; a dozen queries whatever the practice's size.

    `item_ids` stand on the invoice already, so they are offered although archived. A patient of
    another practice is no patient.
    """
    practice = member.practice
    patient = _patient(practice.id, patient_id)
    concession_id = patient.details.concession_id if patient else None
    items = {item.id: item for item in items_for_sale(practice.id, concession_id)}
    offered = tuple(items)
    if missing := sorted(item_ids - set(items)):
        items |= sale_items(practice.id, missing, concession_id)
    visits = _visits(member, patient, invoice_id)
    return Catalogue(
        currency=practice.currency,
        tax_included=practice.prices_include_tax,
        tax_name=practice.tax_name,
        items=items,
        offered=offered,
        taxes=tax_rates(practice.id),
        categories=categories(practice.id),
        practitioners=practitioners_of(practice_id=practice.id),
        locations=locations_of(practice_id=practice.id),
        contacts=contact_choices(practice_id=practice.id),
        patient=patient,
        standing=_standing(practice.id, patient),
        visits=visits,
        covered=_covered(practice.id, visits),
    )


def _patient(practice_id: int, patient_id: int | None) -> PatientFacts | None:
    if patient_id is None:
        return None
    try:
        return patient_facts(practice_id=practice_id, patient_id=patient_id)
    except NotFound:
        return None


def _standing(practice_id: int, patient: PatientFacts | None) -> Standing:
    if patient is None:
        return Standing()
    return standing_of(practice_id=practice_id, holder_id=patient.payer_id)


def _covered(practice_id: int, visits: list[Visit]) -> frozenset[int]:
    ids = [visit.id for visit in visits]
    return frozenset(places_of(practice_id=practice_id, attendee_ids=ids))


def _visits(member: Member, patient: PatientFacts | None, invoice_id: int | None) -> list[Visit]:
    """The patient's latest visits that have no other invoice and were not cancelled."""
    if patient is None:
        return []
    practice_id = member.practice_id
    visits = visits_of(practice_id=practice_id, patient_id=patient.id, limit=50)
    visits = [visit for visit in visits if visit.state != "cancelled"]
    invoices = invoices_of_attendees(
        practice_id=practice_id,
        attendee_ids=[visit.id for visit in visits],
        today=date.min,  # their state is not asked for
    )
    return [
        visit for visit in visits if visit.id not in invoices or invoices[visit.id].id == invoice_id
    ]
