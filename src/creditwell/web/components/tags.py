"""
Template tags and filters that every page has at hand (they are built in; no `{% load %}`).

Money filters take `creditwell.money.Money`; a wrong type is a defect and is raised.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from creditwell.web.components import formats
from creditwell.web.components.statuses import STATUSES, shape

if TYPE_CHECKING:
    from creditwell.money.money import Money

register = template.Library()


@register.simple_tag
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """
    Draw an icon of the sprite (see tools/vendor.toml for the names).

    Without `label` it is decoration; give one only where no word stands beside it.
    """
    drawing = f"{static('vendor/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="i {}" role="img" aria-label="{}"><use href="{}"/></svg>',
            cls,
            label,
            drawing,
        )
    return format_html('<svg class="i {}" aria-hidden="true"><use href="{}"/></svg>', cls, drawing)


@register.simple_tag
def status(key: str, word: str = "", cls: str = "") -> SafeString:
    """A chip with shape, word and colour; `word` replaces the usual one."""
    state = STATUSES[key]
    return format_html(
        '<span class="chip {} {}">{}{}</span>',
        state.tone,
        cls,
        shape(state.shape),
        word or state.word,
    )


@register.simple_tag
def dot(key: str) -> SafeString:
    """Only the shape of a state, for tight places that say the word elsewhere."""
    return shape(STATUSES[key].shape)


@register.filter
def word(key: str) -> str:
    """Only the word of a state."""
    return str(STATUSES[key].word)


@register.filter
def amount(value: Money | None) -> str:
    """1,140.00 for columns: no currency. None is an empty cell."""
    return "" if value is None else formats.amount_text(value)


@register.filter
def money(value: Money | None) -> str:
    """$94.00 for sentences and totals."""
    return "" if value is None else formats.money_text(value)


@register.filter
def big(value: Money) -> SafeString:
    """The figure of a headline: symbol and cents smaller than the whole."""
    parts = formats.money_parts(value)
    symbol = format_html('<span class="cur">{}</span>', parts.symbol)
    cents = format_html('<span class="cents">{}</span>', parts.cents) if parts.cents else ""
    if parts.symbol_first:
        figure = format_html("{}{}{}{}", parts.sign, symbol, parts.whole, cents)
    else:
        figure = format_html("{}{}{} {}", parts.sign, parts.whole, cents, symbol)
    return format_html('<span class="money money-xl">{}</span>', figure)


@register.filter
def dash(value: Money | None) -> str | SafeString:
    """Like `amount`, but nothing is a dash (read as "nil")."""
    if value:
        return formats.amount_text(value)
    return format_html('<span class="zero" role="img" aria-label="{}">–</span>', _("nil"))


@register.filter
def credit_amount(value: Money) -> str | SafeString:
    """A balance for a column: in the patient's favour (negative) it is plum."""
    text = formats.amount_text(value)
    return format_html('<span class="is-credit">{}</span>', text) if value.minor < 0 else text


@register.filter
def day(value: date | datetime | None) -> str:
    """24 Nov 2026."""
    return "" if value is None else formats.day_text(value)


@register.filter
def day_long(value: date | datetime) -> str:
    """Tuesday, 24 November 2026."""
    return formats.day_long_text(value)


@register.filter
def day_short(value: date | datetime) -> str:
    """Tue 24 Nov."""
    return formats.day_short_text(value)


@register.filter
def clock(value: datetime | time | None) -> str:
    """9:00 am."""
    return "" if value is None else formats.clock_text(value)


@register.filter
def moment(value: datetime | None) -> str:
    """24 Nov 2026, 9:00 am."""
    if value is None:
        return ""
    return _("%(day)s, %(clock)s") % {
        "day": formats.day_text(value),
        "clock": formats.clock_text(value),
    }


@register.filter
def initials(name: str) -> str:
    """Two letters for an avatar: first and last word of a name."""
    words = name.split()
    letters = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(part[0] for part in letters).upper()


@register.filter
def browser(agent: str) -> str:
    """Firefox on Linux: what a person calls the program that sent this User-Agent."""
    names = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome"}
    systems = {
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Android": "Android",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    name = next((word for sign, word in names.items() if sign in agent), "")
    name = name or ("Safari" if "Safari/" in agent else "")
    system = next((word for sign, word in systems.items() if sign in agent), "")
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or agent[:60] or _("Unknown browser")
