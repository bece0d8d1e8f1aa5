"""The form of a patient."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from creditwell.kernel.errors import Refusal
from creditwell.people.models import ContactKind
from creditwell.people.queries import Duplicate, concession_choices, contact_choices
from creditwell.people.rules import PatientDetails
from creditwell.tenancy.access import Member
from creditwell.usecases.create_patient import LikelyDuplicate
from creditwell.web.components.fields import DayField
from creditwell.web.components.meanwhile import EditForm

LINKS = ("concession", "bill_to", "referred_by")


def _text(label: Any, length: int, **attrs: str) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attrs})
    return forms.CharField(label=label, max_length=length, required=False, widget=widget)


def _lines(label: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=4000, widget=forms.Textarea({"rows": rows})
    )


class PatientForm(EditForm):
    """Everything that is known of a patient; see `people.models.Patient`."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    last_name = _text(_("Last name"), 80)
    preferred_name = _text(_("Preferred name"), 80)
    pronouns = _text(_("Pronouns"), 40)
    date_of_birth = DayField(label=_("Date of birth"), required=False)
    email = forms.EmailField(label=_("Email"), required=False)
    phone = _text(_("Phone"), 40, type="tel")
    other_phone = _text(_("Other phone"), 40, type="tel")
    address = _lines(_("Address"), 3)
    concession = forms.TypedChoiceField(
        label=_("Concession"), required=False, coerce=int, empty_value=None
    )
    alert = _text(_("Alert"), 300)
    notes = _lines(_("Notes"), 4)
    bill_to = forms.TypedChoiceField(
        label=_("Bill to"), required=False, coerce=int, empty_value=None
    )
    invoice_to = _lines(_("Text on invoices"), 3)
    invoice_email = forms.EmailField(label=_("Email for invoices"), required=False)
    referred_by = forms.TypedChoiceField(
        label=_("Referred by"), required=False, coerce=int, empty_value=None
    )
    somebody_else = forms.BooleanField(label=_("This is somebody else"), required=False)

    def __init__(
        self, data: Any = None, *, member: Member, details: PatientDetails | None = None
    ) -> None:
        initial = _initial(details) if details else {}
        super().__init__(data, initial=initial)
        self.duplicates: list[Duplicate] = []
        self._offer(member.practice_id, details)
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        self.fields["invoice_email"].widget.attrs["autocomplete"] = "off"
        self.fields["alert"].help_text = _("Shown in red wherever this patient is shown.")
        self.fields["invoice_to"].help_text = _(
            "Printed as the addressee of invoices, instead of the name and address."
        )
        if details:
            self.guard()

    def _offer(self, practice_id: int, details: PatientDetails | None) -> None:
        concessions = concession_choices(
            practice_id=practice_id, chosen=details.concession_id if details else None
        )
        payers = contact_choices(
            practice_id=practice_id, chosen=details.bill_to_id if details else None
        )
        doctors = contact_choices(
            practice_id=practice_id,
            kind=ContactKind.DOCTOR,
            chosen=details.referred_by_id if details else None,
        )
        self._choices("concession", [("", _("None: full price")), *concessions])
        self._choices("bill_to", [("", _("The patient")), *payers])
        self._choices("referred_by", [("", _("Nobody")), *doctors])

    def _choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def details(self) -> PatientDetails:
        """What a valid form says."""
        values = {
            f"{name}_id" if name in LINKS else name: value
            for name, value in self.cleaned_data.items()
            if name != "somebody_else"
        }
        return PatientDetails(**values)

    def refuse(self, refusal: Refusal) -> None:
        """As in every form; likely duplicates are kept to be shown."""
        if isinstance(refusal, LikelyDuplicate):
            self.duplicates = refusal.duplicates
        super().refuse(refusal)


def _initial(details: PatientDetails) -> dict[str, Any]:
    return {
        name.removesuffix("_id"): "" if value is None else value
        for name, value in asdict(details).items()
    }
