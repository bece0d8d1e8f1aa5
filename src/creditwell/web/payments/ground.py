"""What there is before anything is typed into the payment form: who pays, what is owing, credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from creditwell.catalog.queries import Source, payment_sources
from creditwell.invoicing.queries import OpenInvoice, open_invoices
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.payments import spending
from creditwell.payments.queries_form import PaymentAsTaken, invoices_without, related_to
from creditwell.payments.rules import in_order
from creditwell.people.queries import ContactLine, PatientFacts, contact_facts, patient_facts
from creditwell.people.queries_families import payer_place
from creditwell.scheduling.queries import LocationBrief, locations_of
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.components.formats import amount_text
from creditwell.web.payments.typed import Typed, TypedSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What there is before anything is typed."""

    practice: PracticeFacts
    patient: PatientFacts | None
    payer_id: int | None
    invoices: Sequence[OpenInvoice]
    credit: Money
    sources: Sequence[Source]
    locations: Sequence[LocationBrief] = ()  # where it may be received; none for an edit
    taken: PaymentAsTaken | None = None  # the payment that is being edited
    contact: ContactLine | None = None  # who pays, when not a patient
    means: spending.Means | None = None  # credit that may pay; none for an edit
    related: Mapping[int, str] = field(default_factory=dict)  # names of the family's payers
    hidden: Sequence[OpenInvoice] = ()  # invoices of theirs that are not shown

    @property
    def stands(self) -> str:
        """
        What is owing and what credit there is, in minor units: "1734:9500 0".

        The form carries it, so that what is saved is what was seen.
        """
        if self.payer_id is None:
            return ""
        owing = (f"{one.id}:{one.owing_minor}" for one in self.invoices)
        purses = self.means.purses if self.means else ()
        lent = (
            f"{purse.owner_id}-{purse.user_id}:{purse.left_minor}"
            for purse in purses
            if purse.owner_id != self.payer_id
        )
        return " ".join((*owing, *lent, str(self.credit.minor)))

    @property
    def own(self) -> list[OpenInvoice]:
        """Invoices of whoever pays."""
        return [invoice for invoice in self.invoices if invoice.payer_id == self.payer_id]

    def in_order(self, order: str, invoice_id: int | None) -> list[OpenInvoice]:
        """The invoices to pay: one's own in that order, then the family's."""
        others = [invoice for invoice in self.invoices if invoice.payer_id != self.payer_id]
        return [
            invoice
            for part in (self.own, others)
            for invoice in in_order(part, order=order, from_invoice_id=invoice_id)
        ]


def ground_for(member: Member, typed: Typed, now: datetime) -> Ground:
    """
    Read whoever pays, open invoices, credit and sources; a bounded number of queries.

    :raises NotFound: if this practice has no such patient or payer
    """
    practice = member.practice
    patient, contact, payer_id = _who(practice.id, typed)
    ground = Ground(
        practice=practice,
        patient=patient,
        contact=contact,
        payer_id=payer_id,
        invoices=(),
        credit=practice.money(0),
        sources=payment_sources(practice.id),
        locations=locations_of(practice_id=practice.id),
    )
    if payer_id is None:
        return ground
    related = related_to(practice_id=practice.id, payer_id=payer_id)
    found = open_invoices(practice_id=practice.id, payer_ids=[payer_id, *related])
    shown = [one for one in found if typed.family or one.payer_id == payer_id]
    means = spending.means_for(practice, payer_id, shown, on=practice.day_of(now))
    return replace(
        ground,
        invoices=shown,
        hidden=[one for one in found if one not in shown],
        related=related,
        means=means,
        credit=practice.money(means.own.left_minor),
    )


def _who(
    practice_id: int, typed: Typed
) -> tuple[PatientFacts | None, ContactLine | None, int | None]:
    patient_id, contact_id = typed.patient_id, None
    if patient_id is None and typed.payer_id is not None:
        place = payer_place(practice_id=practice_id, payer_id=typed.payer_id)
        patient_id, contact_id = place.patient_id, place.contact_id
    if patient_id is not None:
        patient = patient_facts(practice_id=practice_id, patient_id=patient_id)
        return patient, None, patient.payer_id
    if contact_id is not None:
        contact = contact_facts(practice_id=practice_id, contact_id=contact_id)
        return None, contact, typed.payer_id
    return None, None, None


def ground_of_edit(member: Member, taken: PaymentAsTaken) -> Ground:
    """The same for a payment that is typed again: as if it had never been made."""
    practice = member.practice
    standing = standing_of(practice_id=practice.id, holder_id=taken.payer_id)
    used = {part.source_id for part in taken.parts}
    return Ground(
        practice=practice,
        patient=patient_facts(practice_id=practice.id, patient_id=taken.patient_id)
        if taken.patient_id
        else None,
        payer_id=taken.payer_id,
        invoices=invoices_without(taken, practice_id=practice.id),
        credit=practice.money(standing.credit_minor - taken.left_minor),
        sources=[
            source
            for source in payment_sources(practice.id, archived=True)
            if not source.archived or source.id in used
        ],
        taken=taken,
    )


def typed_again(taken: PaymentAsTaken, practice: PracticeFacts, *, key: str) -> Typed:
    """The form as it would have been filled in for a payment that was taken before."""
    return Typed(
        key=key,
        patient_id=taken.patient_id,
        received_on=taken.received_on.isoformat(),
        note=taken.note,
        sources=tuple(
            TypedSource(
                row=row,
                source_id=part.source_id,
                reference=part.reference,
                amount=amount_text(practice.money(part.amount_minor)),
            )
            for row, part in enumerate(taken.parts)
        ),
        # Not what we wrote but what was chosen: it stays when the amount changes.
        pay={pk: amount_text(practice.money(minor)) for pk, minor in taken.settled.items()},
        order=practice.allocation_order,
    )
