"""No field of any form speaks in Django's own words: a mistake says what to do."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.core import validators
from django.core.exceptions import ValidationError

import creditwell.web
from creditwell.web.components.fields import DayField, Form, MoneyField, TimeField
from creditwell.web.components.mistakes import OurWords, in_our_words


def forms_of_ours() -> list[type[forms.BaseForm]]:
    for module in pkgutil.walk_packages(creditwell.web.__path__, "creditwell.web."):
        import_module(module.name)

    def below(kind: type) -> Iterator[type]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return sorted(
        {one for one in below(forms.BaseForm) if one.__module__.startswith("creditwell.")},
        key=lambda one: (one.__module__, one.__qualname__),
    )


def djangos() -> set[str]:
    """All that Django's fields and validators say of a mistake."""
    kinds = [one for one in vars(forms).values() if isinstance(one, type)]
    said = {
        str(words)
        for kind in kinds
        if issubclass(kind, forms.Field)
        for words in getattr(kind, "default_error_messages", {}).values()
    }
    for one in vars(validators).values():
        if isinstance(one, type) and isinstance(words := getattr(one, "messages", {}), dict):
            said |= {str(text) for text in (*words.values(), getattr(one, "message", ""))}
    return said - {""}


DJANGOS = djangos()
OURS = forms_of_ours()


def test_there_is_something_to_look_at() -> None:
    assert len(OURS) > 50
    assert "This field is required." in DJANGOS


@pytest.mark.parametrize("kind", OURS, ids=lambda one: f"{one.__module__}.{one.__qualname__}")
def test_every_form_uses_our_words(kind: type[forms.BaseForm]) -> None:
    assert issubclass(kind, OurWords)
    for name, before in kind.base_fields.items():
        field = deepcopy(before)
        in_our_words(field)
        for code, words in field.error_messages.items():
            if code == "required" and not field.required:
                continue
            assert str(words) not in DJANGOS, (name, code)
        for one in field.validators:
            code = getattr(one, "code", "")
            if isinstance(one, validators.BaseValidator):
                words = field.error_messages.get(code, one.message)
                assert str(words) not in DJANGOS, (name, code)


class Sample(Form):
    """One field of each kind that pages have, and one that is added late."""

    text = forms.CharField(max_length=5, min_length=2)
    email = forms.EmailField()
    count = forms.IntegerField(min_value=2, max_value=9)
    share = forms.DecimalField(max_digits=3, decimal_places=1, max_value=50)
    day = DayField()
    time = TimeField()
    one = forms.ChoiceField(choices=[("a", "A")])
    coerced = forms.TypedChoiceField(choices=[("1", "A")], coerce=int)
    some = forms.MultipleChoiceField(choices=[("a", "A")])
    ticked = forms.BooleanField()
    own = forms.IntegerField(
        min_value=3, error_messages={"required": "How many?", "min_value": "Three at least."}
    )
    checked = forms.IntegerField(validators=[validators.MinValueValidator(3, "Three, please.")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["late"] = MoneyField("AUD")


EMPTY: dict[str, Any] = {}
NONSENSE = {
    "text": "abcdefgh",
    "email": "nobody",
    "count": "x",
    "share": "x",
    "day": "soon",
    "time": "late",
    "one": "z",
    "coerced": "z",
    "some": ["z"],
    "own": "1",
    "checked": "1",
    "late": "much",
}
BEYOND = {"text": "a", "count": "1", "share": "99.99", "own": "1", "checked": "2", "late": "-1"}
MUCH = {"count": "10", "share": "51", "text": "a\x00b"}


@pytest.mark.parametrize("sent", [EMPTY, NONSENSE, BEYOND, MUCH])
def test_whatever_is_sent_is_answered_in_our_words(sent: dict[str, Any]) -> None:
    form = Sample(sent)
    assert not form.is_valid()
    said = {name: list(errors) for name, errors in form.errors.items()}
    assert set(said) >= {name for name in sent if name in form.fields}
    heads = tuple(words.split("%")[0] for words in DJANGOS)
    for name, sentences in said.items():
        for sentence in sentences:
            assert not sentence.startswith(("Ensure", "Enter a valid", "Select a valid")), name
            assert sentence not in heads, name
            assert "%(" not in sentence, name


def test_what_a_form_says_itself_stays() -> None:
    assert Sample({}).errors["own"] == ["How many?"]
    form = Sample({"own": "1", "checked": "1"})
    assert form.errors["own"] == ["Three at least."]
    assert form.errors["checked"] == ["Three, please."]
    assert Sample({"text": "abcdefgh"}).errors["text"] == [
        "Shorten this to 5 characters; it has 8."
    ]
    with pytest.raises(ValidationError):
        DayField().clean("")
