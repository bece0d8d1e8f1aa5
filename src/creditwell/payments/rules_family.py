"""Whether credit may be used as asked: whose it is, for whom, within which cap. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from creditwell.credit.rules import Need, Purse, Use
from creditwell.money.money import Money
from creditwell.payments.rules import Problem, Worksheet


def needs_of(sheet: Worksheet, *, payer_id: int) -> list[Need]:
    """What a worksheet asks of credit, invoice by invoice: the payer's own first."""
    of_invoice = {row.invoice.id: row.invoice for row in sheet.rows}
    own = [
        Need(row.invoice.id, row.invoice.payer_id, row.credit.minor, payer_id)
        for row in sheet.rows
        if row.credit
    ]
    return own + [
        Need(use.invoice_id, of_invoice[use.invoice_id].payer_id, use.amount.minor, use.owner_id)
        for use in sheet.family
        if use.amount and use.invoice_id in of_invoice
    ]


def family_problems(
    sheet: Worksheet, purses: Sequence[Purse], *, payer_id: int, agreed: Collection[int]
) -> list[Problem]:
    """
    Why credit may not be used as asked: no permission, beyond its cap, more than the owner has, or
    the owner is to be asked first and did not agree yet.
    """
    found = {(purse.owner_id, purse.user_id): purse for purse in purses}
    used: dict[tuple[int, int], int] = {}
    problems = []
    for need in needs_of(sheet, payer_id=payer_id):
        owner_id = need.owner_id or payer_id
        field = _field(need, payer_id)
        purse = found.get((owner_id, need.user_id))
        if need.amount_minor < 0:
            problems.append(Problem(field, _("Enter an amount of zero or more.")))
        elif purse is None:
            problems.append(Problem(field, NOT_SHARED()))
        else:
            key = (owner_id, need.user_id)
            used[key] = used.get(key, 0) + need.amount_minor
            problems += _over(sheet, purse, used[key], field)
            if purse.mode == "ask" and owner_id not in agreed:
                problems.append(Problem(f"agreed-{owner_id}", _ask(purse)))
    return problems


def NOT_SHARED() -> str:  # noqa: N802  # a sentence, made in the language of whoever reads it
    return _(
        "This credit may not be used for this invoice. Its owner can allow it under Family on "
        "their page."
    )


def short_of(sheet: Worksheet, uses: Sequence[Use], *, payer_id: int) -> list[Problem]:
    """Where lots cannot give what was asked of them although the sums would allow it."""
    given: dict[tuple[int, int], int] = {}
    for use in uses:
        key = (use.invoice_id, use.lot.payer_id)
        given[key] = given.get(key, 0) + use.amount_minor
    return [
        Problem(
            _field(need, payer_id),
            _(
                "%(amount)s of this credit may only pay for other kinds of items, or was asked for "
                "twice. Use less of it here."
            )
            % {"amount": Money(missing, sheet.credit_before.currency).decimal},
        )
        for need in needs_of(sheet, payer_id=payer_id)
        if (
            missing := need.amount_minor
            - given.get((need.invoice_id, need.owner_id or payer_id), 0)
        )
        > 0
    ]


def _field(need: Need, payer_id: int) -> str:
    if need.owner_id in (None, payer_id):
        return f"credit-{need.invoice_id}"
    return f"family-{need.invoice_id}-{need.owner_id}"


def _over(sheet: Worksheet, purse: Purse, used_minor: int, field: str) -> list[Problem]:
    if used_minor <= purse.left_minor or (purse.own and field.startswith("credit-")):
        return []  # what is wrong with one's own credit is said once, of the whole
    over = Money(used_minor - purse.left_minor, sheet.credit_before.currency).decimal
    if purse.room_minor is not None and used_minor > purse.room_minor:
        sentence = _(
            "%(amount)s more than %(name)s allows is used of their credit. Use less of it."
        )
    else:
        sentence = _("%(amount)s more than %(name)s has is used of their credit. Use less of it.")
    return [Problem(field, sentence % {"amount": over, "name": purse.owner_name or _("the owner")})]


def _ask(purse: Purse) -> str:
    return _("Ask %(name)s first, and write down how they agreed.") % {"name": purse.owner_name}
