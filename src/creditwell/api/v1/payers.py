"""Whose money it is: named by patient, by contact, or by the payer behind them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from pydantic import Field

from creditwell.api.auth import Call
from creditwell.api.errors import WrongCurrency
from creditwell.api.shapes import Currency, Filters, Id, In, QueryId
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.people.models import Contact, Patient


class NoPayer(Invalid):
    """Exactly one of `patient_id`, `contact_id` and `payer_id` says whose money it is."""

    code = "no_payer"

    def __init__(self) -> None:
        super().__init__(
            _("Say whose money it is: send one of patient_id, contact_id and payer_id."),
            param="patient_id",
        )


class PayerIn(In):
    """Whose money it is: exactly one of the three. Every patient and contact has a `payer_id`."""

    patient_id: Id | None = None
    contact_id: Id | None = None
    payer_id: Id | None = None
    currency: Currency | None = None


class PayerFilters(Filters):
    """Of one payer, named by one of the three."""

    patient_id: QueryId | None = Field(None, description="Only this patient's.")
    contact_id: QueryId | None = Field(None, description="Only this contact's.")
    payer_id: QueryId | None = Field(None, description="Only this payer's.")


def payer_of(call: Call, asked: PayerIn) -> int:
    """
    Whom an act is about. A `payer_id` is taken as it is: the act itself looks it up and locks it.

    :raises NoPayer: unless exactly one is named
    :raises NotFound: if the patient or contact is not of this practice
    :raises WrongCurrency: if the request means other money than the practice's
    """
    require_currency(call, asked.currency)
    found = _named(call, asked.patient_id, asked.contact_id, asked.payer_id)
    if found is None:
        raise NoPayer
    return found


def payer_filter(call: Call, asked: PayerFilters) -> int | None:
    """The payer that a list is asked for, or None for all. Refuses as `payer_of` does."""
    return _named(call, asked.patient_id, asked.contact_id, asked.payer_id)


def require_currency(call: Call, currency: str | None) -> None:
    """:raises WrongCurrency: if the request means other money than the practice's"""
    if currency is not None and currency != call.currency:
        raise WrongCurrency(call.currency)


def _named(
    call: Call, patient_id: int | None, contact_id: int | None, payer_id: int | None
) -> int | None:
    named = [pk for pk in (patient_id, contact_id, payer_id) if pk is not None]
    if not named:
        return None
    if len(named) > 1:
        raise NoPayer
    if payer_id is not None:
        return payer_id
    table = Patient if patient_id is not None else Contact
    rows = table._default_manager.filter(practice_id=call.practice_id, pk=named[0])
    found: int | None = rows.values_list("payer_id", flat=True).first()
    if found is None:
        raise NotFound(param="patient_id" if patient_id is not None else "contact_id")
    return found
