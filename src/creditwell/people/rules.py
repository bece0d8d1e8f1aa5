"""Decisions about people, without the database."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid
from creditwell.people.models import ContactKind
from creditwell.people.words import Findable, digits_of, name_words, plain

OLDEST = 130
"""Years. Nobody who is treated is older."""

ALERT_LENGTH = 300

SAME_NUMBER = 8
"""Two phone numbers are the same when their last digits are, however the beginning is written."""


class Nameless(Invalid):
    """A person without a name cannot be found again."""

    code = "nameless"

    def __init__(self, param: str = "first_name") -> None:
        super().__init__(_("Enter a name."), param=param)


class NotBornYet(Invalid):
    """The day of birth lies in the future, or longer ago than anybody lives."""

    code = "date_of_birth"

    def __init__(self) -> None:
        super().__init__(_("Check the date of birth: nobody is born then."), param="date_of_birth")


class NotAnAddress(Invalid):
    """Nothing can be sent to this email address."""

    code = "email"

    def __init__(self, param: str) -> None:
        super().__init__(
            _("Check the email address: it should look like name@example.org."), param=param
        )


class NotAKind(Invalid):
    """A contact of a kind that does not exist."""

    code = "contact_kind"

    def __init__(self) -> None:
        super().__init__(_("Choose what kind of contact this is."), param="kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDetails:
    """What is known of a patient; ids are of rows of the same practice. See `models.Patient`."""

    first_name: str
    last_name: str = ""
    preferred_name: str = ""
    pronouns: str = ""
    date_of_birth: date | None = None
    email: str = ""
    phone: str = ""
    other_phone: str = ""
    address: str = ""
    concession_id: int | None = None
    alert: str = ""
    notes: str = ""
    bill_to_id: int | None = None
    invoice_to: str = ""
    invoice_email: str = ""
    referred_by_id: int | None = None

    @property
    def name(self) -> str:
        """As shown everywhere: first and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def findable(self) -> Findable:
        return Findable(
            names=(self.first_name, self.last_name, self.preferred_name),
            phones=(self.phone, self.other_phone),
            email=self.email,
            born_on=self.date_of_birth,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """What is known of somebody who is not treated."""

    kind: str
    name: str
    email: str = ""
    phone: str = ""
    address: str = ""
    notes: str = ""

    @property
    def findable(self) -> Findable:
        return Findable(names=(self.name,), phones=(self.phone,), email=self.email)


D = TypeVar("D", PatientDetails, ContactDetails)


def tidy_patient(details: PatientDetails, today: date) -> PatientDetails:
    """
    Take stray spaces away and refuse what cannot be meant.

    :raises Nameless: without any name
    :raises NotBornYet: born after today (in the practice's time zone) or too long ago
    :raises NotAnAddress: if an email address is none
    """
    tidy = _trimmed(details)
    if not tidy.first_name and tidy.last_name:
        tidy = replace(tidy, first_name=tidy.last_name, last_name="")
    if not name_words(tidy.name):
        raise Nameless
    born = tidy.date_of_birth
    if born is not None and (born > today or born.year < today.year - OLDEST):
        raise NotBornYet
    check_email(tidy.email, "email")
    check_email(tidy.invoice_email, "invoice_email")
    return tidy


def tidy_contact(details: ContactDetails) -> ContactDetails:
    """
    The same for a contact.

    :raises Nameless, NotAnAddress: as for patients
    :raises NotAKind: if there is no such kind of contact
    """
    tidy = _trimmed(details)
    if not name_words(tidy.name):
        raise Nameless("name")
    if tidy.kind not in ContactKind.values:
        raise NotAKind
    check_email(tidy.email, "email")
    return tidy


def age_on(born: date, today: date) -> int:
    """Full years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def split_name(typed: str) -> tuple[str, str]:
    """First and last name of what was typed in one field: the last word is the last name."""
    words = typed.split()
    if len(words) < 2:
        return " ".join(words), ""
    return " ".join(words[:-1]), words[-1]


def likely_same(one: PatientDetails, other: PatientDetails) -> str:
    """
    Why two records are likely to be one person, as a sentence; "" when they are not.

    Families share phones, addresses and days of birth: only together with a name do they count.
    """
    if one.date_of_birth and other.date_of_birth and one.date_of_birth != other.date_of_birth:
        return ""
    same_day = one.date_of_birth is not None and one.date_of_birth == other.date_of_birth
    if _plain_name(one) == _plain_name(other):
        return _("Same name and date of birth") if same_day else _("Same name")
    if not _first_names(one) & _first_names(other):
        return ""
    if _numbers(one) & _numbers(other):
        return _("Same first name and phone number")
    if one.email and plain(one.email) == plain(other.email):
        return _("Same first name and email address")
    return _("Same first name and date of birth") if same_day else ""


def _trimmed(details: D) -> D:
    changes: dict[str, Any] = {}
    for one in fields(details):
        value = getattr(details, one.name)
        if isinstance(value, str):
            changes[one.name] = value.strip() if one.name in MANY_LINES else " ".join(value.split())
    return replace(details, **changes)


MANY_LINES = frozenset({"address", "notes", "invoice_to"})


def check_email(text: str, param: str) -> None:
    if not text:
        return
    try:
        validate_email(text)
    except ValidationError as error:
        raise NotAnAddress(param) from error


def _plain_name(details: PatientDetails) -> list[str]:
    return sorted(name_words(details.name))


def _first_names(details: PatientDetails) -> set[str]:
    words = [name_words(name) for name in (details.first_name, details.preferred_name)]
    return {found[0] for found in words if found}


def _numbers(details: PatientDetails) -> set[str]:
    digits = (digits_of(phone) for phone in (details.phone, details.other_phone))
    return {number[-SAME_NUMBER:] for number in digits if len(number) >= SAME_NUMBER}
