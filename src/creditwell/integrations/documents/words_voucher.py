"""What a gift voucher prints: ready words in the language of the sheet, and the code as squares."""

from __future__ import annotations

import qrcode
from django.utils.translation import gettext as _
from qrcode.constants import ERROR_CORRECT_Q

from creditwell.integrations.documents.figures import Figures
from creditwell.integrations.documents.shapes import Mark
from creditwell.integrations.documents.shapes_voucher import VoucherDocument
from creditwell.integrations.documents.tables import Data
from creditwell.integrations.documents.words import common


def voucher_words(document: VoucherDocument) -> Data:
    """What a gift voucher prints."""
    figures = Figures(document.sheet.locale)
    for_whom = _("For %(name)s") % {"name": document.recipient} if document.recipient else ""
    until = (
        _("Valid until %(date)s") % {"date": figures.day(document.expires_on)}
        if document.expires_on
        else _("It does not expire")
    )
    return {
        **common(document, _("Gift voucher"), "", document.sold_on),
        "big": figures.big(document.value),
        "still": _still(document, figures),
        "for": for_whom,
        "message": document.message,
        "code_label": _("Code"),
        "code": document.code,
        "squares": squares(document.code),
        "squares_alt": _("QR code of the voucher’s code"),
        "until": until,
        "where_label": _("Where to use it"),
        "how_label": _("How to use it"),
        "how": [
            _("Bring this voucher to your visit, or tell us the code when you book."),
            _("You can use it in parts: what is left stays on it."),
            _("Whoever has the code can use it, so keep it like money."),
        ],
    }


def squares(code: str) -> list[list[int]]:
    """
    The QR code of the bare code, row by row, 1 for dark; it holds nothing else.

    Level Q is read with a quarter of it damaged, as after a fold or a stain (ISO/IEC 18004).
    """
    drawing = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    drawing.add_data(code.replace("-", ""))
    drawing.make(fit=True)
    return [[int(dark) for dark in row] for row in drawing.get_matrix()]


def _still(document: VoucherDocument, figures: Figures) -> str:
    if document.sheet.mark is Mark.VOID or document.left == document.value:
        return ""
    if not document.left:
        return _("Nothing is left of it")
    return _("Still to use: %(sum)s") % {"sum": figures.full(document.left)}
