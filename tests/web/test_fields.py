"""What a person types is read as they meant it, or refused with a sentence."""

from __future__ import annotations

from datetime import date, time

import pytest
from django import forms
from django.core.exceptions import ValidationError

from creditwell.kernel.errors import Invalid
from creditwell.money.money import Money
from creditwell.web.components.fields import DayField, Form, MoneyField, TimeField, read_amount
from creditwell.web.components.locale import written_in


@pytest.mark.parametrize(
    ("locale", "currency", "text", "minor"),
    [
        ("en_AU", "AUD", "1,140", 114000),
        ("en_AU", "AUD", "1140", 114000),
        ("en_AU", "AUD", "$94", 9400),
        ("en_AU", "AUD", "$ 1,140.50", 114050),
        ("en_AU", "AUD", " 94 ", 9400),
        ("en_AU", "AUD", "94.5", 9450),
        ("en_AU", "AUD", ".5", 50),
        ("en_AU", "AUD", "94.", 9400),
        ("en_AU", "AUD", "94.50 AUD", 9450),
        ("en_AU", "AUD", "AUD 94.50", 9450),
        ("en_AU", "AUD", "٩٤", 9400),
        ("en_AU", "AUD", "0", 0),
        ("en_AU", "NZD", "$94", 9400),
        ("en_NZ", "NZD", "$94", 9400),
        ("en_AU", "JPY", "1,140", 1140),
        ("ja_JP", "JPY", "¥1,140", 1140),
        ("en_AU", "KWD", "1.250", 1250),
        ("en_IE", "EUR", "€94.50", 9450),
        ("de_DE", "EUR", "94,50", 9450),
        ("de_DE", "EUR", "1.140,50 €", 114050),
        ("fr_FR", "EUR", "1 140,50", 114050),
    ],
)
def test_is_read(locale, currency, text, minor):
    with written_in(locale):
        assert read_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("locale", "currency", "text", "code"),
    [
        ("en_AU", "AUD", "94.505", "too_fine"),
        ("en_AU", "JPY", "94.5", "too_fine"),
        ("en_AU", "KWD", "1.2505", "too_fine"),
        ("en_AU", "AUD", "94,50", "not_an_amount"),
        ("en_AU", "AUD", "1,14", "not_an_amount"),
        ("de_DE", "EUR", "94.50", "not_an_amount"),
        ("en_AU", "AUD", "ninety", "not_an_amount"),
        ("en_AU", "AUD", "€94", "not_an_amount"),
        ("en_AU", "AUD", "1e5", "not_an_amount"),
        ("en_AU", "AUD", "NaN", "not_an_amount"),
        ("en_AU", "AUD", "$", "not_an_amount"),
        ("en_AU", "AUD", "1.2.3", "not_an_amount"),
        ("en_AU", "AUD", "94²", "not_an_amount"),
        ("en_AU", "AUD", "-5", "negative"),
        ("en_AU", "AUD", "−$5", "negative"),
        ("en_AU", "AUD", "99999999999999", "too_large"),
        ("en_AU", "AUD", "9" * 400, "too_large"),
    ],
)
def test_is_refused(locale, currency, text, code):
    with written_in(locale), pytest.raises(ValidationError) as caught:
        read_amount(text, currency)
    assert caught.value.code == code
    assert caught.value.messages[0].endswith(".")


def test_a_minus_is_read_where_it_is_allowed():
    assert read_amount("−$5.25", "AUD", negative=True) == Money(-525, "AUD")
    assert read_amount("-5", "AUD", negative=True) == Money(-500, "AUD")


def test_too_fine_says_what_to_write():
    with pytest.raises(ValidationError) as caught:
        read_amount("94.505", "AUD")
    assert caught.value.messages == ["Write at most 2 decimals, like 94.50."]
    with pytest.raises(ValidationError) as caught:
        read_amount("94.5", "JPY")
    assert caught.value.messages == ["JPY has no smaller coin. Write a whole amount."]


class Sample(Form):
    amount = MoneyField("AUD", label="Amount")
    tip = MoneyField("AUD", required=False)
    on = DayField()
    at = TimeField(required=False)
    name = forms.CharField()
    order = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "A")], required=False)


GOOD = {"amount": "1,140", "on": "2026-11-24", "at": "14:30", "name": "Ilona"}


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_beyond_reckoning_is_refused(text: str) -> None:
    form = Sample({**GOOD, "on": text})
    assert not form.is_valid()
    assert form.errors["on"] == ["Choose a day between the years 1900 and 2200."]
    assert Sample({**GOOD, "on": "2200-12-31"}).is_valid()


def test_a_form_gives_money_and_days():
    form = Sample(GOOD)
    assert form.is_valid()
    assert form.cleaned_data["amount"] == Money(114000, "AUD")
    assert form.cleaned_data["tip"] is None
    assert form.cleaned_data["on"] == date(2026, 11, 24)
    assert form.cleaned_data["at"] == time(14, 30)


def test_days_and_times_typed_by_hand():
    form = Sample({**GOOD, "on": "24/11/2026", "at": "2:30 pm"})
    assert form.is_valid()
    assert (form.cleaned_data["on"], form.cleaned_data["at"]) == (date(2026, 11, 24), time(14, 30))
    assert Sample({**GOOD, "on": "24.13.2026"}).errors["on"] == [
        "This is not a day. Write it like 2026-11-24."
    ]


def test_a_refused_form_keeps_what_was_typed_and_connects_its_sentence():
    form = Sample({**GOOD, "amount": "94.505"})
    html = str(form["amount"])
    assert 'value="94.505"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_amount_error"' in html


def test_widgets():
    form = Sample(initial={"amount": Money(114000, "AUD"), "on": date(2026, 11, 24)})
    amount = str(form["amount"])
    assert 'type="text"' in amount
    assert 'inputmode="decimal"' in amount
    assert 'class="in money-in"' in amount
    assert 'value="1,140.00"' in amount
    assert 'type="date"' in str(form["on"])
    assert 'value="2026-11-24"' in str(form["on"])
    assert 'type="time"' in str(form["at"])
    assert 'class="in"' in str(form["name"])
    assert "class=" not in str(form["order"])


def test_an_amount_written_otherwise_has_not_changed():
    field = MoneyField("AUD")
    assert not field.has_changed(Money(9400, "AUD"), "$94")
    assert field.has_changed(Money(9400, "AUD"), "95")
    assert field.has_changed(Money(9400, "AUD"), "ninety")


def test_a_refusal_stands_at_its_field_or_on_top():
    form = Sample(GOOD)
    assert form.is_valid()
    form.refuse(Invalid("Too much.", param="amount"))
    form.refuse(Invalid("Closed.", param="elsewhere"))
    assert form.errors["amount"] == ["Too much."]
    assert form.non_field_errors() == ["Closed."]
