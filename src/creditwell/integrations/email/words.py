"""
The words of every letter. Pure: facts in, subject and text out, in the language in force.

A letter names no treatment, no practitioner and no reason: it may be read by whoever shares the
mailbox. Sums are left out where the practice wants it so (`amounts_in_email`).
"""

from __future__ import annotations

from collections.abc import Mapping
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
)
from creditwell.integrations.email.gaps import fill
from creditwell.integrations.email.kinds import KINDS, Wording, built_in
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

LINK = "{link}"
"""Stands in a kept text where the one who is written to gets a link that opens a door."""

Values = Mapping[str, str]
"""What fills the gaps of a kind, by name; "" leaves the line out."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One line of subject, and the text below it."""

    subject: str
    text: str


def letter(
    practice: PracticeFacts, kind: str, values: Values, own: Wording | None = None
) -> Letter:
    """
    The letter in the practice's own wording, else in the built-in one.

    Own words of which nothing is left without amounts give way to the built-in ones.
    """
    given = built_in(KINDS[kind], amounts=practice.amounts_in_email)
    wording = own or given
    whole = {**values, "practice": practice.name}
    subject = fill(wording.subject, whole) or fill(given.subject, whole)
    text = fill(wording.body, whole) or fill(given.body, whole)
    return Letter(" ".join(subject.split())[:200], text + "\n")


def receipt_values(practice: PracticeFacts, facts: ReceiptFacts) -> Values:
    kept = facts.not_allocated
    return {
        "name": facts.to.name,
        "number": facts.number,
        "amount": amount(practice, facts.total),
        "day": day(practice, facts.received_on),
        "kept": amount(practice, kept) if kept else "",
    }


def invoice_values(practice: PracticeFacts, facts: InvoiceFacts) -> Values:
    """Asked for is what account credit could not pay: nobody pays what is held already."""
    rest, due = facts.owing - facts.covered, facts.due_on
    done = (
        _("Account credit covers all of it; nothing remains to be paid.")
        if facts.covered
        else _("It is paid; nothing remains to be done.")
    )
    return {
        "name": facts.to.name,
        "number": facts.number,
        "credit": amount(practice, facts.covered) if facts.covered and rest else "",
        "owing": amount(practice, rest) if rest else "",
        "due_on": day(practice, due) if rest and due else "",
        "paid": "" if rest else done,
    }


def credit_note_values(practice: PracticeFacts, facts: CreditNoteFacts) -> Values:
    return {
        "name": facts.to.name,
        "number": facts.number,
        "invoice": facts.invoice_number,
        "amount": amount(practice, facts.total),
    }


def statement_values(practice: PracticeFacts, facts: StatementFacts) -> Values:
    return {
        "name": facts.to.name,
        "since": day(practice, facts.since),
        "until": day(practice, facts.until),
    }


def invitation_values(practice: PracticeFacts, facts: InvitationFacts) -> Values:
    """The link is put in for `LINK` when it is sent: who reads the kept text gets no key."""
    return {
        "person": facts.invited_by,
        "role": facts.role,
        "expires_on": day(practice, practice.day_of(facts.expires_at)),
        "link": LINK,
    }


def limit_words(practice: PracticeFacts, mode: str, cap: Money | None) -> str:
    """How much of somebody's credit another may use, within a sentence."""
    said = amount(practice, cap) if cap else ""
    if mode == "monthly":
        if not said:
            return _("up to the amount each month that was agreed")
        return _("up to %(amount)s each month") % {"amount": said}
    if mode == "total":
        if not said:
            return _("up to the amount that was agreed")
        return _("up to %(amount)s in all") % {"amount": said}
    return _("after asking you each time") if mode == "ask" else _("without a limit")


def amount(practice: PracticeFacts, money: Money) -> str:
    """As the practice writes it; "" where it keeps amounts out of emails."""
    if not practice.amounts_in_email:
        return ""
    return format_currency(money.decimal, money.currency, locale=practice.locale)


def day(practice: PracticeFacts, on: date) -> str:
    return format_date(on, "long", locale=practice.locale)
