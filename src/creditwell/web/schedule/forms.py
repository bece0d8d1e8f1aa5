"""Forms of practitioners, their hours and time off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.scheduling.models import Hue
from creditwell.scheduling.operations import HoursInput
from creditwell.scheduling.queries import HoursBrief, LocationBrief
from creditwell.scheduling.rules import NoSuchTime, midnight, moment
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.fields import DayField, Form, TimeField
from creditwell.web.components.meanwhile import EditForm

WEEKDAYS = [
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
]
LEAST_SPANS = 2
"""A morning and an afternoon; a day that has more shows more."""


class PractitionerForm(EditForm):
    """Name, colour, numbers, and who signs in as them."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    profession = forms.CharField(label=gettext_lazy("Profession"), max_length=80, required=False)
    provider_number = forms.CharField(
        label=gettext_lazy("Provider number"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Printed on invoices and receipts."),
    )
    user = forms.TypedChoiceField(
        label=gettext_lazy("Signs in as"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=gettext_lazy("Their own week opens first when they sign in."),
    )
    hue = forms.ChoiceField(
        label=gettext_lazy("Colour in the calendar"),
        choices=Hue.choices,
        widget=forms.RadioSelect,
        initial=Hue.SEA,
    )
    archived = forms.BooleanField(
        label=gettext_lazy("Does not work here any more"),
        required=False,
        help_text=gettext_lazy("Leaves the calendar; appointments and invoices stay."),
    )

    def __init__(self, *args: Any, staff: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.fields["user"]
        assert isinstance(user, forms.TypedChoiceField)
        user.choices = [("", _("Nobody")), *staff]
        if "initial" in kwargs:
            self.guard()


@dataclass(frozen=True, slots=True)
class Span:
    """The three fields of one stretch of a weekday."""

    starts_at: BoundField
    ends_at: BoundField
    location: BoundField


class HoursForm(Form):
    """A week of working hours: for each weekday some stretches, each with its location."""

    def __init__(
        self,
        data: Any = None,
        *,
        hours: Sequence[HoursBrief] = (),
        locations: Sequence[LocationBrief],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.locations = locations
        self.spans: dict[int, int] = {}
        for weekday, word in enumerate(WEEKDAYS):
            given = [one for one in hours if one.weekday == weekday]
            self.spans[weekday] = max(LEAST_SPANS, len(given))
            for n in range(self.spans[weekday]):
                self._add(weekday, n, str(word), given[n] if n < len(given) else None)

    def _add(self, weekday: int, n: int, word: str, given: HoursBrief | None) -> None:
        gaps = {"day": word, "number": n + 1}
        begins = TimeField(required=False, label=_("%(day)s, %(number)s: from") % gaps)
        ends = TimeField(required=False, label=_("%(day)s, %(number)s: to") % gaps)
        choices = [(one.id, one.name) for one in self.locations]
        where = forms.TypedChoiceField(
            coerce=int,
            choices=choices,
            required=False,
            label=_("%(day)s, %(number)s: location") % gaps,
        )
        for name, field in (("from", begins), ("to", ends), ("at", where)):
            field.widget.attrs["class"] = "in"
            self.fields[f"h{weekday}-{n}-{name}"] = field
        if given is not None:
            self.initial[f"h{weekday}-{n}-from"] = given.starts_at
            self.initial[f"h{weekday}-{n}-to"] = given.ends_at
            self.initial[f"h{weekday}-{n}-at"] = given.location_id

    @property
    def week(self) -> list[tuple[str, list[Span]]]:
        """The weekdays with their fields, for the page."""
        return [
            (str(word), [self._span(weekday, n) for n in range(self.spans[weekday])])
            for weekday, word in enumerate(WEEKDAYS)
        ]

    def _span(self, weekday: int, n: int) -> Span:
        return Span(*(self[f"h{weekday}-{n}-{name}"] for name in ("from", "to", "at")))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for weekday, count in self.spans.items():
            for n in range(count):
                starts, ends = (values.get(f"h{weekday}-{n}-{name}") for name in ("from", "to"))
                if (starts is None) is not (ends is None):
                    missing = "to" if ends is None else "from"
                    if f"h{weekday}-{n}-{missing}" not in self.errors:
                        self.add_error(
                            f"h{weekday}-{n}-{missing}", _("Say both, or leave both empty.")
                        )
        return values

    def hours(self) -> tuple[HoursInput, ...]:
        """What was filled in."""
        found = []
        for weekday, count in self.spans.items():
            for n in range(count):
                starts, ends, where = (
                    self.cleaned_data[f"h{weekday}-{n}-{name}"] for name in ("from", "to", "at")
                )
                if starts is not None and ends is not None:
                    found.append(
                        HoursInput(
                            weekday=weekday,
                            starts_at=starts,
                            ends_at=ends,
                            location_id=where or self.locations[0].id,
                        )
                    )
        return tuple(found)


class BlockForm(Form):
    """Time off: whole days, or from a time to a time."""

    first_day = DayField(label=gettext_lazy("From day"))
    first_time = TimeField(label=gettext_lazy("at"), required=False)
    last_day = DayField(label=gettext_lazy("To day"), required=False)
    last_time = TimeField(label=gettext_lazy("until"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=120, required=False)

    def __init__(self, *args: Any, practice: PracticeFacts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.practice = practice

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("first_day"):
            last = values.get("last_day") or values["first_day"]
            try:
                self.starts_at = self._edge(values["first_day"], values.get("first_time"), 0)
                self.ends_at = self._edge(last, values.get("last_time"), 1)
            except NoSuchTime as refusal:
                self.add_error(None, refusal.sentence)
                return values
            if self.ends_at <= self.starts_at:
                where = "last_day" if values.get("last_day") else "last_time"
                self.add_error(where, _("The end must be later than the beginning."))
        return values

    def _edge(self, day: Any, at: time | None, days: int) -> datetime:
        """A time of a day; without one its first moment, or that of the day after."""
        if at is not None:
            return moment(day, at, self.practice.zone)
        return midnight(day + timedelta(days=days), self.practice.zone)
