"""
Make the PDF: a shape in, bytes out. No database, no clock, no network.

The templates in `typst/` get one JSON string through `sys.inputs` and read it as data, so no text
can become markup; the compiler sees that folder alone, and our own fonts in `fonts/` before any
other. The same shape gives the same bytes.

The answer is PDF/UA-1 (tagged, with language, title and date). Only when a text has letters that
none of our fonts knows, the fonts of the machine are asked too; and where they cannot help either,
the document is made without the claim of PDF/UA-1 rather than not at all.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import override, to_language

from creditwell.integrations.documents.shapes import (
    CreditNoteDocument,
    InvoiceDocument,
    ReceiptDocument,
    Sheet,
    StatementDocument,
    TransferDocument,
)
from creditwell.integrations.documents.shapes_attendance import AttendanceDocument
from creditwell.integrations.documents.shapes_voucher import VoucherDocument
from creditwell.integrations.documents.tables import Data
from creditwell.integrations.documents.words import (
    credit_note_words,
    invoice_words,
    receipt_words,
    statement_words,
    transfer_words,
)
from creditwell.integrations.documents.words_attendance import attendance_words
from creditwell.integrations.documents.words_voucher import voucher_words

HERE = Path(__file__).resolve().parent
TEMPLATES, FONTS = HERE / "typst", HERE / "fonts"
LOGO_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
LOGO_LIMIT = 512 * 1024
# A longer run of letters without a gap may be broken anywhere, so that it cannot leave the paper.
LONGEST_WORD = 28
SOFT_BREAK = "\u200b"
# Control characters, halves of pairs, private use, not assigned.
UNPRINTABLE = frozenset(("Cc", "Cs", "Co", "Cn"))


class LogoNotUsable(ValueError):
    """The picture is no PNG or JPEG that can be printed, or is larger than 512 KiB."""


class NotPrintable(RuntimeError):
    """A template could not be set: a defect of ours, never of the text in the document."""


def render_invoice(document: InvoiceDocument) -> bytes:
    """The invoice as PDF."""
    return _render("invoice", document.sheet, lambda: invoice_words(document))


def render_credit_note(document: CreditNoteDocument) -> bytes:
    """The credit note as PDF; it is set like an invoice."""
    return _render("invoice", document.sheet, lambda: credit_note_words(document))


def render_receipt(document: ReceiptDocument) -> bytes:
    """The receipt as PDF."""
    return _render("receipt", document.sheet, lambda: receipt_words(document))


def render_statement(document: StatementDocument) -> bytes:
    """The account statement as PDF."""
    return _render("statement", document.sheet, lambda: statement_words(document))


def render_transfer(document: TransferDocument) -> bytes:
    """The receipt of one side of a transfer as PDF; it is set like a receipt."""
    return _render("receipt", document.sheet, lambda: transfer_words(document))


def render_voucher(document: VoucherDocument) -> bytes:
    """The gift voucher as PDF, to be given away."""
    return _render("voucher", document.sheet, lambda: voucher_words(document))


def render_attendance(document: AttendanceDocument) -> bytes:
    """The receipt of an attendance as PDF; it is set like an invoice."""
    return _render("invoice", document.sheet, lambda: attendance_words(document))


def check_logo(picture: bytes) -> None:
    """
    Say whether a picture can stand at the head of the documents; ask before it is stored.

    :raises LogoNotUsable: if it is too large, neither PNG nor JPEG, or broken
    """
    if len(picture) > LOGO_LIMIT or not _logo_kind(picture):
        raise LogoNotUsable("A logo is a PNG or JPEG picture of at most 512 KiB.")
    try:
        _compile("logo", {"logo": list(picture), "logo_kind": _logo_kind(picture)}, None)
    except typst.TypstError as error:
        raise LogoNotUsable("The picture is damaged.") from error


def _render(template: str, sheet: Sheet, words: Callable[[], Data]) -> bytes:
    with override(to_language(sheet.locale)):
        data = words()
    data["logo_kind"] = _logo_kind(bytes(data["logo"][:8]))
    clean = {key: value if key == "logo" else _clean(value) for key, value in data.items()}
    attempts = ((False, "ua-1"), (True, "ua-1"), (True, None))
    failure: typst.TypstError | None = None
    for system_fonts, standard in attempts:
        try:
            return _compile(template, clean, standard, system_fonts=system_fonts)
        except typst.TypstError as error:
            failure = error
            if "could not be displayed" not in f"{error.message} {error.hints}":
                break
    # The message of the compiler may quote a patient's text, so it is not handed on.
    raise NotPrintable(template) from (None if failure is None else _nameless(failure))


def _compile(template: str, data: Data, standard: Any, *, system_fonts: bool = False) -> bytes:
    year, month, day = data.get("date", (2000, 1, 1))
    made = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(system_fonts),
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=[standard] if standard else [],
        timestamp=datetime(year, month, day, tzinfo=UTC),
        package_path=TEMPLATES,
        package_cache_path=TEMPLATES,
    )
    assert isinstance(made, bytes), type(made)
    return made


@cache
def _fonts(system: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=system, font_paths=[FONTS])


def _logo_kind(picture: bytes) -> str:
    for start, kind in LOGO_KINDS.items():
        if picture.startswith(start):
            return kind
    return ""


def _clean(value: Any) -> Any:
    """Compose letters, drop what cannot be printed, and let endless words be broken."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value


def _clean_text(text: str) -> str:
    composed = re.sub(r"[\t\n\r]+", " ", unicodedata.normalize("NFC", text))
    printable = "".join(
        letter for letter in composed if unicodedata.category(letter) not in UNPRINTABLE
    )
    return " ".join(_breakable(word) for word in printable.split(" "))


def _breakable(word: str) -> str:
    if len(word) <= LONGEST_WORD:
        return word
    starts = range(0, len(word), LONGEST_WORD)
    return SOFT_BREAK.join(word[n : n + LONGEST_WORD] for n in starts)


def _nameless(error: typst.TypstError) -> Exception:
    return RuntimeError(type(error).__name__)
