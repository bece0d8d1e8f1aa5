"""What the page of one contact shows: their details, and their account as a payer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.people.queries import ContactLine, contact_facts
from creditwell.tenancy.access import Member
from creditwell.web.door.links import link_to, page_link
from creditwell.web.families.shares import SharePage, shares_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """A contact; a link that may not be followed, or leads nowhere, is ""."""

    facts: ContactLine
    owing: Money
    credit: Money
    balance: Money
    shares: tuple[SharePage, ...]
    payment_url: str
    transfer_url: str
    share_url: str
    explain_url: str
    statement_url: str
    edit_url: str
    archive_url: str


def contact_page(member: Member, pk: int, now: datetime) -> ContactPage:
    """
    Read one contact; five queries.

    :raises NotFound: if this practice has no such contact
    """
    facts = contact_facts(practice_id=member.practice_id, contact_id=pk)
    standing = standing_of(practice_id=member.practice_id, holder_id=facts.payer_id)
    shares = shares_of(member, [facts.payer_id], now, back=f"contact-{pk}")
    payments = link_to("payment_new")
    may_pay = member.may("payments.take") and payments and not facts.archived
    may_move = member.may("credit.transfer") and standing.credit_minor > 0
    may_share = member.may("credit.share") and not facts.archived
    may_edit = member.may("patients.edit")
    return ContactPage(
        facts=facts,
        owing=member.practice.money(standing.owing_minor),
        credit=member.practice.money(standing.credit_minor),
        balance=member.practice.money(standing.balance_minor),
        shares=shares.lines,
        payment_url=f"{payments}?payer={facts.payer_id}" if may_pay else "",
        transfer_url=f"{reverse('transfer_new')}?contact={pk}" if may_move else "",
        share_url=reverse("share_new", args=[facts.payer_id]) if may_share else "",
        explain_url=page_link("contact_explain", pk) if member.may("payments.view") else "",
        statement_url=page_link("contact_statement", pk) if member.may("payments.view") else "",
        edit_url=reverse("contact_edit", args=[pk]) if may_edit else "",
        archive_url=reverse("contact_archive", args=[pk]) if may_edit else "",
    )
