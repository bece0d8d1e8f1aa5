"""
What is usual in a country: currency, time zone, names of taxes, the smallest coin of cash.

Every value is a start that the practice may change. Sources of the cash rounding: the five-cent
rule of AU (1990), CA (2012), CH, FI, BE, SK, EE and LT, the ten cents of NZ (2006), and the whole
or half crown of SE, NO, CZ and DK, the five forint of HU. Where rounding is voluntary (IE, NL, IT)
cash is not rounded.

How long credit that was paid for must last at least (`credit_law`): AU 36 months (Australian
Consumer Law, s 99A to 99G, gift cards since 1 Nov 2019), NZ 36 (Fair Trading Amendment Act 2024,
gift cards sold from 16 Mar 2026), IE 60 (Consumer Protection (Gift Vouchers) Act 2019), US 60
(CARD Act 2009, 15 U.S.C. 1693l-1, and Regulation E, 12 CFR 1005.20; some states ask for more), CA
never (most provinces, for instance Ontario Reg. 17/05 s 25.2). They speak of gift cards; prepaid
credit is held to the same, which is the careful reading. For other countries, the United Kingdom
among them, no such minimum is known. Goodwill is given, not paid for: no law fixes how long.

When tax on an amount that can be spent on a choice of things becomes due (`tax_on_credit_at_use`):
as it is spent, not when it is sold. AU: A New Tax System (Goods and Services Tax) Act 1999,
Division 100 (face value vouchers). NZ: Goods and Services Tax Act 1985, s 5 (11F) and (11G). GB:
Value Added Tax Act 1994, Schedule 10B (multi-purpose vouchers, since 2019). IE and the whole EU:
Directive 2006/112/EC, Art. 30a, 30b and 73a (multi-purpose vouchers, since 2019). CA: Excise Tax
Act, s 181.2 (gift certificates). For other countries none is known, and tax is due at the sale. A
package of sessions that are named is taxed at the sale everywhere: its tax is known then.

Where nobody spends it and it becomes the practice's income, tax is due all the same in AU
(`tax_on_lapsed_credit`: s 100-15 of that Act, an increasing adjustment of 1/11 of what is written
back) and in NZ, where the supply was only put off: the careful reading. In the EU, GB and CA
nothing was supplied, so nothing is taxed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.localedata import exists
from babel.numbers import get_territory_currencies, is_currency
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid


class UnknownCountry(Invalid):
    """This is no country of ISO 3166-1."""

    code = "unknown_country"

    def __init__(self) -> None:
        super().__init__(_("Choose a country from the list."), param="country")


class UnknownCurrency(Invalid):
    """This is no currency of ISO 4217."""

    code = "unknown_currency"

    def __init__(self) -> None:
        super().__init__(_("Choose a currency from the list."), param="currency")


class UnknownTimeZone(Invalid):
    """The time zone database does not have this name."""

    code = "unknown_time_zone"

    def __init__(self) -> None:
        super().__init__(_("Choose a time zone from the list."), param="time_zone")


class UnknownLocale(Invalid):
    """Unicode's CLDR has no such way of writing."""

    code = "unknown_locale"

    def __init__(self) -> None:
        super().__init__(_("Choose a way of writing from the list."), param="locale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The usual ways of a country; `cash_rounding_minor` is in minor units of its currency."""

    code: str
    currency: str
    locale: str
    time_zone: str
    tax_name: str = ""
    tax_number_label: str = ""
    prices_include_tax: bool = True
    cash_rounding_minor: int = 1
    payment_terms_days: int = 14
    week_starts_on: int = 0


@dataclass(frozen=True, slots=True)
class _Usual:
    time_zone: str
    tax_name: str = "VAT"
    tax_number_label: str = "VAT number"
    prices_include_tax: bool = True
    cash_rounding_minor: int = 1
    payment_terms_days: int = 14
    week_starts_on: int = 0


@dataclass(frozen=True, slots=True)
class CreditLaw:
    """How long credit that was paid for lasts at least; `months` None: it may never expire."""

    months: int | None
    law: str


_LAWS = {
    "AU": CreditLaw(36, "Australian Consumer Law, s 99B"),
    "NZ": CreditLaw(36, "Fair Trading Amendment Act 2024"),
    "IE": CreditLaw(60, "Consumer Protection (Gift Vouchers) Act 2019"),
    "US": CreditLaw(60, "Regulation E, 12 CFR 1005.20"),
    "CA": CreditLaw(None, "gift card law of most provinces"),
}


_EU = (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905
)
_TAXED_AS_SPENT = frozenset({"AU", "NZ", "GB", "CA", *_EU})


def tax_on_credit_at_use(code: str) -> bool:
    """Whether tax on an amount to spend is due as it is spent, by the law of a country."""
    return code in _TAXED_AS_SPENT


def tax_on_lapsed_credit(code: str) -> bool:
    """Whether tax on an amount that nobody spent is due once it is the practice's income."""
    return code in {"AU", "NZ"}


def credit_law(code: str) -> CreditLaw:
    """The minimum of a country; nought months where no minimum is known."""
    return _LAWS.get(code, CreditLaw(0, ""))


_USUAL: dict[str, _Usual] = {
    "AU": _Usual("Australia/Sydney", "GST", "ABN", cash_rounding_minor=5),
    "NZ": _Usual("Pacific/Auckland", "GST", "GST number", cash_rounding_minor=10),
    "GB": _Usual("Europe/London"),
    "IE": _Usual("Europe/Dublin"),
    "US": _Usual(
        "America/New_York", "Sales tax", "EIN", prices_include_tax=False, payment_terms_days=30,
        week_starts_on=6,
    ),
    "CA": _Usual(
        "America/Toronto", "GST/HST", "GST/HST number", prices_include_tax=False,
        cash_rounding_minor=5, payment_terms_days=30, week_starts_on=6,
    ),
    "DE": _Usual("Europe/Berlin", "USt", "USt-IdNr."),
    "AT": _Usual("Europe/Vienna", "USt", "UID-Nr."),
    "CH": _Usual("Europe/Zurich", "MWST", "UID", cash_rounding_minor=5, payment_terms_days=30),
    "FR": _Usual("Europe/Paris", "TVA", "N° TVA", payment_terms_days=30),
    "BE": _Usual("Europe/Brussels", "BTW/TVA", "BTW/TVA", cash_rounding_minor=5),
    "NL": _Usual("Europe/Amsterdam", "BTW", "Btw-nummer"),
    "LU": _Usual("Europe/Luxembourg", "TVA", "N° TVA"),
    "ES": _Usual("Europe/Madrid", "IVA", "NIF", payment_terms_days=30),
    "PT": _Usual("Europe/Lisbon", "IVA", "NIF"),
    "IT": _Usual("Europe/Rome", "IVA", "P. IVA", payment_terms_days=30),
    "DK": _Usual("Europe/Copenhagen", "Moms", "CVR", cash_rounding_minor=50),
    "SE": _Usual("Europe/Stockholm", "Moms", "Momsnr", cash_rounding_minor=100),
    "NO": _Usual("Europe/Oslo", "MVA", "Org.nr.", cash_rounding_minor=100),
    "FI": _Usual("Europe/Helsinki", "ALV", "ALV-numero", cash_rounding_minor=5),
    "EE": _Usual("Europe/Tallinn", "KM", "KMKR", cash_rounding_minor=5),
    "LV": _Usual("Europe/Riga", "PVN", "PVN numurs"),
    "LT": _Usual("Europe/Vilnius", "PVM", "PVM kodas", cash_rounding_minor=5),
    "PL": _Usual("Europe/Warsaw", "VAT", "NIP"),
    "CZ": _Usual("Europe/Prague", "DPH", "DIČ", cash_rounding_minor=100),
    "SK": _Usual("Europe/Bratislava", "DPH", "IČ DPH", cash_rounding_minor=5),
    "HU": _Usual("Europe/Budapest", "ÁFA", "Adószám", cash_rounding_minor=500),
    "SI": _Usual("Europe/Ljubljana", "DDV", "ID za DDV"),
    "HR": _Usual("Europe/Zagreb", "PDV", "OIB"),
    "RO": _Usual("Europe/Bucharest", "TVA", "CIF"),
    "BG": _Usual("Europe/Sofia", "ДДС", "ДДС №"),
    "GR": _Usual("Europe/Athens", "ΦΠΑ", "ΑΦΜ"),
    "CY": _Usual("Asia/Nicosia"),
    "MT": _Usual("Europe/Malta"),
    "SG": _Usual("Asia/Singapore", "GST", "GST Reg. No."),
    "ZA": _Usual("Africa/Johannesburg", cash_rounding_minor=10),
}  # fmt: skip

COMMON = ("AU", "NZ", "GB", "IE", "US", "CA", "DE", "FR", "NL", "ES", "IT")
"""Shown first in the list of countries."""


@cache
def country_of(code: str) -> Country:
    """
    The usual ways of a country; for one without an entry its currency, a time zone and no tax.

    :raises UnknownCountry: if there is no such country, or it has no currency
    """
    if code not in country_names("en"):
        raise UnknownCountry
    usual = _USUAL.get(code) or _Usual(
        next(iter(time_zones_of(code)), "UTC"), tax_name="", tax_number_label=""
    )
    return Country(
        code=code,
        currency=get_territory_currencies(code)[0],
        locale=locale_of(code),
        time_zone=usual.time_zone,
        tax_name=usual.tax_name,
        tax_number_label=usual.tax_number_label,
        prices_include_tax=usual.prices_include_tax,
        cash_rounding_minor=usual.cash_rounding_minor,
        payment_terms_days=usual.payment_terms_days,
        week_starts_on=usual.week_starts_on,
    )


@cache
def country_names(locale: str) -> dict[str, str]:
    """Code and name of every country that has a currency, in a language, by name."""
    names = Locale.parse(locale, sep="-" if "-" in locale else "_").territories
    zones = set(get_global("zone_territories").values())
    known = {
        code: name
        for code, name in names.items()
        if code in zones and len(code) == 2 and get_territory_currencies(code)
    }
    return dict(sorted(known.items(), key=lambda pair: pair[1]))


@cache
def currencies() -> tuple[str, ...]:
    """Currencies that are money somewhere today, by code."""
    return tuple(
        sorted({code for place in country_names("en") for code in get_territory_currencies(place)})
    )


def locale_of(code: str) -> str:
    """How money and dates are written there, with English words where that is known to exist."""
    if exists(f"en_{code}"):
        return f"en_{code}"
    try:
        return str(Locale.parse(f"und_{code}"))
    except UnknownLocaleError:
        return "en_001"


@cache
def time_zones_of(code: str) -> tuple[str, ...]:
    """Time zones of a country, by name."""
    found = {zone for zone, where in get_global("zone_territories").items() if where == code}
    return tuple(sorted(found & available_timezones()))


@cache
def time_zones() -> tuple[str, ...]:
    """All time zones that a practice can be in."""
    return ("UTC", *sorted(set(get_global("zone_territories")) & available_timezones()))


def must_be_currency(code: str) -> None:
    """:raises UnknownCurrency: if ISO 4217 has no such code"""
    if not is_currency(code):
        raise UnknownCurrency


def must_be_time_zone(name: str) -> None:
    """:raises UnknownTimeZone: if there is no such zone"""
    if name not in available_timezones():
        raise UnknownTimeZone


def must_be_locale(name: str) -> None:
    """:raises UnknownLocale: if Babel cannot write money and dates in it"""
    if not exists(name):
        raise UnknownLocale
