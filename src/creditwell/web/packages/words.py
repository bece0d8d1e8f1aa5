"""What a package on offer says of itself, in whole sentences: content, validity, rules, worth."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from creditwell.money.money import Money
from creditwell.packages.models import Sharing, UsableWhen
from creditwell.packages.queries_products import PartFacts, ProductFacts, Worth
from creditwell.packages.rules_products import TermsInput
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.countries import credit_law
from creditwell.web.components.formats import amount_text, money_text

FEW = 4
"""So many names or shares are listed one by one."""

SHARING: dict[str, str | Promise] = {
    Sharing.NOBODY: gettext_lazy("Only the patient can use it."),
    Sharing.FAMILY: gettext_lazy("Members of the family can use it if the patient allows it."),
    Sharing.ANYBODY: gettext_lazy("Anybody can use it whom the patient allows it."),
}
USABLE: dict[str, str | Promise] = {
    UsableWhen.AT_ONCE: gettext_lazy("It can be used at once, paid or not."),
    UsableWhen.PAID: gettext_lazy("It can be used when its invoice is paid."),
}


def names_text(names: Sequence[str]) -> str:
    """Massage, Physio and 3 more."""
    if len(names) <= FEW:
        return ", ".join(names)
    return _("%(names)s and %(count)s more") % {
        "names": ", ".join(names[: FEW - 1]),
        "count": len(names) - FEW + 1,
    }


def content_text(product: ProductFacts, practice: PracticeFacts) -> str:
    """5 × Massage; any 10 of Massage, Physio; 300 minutes of Massage; $500.00 for Massage."""
    return ", ".join(
        part_text(part, product.terms.measure, practice, first=not n)
        for n, part in enumerate(product.parts)
    )


def part_text(part: PartFacts, measure: str, practice: PracticeFacts, *, first: bool = True) -> str:
    """What one part contains."""
    names = part.name or names_text(part.covers)
    gaps = {"count": part.units, "names": names}
    if measure == "money":
        gaps["sum"] = money_text(practice.money(part.units))
        return _("%(sum)s to spend on %(names)s") % gaps
    if measure == "minutes":
        return (
            ngettext("%(count)s minute of %(names)s", "%(count)s minutes of %(names)s", part.units)
            % gaps
        )
    if part.name or len(part.covers) == 1:
        return _("%(count)s × %(names)s") % gaps
    return (
        _("Any %(count)s of %(names)s") % gaps if first else _("any %(count)s of %(names)s") % gaps
    )


def span_text(count: int, unit: str) -> str:
    """6 months."""
    words = {
        "day": ngettext("%(count)s day", "%(count)s days", count),
        "week": ngettext("%(count)s week", "%(count)s weeks", count),
        "month": ngettext("%(count)s month", "%(count)s months", count),
        "year": ngettext("%(count)s year", "%(count)s years", count),
    }
    return words[unit] % {"count": count}


def every_text(count: int, unit: str) -> str:
    """Every month; every 2 weeks."""
    if count > 1:
        return _("every %(span)s") % {"span": span_text(count, unit)}
    return {
        "day": _("every day"),
        "week": _("every week"),
        "month": _("every month"),
        "year": _("every year"),
    }[unit]


def validity_text(terms: TermsInput) -> str:
    """How long it is good for."""
    if terms.renews_count is not None:
        return _("Renews %(every)s") % {"every": every_text(terms.renews_count, terms.renews_unit)}
    if terms.valid_count is None:
        return _("No end")
    span = {"span": span_text(terms.valid_count, terms.valid_unit)}
    if terms.valid_from == "first_use":
        return _("%(span)s from the first visit") % span
    return _("%(span)s from the sale") % span


def validity_sentence(terms: TermsInput) -> str:
    """The same as a sentence."""
    if terms.renews_count is not None:
        return _("It renews %(every)s until it is cancelled.") % {
            "every": every_text(terms.renews_count, terms.renews_unit)
        }
    if terms.valid_count is None:
        return _("It has no end.")
    span = {"span": span_text(terms.valid_count, terms.valid_unit)}
    if terms.valid_from == "first_use":
        return _("It is good for %(span)s from the first visit.") % span
    return _("It is good for %(span)s from the sale.") % span


def rollover_text(terms: TermsInput, practice: PracticeFacts) -> str:
    """What becomes of what is left when it renews; "" of what does not renew."""
    if terms.renews_count is None:
        return ""
    most = terms.rollover_most
    if not most:
        return _("What is left lapses when it renews.")
    said = {
        "sessions": ngettext("%(most)s session", "%(most)s sessions", most) % {"most": most},
        "minutes": ngettext("%(most)s minute", "%(most)s minutes", most) % {"most": most},
        "money": money_text(practice.money(most)),
    }
    return _("Up to %(most)s of what is left roll over when it renews.") % {
        "most": said[terms.measure]
    }


def law_text(practice: PracticeFacts) -> str:
    """What the country asks of credit that was paid for; "" where no minimum is known."""
    law = credit_law(practice.country)
    if not law.law:
        return ""
    if law.months is None:
        return _(
            "Credit that was paid for may not expire here (%(law)s). Whether this package counts "
            "as such, your adviser knows."
        ) % {"law": law.law}
    return ngettext(
        "Credit that was paid for lasts at least %(count)s month here (%(law)s). Whether this "
        "package counts as such, your adviser knows.",
        "Credit that was paid for lasts at least %(count)s months here (%(law)s). Whether this "
        "package counts as such, your adviser knows.",
        law.months,
    ) % {"count": law.months, "law": law.law}


def cancel_text(terms: TermsInput) -> str:
    """What becomes of a session when its visit is cancelled."""
    kept = _kept(terms.late_cancel_percent)
    if not terms.late_cancel_percent:
        return _("A visit that is cancelled gives its session back.")
    if not terms.notice_hours:
        return _("A visit that is cancelled after it began: %(kept)s.") % {"kept": kept}
    return ngettext(
        "A visit that is cancelled less than %(hours)s hour before: %(kept)s.",
        "A visit that is cancelled less than %(hours)s hours before: %(kept)s.",
        terms.notice_hours,
    ) % {"hours": terms.notice_hours, "kept": kept}


def no_show_text(terms: TermsInput) -> str:
    """The same when nobody comes."""
    return _("A visit that nobody comes to: %(kept)s.") % {"kept": _kept(terms.no_show_percent)}


def _kept(percent: int) -> str:
    if percent == 0:
        return _("the session is given back")
    if percent == 100:
        return _("the session is used up")
    if percent == 50:
        return _("half of the session is kept, the other half is given back")
    return _("%(percent)s%% of the session are kept, the rest is given back") % {"percent": percent}


def tax_text(product: ProductFacts) -> str:
    """When its tax is due; "" where it has none."""
    if not product.tax_name:
        return ""
    if not product.tax_percent:
        return product.tax_name
    gaps = {"tax": product.tax_name}
    if product.tax_at_use:
        return _("%(tax)s is due as the package is used.") % gaps
    return _("%(tax)s is due at the sale.") % gaps


def fee_text(terms: TermsInput, practice: PracticeFacts) -> str:
    """What a refund costs; "" if nothing."""
    if not terms.refund_fee_minor:
        return ""
    fee = money_text(practice.money(terms.refund_fee_minor))
    return _("A refund of what is left costs %(fee)s.") % {"fee": fee}


def worth_lines(
    worth: Worth, *, measure: str, names: Sequence[str], units: Sequence[int]
) -> tuple[str, ...]:
    """What a session comes to, part by part: "Massage: 33.33, 33.33, 33.34"."""
    lines = []
    for name, count, shares in zip(names, units, worth.shares, strict=True):
        text = _worth(shares, measure, count)
        lines.append(f"{name}: {text}" if len(names) > 1 and name else text)
    return tuple(lines)


def _worth(shares: Sequence[Money], measure: str, units: int) -> str:
    if measure == "money":
        whole = shares[0].currency
        return _("%(paid)s buys %(worth)s to spend") % {
            "paid": money_text(shares[0]),
            "worth": money_text(Money(units, whole)),
        }
    if measure == "minutes":
        hour = min(60, units)
        part = Money((shares[0].minor * hour * 2 + units) // (units * 2), shares[0].currency)
        return ngettext(
            "%(count)s minute is worth %(sum)s", "%(count)s minutes are worth %(sum)s", hour
        ) % {"count": hour, "sum": money_text(part)}
    if len(shares) <= FEW:
        return ", ".join(amount_text(one) for one in shares)
    counted: dict[Money, int] = {}
    for one in shares:
        counted[one] = counted.get(one, 0) + 1
    return ", ".join(
        _("%(count)s × %(sum)s") % {"count": count, "sum": amount_text(one)}
        for one, count in counted.items()
    )


def singly_text(worth: Worth) -> str:
    """What the same sessions cost one by one, and how much less the package is."""
    if worth.singly is None:
        return ""
    gaps = {"sum": money_text(worth.singly)}
    saved = worth.singly - worth.charged
    if saved.minor <= 0:
        return _("Singly: %(sum)s.") % gaps
    gaps["saved"] = money_text(saved)
    return _("Singly: %(sum)s. The package saves %(saved)s.") % gaps
