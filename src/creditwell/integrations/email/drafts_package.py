"""Letters about packages and memberships: from the event to what is to be written."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.integrations.email import facts_package as facts
from creditwell.integrations.email.facts import invoice_facts
from creditwell.integrations.email.operations import Draft
from creditwell.integrations.email.words import amount, day
from creditwell.outbox.deliver import Told
from creditwell.tenancy.access import PracticeFacts


def expiring(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """Unless it was used up or given more time meanwhile."""
    found = facts.package_left(practice, int(event.body["package_id"]))
    last = date.fromisoformat(event.body["expires_on"])
    if not found.free_units or found.expires_on != last:
        return []
    return [_draft(practice, "package_expiring", found, found.free_units)]


def one_left(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """Unless its use was taken back, or the last one used, meanwhile."""
    found = facts.package_left(practice, int(event.body["package_id"]))
    if found.free_units + found.booked_units != 1:
        return []
    return [_draft(practice, "package_last", found, 1)]


def expired(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """Unless it was given more time meanwhile."""
    found = facts.package_left(practice, int(event.body["package_id"]))
    if not found.expired_units or found.expires_on is None:
        return []
    return [_draft(practice, "package_expired", found, found.expired_units)]


def _draft(practice: PracticeFacts, kind: str, found: facts.LeftFacts, units: int) -> Draft:
    values = {
        "name": found.to.name,
        "left": left_words(practice, units, found.measure),
        "expires_on": day(practice, found.expires_on) if found.expires_on else "",
    }
    return Draft(kind=kind, to=found.to, values=values)


def left_words(practice: PracticeFacts, units: int, measure: str) -> str:
    """3 sessions, 45 minutes, $90.00; "" of money where amounts are kept out of emails."""
    if measure == "money":
        return amount(practice, practice.money(units))
    if measure == "minutes":
        return ngettext("%(count)s minute", "%(count)s minutes", units) % {"count": units}
    return ngettext("%(count)s session", "%(count)s sessions", units) % {"count": units}


def renewed(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """With the invoice, and what is to be paid of it: nothing if credit did."""
    found = facts.period_facts(practice, int(event.body["package_id"]))
    invoice = invoice_facts(practice, found.invoice_id, on=practice.day_of(now))
    due = invoice.due_on
    values = {
        "name": found.to.name,
        "number": invoice.number,
        "amount": amount(practice, invoice.total),
        "first": day(practice, found.starts_on),
        "last": day(practice, found.ends_on),
        "paid": "" if invoice.owing else _paid(from_credit=bool(event.body["from_credit"])),
        "owing": amount(practice, invoice.owing) if invoice.owing else "",
        "due_on": day(practice, due) if invoice.owing and due else "",
    }
    return [
        Draft(
            kind="membership_renewed",
            to=found.to,
            values=values,
            document="invoice",
            document_id=found.invoice_id,
        )
    ]


def _paid(*, from_credit: bool) -> str:
    if from_credit:
        return _("It was paid from your account credit; nothing remains to be done.")
    return _("Nothing is to be paid.")


def cancelled(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """Unless that was taken back meanwhile."""
    to, last_on = facts.member_of(practice, int(event.body["membership_id"]))
    if last_on is None:
        return []
    values = {"name": to.name, "last": day(practice, last_on)}
    return [Draft(kind="membership_cancelled", to=to, values=values)]
