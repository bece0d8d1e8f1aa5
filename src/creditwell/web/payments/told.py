"""What is said beside the payment form and after it was saved."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.money.money import Money
from creditwell.payments.queries_form import twin_of
from creditwell.tenancy.access import PracticeFacts
from creditwell.usecases.apply_credit import Applied
from creditwell.web.components.formats import money_text
from creditwell.web.payments.family import owners_of
from creditwell.web.payments.ground import Ground
from creditwell.web.payments.sheet import Reading
from creditwell.web.payments.typed import Typed


def twin_warning(
    practice: PracticeFacts, ground: Ground, received: Money, now: datetime, saved_id: int = 0
) -> str:
    """Words about the same sum from the same payer a moment ago, or ""; one query at most."""
    if ground.payer_id is None or not received:
        return ""
    twin = twin_of(
        practice_id=practice.id,
        payer_id=ground.payer_id,
        total_minor=received.minor,
        now=now,
        other_than=saved_id,
    )
    if twin is None:
        return ""
    facts = {
        "sum": money_text(received),
        "who": twin.recorded_by or _("a program"),
        "number": practice.receipt_number(twin.number),
    }
    words = (
        _("The same sum was recorded just before: receipt %(number)s. Void one if it is twice.")
        if saved_id
        else _(
            "A payment of %(sum)s was recorded by %(who)s a moment ago: receipt %(number)s. "
            "Save only if this is another one."
        )
    )
    return words % facts


def used_words(practice: PracticeFacts, ground: Ground, reading: Reading, applied: Applied) -> str:
    """What credit was used and what remains, of whose."""
    used = money_text(practice.money(applied.total_minor))
    owners = owners_of(ground, reading)
    if not owners:
        left = money_text(practice.money(applied.credit_after_minor))
        return _("%(used)s of account credit was used. %(left)s remains.") % {
            "used": used,
            "left": left,
        }
    remains = ", ".join(
        _("%(name)s has %(left)s") % {"name": one.owner, "left": money_text(one.after)}
        for one in owners
    )
    return _("%(used)s of account credit was used. What remains: %(remains)s.") % {
        "used": used,
        "remains": remains,
    }


def no_receipt(typed: Typed) -> str:
    """Said after only credit paid, if a receipt was asked for; else ""."""
    if not typed.email:
        return ""
    return _("No receipt was sent: no money was received, so there is none.")
