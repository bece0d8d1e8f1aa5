"""
What a new practice starts with above its own row: taxes, what it sells, how it is paid, its days.

Everything can be changed later; nothing here is advice on tax. The rates are those in force on
1 January 2026 (sources: each country's tax office, for the EU "VAT rates applied in the Member
States"); where treatment by a health profession is exempt, consultations start exempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from django.utils.translation import gettext as _

from creditwell.catalog.models import Category, Item, ItemKind, PaymentSource, SourceKind, TaxRate
from creditwell.money.money import Money
from creditwell.scheduling.models import (
    AppointmentType,
    Hue,
    Practitioner,
    TypeItem,
    WorkingHours,
)
from creditwell.tenancy.models import Concession, Practice

OPENS, CLOSES = time(9), time(17)
WEEKDAYS = range(5)


@dataclass(frozen=True, slots=True)
class _Taxes:
    """Percentages by name; the first is the usual one of goods."""

    rates: tuple[tuple[str, str], ...]
    free: str = ""  # name of the rate of nothing; '' is "exempt"
    treatment_is_taxed: bool = False


_TAXES: dict[str, _Taxes] = {
    "AU": _Taxes((("GST", "10"),), "GST-free"),
    "NZ": _Taxes((("GST", "15"),), "Zero-rated", treatment_is_taxed=True),
    "GB": _Taxes((("VAT", "20"), ("VAT reduced", "5"))),
    "IE": _Taxes((("VAT", "23"), ("VAT reduced", "13.5"))),
    "CA": _Taxes((("HST", "13"), ("GST", "5"))),
    "SG": _Taxes((("GST", "9"),), treatment_is_taxed=True),
    "ZA": _Taxes((("VAT", "15"),), treatment_is_taxed=True),
    "DE": _Taxes((("USt", "19"), ("USt", "7")), "Steuerfrei"),
    "AT": _Taxes((("USt", "20"), ("USt", "10")), "Steuerfrei"),
    "CH": _Taxes((("MWST", "8.1"), ("MWST", "2.6"))),
    "FR": _Taxes((("TVA", "20"), ("TVA", "10"), ("TVA", "5.5")), "Exonéré de TVA"),
    "NL": _Taxes((("BTW", "21"), ("BTW", "9")), "Vrijgesteld van btw"),
    "ES": _Taxes((("IVA", "21"), ("IVA", "10"), ("IVA", "4")), "Exento de IVA"),
    "IT": _Taxes((("IVA", "22"), ("IVA", "10"), ("IVA", "4")), "Esente IVA"),
    "BE": _Taxes((("BTW/TVA", "21"), ("BTW/TVA", "6"))),
    "LU": _Taxes((("TVA", "17"), ("TVA", "8"))),
    "PT": _Taxes((("IVA", "23"), ("IVA", "6"))),
    "DK": _Taxes((("Moms", "25"),)),
    "SE": _Taxes((("Moms", "25"), ("Moms", "12"))),
    "NO": _Taxes((("MVA", "25"),)),
    "FI": _Taxes((("ALV", "25.5"), ("ALV", "13.5"))),
    "EE": _Taxes((("KM", "24"),)),
    "LV": _Taxes((("PVN", "21"),)),
    "LT": _Taxes((("PVM", "21"),)),
    "PL": _Taxes((("VAT", "23"), ("VAT", "8"))),
    "CZ": _Taxes((("DPH", "21"), ("DPH", "12"))),
    "SK": _Taxes((("DPH", "23"), ("DPH", "19"))),
    "HU": _Taxes((("ÁFA", "27"),)),
    "SI": _Taxes((("DDV", "22"), ("DDV", "9.5"))),
    "HR": _Taxes((("PDV", "25"),)),
    "RO": _Taxes((("TVA", "21"), ("TVA", "11"))),
    "BG": _Taxes((("ДДС", "20"),)),
    "GR": _Taxes((("ΦΠΑ", "24"), ("ΦΠΑ", "13"))),
    "CY": _Taxes((("VAT", "19"),)),
    "MT": _Taxes((("VAT", "18"),)),
}

FUND_COUNTRIES = frozenset({"AU", "IE", "US", "CA", "GB", "NZ", "ZA", "CH"})
"""Where a fund or insurer often pays the practice directly."""

_PRICES: dict[str, tuple[str, str, str, str, str]] = {
    # first visit, standard visit, long visit, class, a small product
    "AUD": ("130", "95", "150", "30", "25"),
    "NZD": ("120", "90", "140", "25", "25"),
    "GBP": ("65", "50", "85", "15", "12"),
    "EUR": ("75", "60", "95", "18", "15"),
    "USD": ("150", "110", "165", "25", "20"),
    "CAD": ("130", "100", "150", "25", "20"),
    "CHF": ("130", "95", "150", "30", "25"),
    "SGD": ("150", "120", "180", "35", "25"),
}
_NOT_PRICED = ("0", "0", "0", "0", "0")


@dataclass(frozen=True, slots=True)
class _Visit:
    """An item that is sold and the appointment of the same name that bills it."""

    code: str
    name: str
    minutes: int
    price: str
    hue: str = ""
    attendees: int = 1


def fill_practice(
    *, practice: Practice, location_id: int, practitioner_name: str, practitioner_user: int | None
) -> int:
    """Write all defaults; returns the id of the first practitioner."""
    taxed, free = _write_taxes(practice)
    _write_sources(practice)
    _write_concessions(practice)
    _write_offer(practice, taxed, free)
    return _write_practitioner(practice, location_id, practitioner_name, practitioner_user)


def _write_taxes(practice: Practice) -> tuple[TaxRate | None, TaxRate]:
    """Returns the rate of goods (None where there is none) and the rate of treatment."""
    usual = _TAXES.get(practice.country)
    if usual is None:
        return None, TaxRate.objects.create(practice=practice, name=_("No tax"), percent=0)
    rates = [
        TaxRate.objects.create(
            practice=practice, name=f"{name} {percent} %", percent=Decimal(percent)
        )
        for name, percent in usual.rates
    ]
    free = TaxRate.objects.create(
        practice=practice,
        name=usual.free or _("%(tax)s exempt") % {"tax": usual.rates[0][0]},
        percent=0,
    )
    return rates[0], rates[0] if usual.treatment_is_taxed else free


def _write_sources(practice: Practice) -> None:
    card = _("EFTPOS") if practice.country in {"AU", "NZ"} else _("Card")
    sources = [(card, SourceKind.CARD), (_("Cash"), SourceKind.CASH)]
    sources.append((_("Bank transfer"), SourceKind.BANK))
    if practice.country in FUND_COUNTRIES:
        fund = _("Health fund") if practice.country == "AU" else _("Health insurer")
        sources.append((fund, SourceKind.FUND))
    sources.append((_("Online"), SourceKind.ONLINE))
    PaymentSource.objects.bulk_create(
        PaymentSource(practice=practice, name=name, kind=kind, position=position)
        for position, (name, kind) in enumerate(sources)
    )


def _write_concessions(practice: Practice) -> None:
    names = (_("Pensioner"), _("Student"), _("Child"))
    Concession.objects.bulk_create(Concession(practice=practice, name=name) for name in names)


def _write_offer(practice: Practice, goods: TaxRate | None, treatment: TaxRate) -> None:
    """Categories, items and the appointment types that bill them."""
    prices = _PRICES.get(practice.currency, _NOT_PRICED)
    treatments = Category.objects.create(practice=practice, name=_("Consultations"))
    classes = Category.objects.create(practice=practice, name=_("Classes"))
    products = Category.objects.create(practice=practice, name=_("Products"))
    visits = (
        _Visit("INIT", _("Initial consultation"), 45, prices[0]),
        _Visit("STD", _("Standard consultation"), 30, prices[1]),
        _Visit("LONG", _("Long consultation"), 60, prices[2]),
        _Visit("CLASS", _("Group class"), 45, prices[3], Hue.MOSS, 8),
    )
    for position, visit in enumerate(visits):
        category = classes if visit.attendees > 1 else treatments
        _write_visit(practice, visit, position, (treatment, category))
    Item.objects.create(
        practice=practice,
        kind=ItemKind.PRODUCT,
        code="BAND",
        name=_("Exercise band"),
        price_minor=_minor(prices[4], practice.currency),
        tax_rate=goods or treatment,
        category=products,
    )


def _write_visit(
    practice: Practice, visit: _Visit, position: int, kept_as: tuple[TaxRate, Category]
) -> None:
    item = Item.objects.create(
        practice=practice,
        kind=ItemKind.SERVICE,
        code=visit.code,
        name=visit.name,
        price_minor=_minor(visit.price, practice.currency),
        tax_rate=kept_as[0],
        category=kept_as[1],
    )
    kind = AppointmentType.objects.create(
        practice=practice,
        name=visit.name,
        duration_minutes=visit.minutes,
        hue=visit.hue,
        max_attendees=visit.attendees,
        position=position,
    )
    TypeItem.objects.create(practice=practice, appointment_type=kind, item=item)


def _write_practitioner(
    practice: Practice, location_id: int, name: str, user_id: int | None
) -> int:
    practitioner = Practitioner.objects.create(practice=practice, name=name, user_id=user_id)
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practice=practice,
            practitioner=practitioner,
            location_id=location_id,
            weekday=weekday,
            starts_at=OPENS,
            ends_at=CLOSES,
        )
        for weekday in WEEKDAYS
    )
    return practitioner.pk


def _minor(price: str, currency: str) -> int:
    return Money.parse(price, currency).minor
