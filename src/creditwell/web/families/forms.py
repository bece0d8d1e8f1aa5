"""Forms of families and permissions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.credit.queries_share import ShareLine
from creditwell.credit.sharing import CAPPED, NOTE_LENGTH, Terms
from creditwell.people.families import NAME_LENGTH, RELATION_LENGTH
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.fields import Form, MoneyField

PLAIN_TEXT = {"autocomplete": "off"}


def _relation(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=RELATION_LENGTH,
        required=False,
        widget=forms.TextInput(PLAIN_TEXT),
        help_text=gettext_lazy("In your own words: mother, son, partner, carer."),
    )


class FamilyForm(Form):
    """A new family: its name, and what the first two are in it."""

    name = forms.CharField(
        label=gettext_lazy("Name of the family"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(PLAIN_TEXT),
    )
    own_relation = _relation("")
    relation = _relation(gettext_lazy("Their place in the family"))

    def __init__(self, data: Any = None, *, first_name: str, name: str) -> None:
        super().__init__(data, initial={"name": name})
        self.fields["own_relation"].label = _("%(name)s’s place in the family") % {
            "name": first_name
        }


class NameForm(Form):
    """The name of a family."""

    name = forms.CharField(
        label=gettext_lazy("Name of the family"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput({**PLAIN_TEXT, "autofocus": True}),
    )


class MemberForm(Form):
    """What a new member is in the family; who it is comes from the picker."""

    relation = _relation(gettext_lazy("Their place in the family"))


class ShareForm(Form):
    """How much may be used, and how the owner agreed."""

    mode = forms.ChoiceField(widget=forms.RadioSelect)
    note = forms.CharField(
        max_length=NOTE_LENGTH, required=False, widget=forms.TextInput(PLAIN_TEXT)
    )

    def __init__(
        self,
        data: Any = None,
        *,
        practice: PracticeFacts,
        owner: str,
        stands: ShareLine | None = None,
    ) -> None:
        initial = {"mode": stands.mode, "note": stands.note} if stands else {}
        super().__init__(data, initial=initial)
        gaps = {"owner": owner}
        mode = self.fields["mode"]
        assert isinstance(mode, forms.ChoiceField)
        mode.label = _("How much may be used?")
        mode.choices = [
            ("always", _("Always: whatever credit %(owner)s has") % gaps),
            ("monthly", _("Up to an amount each month")),
            ("total", _("Up to an amount in all, counted from the day you save this")),
            ("ask", _("Ask %(owner)s first, each time") % gaps),
        ]
        mode.error_messages["required"] = _("Choose how much may be used.")
        cap = stands.cap_minor if stands else None
        self.fields["cap"] = MoneyField(
            practice.currency,
            required=False,
            label=_("Amount"),
            initial=practice.money(cap) if cap is not None else None,
            help_text=_("For a permission up to an amount."),
        )
        self.fields["note"].label = _("How did %(owner)s agree?") % gaps
        self.fields["note"].help_text = _("By phone, at the desk, on a signed form.")

    def terms(self) -> Terms:
        """What a valid form says; an amount beside a permission without one is left out."""
        mode, cap = self.cleaned_data["mode"], self.cleaned_data["cap"]
        capped = mode in CAPPED and cap is not None
        return Terms(
            mode=mode, cap_minor=cap.minor if capped else None, note=self.cleaned_data["note"]
        )
