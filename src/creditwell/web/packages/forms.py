"""Forms of what is done with a package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.kernel.errors import Refusal
from creditwell.packages.changing import MOST_BONUS
from creditwell.packages.queries import PackageStanding
from creditwell.packages.transferring import NothingFree
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.fields import DayField, Form, MoneyField
from creditwell.web.packages.standings import figure, part_choices

LARGEST = 10**7
"""Of sessions or minutes: more than anybody means."""


def reason_field(*, required: bool = True) -> forms.CharField:
    """Why it is done; it stays in the history."""
    return forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=required,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Say why; it stays in the package’s history.")},
    )


def units_field(
    measure: str,
    practice: PracticeFacts,
    *,
    label: str,
    required: bool = True,
    most: int = LARGEST,
) -> forms.Field:
    """So many sessions or minutes, or so much money; `most` is what one is told that may be."""
    if measure == "money":
        return MoneyField(practice.currency, label=label, required=required)
    if measure == "minutes":
        label = _("%(what)s (minutes)") % {"what": label}
    bounds = _("Enter a number from 1 to %(most)s.") % {"most": figure(most, measure, practice)}
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=1,
        max_value=LARGEST,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Write a whole number, like 2."),
            "min_value": bounds,
            "max_value": bounds,
        },
    )


def so_much_label(name: str, measure: str) -> str:
    """The label of a box for a number of one kind of session: it says that it is a number."""
    word = _("How much: %(name)s") if measure == "money" else _("How many: %(name)s")
    return word % {"name": name}


def chose_all() -> str:
    """Refuse a number that stands beside “all”: to drop it silently would give away too much."""
    return _("You typed how much, but chose all. Choose “Only so much”, or clear the number.")


def as_units(value: Any) -> int | None:
    """What such a field holds as units; None if it was left empty."""
    if value is None:
        return None
    return value if isinstance(value, int) else int(value.minor)


class ActForm(Form):
    """A form about one package. `whom`: what use cases call somebody else that it asks for."""

    whom: tuple[str, ...] = ()

    def __init__(
        self, *args: Any, standing: PackageStanding, practice: PracticeFacts, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.standing, self.practice = standing, practice
        self.build()
        for name, field in self.fields.items():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "in")
            if name in self.initial:
                field.initial = self.initial[name]

    def build(self) -> None:
        """Add the fields that depend on the package."""

    def knows(self, refusal: Refusal) -> bool:
        """Whether something was asked for here that is not found, so that it is said here."""
        return refusal.param in self.fields or refusal.param in self.whom

    def add_part(self, *, free: bool) -> None:
        """Ask which part, where there are several; `free`: of those with something free."""
        choices = part_choices(self.standing, self.practice, free=free)
        gone = _("Nothing of it is free any more.")
        self.fields["part"] = forms.ChoiceField(
            label=_("Which sessions"),
            choices=choices,
            initial=choices[0][0] if choices else None,
            widget=forms.RadioSelect if len(choices) > 1 else forms.HiddenInput,
            error_messages={"required": gone, "invalid_choice": gone} if free else None,
        )

    def add_release(self, label: str) -> None:
        """Let booked visits give their sessions back: asked for, never by itself."""
        self.fields["release"] = forms.BooleanField(
            label=label,
            required=False,
            help_text=_("The appointments stay; they are not covered by the package then."),
        )


class ExtendForm(ActForm):
    """A later last day."""

    def build(self) -> None:
        self.fields["until"] = DayField(label=_("New last day"), required=False)
        self.fields["endless"] = forms.BooleanField(
            label=_("It has no end any more"), required=False
        )
        self.fields["reason"] = reason_field()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("until") and not data.get("endless") and "until" not in self.errors:
            self.add_error("until", _("Choose a day, or say that it has no end."))
        return data


class PauseForm(ActForm):
    """From when to when it rests."""

    def build(self) -> None:
        self.fields["from_on"] = DayField(label=_("First day of the pause"))
        self.fields["resumes_on"] = DayField(
            label=_("Usable again on"),
            required=False,
            help_text=_("Leave it empty if nobody knows yet, and resume it when the time comes."),
        )
        self.fields["reason"] = reason_field()
        self.add_release(_("Let visits that are booked in the pause give their sessions back"))


class ResumeForm(ActForm):
    """The end of a pause; a reason if there is one."""

    def build(self) -> None:
        self.fields["reason"] = reason_field(required=False)


class BonusForm(ActForm):
    """How many of which sessions are added for nothing."""

    def build(self) -> None:
        self.add_part(free=False)
        measure = self.standing.measure
        most = MOST_BONUS if measure == "sessions" else LARGEST
        self.fields["units"] = units_field(
            measure, self.practice, label=_("How many are added"), most=most
        )
        self.fields["reason"] = reason_field()


class UseForm(ActForm):
    """What was used without an appointment, by whom, and when."""

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        self.people = list(people)
        super().__init__(*args, **kwargs)

    def build(self) -> None:
        self.add_part(free=True)
        if len(self.people) == 1:
            self.fields["patient"] = forms.ChoiceField(
                choices=self.people, initial=self.people[0][0], widget=forms.HiddenInput
            )
        else:
            self.fields["patient"] = forms.ChoiceField(
                label=_("Who used it"),
                choices=self.people,
                initial=self.people[0][0],
                widget=forms.RadioSelect,
            )
        self.fields["on"] = DayField(label=_("Used on"))
        if self.standing.measure != "sessions":
            self.fields["units"] = units_field(
                self.standing.measure,
                self.practice,
                label=_("How much"),
                most=max((part.free for part in self.standing.parts), default=0) or 1,
            )
        self.fields["reason"] = reason_field(required=False)
        self.fields["reason"].label = _("Note")


class CoverForm(ActForm):
    """Which booked visit uses it."""

    def __init__(self, *args: Any, visits: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        self.visits = list(visits)
        super().__init__(*args, **kwargs)

    def build(self) -> None:
        self.fields["visit"] = forms.ChoiceField(
            label=_("Visits that have no session yet"),
            choices=self.visits,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose the visit.")},
        )


class WhoForm(ActForm):
    """Somebody else: one of the family, or whom the picker finds."""

    whom = ("to", "patient")

    def __init__(
        self, *args: Any, relatives: Sequence[tuple[str, str]], other: bool, **kwargs: Any
    ) -> None:
        self.relatives, self.other = list(relatives), other
        super().__init__(*args, **kwargs)

    def add_relatives(self, label: str) -> None:
        """The family as choices, with somebody else last where that may be."""
        if not self.relatives:
            return
        choices = [*self.relatives, *([("", _("Somebody else"))] if self.other else [])]
        self.fields["relative"] = forms.ChoiceField(
            label=label,
            choices=choices,
            required=not self.other,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose who it is.")},
        )

    def refuse(self, refusal: Refusal) -> None:
        """To whom and how much are called otherwise here."""
        name = "relative" if refusal.param in self.whom else refusal.param
        name = "how" if name == "units" else name
        self.add_error(name if name in self.fields else None, refusal.sentence)


class ShareForm(WhoForm):
    """Who may use it too, and how much of it."""

    def build(self) -> None:
        self.add_relatives(_("Who may use it too"))
        self.fields["most_units"] = units_field(
            self.standing.measure,
            self.practice,
            label=_("Up to"),
            required=False,
            most=self.standing.total or 1,
        )
        self.fields["most_units"].help_text = _("In all. Empty: as much as there is.")
        self.fields["reason"] = reason_field(required=False)
        self.fields["reason"].label = _("How it was agreed")


class TransferForm(WhoForm):
    """To whom it goes, and how much of it."""

    how = forms.ChoiceField(
        label=gettext_lazy("How much goes"),
        choices=[
            ("all", gettext_lazy("All that is free")),
            ("some", gettext_lazy("Only so much:")),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )

    def build(self) -> None:
        how = self.fields.pop("how")
        self.add_relatives(_("Who gets it"))
        self.fields["how"] = how
        for part in self.standing.parts:
            if part.free:
                measure = self.standing.measure
                label = so_much_label(part.name, measure)
                field = units_field(measure, self.practice, label=label, required=False)
                field.widget.attrs["data-chooses"] = "id_how_1"
                field.error_messages["min_value"] = self._how_much(part.free)
                self.fields[f"part-{part.part_id}"] = field
        self.fields["reason"] = reason_field()

    def clean(self) -> dict[str, Any]:
        """Only so much has to be something, of one kind at least; beside all nothing is typed."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("how") == "all" and self._typed:
            self.add_error("how", chose_all())
        if data.get("how") == "some" and not self.errors and not self.chosen:
            part = next((one for one in self.standing.parts if one.free), None)
            if part is None:
                self.add_error("how", NothingFree().sentence)
            else:
                self.add_error(f"part-{part.part_id}", self._how_much(part.free))
        return data

    def _how_much(self, free: int) -> str:
        least, most = (figure(n, self.standing.measure, self.practice) for n in (1, free))
        return _("Enter how much goes, from %(least)s to %(most)s.") % {
            "least": least,
            "most": most,
        }

    @property
    def _typed(self) -> bool:
        names = (name for name in self.cleaned_data if name.startswith("part-"))
        return any(self.cleaned_data[name] is not None for name in names)

    @property
    def chosen(self) -> tuple[tuple[int, int], ...] | None:
        """(part, units) of what goes; None is all that is free."""
        if self.cleaned_data["how"] == "all":
            return None
        found = []
        for part in self.standing.parts:
            units = as_units(self.cleaned_data.get(f"part-{part.part_id}"))
            if units:
                found.append((part.part_id, units))
        return tuple(found)
