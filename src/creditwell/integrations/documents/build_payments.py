"""Receipts and account statements from the database: facts into shapes, shapes into PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override, to_language

from creditwell.integrations.documents.conventions import locale_for, paper_for
from creditwell.integrations.documents.figures import Figures
from creditwell.integrations.documents.render import render_receipt, render_statement
from creditwell.integrations.documents.shapes import (
    Ageing,
    Allocation,
    CreditLot,
    Entry,
    Mark,
    Party,
    Practice,
    ReceiptDocument,
    Sheet,
    Source,
    StatementDocument,
    StatementRow,
    VisitRow,
)
from creditwell.kernel.errors import NotFound
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.packages.queries_visits import PackageVisit, package_visits
from creditwell.payments.queries_receipt import Elsewhere, Receipt, Went, receipt
from creditwell.payments.queries_statement import Statement, statement
from creditwell.people.models import Patient
from creditwell.tenancy.access import PracticeFacts, practice_facts
from creditwell.tenancy.queries_place import place_of


def receipt_pdf(practice_id: int, payment_id: int) -> tuple[str, bytes]:
    """
    Name of the file, and the receipt as PDF, as things stand now.

    :raises NotFound: if this practice has no such payment
    """
    practice = practice_facts(practice_id)
    facts = receipt(practice, payment_id)
    credit = standing_of(practice_id=practice_id, holder_id=facts.payer_id).credit_minor
    sheet = sheet_of(practice, Mark.NONE if facts.stands else Mark.VOID)
    with override(to_language(sheet.locale)):
        name = _("Receipt %(number)s") % {"number": facts.number}
        document = receipt_document(practice, facts, practice.money(credit))
    return f"{name}.pdf", render_receipt(document)


def statement_pdf(practice_id: int, payer_id: int, since: date, until: date) -> tuple[str, bytes]:
    """
    Name of the file, and the account from one day to another as PDF.

    :raises NotFound: if this practice has no such payer among its patients
    """
    practice = practice_facts(practice_id)
    patient = Patient.objects.filter(practice_id=practice_id, payer_id=payer_id).first()
    if patient is None:
        raise NotFound
    party = Party(
        name=f"{patient.first_name} {patient.last_name}".strip(),
        lines=tuple(line.strip() for line in patient.address.splitlines() if line.strip()),
    )
    sheet = sheet_of(practice)
    with override(to_language(sheet.locale)):
        name = _("Account statement %(since)s to %(until)s") % {"since": since, "until": until}
        found = statement(practice, payer_id, since, until)
        visits = package_visits(practice, payer_id=payer_id, since=since, until=until)
        document = statement_document(practice, party, found, visits)
    return f"{name}.pdf", render_statement(document)


def statement_document(
    practice: PracticeFacts,
    patient: Party,
    facts: Statement,
    visits: Sequence[PackageVisit] = (),
) -> StatementDocument:
    """The shape of an account statement; `visits` are those that packages paid for."""
    return StatementDocument(
        sheet=sheet_of(practice),
        practice=head_of(practice),
        patient=patient,
        from_on=facts.since,
        to_on=facts.until,
        opening=facts.opening,
        rows=tuple(
            StatementRow(
                on=row.on,
                text=row.text,
                detail=row.detail,
                charged=row.charged,
                paid=row.paid,
                balance=row.balance,
            )
            for row in facts.rows
        ),
        closing=facts.closing,
        owing=facts.owing,
        credit=facts.credit,
        lots=tuple(
            CreditLot(text=lot.title, on=lot.on, left=lot.left, expires_on=lot.expires_on)
            for lot in facts.lots
        ),
        visits=tuple(
            VisitRow(on=visit.on, text=visit_words(visit), session=visit.session)
            for visit in visits
        ),
        ageing=Ageing(
            current=facts.aged.current,
            days_30=facts.aged.days_30,
            days_60=facts.aged.days_60,
            days_90=facts.aged.days_90,
        ),
    )


def visit_words(visit: PackageVisit) -> str:
    """What the visit was, and that nobody came where that is so."""
    return _("%(kind)s, not attended") % {"kind": visit.kind} if visit.missed else visit.kind


def receipt_document(practice: PracticeFacts, facts: Receipt, credit: Money) -> ReceiptDocument:
    """The shape of a receipt; `credit` is the account credit of its payer."""
    others = [
        Entry(
            text=_("Refunded %(date)s, refund %(number)s")
            % {"date": _day(practice, back.on), "number": back.number},
            amount=back.amount,
        )
        for back in facts.refunds
    ]
    others += [
        Entry(text=_moved(practice, moved), amount=moved.amount) for moved in facts.elsewhere
    ]
    if not facts.stands:
        word = _("Voided") if facts.replaced_by is None else _("Changed: see the new receipt")
        others.append(Entry(text=word, amount=facts.total))
    return ReceiptDocument(
        sheet=sheet_of(practice, Mark.NONE if facts.stands else Mark.VOID),
        practice=head_of(practice, facts.location_id),
        number=facts.number,
        received_on=facts.received_on,
        payer=Party(name=facts.payer_name),
        sources=_sources(facts),
        total=facts.total,
        allocations=tuple(_allocation(row) for row in facts.went),
        others=tuple(others),
        not_allocated=facts.not_allocated,
        credit_used=tuple(_allocation(row) for row in facts.credit_used),
        credit_after=credit if facts.stands and credit else None,
        replaces=facts.replaces.number if facts.replaces else "",
        replaced_by=facts.replaced_by.number if facts.replaced_by else "",
        notes=(facts.note,) if facts.note else (),
    )


def sheet_of(practice: PracticeFacts, mark: Mark = Mark.NONE) -> Sheet:
    """How documents of a practice are set."""
    return Sheet(
        locale=locale_for(practice.locale, practice.country),
        currency=practice.currency,
        paper=paper_for(practice.country),
        mark=mark,
    )


def head_of(practice: PracticeFacts, location_id: int | None = None) -> Practice:
    """The head of the paper, of the location named or else the first; one query."""
    place = place_of(practice_id=practice.id, location_id=location_id)
    return Practice(
        name=practice.name,
        address=place.address,
        phone=place.phone,
        email=place.email,
        tax_label=practice.tax_number_label,
        tax_number=practice.tax_number,
    )


def _sources(facts: Receipt) -> tuple[Source, ...]:
    sources = []
    for part in facts.parts:
        sources.append(Source(name=part.source, amount=part.till, reference=part.reference))
        if part.rounding:
            sources.append(Source(name=_("Cash rounding"), amount=part.rounding))
    return tuple(sources)


def _moved(practice: PracticeFacts, moved: Elsewhere) -> str:
    if moved.kind != "voucher":
        return _("%(what)s, %(date)s") % {"what": moved.text, "date": _day(practice, moved.on)}
    if moved.expires_on is None:
        return _("%(what)s, does not expire") % {"what": moved.text}
    until = _day(practice, moved.expires_on)
    return _("%(what)s, valid until %(date)s") % {"what": moved.text, "date": until}


def _day(practice: PracticeFacts, on: date) -> str:
    return Figures(sheet_of(practice).locale).day(on)


def _allocation(row: Went) -> Allocation:
    return Allocation(invoice_number=row.invoice_number, amount=row.amount)
