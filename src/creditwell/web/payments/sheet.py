"""
From what was typed to what the payment form shows: amounts read, shared out, examined.

The sums are made by payments.rules alone; the page while typing, the refused page and the saved
payment all come through here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError

from creditwell.catalog.queries import Source, payment_sources
from creditwell.invoicing.queries import OpenInvoice, open_invoices
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.payments.queries_form import PaymentAsTaken, invoices_without
from creditwell.payments.rules import Credit, PartDraft, Worksheet, examine, plan
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.scheduling.queries import LocationBrief, locations_of
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.components.fields import read_amount
from creditwell.web.components.formats import amount_text
from creditwell.web.payments.typed import Typed, TypedSource

Errors = dict[str, list[str]]
"""Sentences by the id of the field that they are about; "" is the form as a whole."""


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

    @property
    def stands(self) -> str:
        """
        What is owing and what credit there is, in minor units: "1734:9500 0".

        The form carries it, so that what is saved is what was seen.
        """
        if self.payer_id is None:
            return ""
        owing = (f"{one.id}:{one.owing_minor}" for one in self.invoices)
        return " ".join((*owing, str(self.credit.minor)))


@dataclass(slots=True, kw_only=True)
class Reading:
    """The form worked out: cells as they are to be shown, the sums, the mistakes."""

    typed: Typed
    sheet: Worksheet
    drafts: list[tuple[TypedSource, Money]]
    pay: dict[int, Money]
    use_credit: dict[int, Money]
    errors: Errors = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)  # ids of cells that "=" filled


def ground_for(member: Member, patient_id: int | None) -> Ground:
    """
    Read patient, open invoices, credit and sources; a bounded number of queries.

    :raises NotFound: if this practice has no such patient
    """
    practice = member.practice
    sources = payment_sources(practice.id)
    locations = locations_of(practice_id=practice.id)
    if patient_id is None:
        return Ground(
            practice=practice,
            patient=None,
            payer_id=None,
            invoices=(),
            credit=practice.money(0),
            sources=sources,
            locations=locations,
        )
    patient = patient_facts(practice_id=practice.id, patient_id=patient_id)
    standing = standing_of(practice_id=practice.id, holder_id=patient.payer_id)
    return Ground(
        practice=practice,
        patient=patient,
        payer_id=patient.payer_id,
        invoices=open_invoices(practice_id=practice.id, payer_id=patient.payer_id),
        credit=practice.money(standing.credit_minor),
        sources=sources,
        locations=locations,
    )


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


def work_out(ground: Ground, typed: Typed) -> Reading:
    """Read the amounts, share out what is not decided by hand, examine it all."""
    reader = _Reader(ground, typed)
    use_credit = reader.credit_cells()
    by_hand = reader.pay_cells(use_credit)
    drafts = reader.fill_sources(reader.sources(), by_hand, use_credit)
    received = Money.total((amount for _row, amount in drafts), ground.practice.currency)
    pay = reader.pay_plan(received, use_credit) if by_hand is None else by_hand
    sheet = examine(
        parts=[
            PartDraft(source.source_id, reader.kind_of(source), amount, source.reference)
            for source, amount in drafts
            if amount
        ],
        invoices=ground.invoices,
        pay=pay,
        credit=Credit(before=ground.credit, own=use_credit),
        cash_rounding_minor=ground.practice.cash_rounding_minor,
    )
    typed = replace(
        typed,
        sources=tuple(source for source, _amount in drafts),
        location_id=_location(ground, typed),
    )
    return Reading(
        typed=typed,
        sheet=sheet,
        drafts=drafts,
        pay=pay,
        use_credit=use_credit,
        errors=reader.errors,
        filled=reader.filled,
    )


def _location(ground: Ground, typed: Typed) -> int | None:
    """The location chosen while it is in use, else the practice's first."""
    known = [place.id for place in ground.locations]
    return typed.location_id if typed.location_id in known else next(iter(known), None)


