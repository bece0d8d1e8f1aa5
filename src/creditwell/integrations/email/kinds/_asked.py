"""Messages that somebody asks for: documents, and invitations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from creditwell.integrations.email.kinds._shape import (
    AMOUNT,
    DAY,
    FROM,
    HELLO,
    NAME,
    NUMBER,
    PRACTICE,
    Gap,
    Kind,
)

ASKED = (
    Kind(
        name="receipt",
        word=_("Receipt"),
        when=_("When “Email a receipt” is ticked, or somebody sends it from the payment."),
        gaps=(
            NAME,
            PRACTICE,
            NUMBER,
            AMOUNT,
            DAY,
            Gap("kept", _("What of it is kept as account credit"), amount=True, always=False),
        ),
        subject=_("Receipt {number} from {practice}"),
        body=(
            HELLO,
            _("Thank you for your payment of {amount} on {day}. The receipt is attached."),
            _("{kept} of it is not allocated to an invoice and is kept as account credit."),
            FROM,
        ),
        quiet=(HELLO, _("Thank you for your payment. The receipt is attached."), FROM),
    ),
    Kind(
        name="invoice",
        word=_("Invoice"),
        when=_("When somebody sends an invoice."),
        gaps=(
            NAME,
            PRACTICE,
            NUMBER,
            Gap(
                "credit",
                _("What account credit can pay of it; empty when it pays nothing or all"),
                amount=True,
                always=False,
            ),
            Gap("owing", _("What is still to be paid besides"), amount=True, always=False),
            Gap("due_on", _("The day it is due; empty when it is paid"), always=False),
            Gap(
                "paid",
                _("A sentence that says so when it is paid, or account credit covers it"),
                always=False,
            ),
        ),
        subject=_("Invoice {number} from {practice}"),
        body=(
            HELLO,
            _("Invoice {number} is attached."),
            "{paid}",
            _("{credit} of it can be paid from account credit."),
            _("Please pay {owing} by {due_on}."),
            FROM,
        ),
        quiet=(
            HELLO,
            _("Invoice {number} is attached."),
            "{paid}",
            _("Please pay it by {due_on}."),
            FROM,
        ),
    ),
    Kind(
        name="credit_note",
        word=_("Credit note"),
        when=_("When somebody sends a credit note."),
        gaps=(NAME, PRACTICE, NUMBER, Gap("invoice", _("The number of the invoice")), AMOUNT),
        subject=_("Credit note {number} from {practice}"),
        body=(
            HELLO,
            _("Credit note {number} to invoice {invoice} is attached."),
            _("It takes {amount} off what the invoice asked for."),
            FROM,
        ),
    ),
    Kind(
        name="statement",
        word=_("Statement"),
        when=_("When somebody sends a statement."),
        gaps=(NAME, PRACTICE, Gap("since", _("Its first day")), Gap("until", _("Its last day"))),
        subject=_("Account statement from {practice}"),
        body=(
            HELLO,
            _("Your account statement from {since} to {until} is attached."),
            FROM,
        ),
    ),
    Kind(
        name="invitation",
        word=_("Invitation"),
        when=_("When somebody is invited to work in the practice."),
        gaps=(
            PRACTICE,
            Gap("person", _("Who invites")),
            Gap("role", _("The role in the practice")),
            Gap("expires_on", _("Until when the link works")),
            Gap("link", _("The link; it works once"), always=False),
        ),
        subject=_("{person} invites you to {practice}"),
        body=(
            _("Hello,"),
            _("{person} invites you to work in {practice} on Creditwell ({role})."),
            _("Open this link to choose a password. It works once, until {expires_on}:"),
            "{link}",
            _("If you did not expect this, you need not do anything."),
            FROM,
        ),
        needs=("link",),
    ),
)
