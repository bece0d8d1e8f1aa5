"""Letters with a gift voucher: at its sale to whom was asked for, and later to who was typed."""

from __future__ import annotations

from datetime import date, datetime

from creditwell.integrations.email.facts import Addressee, of_payer
from creditwell.integrations.email.operations import Draft
from creditwell.integrations.email.words import amount, day
from creditwell.outbox.deliver import Told
from creditwell.payments.queries_vouchers import VoucherLine, voucher_line
from creditwell.people.models import Payer
from creditwell.tenancy.access import PracticeFacts


def sold(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """To the recipient or the buyer, as it was asked at the sale, or to nobody."""
    if not event.body["email_to"]:
        return []
    line = _line(practice, event, now)
    to = _buyer(practice, line) if event.body["email_to"] == "buyer" else _recipient(line)
    return _drafts(practice, line, to)


def requested(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    """To the address that was typed; greeted by name only where it is known whose that is."""
    line = _line(practice, event, now)
    email = str(event.body["to"])
    known = (_recipient(line), _buyer(practice, line))
    stranger = Addressee(payer_id=line.payer_id, name="", email=email)
    to = next((one for one in known if one.email.lower() == email.lower()), stranger)
    return _drafts(practice, line, to)


def _line(practice: PracticeFacts, event: Told, now: datetime) -> VoucherLine:
    today: date = practice.day_of(now)
    return voucher_line(practice, int(event.body["voucher_id"]), today=today)


def _recipient(line: VoucherLine) -> Addressee:
    """Who gets it need be no patient: the letter is kept under the voucher."""
    return Addressee(payer_id=line.payer_id, name=line.recipient_name, email=line.recipient_email)


def _buyer(practice: PracticeFacts, line: VoucherLine) -> Addressee:
    return of_payer(Payer.objects.get(practice_id=practice.id, pk=line.buyer_payer_id))


def _drafts(practice: PracticeFacts, line: VoucherLine, to: Addressee) -> list[Draft]:
    """Of one that was disabled or taken back meanwhile nobody is written to."""
    if line.state == "disabled":
        return []
    values = {
        "name": to.name,
        "amount": amount(practice, line.value),
        "expires_on": day(practice, line.expires_on) if line.expires_on else "",
    }
    return [Draft(kind="voucher", to=to, values=values, document="voucher", document_id=line.id)]
