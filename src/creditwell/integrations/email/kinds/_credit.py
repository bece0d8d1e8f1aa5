"""
Messages that go out by themselves: what becomes of somebody's account credit.

Who the other side of a transfer is stands on the receipt, not in the mail.
"""

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

LEFT = Gap("credit_left", _("Their own account credit, as it is now"), amount=True)
USER = Gap("user", _("Who uses the credit"))
LIMIT = Gap(
    "limit",
    _("How much of it: without a limit, up to an amount each month, after asking …"),
    always=False,
)

LEFT_NOW = _("Your account credit is now {credit_left}.")
ATTACHED = _("The receipt is attached.")
TELL_US = _("If you did not expect this, please tell us.")
HOW_TO_STOP = _(
    "Your own invoices come first. You can stop this at any time: tell us, and it counts at once."
)
HOW_TO_USE = _("To use it, book a visit, or ask us to pay an open invoice with it.")

CREDIT = (
    Kind(
        name="transfer_sent",
        word=_("Credit transferred"),
        when=_("When account credit moves to somebody else: to whoever had it."),
        gaps=(NAME, PRACTICE, NUMBER, AMOUNT, DAY, LEFT),
        subject=_("Your account credit at {practice}"),
        body=(
            HELLO,
            _("{amount} of your account credit was transferred on {day} (transfer {number})."),
            LEFT_NOW,
            ATTACHED,
            TELL_US,
            FROM,
        ),
        quiet=(
            HELLO,
            _("Account credit of yours was transferred on {day} (transfer {number})."),
            ATTACHED,
            TELL_US,
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="transfer_received",
        word=_("Credit received"),
        when=_("When account credit moves to somebody else: to whoever has it now."),
        gaps=(NAME, PRACTICE, NUMBER, AMOUNT, DAY, LEFT),
        subject=_("Account credit for you at {practice}"),
        body=(
            HELLO,
            _("{amount} was transferred to your account credit on {day} (transfer {number})."),
            LEFT_NOW,
            ATTACHED,
            HOW_TO_USE,
            FROM,
        ),
        quiet=(
            HELLO,
            _("Account credit was transferred to you on {day} (transfer {number})."),
            ATTACHED,
            HOW_TO_USE,
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="transfer_undone",
        word=_("Transfer undone"),
        when=_("When a transfer is taken back: to both."),
        gaps=(NAME, PRACTICE, NUMBER, AMOUNT, DAY, LEFT),
        subject=_("Your account credit at {practice}"),
        body=(
            HELLO,
            _("The transfer {number} of {amount} was undone on {day}."),
            LEFT_NOW,
            FROM,
        ),
        quiet=(
            HELLO,
            _("The transfer {number} of account credit was undone on {day}."),
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="share_given",
        word=_("Credit shared"),
        when=_("When somebody may use somebody else’s credit: to whose credit it is."),
        gaps=(NAME, PRACTICE, USER, LIMIT),
        subject=_("Who may use your account credit at {practice}"),
        body=(
            HELLO,
            _("{user} may now use your account credit at {practice}, {limit}."),
            HOW_TO_STOP,
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="share_changed",
        word=_("Sharing changed"),
        when=_("When it changes how much somebody may use: to whose credit it is."),
        gaps=(NAME, PRACTICE, USER, LIMIT),
        subject=_("Who may use your account credit at {practice}"),
        body=(
            HELLO,
            _("What {user} may use of your account credit at {practice} has changed: {limit}."),
            HOW_TO_STOP,
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="share_ended",
        word=_("Sharing ended"),
        when=_("When somebody may use it no more: to whose credit it is."),
        gaps=(NAME, PRACTICE, USER),
        subject=_("Who may use your account credit at {practice}"),
        body=(
            HELLO,
            _(
                "{user} may no longer use your account credit at {practice}. "
                "What it has paid stays paid."
            ),
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="low_credit",
        word=_("Credit is low"),
        when=_("Once, when a use of their credit takes it below the amount in the settings."),
        gaps=(NAME, PRACTICE, LEFT),
        subject=_("Your account credit at {practice} is low"),
        body=(
            HELLO,
            _("{credit_left} of account credit is left to you."),
            _("You can add to it at your next visit, or ask us how to pay ahead."),
            FROM,
        ),
        quiet=(
            HELLO,
            _("Little of your account credit is left."),
            _("You can add to it at your next visit, or ask us how to pay ahead."),
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="credit_expiring",
        word=_("Credit expires soon"),
        when=_("Once, some days before credit runs out; how many stands in the settings."),
        gaps=(
            NAME,
            PRACTICE,
            Gap("amount", _("What will expire"), amount=True),
            Gap("expires_on", _("The last day it can be used")),
            LEFT,
        ),
        subject=_("Account credit at {practice}: use it by {expires_on}"),
        body=(
            HELLO,
            _("{amount} of your account credit can be used until {expires_on}."),
            HOW_TO_USE,
            FROM,
        ),
        quiet=(
            HELLO,
            _("Some of your account credit can be used until {expires_on}."),
            HOW_TO_USE,
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="credit_expired",
        word=_("Credit expired"),
        when=_("When credit has run out."),
        gaps=(
            NAME,
            PRACTICE,
            Gap("amount", _("What has expired"), amount=True),
            Gap("expires_on", _("The last day it could be used")),
            LEFT,
        ),
        subject=_("Account credit at {practice} has expired"),
        body=(
            HELLO,
            _("{amount} of your account credit could be used until {expires_on} and has expired."),
            LEFT_NOW,
            _("If you meant to use it, please talk to us."),
            FROM,
        ),
        quiet=(
            HELLO,
            _("Account credit of yours could be used until {expires_on} and has expired."),
            _("If you meant to use it, please talk to us."),
            FROM,
        ),
        by_itself=True,
    ),
    Kind(
        name="refund",
        word=_("Refund"),
        when=_("When account credit is refunded."),
        gaps=(NAME, PRACTICE, NUMBER, AMOUNT, DAY, LEFT),
        subject=_("Refund {number} from {practice}"),
        body=(
            HELLO,
            _("We refunded {amount} of your account credit on {day} (refund {number})."),
            LEFT_NOW,
            FROM,
        ),
        quiet=(
            HELLO,
            _("We refunded account credit of yours on {day} (refund {number})."),
            FROM,
        ),
        by_itself=True,
    ),
)
