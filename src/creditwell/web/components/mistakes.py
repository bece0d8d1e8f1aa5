"""
What a field says of a mistake when its form says nothing better: what to do, in our words.

Django's own sentences say what is wrong ("This field is required."); whoever has somebody in front
of them wants to know what to do. A form's own `error_messages` win.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _

Words = dict[str, Any]

TEXT: Words = {
    "required": _("Fill this in."),
    "max_length": _("Shorten this to %(limit_value)d characters; it has %(show_value)d."),
    "min_length": _("Write at least %(limit_value)d characters; this has %(show_value)d."),
    "null_characters_not_allowed": _("This has a character that cannot be kept. Type it anew."),
}
NUMBER: Words = {
    "required": _("Fill in a number."),
    "max_value": _("Enter %(limit_value)s or less."),
    "min_value": _("Enter %(limit_value)s or more."),
}
# The nearest kind of a field comes first.
WORDS: tuple[tuple[type[forms.Field], Words], ...] = (
    (
        forms.DecimalField,
        {
            **NUMBER,
            "invalid": _("Write a number, like 12.5."),
            "max_digits": _("Write a shorter number, of at most %(max)s digits."),
            "max_decimal_places": _("Write at most %(max)s decimals."),
            "max_whole_digits": _("Write at most %(max)s digits before the decimal point."),
        },
    ),
    (forms.IntegerField, {**NUMBER, "invalid": _("Write a whole number, like 3.")}),
    (forms.DateField, {"required": _("Choose a day."), "invalid": _("This is not a day.")}),
    (forms.TimeField, {"required": _("Enter a time."), "invalid": _("This is not a time.")}),
    (
        forms.EmailField,
        {
            **TEXT,
            "required": _("Enter an email address."),
            "invalid": _("This is not an email address. Check it."),
        },
    ),
    (
        forms.MultipleChoiceField,
        {
            "required": _("Choose at least one."),
            "invalid_choice": _("“%(value)s” cannot be chosen any more. Choose another."),
            "invalid_list": _("Choose from the list."),
        },
    ),
    (
        forms.ChoiceField,
        {
            "required": _("Choose one."),
            "invalid_choice": _("This cannot be chosen any more. Choose another."),
        },
    ),
    (forms.BooleanField, {"required": _("Tick this to go on.")}),
    (
        forms.JSONField,
        {"required": _("Try again."), "invalid": _("This could not be read. Try again.")},
    ),
    (
        forms.FileField,
        {
            "required": _("Choose a file."),
            "invalid": _("No file came. Choose it again."),
            "missing": _("No file came. Choose it again."),
            "empty": _("This file is empty. Choose another."),
            "contradiction": _("Choose a file or take it away, not both."),
            "invalid_image": _("This is not a picture. Choose another file."),
        },
    ),
    (forms.Field, TEXT),
)


class OurWords:
    """A form whose fields say mistakes in our words; before Django's form among its bases."""

    fields: dict[str, forms.Field]

    def full_clean(self) -> None:
        """As in every form, once each field knows its words; some fields are added late."""
        for field in self.fields.values():
            in_our_words(field)
        super().full_clean()  # type: ignore[misc]  # of the form that it is mixed into


def in_our_words(field: forms.Field) -> None:
    """Put our words where the field would speak in Django's; what a form says itself stays."""
    kind = next(words for kind, words in WORDS if isinstance(field, kind))
    theirs = _djangos(type(field))
    own = {getattr(one, "code", "") for one in field.validators if _says_itself(one)}
    for code, words in kind.items():
        said = field.error_messages.get(code)
        if code not in own and (said is None or str(said) == str(theirs.get(code))):
            field.error_messages[code] = words


def _djangos(kind: type[forms.Field]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.startswith("django."):
            found |= getattr(one, "default_error_messages", {})
    return found


def _says_itself(one: Any) -> bool:
    """Whether a validator was given a sentence of its own."""
    return isinstance(one, validators.BaseValidator) and str(one.message) != str(type(one).message)
