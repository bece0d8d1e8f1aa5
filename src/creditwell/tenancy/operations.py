"""Writes of practices, places and API keys (for people see staff.py), inside a use case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.tenancy.access import hash_secret
from creditwell.tenancy.countries import country_of, must_be_currency, must_be_time_zone
from creditwell.tenancy.models import ApiKey, Location, Practice
from creditwell.tenancy.permissions import SCOPES
from creditwell.tenancy.tokens import ApiToken


class LastLocation(Refusal):
    """A practice needs a place."""

    code = "last_location"

    def __init__(self) -> None:
        super().__init__(_("A practice needs at least one location. Add the other one first."))


class NameTaken(Refusal):
    """There is one of this name already."""

    code = "name_taken"

    def __init__(self) -> None:
        super().__init__(
            _("There is already one with this name. Choose another name."), param="name"
        )


REFUSED_BY["tenancy_location_name"] = NameTaken


class Required(Invalid):
    """Something has to be written here."""

    code = "required"

    def __init__(self, param: str) -> None:
        super().__init__(_("Write something here."), param=param)


def must_say(value: str, param: str) -> str:
    """
    The text without spaces around it.

    :raises Required: if nothing is left
    """
    if not (text := value.strip()):
        raise Required(param)
    return text


def locked_practice(practice_id: int) -> Practice:
    """The practice's row, kept by us until the transaction ends: staff changes queue here."""
    return Practice.objects.select_for_update().get(pk=practice_id)


def create_practice_row(*, name: str, country: str, at: datetime, **chosen: Any) -> Practice:
    """
    Make a practice with the usual ways of its country; `chosen` says what is different.

    :raises UnknownCountry, UnknownCurrency, UnknownTimeZone, Required:
    """
    usual = country_of(country)
    fields = {
        "currency": usual.currency,
        "time_zone": usual.time_zone,
        "locale": usual.locale,
        "tax_name": usual.tax_name,
        "tax_number_label": usual.tax_number_label,
        "prices_include_tax": usual.prices_include_tax,
        "cash_rounding_minor": usual.cash_rounding_minor,
        "payment_terms_days": usual.payment_terms_days,
        "week_starts_on": usual.week_starts_on,
        **chosen,
    }
    must_be_currency(fields["currency"])
    must_be_time_zone(fields["time_zone"])
    if fields["currency"] != usual.currency:
        fields["cash_rounding_minor"] = 1  # the country's coins say nothing of foreign money
    return Practice.objects.create(
        name=must_say(name, "name"), country=country, created_at=at, **fields
    )


def change_practice(*, practice_id: int, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Write what is different; returns old and new value of each field that changed."""
    practice = locked_practice(practice_id)
    changed = {
        name: [getattr(practice, name), value]
        for name, value in changes.items()
        if getattr(practice, name) != value
    }
    for name, (_old, new) in changed.items():
        setattr(practice, name, new)
    if changed:
        practice.save(update_fields=list(changed))
    return changed


def add_location(
    *, practice_id: int, name: str, address: str = "", phone: str = "", email: str = ""
) -> Location:
    """:raises NameTaken: through the database, if there is one of this name"""
    last = Location.objects.filter(practice_id=practice_id).aggregate(last=Max("position"))["last"]
    return Location.objects.create(
        practice_id=practice_id,
        name=must_say(name, "name"),
        address=address.strip(),
        phone=phone.strip(),
        email=email.strip(),
        position=0 if last is None else last + 1,
    )


def change_location(*, practice_id: int, location_id: int, **fields: str) -> Location:
    """:raises NotFound, Required: and NameTaken through the database"""
    location = _location(practice_id, location_id)
    for name, value in fields.items():
        setattr(location, name, value.strip())
    location.name = must_say(location.name, "name")
    _save(location, list(fields))
    return location


def archive_location(
    *, practice_id: int, location_id: int, archived: bool, at: datetime
) -> Location:
    """
    Put a location away, or bring it back.

    :raises NotFound: :raises LastLocation: if it is the only one in use
    """
    locked_practice(practice_id)
    location = _location(practice_id, location_id)
    others = Location.objects.filter(practice_id=practice_id, archived_at__isnull=True)
    if archived and not others.exclude(pk=location_id).exists():
        raise LastLocation
    location.archived_at = at if archived else None
    _save(location, ["archived_at"])
    return location


def create_api_key(
    *, practice_id: int, name: str, scopes: tuple[str, ...], token: ApiToken, by: int, at: datetime
) -> ApiKey:
    """:raises Required: without a name or without a scope"""
    wanted = [scope for scope in SCOPES if scope in scopes]
    if not wanted:
        raise Required("scopes")
    return ApiKey.objects.create(
        practice_id=practice_id,
        name=must_say(name, "name"),
        prefix=token.prefix,
        secret_hash=hash_secret(token.secret),
        scopes=wanted,
        created_by_id=by,
        created_at=at,
    )


def revoke_api_key(*, practice_id: int, api_key_id: int, at: datetime) -> ApiKey:
    """:raises NotFound: if no such key is in force"""
    key = (
        ApiKey.objects.select_for_update()
        .filter(practice_id=practice_id, pk=api_key_id, revoked_at__isnull=True)
        .first()
    )
    if key is None:
        raise NotFound
    key.revoked_at = at
    _save(key, ["revoked_at"])
    return key


def _save(row: Location | ApiKey, fields: list[str]) -> None:
    """Update by the whole key: (practice_id, id)."""
    type(row)._default_manager.filter(practice_id=row.practice_id, pk=row.pk).update(
        **{name: getattr(row, name) for name in fields}
    )


def _location(practice_id: int, location_id: int) -> Location:
    found = Location.objects.filter(practice_id=practice_id, pk=location_id).first()
    if found is None:
        raise NotFound
    return found
