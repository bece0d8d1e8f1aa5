from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from creditwell.integrations.email import words
from creditwell.integrations.email.facts import (
    Addressee,
    CreditNoteFacts,
    InvitationFacts,
    InvoiceFacts,
    ReceiptFacts,
    StatementFacts,
)
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

PRACTICE = PracticeFacts(
    id=1,
    name="Harbour Lane Physiotherapy",
    country="AU",
    currency="AUD",
    time_zone="Australia/Sydney",
    locale="en_AU",
    tax_name="GST",
    tax_number_label="ABN",
    tax_number="",
    prices_include_tax=True,
    invoice_prefix="",
    receipt_prefix="P-",
    payment_terms_days=14,
    allocation_order="oldest",
    cash_rounding_minor=5,
    books_closed_on=None,
    amounts_in_email=True,
)
DISCREET = replace(PRACTICE, amounts_in_email=False)
LIAM = Addressee(payer_id=7, name="Liam Brennan", email="liam@mail.example")
RECEIPT = ReceiptFacts(
    to=LIAM,
    number="P-4322",
    received_on=date(2026, 11, 24),
    total=Money(12000, "AUD"),
    not_allocated=Money(3000, "AUD"),
)
INVOICE = InvoiceFacts(
    to=LIAM,
    number="6893",
    total=Money(9000, "AUD"),
    owing=Money(4000, "AUD"),
    covered=Money(0, "AUD"),
    due_on=date(2026, 12, 8),
)
NOTE = CreditNoteFacts(to=LIAM, number="12", invoice_number="6893", total=Money(9000, "AUD"))
STATEMENT = StatementFacts(to=LIAM, since=date(2026, 1, 1), until=date(2026, 6, 30))
INVITATION = InvitationFacts(
    to=Addressee(payer_id=None, name="", email="new@mail.example"),
    invited_by="Alice Moore",
    role="Receptionist",
    created_at=datetime(2026, 11, 24, 1, tzinfo=UTC),
    expires_at=datetime(2026, 12, 1, 14, tzinfo=UTC),
)


VALUES: dict[str, Callable[..., words.Values]] = {
    "receipt": words.receipt_values,
    "invoice": words.invoice_values,
    "credit_note": words.credit_note_values,
    "statement": words.statement_values,
    "invitation": words.invitation_values,
}


def letter_of(kind: str, practice: PracticeFacts, facts: Any) -> words.Letter:
    """The letter in the built-in words."""
    return words.letter(practice, kind, VALUES[kind](practice, facts))


def test_a_receipt_says_what_came_and_what_is_kept() -> None:
    letter = letter_of("receipt", PRACTICE, RECEIPT)
    assert letter.subject == "Receipt P-4322 from Harbour Lane Physiotherapy"
    assert letter.text == (
        "Hello Liam Brennan,\n\n"
        "Thank you for your payment of $120.00 on 24 November 2026. The receipt is attached.\n\n"
        "$30.00 of it is not allocated to an invoice and is kept as account credit.\n\n"
        "Harbour Lane Physiotherapy\n"
    )


def test_a_receipt_that_is_all_allocated_says_nothing_of_credit() -> None:
    letter = letter_of("receipt", PRACTICE, replace(RECEIPT, not_allocated=Money(0, "AUD")))
    assert "credit" not in letter.text


def test_an_invoice_says_what_to_pay_by_when() -> None:
    letter = letter_of("invoice", PRACTICE, INVOICE)
    assert letter.subject == "Invoice 6893 from Harbour Lane Physiotherapy"
    assert "Please pay $40.00 by 8 December 2026." in letter.text
    paid = letter_of("invoice", PRACTICE, replace(INVOICE, owing=Money(0, "AUD")))
    assert "It is paid" in paid.text
    assert "Please" not in paid.text


def test_an_invoice_never_asks_for_money_that_is_held() -> None:
    part = letter_of("invoice", PRACTICE, replace(INVOICE, covered=Money(1500, "AUD")))
    assert "$15.00 of it can be paid from account credit." in part.text
    assert "Please pay $25.00 by 8 December 2026." in part.text
    for practice in (PRACTICE, DISCREET):
        whole = letter_of("invoice", practice, replace(INVOICE, covered=Money(4000, "AUD")))
        assert "Account credit covers all of it; nothing remains to be paid." in whole.text
        assert "Please" not in whole.text
        assert "8 December" not in whole.text


def test_the_other_letters_name_what_is_attached() -> None:
    assert (
        "Credit note 12 to invoice 6893 is attached."
        in letter_of("credit_note", PRACTICE, NOTE).text
    )
    assert "from 1 January 2026 to 30 June 2026" in letter_of("statement", PRACTICE, STATEMENT).text


def test_an_invitation_keeps_no_key() -> None:
    letter = letter_of("invitation", PRACTICE, INVITATION)
    assert letter.subject == "Alice Moore invites you to Harbour Lane Physiotherapy"
    assert "(Receptionist)" in letter.text
    assert "until 2 December 2026" in letter.text  # the day in Sydney, not in UTC
    assert letter.text.count(words.LINK) == 1
    assert "http" not in letter.text


@pytest.mark.parametrize(
    "letter",
    [
        letter_of("receipt", DISCREET, RECEIPT),
        letter_of("invoice", DISCREET, INVOICE),
        letter_of("credit_note", DISCREET, NOTE),
        letter_of("statement", DISCREET, STATEMENT),
    ],
    ids=["receipt", "invoice", "credit note", "statement"],
)
def test_no_sum_is_told_where_the_practice_wants_none(letter: words.Letter) -> None:
    assert "$" not in letter.subject + letter.text
    assert "120" not in letter.text
    assert "40.00" not in letter.text


def test_a_subject_is_one_line_that_fits() -> None:
    odd = replace(PRACTICE, name="Harbour\r\nBcc: all@mail.example " + "x" * 300)
    subject = letter_of("receipt", odd, RECEIPT).subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) == 200


def test_money_and_days_are_written_as_the_practice_writes_them() -> None:
    german = replace(PRACTICE, locale="de_DE", currency="EUR")
    facts = replace(RECEIPT, total=Money(123400, "EUR"), not_allocated=Money(0, "EUR"))
    text = letter_of("receipt", german, facts).text
    assert "1.234,00\xa0€" in text
    assert "24. November 2026" in text
