"""Forms of appointments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from creditwell.scheduling import queries
from creditwell.scheduling.models import CancelReason
from creditwell.scheduling.rules import MOST_REPEATS, NoSuchTime, Repeat, moment
from creditwell.tenancy.access import Member
from creditwell.web.components.fields import DayField, Form, TimeField
from creditwell.web.components.meanwhile import EditForm

EVERY = [
    (0, _("Does not repeat")),
    (1, _("Every week")),
    (2, _("Every 2 weeks")),
    (3, _("Every 3 weeks")),
    (4, _("Every 4 weeks")),
    (6, _("Every 6 weeks")),
    (8, _("Every 8 weeks")),
    (12, _("Every 12 weeks")),
]


def type_choices(member: Member, keep: int | None = None) -> list[tuple[int, str]]:
    """Types in use, and the one an appointment has already."""
    found = queries.types_of(practice_id=member.practice_id, archived=keep is not None)
    return [
        (
            one.id,
            _("%(name)s, %(minutes)s min") % {"name": one.name, "minutes": one.duration_minutes},
        )
        for one in found
        if not one.archived or one.id == keep
    ]


def practitioner_choices(member: Member, keep: int | None = None) -> list[tuple[int, str]]:
    found = queries.practitioners_of(practice_id=member.practice_id, archived=keep is not None)
    return [(one.id, one.name) for one in found if not one.archived or one.id == keep]


class SlotForm(EditForm):
    """Who, where, what and when: what booking and changing have in common."""

    appointment_type = forms.TypedChoiceField(label=_("Appointment type"), coerce=int)
    practitioner = forms.TypedChoiceField(label=_("Practitioner"), coerce=int)
    location = forms.TypedChoiceField(label=_("Location"), coerce=int)
    date = DayField(label=_("Date"))
    time = TimeField(label=_("Time"))
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=5,
        max_value=720,
        widget=forms.TextInput({"inputmode": "numeric", "placeholder": _("As the type")}),
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    anyway = forms.BooleanField(
        label=_("Book it all the same, outside of working hours"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        member: Member,
        keep_type: int | None = None,
        keep_practitioner: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.member = member
        locations = queries.locations_of(practice_id=member.practice_id)
        choices = {
            "appointment_type": type_choices(member, keep_type),
            "practitioner": practitioner_choices(member, keep_practitioner),
            "location": [(one.id, one.name) for one in locations],
        }
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = found
            if not found:
                field.error_messages["required"] = _("Add one in the settings first.")

    @property
    def asks_anyway(self) -> bool:
        """Whether to show the question: it was refused for that, or was ticked before."""
        return "anyway" in self.errors or bool(self.is_bound and self.data.get("anyway"))

    def clean(self) -> dict[str, Any]:
        """:raises NoSuchTime: as an error of the time"""
        values = super().clean() or {}
        if values.get("date") and values.get("time"):
            self.starts_at = self._moment(values)
        return values

    def _moment(self, values: dict[str, Any]) -> datetime | None:
        try:
            return moment(values["date"], values["time"], self.member.practice.zone)
        except NoSuchTime as refusal:
            self.refuse(refusal)
            return None

    def slot(self) -> dict[str, Any]:
        """The part of the command that this form fills."""
        values = self.cleaned_data
        return {
            "practitioner_id": values["practitioner"],
            "location_id": values["location"],
            "type_id": values["appointment_type"],
            "starts_at": self.starts_at,
            "minutes": values["minutes"],
            "notes": values["notes"].strip(),
            "anyway": values["anyway"],
        }


class BookingForm(SlotForm):
    """A new appointment; the patient comes from the picker beside it."""

    repeat_every = forms.TypedChoiceField(label=_("Repeat"), coerce=int, choices=EVERY, initial=0)
    repeat_count = forms.IntegerField(
        label=_("Visits in all"),
        required=False,
        min_value=1,
        max_value=MOST_REPEATS,
        widget=forms.TextInput({"inputmode": "numeric", "placeholder": "6"}),
    )
    only_free = forms.BooleanField(label=_("Book the free dates only"), required=False)
    package = forms.CharField(
        label=_("Package"), required=False, max_length=40, widget=forms.Select
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        unsaid = not values.get("repeat_count") and "repeat_count" not in self.errors
        if values.get("repeat_every") and unsaid:
            self.add_error("repeat_count", _("Say how many visits there will be in all."))
        return values

    @property
    def asks_only_free(self) -> bool:
        return "only_free" in self.errors or bool(self.is_bound and self.data.get("only_free"))

    def repeat(self) -> Repeat | None:
        values = self.cleaned_data
        if not values["repeat_every"]:
            return None
        return Repeat(every_weeks=values["repeat_every"], count=values["repeat_count"])


class MoveForm(Form):
    """Another time, and perhaps another practitioner."""

    date = DayField()
    time = TimeField()
    practitioner = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    anyway = forms.BooleanField(required=False)


class CancelForm(Form):
    """Why, and how much: one visit, the whole group, or this and the later ones of its series."""

    reason = forms.ChoiceField(choices=CancelReason.choices)
    comment = forms.CharField(max_length=200, required=False)
    later_too = forms.BooleanField(required=False)
