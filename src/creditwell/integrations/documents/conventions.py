"""What custom or law wants of a document in a country: the paper, and the words at its head."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

from creditwell.integrations.documents.shapes import Paper, Title

# Unicode CLDR, measurementData/paperSize: these use US Letter, the rest of the world A4.
LETTER_COUNTRIES = frozenset(
    ("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE")
)
# Where the law knows a "tax invoice" by name. Australia: A New Tax System (Goods and Services Tax)
# Act 1999, s 29-70; New Zealand kept the word in use after its taxable supply information rules
# of 2023; Singapore: GST (General) Regulations, reg 11; South Africa: VAT Act 1991, s 20.
TAX_INVOICE_COUNTRIES = frozenset(("AU", "NZ", "SG", "ZA"))
# Australia calls a credit note to a tax invoice an adjustment note: same Act, s 29-75.
ADJUSTMENT_NOTE_COUNTRIES = frozenset(("AU",))


def paper_for(country: str) -> Paper:
    """The paper of a country (ISO 3166, two letters)."""
    return Paper.LETTER if country in LETTER_COUNTRIES else Paper.A4


def locale_for(language: str, country: str) -> str:
    """The locale of a language ("en", "en-au") as used in a country; the language alone if CLDR
    knows no such pair, English if it does not know the language either."""
    tongue = language.replace("_", "-").split("-")[0]
    for name in (f"{tongue}_{country}", tongue):
        try:
            return str(Locale.parse(name))
        except (UnknownLocaleError, ValueError):
            continue
    return "en"


def invoice_title(country: str, *, tax_registered: bool) -> Title:
    """
    The heading of an invoice. Who is not registered for the tax must not say "tax invoice",
    whatever number is printed in the head (an Australian ABN alone proves no registration).
    """
    if tax_registered and country in TAX_INVOICE_COUNTRIES:
        return Title.TAX_INVOICE
    return Title.INVOICE


def credit_note_title(country: str, *, tax_registered: bool) -> Title:
    """The heading of a credit note, by the same rule."""
    if tax_registered and country in ADJUSTMENT_NOTE_COUNTRIES:
        return Title.ADJUSTMENT_NOTE
    return Title.CREDIT_NOTE
