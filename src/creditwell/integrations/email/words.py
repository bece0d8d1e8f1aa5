"""
The words of every letter. Pure: facts in, subject and text out, in the language in force.

A letter names no treatment, no practitioner and no reason: it may be read by whoever shares the
mailbox. Sums are left out where the practice wants it so (`amounts_in_email`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_currency
from django.utils.translation import gettext as _

from creditwell.integrations.email.facts import (
    CreditNoteFacts,
    InvitationFacts,
    InvoiceFacts,
    ReceiptFacts,
    StatementFacts,
    TransferFacts,
)
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

LINK = "{link}"
"""Stands in a kept text where the one who is written to gets a link that opens a door."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One line of subject, and the text below it."""

    subject: str
    text: str


def receipt_letter(practice: PracticeFacts, facts: ReceiptFacts) -> Letter:
    names = _names(practice, number=facts.number)
    subject = _("Receipt %(number)s from %(practice)s") % names
    if not practice.amounts_in_email:
        said = [_("Thank you for your payment. The receipt is attached.")]
    else:
        said = [
            _("Thank you for your payment of %(total)s on %(day)s. The receipt is attached.")
            % {
                "total": _money(practice, facts.total),
                "day": _day(practice, facts.received_on),
            }
        ]
        if facts.not_allocated:
            said.append(
                _("%(rest)s of it is not allocated to an invoice and is kept as account credit.")
                % {"rest": _money(practice, facts.not_allocated)}
            )
    return _letter(practice, subject, facts.to.name, said)


def invoice_letter(practice: PracticeFacts, facts: InvoiceFacts) -> Letter:
    names = _names(practice, number=facts.number)
    subject = _("Invoice %(number)s from %(practice)s") % names
    said = [_("Invoice %(number)s is attached.") % names]
    if not facts.owing:
        said.append(_("It is paid; nothing remains to be done."))
    elif practice.amounts_in_email and facts.due_on:
        said.append(
            _("Please pay %(owing)s by %(day)s.")
            % {"owing": _money(practice, facts.owing), "day": _day(practice, facts.due_on)}
        )
    elif facts.due_on:
        said.append(_("Please pay it by %(day)s.") % {"day": _day(practice, facts.due_on)})
    return _letter(practice, subject, facts.to.name, said)


def credit_note_letter(practice: PracticeFacts, facts: CreditNoteFacts) -> Letter:
    names = _names(practice, number=facts.number, invoice=facts.invoice_number)
    subject = _("Credit note %(number)s from %(practice)s") % names
    said = [_("Credit note %(number)s to invoice %(invoice)s is attached.") % names]
    if practice.amounts_in_email:
        said.append(
            _("It takes %(total)s off what the invoice asked for.")
            % {"total": _money(practice, facts.total)}
        )
    return _letter(practice, subject, facts.to.name, said)


def statement_letter(practice: PracticeFacts, facts: StatementFacts) -> Letter:
    subject = _("Account statement from %(practice)s") % _names(practice)
    said = [
        _("Your account statement from %(since)s to %(until)s is attached.")
        % {"since": _day(practice, facts.since), "until": _day(practice, facts.until)}
    ]
    return _letter(practice, subject, facts.to.name, said)


def transfer_letter(practice: PracticeFacts, facts: TransferFacts) -> Letter:
    """To one side; who the other is stands on the paper, not in the mail."""
    names = _names(practice, number=facts.number, day=_day(practice, facts.on))
    subject = _("Transfer of credit %(number)s, %(practice)s") % names
    if not practice.amounts_in_email:
        said = [_("The receipt for the transfer of account credit on %(day)s is attached.") % names]
    else:
        names["total"] = _money(practice, facts.total)
        said = [
            _("%(total)s of your account credit was transferred on %(day)s.") % names
            if facts.gave
            else _("%(total)s was transferred to your account credit on %(day)s.") % names,
            _("The receipt is attached."),
        ]
    return _letter(practice, subject, facts.to.name, said)


def invitation_letter(practice: PracticeFacts, facts: InvitationFacts) -> Letter:
    """The link is put in for `LINK` when it is sent: who reads the kept text gets no key."""
    names = _names(practice, person=facts.invited_by, role=facts.role)
    subject = _("%(person)s invites you to %(practice)s") % names
    said = [
        _("%(person)s invites you to work in %(practice)s on Creditwell (%(role)s).") % names,
        _("Open this link to choose a password. It works once, until %(day)s:")
        % {"day": _day(practice, practice.day_of(facts.expires_at))},
        LINK,
        _("If you did not expect this, you need not do anything."),
    ]
    return _letter(practice, subject, facts.to.name, said)


def _names(practice: PracticeFacts, **names: str) -> dict[str, str]:
    return {"practice": practice.name, **names}


def _letter(practice: PracticeFacts, subject: str, name: str, said: list[str]) -> Letter:
    greeting = _("Hello %(name)s,") % {"name": name} if name else _("Hello,")
    text = "\n\n".join([greeting, *said, practice.name])
    return Letter(" ".join(subject.split())[:200], text + "\n")


def _money(practice: PracticeFacts, amount: Money) -> str:
    return format_currency(amount.decimal, amount.currency, locale=practice.locale)


def _day(practice: PracticeFacts, day: date) -> str:
    return format_date(day, "long", locale=practice.locale)
