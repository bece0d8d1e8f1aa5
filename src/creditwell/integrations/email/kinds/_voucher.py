"""The letter that a gift voucher goes with. Its code stands in the PDF, never in the text."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from creditwell.integrations.email.kinds._shape import AMOUNT, FROM, HELLO, PRACTICE, Gap, Kind

UNTIL = _("It is valid until {expires_on}.")
HOW = _(
    "To use it, bring it to your visit, or tell us its code when you book. "
    "Whoever has the code can use it, so keep it like money."
)

VOUCHER = Kind(
    name="voucher",
    word=_("Gift voucher"),
    when=_("When somebody sends a gift voucher: at the sale, or from its page."),
    gaps=(
        Gap("name", _("Whom it is written to; empty when nobody was named"), always=False),
        PRACTICE,
        AMOUNT,
        Gap("expires_on", _("Its last day; empty when it does not expire"), always=False),
    ),
    subject=_("Gift voucher from {practice}"),
    body=(HELLO, _("A gift voucher of {amount} for {practice} is attached."), UNTIL, HOW, FROM),
    quiet=(HELLO, _("A gift voucher for {practice} is attached."), UNTIL, HOW, FROM),
)
