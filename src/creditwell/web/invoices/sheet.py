"""
The invoice form as a whole: what was typed, what it comes to, and what is to be written.

What was typed is kept as text by field, so that a line can be added, removed or filled in from the
catalogue without losing anything; only a form that is sent for good is checked and complains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from creditwell.catalog.models import ItemKind
from creditwell.invoicing.lines import LineInput, priced_lines, total_of
from creditwell.invoicing.operations import Content
from creditwell.invoicing.rules import Amounts
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import amount_text
from creditwell.web.invoices.catalogue import Catalogue, read_catalogue
from creditwell.web.invoices.forms import HeadForm, LineForm, id_of

Typed = dict[str, str]
LINE_FIELDS = tuple(LineForm.base_fields)
HEAD_FIELDS = tuple(HeadForm.base_fields)
MOST_LINES = 60
BLANK: Typed = {"quantity": "1"}
SAYS_SOMETHING = ("item", "description", "price", "discount")


@dataclass
class Typing:
    """What stands in the form, as text."""

    patient: str = ""
    patient_q: str = ""
    key: str = ""
    for_patient: str = ""  # whose usual addressee stands in the form
    head: Typed = field(default_factory=dict)
    lines: list[Typed] = field(default_factory=lambda: [dict(BLANK)])

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Typing:
        """What a browser sent; too many lines are cut off."""
        count = min(id_of(data.get("lines", "")) or 0, MOST_LINES)
        return cls(
            patient=data.get("patient", ""),
            patient_q=data.get("patient-q", "").strip()[:80],
            key=data.get("key", "")[:100],
            for_patient=data.get("for_patient", ""),
            head={name: data.get(name, "") for name in HEAD_FIELDS},
            lines=[
                {name: data.get(f"line-{n}-{name}", "") for name in LINE_FIELDS}
                for n in range(count)
            ],
        )

    @property
    def patient_id(self) -> int | None:
        return id_of(self.patient)

    @property
    def item_ids(self) -> set[int]:
        return {pk for line in self.lines if (pk := id_of(line.get("item", "")))}


class Sheet:
    """The form with everything it offers. Bound (`send=True`) it checks and complains."""

    def __init__(
        self, member: Member, typing: Typing, *, send: bool = False, invoice_id: int | None = None
    ) -> None:
        self.practice = member.practice
        self.typing = typing
        self.catalogue: Catalogue = read_catalogue(
            member,
            patient_id=typing.patient_id,
            item_ids=typing.item_ids,
            invoice_id=invoice_id,
        )
        self._address()
        if send:
            typing.lines = [line for line in typing.lines if _says_something(line)]
        self.changed_items = self._fill_in(send=send)
        if not typing.lines:
            typing.lines = [dict(BLANK)]
        self.send = send
        self.focus = ""  # id of the field that takes the focus
        self.patient_error = ""
        self.head = HeadForm(catalogue=self.catalogue, **self._given(typing.head))
        self.lines = [
            LineForm(
                catalogue=self.catalogue, prefix=f"line-{n}", **self._given(line, f"line-{n}-")
            )
            for n, line in enumerate(typing.lines)
        ]
        self.amounts: Amounts | None = None

    def _given(self, typed: Typed, prefix: str = "") -> dict[str, Any]:
        if self.send:
            return {"data": {f"{prefix}{name}": text for name, text in typed.items()}}
        return {"initial": typed}

    def _address(self) -> None:
        """A newly chosen patient brings their usual addressee, and their own appointments."""
        patient, typing = self.catalogue.patient, self.typing
        if patient is None or typing.for_patient == typing.patient:
            return
        typing.for_patient = typing.patient
        typing.head["bill_to"] = str(patient.details.bill_to_id or "")
        typing.head["bill_to_text"] = patient.details.invoice_to
        if typing.head.get("attendee") not in dict(self.catalogue.visit_choices()):
            typing.head["attendee"] = ""

    def _fill_in(self, *, send: bool) -> list[int]:
        """
        Take description, price and tax of newly chosen items from the catalogue; returns the lines
        whose item was exchanged for another one.
        """
        exchanged = []
        for n, line in enumerate(self.typing.lines):
            item = self.catalogue.items.get(id_of(line.get("item", "")) or 0)
            before = line.get("filled", "")
            if item is None:
                line["filled"] = line["listed"] = ""
                continue
            price = amount_text(item.price)
            if before != str(item.id):
                _take(line, "description", item.name, over=bool(before))
                _take(line, "price", price, over=bool(before))
                line["tax"] = (
                    str(item.tax_rate_id or "") if before or not line.get("tax") else line["tax"]
                )
                if before:
                    exchanged.append(n)
            elif line.get("price") == line.get("listed"):
                line["price"] = price  # another patient, another concession
            if item.kind == ItemKind.PACKAGE and before != str(item.id) and not send:
                line["quantity"] = "1"
            line["filled"], line["listed"] = str(item.id), price
        return exchanged

    @property
    def credit(self) -> Money | None:
        """The patient's account credit, if there is any."""
        minor = self.catalogue.standing.credit_minor
        return self.practice.money(minor) if minor else None

    # --- what it comes to -------------------------------------------------------------------------

    def work_out(self) -> None:
        """Price what can be priced: `amounts` of the whole and `amount` of each line."""
        forms = []
        for form in self.lines:
            checked = form if self.send else self._checked(form)
            if _says_something(self.typing.lines[form.index]):
                if not checked.is_valid():
                    return
                forms.append((form, checked.line()))
        self._price(forms)

    def _checked(self, form: LineForm) -> LineForm:
        data = {
            f"{form.prefix}-{name}": text for name, text in self.typing.lines[form.index].items()
        }
        return LineForm(data, catalogue=self.catalogue, prefix=form.prefix)

    def _price(self, forms: list[tuple[LineForm, LineInput]]) -> None:
        patient = self.catalogue.patient
        if not forms:
            self.amounts = Amounts.zero(self.practice.currency)
            return
        try:
            rows = priced_lines(
                practice=self.practice,
                lines=[line for _form, line in forms],
                concession_id=patient.details.concession_id if patient else None,
            )
        except Refusal as refusal:
            self.refuse(refusal)
            return
        for (form, _line), row in zip(forms, rows, strict=True):
            shown = "total_minor" if self.practice.prices_include_tax else "net_minor"
            form.amount = self.practice.money(row[shown])
        self.amounts = total_of(self.practice, rows)

    # --- what is to be written --------------------------------------------------------------------

    def is_valid(self) -> bool:
        """Check everything, and say at each place what is wrong."""
        assert self.send, "only a form that was sent is checked"
        if self.catalogue.patient is None:
            self.patient_error = _("Choose the patient.")
        for n in self.changed_items:
            self.lines[n].add_error(
                "item",
                _("The item was exchanged, so its price was filled in anew. Check it, then save."),
            )
        valid = [self.head.is_valid(), *(form.is_valid() for form in self.lines)]
        return all(valid) and not self.patient_error

    def content(self) -> Content:
        """What the invoice says; only of a valid form."""
        head, patient = self.head, self.catalogue.patient
        assert patient is not None
        data = head.cleaned_data
        return Content(
            patient_id=patient.id,
            lines=tuple(form.line() for form in self.lines),
            attendee_id=head.chosen("attendee"),
            practitioner_id=head.chosen("practitioner"),
            location_id=head.chosen("location"),
            bill_to_id=head.chosen("bill_to"),
            bill_to_text=data["bill_to_text"].strip(),
            bill_to_patient=True,
            notes=data["notes"].strip(),
            issued_on=data["issued_on"],
            due_on=data["due_on"],
        )

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal where it belongs: at its line, its field, or above all."""
        if refusal.position is not None:
            if self.send:
                form = self.lines[refusal.position]
                form.is_valid()
                form.add_error("discount", refusal.sentence)
        elif refusal.param == "patient":
            self.patient_error = refusal.sentence
        elif self.send:
            self.head.refuse(refusal)

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Everything that is wrong: (id of the field, its name, sentence)."""
        if not self.send:
            return []
        found = [("", "", str(error)) for error in self.head.non_field_errors()]
        if self.patient_error:
            found.append(("patient", _("Patient"), self.patient_error))
        for form in (self.head, *self.lines):
            for bound in form:
                label = str(bound.label)
                if isinstance(form, LineForm):
                    label = _("Line %(number)s, %(field)s") % {
                        "number": form.number,
                        "field": label,
                    }
                found += [(bound.id_for_label, label, str(error)) for error in bound.errors]
        return found


def _says_something(line: Typed) -> bool:
    return any(line.get(name, "").strip() for name in SAYS_SOMETHING)


def _take(line: Typed, name: str, text: str, *, over: bool) -> None:
    if over or not line.get(name, "").strip():
        line[name] = text
