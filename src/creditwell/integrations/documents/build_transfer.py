"""Receipts of a transfer of credit from the database, one for each side."""

from __future__ import annotations

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import override, to_language

from creditwell.integrations.documents.build_payments import head_of, sheet_of
from creditwell.integrations.documents.render import render_transfer
from creditwell.integrations.documents.shapes import Entry, Party, TransferDocument
from creditwell.ledger.queries import standing_of
from creditwell.payments.queries_transfer import MovedLot, TransferFacts, transfer_facts
from creditwell.tenancy.access import PracticeFacts, practice_facts


def giver_pdf(practice_id: int, transfer_id: int) -> tuple[str, bytes]:
    """
    Name of the file, and the receipt of whoever gave the credit, as things stand now.

    :raises NotFound: if this practice has no such transfer
    """
    return _pdf(practice_id, transfer_id, gave=True)


def receiver_pdf(practice_id: int, transfer_id: int) -> tuple[str, bytes]:
    """The same for whoever received it."""
    return _pdf(practice_id, transfer_id, gave=False)


def _pdf(practice_id: int, transfer_id: int, *, gave: bool) -> tuple[str, bytes]:
    practice = practice_facts(practice_id)
    facts = transfer_facts(practice, transfer_id)
    sheet = sheet_of(practice)
    with override(to_language(sheet.locale)):
        name = _("Transfer of credit %(number)s") % {"number": facts.number}
        document = transfer_document(practice, facts, gave=gave)
    return f"{name}.pdf", render_transfer(document)


def transfer_document(
    practice: PracticeFacts, facts: TransferFacts, *, gave: bool
) -> TransferDocument:
    """The shape of one side's receipt; it says nothing of the other side's account."""
    side, other = (facts.giver, facts.receiver) if gave else (facts.receiver, facts.giver)
    credit = standing_of(practice_id=practice.id, holder_id=side.payer_id).credit_minor
    return TransferDocument(
        sheet=sheet_of(practice),
        practice=head_of(practice),
        number=str(facts.number),
        on=facts.on,
        side=Party(name=side.name),
        other=other.name,
        gave=gave,
        total=facts.total,
        parts=tuple(
            Entry(text=_words(practice, lot, gave=gave), amount=lot.amount) for lot in facts.lots
        ),
        back=facts.back,
        credit_after=practice.money(credit),
        notes=(_("Reason: %(reason)s") % {"reason": facts.reason},),
    )


def _words(practice: PracticeFacts, lot: MovedLot, *, gave: bool) -> str:
    """The receipt that it came by is the giver's own; the receiver reads the kind alone."""
    kind = lot.kind
    if gave and lot.receipt_number:
        kind = _("Payment %(number)s") % {"number": lot.receipt_number}
    if lot.expires_on is None:
        return kind
    day = format_date(lot.expires_on, "medium", locale=practice.locale)
    return _("%(kind)s, expires %(date)s") % {"kind": kind, "date": day}
