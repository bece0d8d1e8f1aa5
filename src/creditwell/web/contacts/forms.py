"""The form of a contact."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from creditwell.people.models import ContactKind
from creditwell.people.queries import ContactLine
from creditwell.people.rules import ContactDetails
from creditwell.web.components.meanwhile import EditForm

FIELDS = ("kind", "name", "email", "phone", "address", "notes")


class ContactForm(EditForm):
    """Everything that is known of a contact; see `people.models.Contact`."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContactKind.choices)
    name = forms.CharField(
        label=_("Name"), max_length=160, widget=forms.TextInput({"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("Email"), required=False)
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Printed on invoices that are billed to this contact."),
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any = None, *, contact: ContactLine | None = None) -> None:
        initial = {name: getattr(contact, name) for name in FIELDS} if contact else {}
        super().__init__(data, initial=initial)
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        if contact:
            self.guard()

    def details(self) -> ContactDetails:
        """What a valid form says."""
        return ContactDetails(**self.cleaned_data)
