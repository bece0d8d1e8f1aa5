"""The sections of the settings page: those that are there and that the person may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.access import Member
from creditwell.web.door.links import link_to


@dataclass(frozen=True, slots=True)
class Section:
    """`name` is the name of a URL, `permission` what its door asks for."""

    name: str
    permission: str
    icon: str
    word: str | Promise
    about: str | Promise


@dataclass(frozen=True, slots=True)
class Way:
    url: str
    icon: str
    word: str | Promise
    about: str | Promise


GROUPS: tuple[tuple[str | Promise, tuple[Section, ...]], ...] = (
    (
        _("Practice"),
        (
            Section(
                "settings_general",
                "settings.edit",
                "building-2",
                _("General"),
                _("Name, tax number, time zone, hours"),
            ),
            Section(
                "settings_locations",
                "settings.edit",
                "map-pin",
                _("Locations"),
                _("Places where you treat"),
            ),
            Section(
                "practitioners",
                "calendar.view",
                "stethoscope",
                _("Practitioners"),
                _("Who treats, and when"),
            ),
            Section(
                "appointment_types",
                "calendar.view",
                "calendar-clock",
                _("Appointment types"),
                _("How long a visit is and what it bills"),
            ),
        ),
    ),
    (
        _("Money"),
        (
            Section(
                "settings_payments",
                "settings.edit",
                "receipt-text",
                _("Invoices and payments"),
                _("Numbers, terms, notes, rounding, what a payment pays first"),
            ),
            Section(
                "settings_credit",
                "settings.edit",
                "hourglass",
                _("Account credit"),
                _("How long it lasts, what becomes of it then"),
            ),
            Section(
                "settings_refunds",
                "settings.edit",
                "rotate-ccw",
                _("Refunds"),
                _("How much one person may give back alone"),
            ),
            Section("catalog_taxes", "catalog.view", "percent", _("Taxes"), _("Rates on invoices")),
            Section(
                "catalog_sources",
                "catalog.view",
                "wallet",
                _("Payment sources"),
                _("Cash, card, bank, health fund"),
            ),
            Section(
                "catalog_categories",
                "catalog.view",
                "tags",
                _("Categories"),
                _("Kinds of revenue: consultations, products, classes"),
            ),
            Section(
                "catalog_concessions",
                "catalog.view",
                "badge-percent",
                _("Concessions"),
                _("Pensioners, students: other prices"),
            ),
            Section(
                "settings_books",
                "books.close",
                "lock",
                _("Closing the books"),
                _("Up to which day nothing changes any more"),
            ),
        ),
    ),
    (
        _("People and safety"),
        (
            Section(
                "staff",
                "staff.manage",
                "users-round",
                _("Staff"),
                _("Roles, invitations, who may do what"),
            ),
            Section("messages", "messages.view", "mail", _("Messages"), _("What was sent to whom")),
            Section(
                "trail", "audit.view", "history", _("Audit trail"), _("Who did what, and when")
            ),
        ),
    ),
    (
        _("Connections"),
        (
            Section(
                "booking_settings",
                "settings.edit",
                "globe",
                _("Online booking"),
                _("What patients can book themselves"),
            ),
            Section(
                "online_payments",
                "settings.edit",
                "credit-card",
                _("Online payments"),
                _("Cards over the internet"),
            ),
            Section("xero", "settings.edit", "plug", _("Xero"), _("Your accountant’s books")),
            Section(
                "api_keys", "api_keys.manage", "key", _("API keys"), _("Let other programs in")
            ),
        ),
    ),
)


def sections_for(member: Member) -> list[tuple[str | Promise, list[Way]]]:
    """Groups with at least one section that is there and may be opened."""
    groups = []
    for title, sections in GROUPS:
        ways = [
            Way(url, section.icon, section.word, section.about)
            for section in sections
            if member.may(section.permission) and (url := link_to(section.name))
        ]
        if ways:
            groups.append((title, ways))
    return groups
