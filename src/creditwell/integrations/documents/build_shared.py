"""The statements of a family and of a funder as PDF: amounts and days, never why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from babel.numbers import format_currency
from django.utils.translation import gettext as _
from django.utils.translation import override, to_language

from creditwell.integrations.documents.build_payments import head_of, sheet_of
from creditwell.integrations.documents.render import render_statement
from creditwell.integrations.documents.shapes import (
    CreditLot,
    Party,
    StatementDocument,
    StatementRow,
)
from creditwell.money.money import Money
from creditwell.payments.queries_statement_shared import (
    Drawn,
    FamilyStatement,
    FunderStatement,
    Held,
    cap_words,
    family_statement,
    funder_statement,
    merged_rows,
)
from creditwell.people.queries import contact_facts
from creditwell.people.queries_families import family_facts
from creditwell.tenancy.access import PracticeFacts, practice_facts


def family_statement_pdf(
    practice_id: int, family_id: int, since: date, until: date
) -> tuple[str, bytes]:
    """
    Name of the file, and the accounts of a family as PDF.

    :raises NotFound: if this practice has no such family
    """
    practice = practice_facts(practice_id)
    family = family_facts(practice_id=practice_id, family_id=family_id)
    members = {member.payer_id: member.name for member in family.members}
    found = family_statement(practice, members, since, until)
    with override(to_language(sheet_of(practice).locale)):
        document = family_document(practice, Party(name=family.name), found)
        name = _file_name(since, until)
    return name, render_statement(document)


def funder_statement_pdf(
    practice_id: int, contact_id: int, since: date, until: date
) -> tuple[str, bytes]:
    """
    Name of the file, and what a contact's credit paid for whom, as PDF.

    :raises NotFound: if this practice has no such contact
    """
    practice = practice_facts(practice_id)
    contact = contact_facts(practice_id=practice_id, contact_id=contact_id)
    found = funder_statement(practice, contact.payer_id, since, until)
    lines = tuple(line.strip() for line in contact.address.splitlines() if line.strip())
    with override(to_language(sheet_of(practice).locale)):
        document = funder_document(practice, Party(name=contact.name, lines=lines), found)
        name = _file_name(since, until)
    return name, render_statement(document)


def family_document(
    practice: PracticeFacts, party: Party, found: FamilyStatement
) -> StatementDocument:
    """All people's events by day, whose they are below each, and each one's part as a note."""
    balance = found.opening
    rows = []
    for person, row in merged_rows(found.people):
        change = row.charged if row.charged is not None else -(row.paid or practice.money(0))
        balance = balance + change
        rows.append(
            StatementRow(
                on=row.on,
                text=row.text,
                detail=person.name,
                charged=row.charged,
                paid=row.paid,
                balance=balance,
            )
        )
    parts = tuple(
        _("%(name)s: credit %(credit)s, owing %(owing)s.")
        % {
            "name": person.name,
            "credit": _money(practice, person.credit),
            "owing": _money(practice, person.owing),
        }
        for person in found.people
    )
    return StatementDocument(
        sheet=sheet_of(practice),
        practice=head_of(practice),
        patient=party,
        from_on=found.since,
        to_on=found.until,
        opening=found.opening,
        rows=tuple(rows),
        closing=found.closing,
        owing=found.owing,
        credit=found.credit,
        lots=tuple(
            lot for person in found.people for lot in _lots(person.lots, f"{person.name}: ")
        ),
        notes=parts,
    )


def funder_document(
    practice: PracticeFacts, party: Party, found: FunderStatement
) -> StatementDocument:
    """The events of the funder's credit, and as notes what each patient drew and may draw."""
    return StatementDocument(
        sheet=sheet_of(practice),
        practice=head_of(practice),
        patient=party,
        from_on=found.since,
        to_on=found.until,
        opening=-found.opening,
        rows=tuple(
            StatementRow(
                on=row.on, text=row.text, charged=row.charged, paid=row.paid, balance=row.balance
            )
            for row in found.rows
        ),
        closing=-found.closing,
        owing=practice.money(0),
        credit=found.closing,
        lots=tuple(_lots(found.lots)),
        notes=tuple(_drawn(practice, one) for one in found.people),
    )


def _drawn(practice: PracticeFacts, one: Drawn) -> str:
    words = {"name": one.name, "total": _money(practice, one.total), "when": cap_words(one)}
    if one.cap is None or one.left is None:
        return _("%(name)s drew %(total)s in these days.") % words
    words |= {"cap": _money(practice, one.cap), "left": _money(practice, one.left)}
    return (
        _("%(name)s drew %(total)s in these days. %(when)s %(cap)s may be drawn; %(left)s is left.")
        % words
    )


def _lots(lots: Iterable[Held], before: str = "") -> Iterable[CreditLot]:
    for lot in lots:
        yield CreditLot(
            text=f"{before}{lot.title}", on=lot.on, left=lot.left, expires_on=lot.expires_on
        )


def _file_name(since: date, until: date) -> str:
    return _("Account statement %(since)s to %(until)s") % {"since": since, "until": until} + ".pdf"


def _money(practice: PracticeFacts, amount: Money) -> str:
    return format_currency(amount.decimal, amount.currency, locale=practice.locale)
