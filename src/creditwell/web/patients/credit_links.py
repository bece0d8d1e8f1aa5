"""What can be done with a patient's account credit, as the menu beside it offers it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.access import Member
from creditwell.web.patients.links import link_for_patient


@dataclass(frozen=True, slots=True)
class CreditLink:
    """A page that begins with the patient; `spends` where there must be credit."""

    name: str
    permission: str
    icon: str
    word: str | Promise
    spends: bool


@dataclass(frozen=True, slots=True)
class CreditWay:
    url: str
    icon: str
    word: str | Promise


LINKS = (
    CreditLink(
        "transfer_new", "credit.transfer", "arrow-right-left", _("Transfer credit"), spends=True
    ),
    CreditLink("refund_new", "payments.refund", "undo-2", _("Refund credit"), spends=True),
    CreditLink("voucher_redeem", "vouchers.redeem", "ticket", _("Redeem a voucher"), spends=False),
    CreditLink("gift_new", "credit.give", "gift", _("Give credit"), spends=False),
)


def credit_ways(member: Member, patient_id: int, *, has_credit: bool) -> tuple[CreditWay, ...]:
    """The pages that are there and that the member may open."""
    return tuple(
        CreditWay(url, link.icon, link.word)
        for link in LINKS
        if member.may(link.permission)
        and (has_credit or not link.spends)
        and (url := link_for_patient(link.name, patient_id))
    )