class _Reader:
    """Turns the texts of one form into amounts, and remembers what could not be read."""

    def __init__(self, ground: Ground, typed: Typed) -> None:
        self.ground = ground
        self.typed = typed
        self.zero = Money.zero(ground.practice.currency)
        self.owing = {i.id: ground.practice.money(i.owing_minor) for i in ground.invoices}
        self.errors: Errors = {}
        self.filled: set[str] = set()

    def sources(self) -> list[tuple[TypedSource, Money]]:
        """Each row with its amount; a row that names no source has the first on offer."""
        first = self.ground.sources[0].id if self.ground.sources else 0
        known = {source.id for source in self.ground.sources}
        rows = []
        for source in self.typed.sources:
            chosen = source.source_id if source.source_id in known else first
            row = replace(source, source_id=chosen)
            rows.append((row, self.amount(f"amount-{row.row}", row.amount)))
        return rows

    def kind_of(self, row: TypedSource) -> str:
        return next((s.kind for s in self.ground.sources if s.id == row.source_id), "other")

    def credit_cells(self) -> dict[int, Money]:
        """What account credit gives: by the practice's order unless edited."""
        if self.ground.taken is not None:
            return {}
        if not self.typed.credit_by_hand:
            return plan(
                order=self.typed.order,
                available=self.ground.credit,
                invoices=self.ground.invoices,
                from_invoice_id=self.typed.invoice_id,
            )
        cells = self._cells("credit", self.typed.use_credit)
        for pk in self._asking(self.typed.use_credit):
            used = Money.total((v for k, v in cells.items() if k != pk), self.zero.currency)
            left = self.ground.credit - used
            cells[pk] = max(self.zero, min(self.owing.get(pk, self.zero), left))
            self.filled.add(f"credit-{pk}")
        return {pk: amount for pk, amount in cells.items() if amount}

    def pay_cells(self, use_credit: Mapping[int, Money]) -> dict[int, Money] | None:
        """What this payment gives to each invoice as edited; None when nobody edited it."""
        if not self.typed.pay_by_hand:
            return None
        cells = self._cells("pay", self.typed.pay)
        for pk in self._asking(self.typed.pay):
            owing = self.owing.get(pk, self.zero) - use_credit.get(pk, self.zero)
            cells[pk] = max(self.zero, owing)
            self.filled.add(f"pay-{pk}")
        return {pk: amount for pk, amount in cells.items() if amount}

    def pay_plan(self, received: Money, use_credit: Mapping[int, Money]) -> dict[int, Money]:
        """What this payment gives to each invoice by the order chosen."""
        return plan(
            order=self.typed.order,
            available=received,
            invoices=self.ground.invoices,
            taken=use_credit,
            from_invoice_id=self.typed.invoice_id,
        )

    def fill_sources(
        self,
        rows: list[tuple[TypedSource, Money]],
        by_hand: Mapping[int, Money] | None,
        use_credit: Mapping[int, Money],
    ) -> list[tuple[TypedSource, Money]]:
        """Where "=" was typed: what is still to pay after credit and the other sources."""
        currency = self.zero.currency
        wanted = (
            Money.total(self.owing.values(), currency) - Money.total(use_credit.values(), currency)
            if by_hand is None
            else Money.total(by_hand.values(), currency)
        )
        result = []
        for row, amount in rows:
            if not row.amount.strip().endswith("="):
                result.append((row, amount))
                continue
            others = Money.total((a for r, a in rows if r.row != row.row), currency)
            fill = max(self.zero, wanted - others)
            self.filled.add(f"amount-{row.row}")
            result.append((replace(row, amount=amount_text(fill) if fill else ""), fill))
        return result

    def amount(self, name: str, text: str) -> Money:
        """An amount, zero when empty; what cannot be read is an error and counts as zero."""
        bare = text.strip()
        if not bare or bare.endswith("="):
            return self.zero
        try:
            return read_amount(bare, self.zero.currency)
        except ValidationError as error:
            self.errors.setdefault(name, []).extend(str(line) for line in error.messages)
            return self.zero

    def _cells(self, name: str, texts: Mapping[int, str]) -> dict[int, Money]:
        return {pk: self.amount(f"{name}-{pk}", text) for pk, text in texts.items()}

    def _asking(self, texts: Mapping[int, str]) -> list[int]:
        return [pk for pk, text in texts.items() if text.strip().endswith("=")]
