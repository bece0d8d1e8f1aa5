"""Money and dates as they are written, by currency and locale."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from creditwell.money.money import Money
from creditwell.web.components import tags
from creditwell.web.components.locale import current, written_in
from creditwell.web.components.statuses import SHAPES, STATUSES

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("locale", "minor", "currency", "money", "amount"),
    [
        ("en_AU", 9400, "AUD", "$94.00", "94.00"),
        ("en_AU", 114000, "AUD", "$1,140.00", "1,140.00"),
        ("en_AU", -14500, "AUD", "−$145.00", "−145.00"),
        ("en_AU", 0, "AUD", "$0.00", "0.00"),
        ("en_AU", 5, "AUD", "$0.05", "0.05"),
        ("en_AU", 123456789, "AUD", "$1,234,567.89", "1,234,567.89"),
        ("en_AU", 1140, "JPY", f"JPY{NBSP}1,140", "1,140"),
        ("en_AU", 1140250, "KWD", f"KWD{NBSP}1,140.250", "1,140.250"),
        ("en_AU", 9400, "EUR", "EUR94.00", "94.00"),
        ("en_IE", 9400, "EUR", "€94.00", "94.00"),
        ("en_GB", 9400, "GBP", "£94.00", "94.00"),
        ("de_DE", 114050, "EUR", f"1.140,50{NBSP}€", "1.140,50"),
        ("ja_JP", 1140, "JPY", "¥1,140", "1,140"),
    ],
)
def test_money_and_amount(locale, minor, currency, money, amount):
    with written_in(locale):
        written = tags.money(Money(minor, currency)).replace(f"EUR{NBSP}", "EUR")
        assert written.replace("￥", "¥") == money
        assert tags.amount(Money(minor, currency)) == amount


def test_nothing_is_an_empty_cell():
    assert tags.amount(None) == tags.money(None) == tags.day(None) == tags.moment(None) == ""


def test_nil_is_a_dash_and_is_read_aloud():
    assert tags.dash(Money(0, "AUD")) == ('<span class="zero" role="img" aria-label="nil">–</span>')
    assert tags.dash(Money(5400, "AUD")) == "54.00"


def test_a_headline_is_taken_apart():
    assert tags.big(Money(-14550, "AUD")) == (
        '<span class="money money-xl">−<span class="cur">$</span>145'
        '<span class="cents">.50</span></span>'
    )
    assert "cents" not in tags.big(Money(1140, "JPY"))
    with written_in("de_DE"):
        assert tags.big(Money(14550, "EUR")).endswith('<span class="cur">€</span></span>')


def test_credit_is_plum_only_in_the_patients_favour():
    assert tags.credit_amount(Money(-14500, "AUD")) == '<span class="is-credit">−145.00</span>'
    assert tags.credit_amount(Money(14500, "AUD")) == "145.00"


def test_days_and_times():
    noon = datetime(2026, 11, 24, 1, 5, tzinfo=UTC)
    with timezone.override(ZoneInfo("Australia/Sydney")):
        assert tags.day(noon) == "24 Nov 2026"
        assert tags.clock(noon) == "12:05 pm"
        assert tags.moment(noon) == "24 Nov 2026, 12:05 pm"
        assert tags.day(datetime(2026, 11, 23, 22, 0, tzinfo=UTC)) == "24 Nov 2026"
    assert tags.day(date(2026, 6, 1)) == "1 June 2026"  # as CLDR has it for Australia
    assert tags.day_short(date(2026, 11, 24)) == "Tue 24 Nov"
    assert tags.day_long(date(2026, 11, 24)) == "Tuesday, 24 November 2026"
    assert tags.clock(time(9, 0)) == "9:00 am"
    with written_in("en_US"):
        assert tags.day(date(2026, 11, 24)) == "Nov 24, 2026"
        assert tags.day_short(date(2026, 11, 24)) == "Tue, Nov 24"
    with written_in("en_GB"):
        assert tags.clock(time(14, 30)) == "14:30"


def test_the_locale_lasts_as_long_as_its_block():
    with written_in("de_DE"):
        assert current() == "de_DE"
    assert current() == "en_AU"


def test_initials():
    assert tags.initials("Ilona Maria Szymańska") == "IS"
    assert tags.initials("Madonna") == "M"
    assert tags.initials("") == ""


@pytest.mark.parametrize("key", STATUSES)
def test_each_state_has_a_shape_and_a_word(key):
    state = STATUSES[key]
    assert state.shape in SHAPES
    assert str(state.word)
    assert str(state.word) in tags.status(key)
    assert "aria-hidden" in tags.dot(key)


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in tags.icon("plus")
    assert 'role="img" aria-label="Paid &amp; sent"' in tags.icon("check", "", "Paid & sent")


def test_cotton_and_partials_live_together():
    """Both rewrite the template loaders; a component that comes out as text says nothing else."""
    html = render_to_string("styleguide/_matches.html", {"matches": [], "question": None})
    assert "<c-" not in html
    page = render_to_string("404.html", {"sentence": "Gone."})
    assert "<c-" not in page
    assert "Gone." in page
