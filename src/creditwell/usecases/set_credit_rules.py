"""The owner says how long credit lasts, and what becomes of it then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor, practice_facts
from creditwell.tenancy.countries import CreditLaw, credit_law
from creditwell.tenancy.models import ExpiredCredit
from creditwell.tenancy.operations import change_practice
from creditwell.usecases.update_practice import OutOfRange

LONGEST_MONTHS = 600
LONGEST_NOTICE = 365
HELD_TO_THE_LAW = ("credit_lasts_months", "voucher_lasts_months")


class ShorterThanLaw(Invalid):
    """Credit that was paid for may not run out so soon in this country."""

    code = "shorter_than_law"

    def __init__(self, law: CreditLaw, param: str) -> None:
        gaps = {"law": law.law, "count": law.months}
        super().__init__(
            _("Credit that was paid for may not expire here (%(law)s). Leave this empty.") % gaps
            if law.months is None
            else ngettext(
                "Credit that was paid for must last at least %(count)s month here (%(law)s). "
                "Enter that or more, or leave it empty: then it never expires.",
                "Credit that was paid for must last at least %(count)s months here (%(law)s). "
                "Enter that or more, or leave it empty: then it never expires.",
                law.months,
            )
            % gaps,
            param=param,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCreditRules:
    """
    All rules at once; months of None: it never expires. They hold for credit that comes from now
    on. `low_credit_minor` None: nobody is told that credit runs low.
    """

    practice_id: int
    by: Actor
    credit_lasts_months: int | None
    goodwill_lasts_months: int | None
    voucher_lasts_months: int | None
    expiry_notice_days: int
    expired_credit_into: str
    low_credit_minor: int | None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRulesSet:
    changed: list[str]


@usecase(CreditRulesSet)
def set_credit_rules(command: SetCreditRules, now: datetime) -> CreditRulesSet:
    """
    Write the rules.

    :raises ShorterThanLaw: for fewer months than the law of the practice's country asks
    :raises OutOfRange: for a number that nobody means
    """
    _check(command)
    rules = {
        name: getattr(command, name)
        for name in SetCreditRules.__dataclass_fields__
        if name not in {"practice_id", "by", "key"}
    }
    changed = change_practice(practice_id=command.practice_id, changes=rules)
    if changed:
        note(
            "set_credit_rules",
            ("practice", command.practice_id),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={name: list(pair) for name, pair in changed.items()},
        )
    return CreditRulesSet(changed=sorted(changed))


def _check(command: SetCreditRules) -> None:
    law = credit_law(practice_facts(command.practice_id).country)
    for name in ("credit_lasts_months", "goodwill_lasts_months", "voucher_lasts_months"):
        months = getattr(command, name)
        if months is None:
            continue
        if not 1 <= months <= LONGEST_MONTHS:
            raise OutOfRange(name)
        if name in HELD_TO_THE_LAW and (law.months is None or months < law.months):
            raise ShorterThanLaw(law, name)
    if not 0 <= command.expiry_notice_days <= LONGEST_NOTICE:
        raise OutOfRange("expiry_notice_days")
    if command.low_credit_minor is not None and command.low_credit_minor <= 0:
        raise OutOfRange("low_credit_minor")
    ExpiredCredit(command.expired_credit_into)
