"""A gift voucher says what it is worth and where, and its QR code is the code and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
import qrcode

from creditwell.integrations.documents.render import render_voucher
from creditwell.integrations.documents.shapes import Mark, Sheet
from creditwell.integrations.documents.words_voucher import squares
from creditwell.money.money import Money
from tests.documents import samples
from tests.documents.test_text import MARKUP, pages, text


def test_a_voucher_says_all_that_its_owner_needs() -> None:
    said = text(render_voucher(samples.voucher()))
    for words in (
        "Harbour Lane Physiotherapy Gift voucher",
        "$100.00",
        "For Anna Bell",
        "Happy birthday! Be good to that shoulder of yours. Love, Mum and Dad",
        "K7MF-2XQP-9RTW",
        "Valid until 24 Nov 2029",
        "14 Harbour Lane Balmain NSW 2041 (02) 5550 0142",
    ):
        assert words in said, (words, said)
    assert "Still to use" not in said


def test_without_a_name_a_message_and_a_last_day_it_says_so() -> None:
    said = text(render_voucher(samples.voucher(recipient="", message="", expires_on=None)))
    assert "It does not expire" in said
    assert "For " not in said


@pytest.mark.parametrize(
    ("left", "words"), [("40.00", "Still to use: $40.00"), ("0.00", "Nothing is left of it")]
)
def test_printed_again_it_says_what_is_left(left: str, words: str) -> None:
    assert words in text(render_voucher(samples.voucher(left=samples.aud(left))))


def test_a_disabled_one_is_void() -> None:
    void = replace(samples.SHEET, mark=Mark.VOID)
    said = text(render_voucher(samples.voucher(sheet=void, left=samples.aud("0.00"))))
    assert "Void, no longer valid" in said
    assert "left" not in said.replace("what is left stays", "")


def test_value_and_day_are_written_as_in_the_practice_s_country() -> None:
    francs = Money.parse("1250.00", "CAD")
    sheet = Sheet(locale="fr_CA", currency="CAD")
    said = text(render_voucher(samples.voucher(sheet=sheet, value=francs, left=francs)))
    assert "1 250,00 $" in said
    assert "24 nov. 2029" in said


def test_what_people_typed_is_printed_as_typed_on_one_page() -> None:
    made = pages(render_voucher(samples.voucher(message=MARKUP, recipient="#pagebreak()")))
    assert len(made) == 1
    assert "For #pagebreak()" in made[0]
    assert '#read("/etc/passwd") $x$ *bold*' in made[0]
    longest = samples.voucher(recipient="W" * 120, message="W" * 300)
    assert len(pages(render_voucher(longest))) == 1


def test_the_qr_code_holds_the_bare_code_alone() -> None:
    drawn = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=0)
    drawn.add_data("K7MF2XQP9RTW")
    drawn.make()
    assert squares("K7MF-2XQP-9RTW") == [[int(dark) for dark in row] for row in drawn.get_matrix()]


def test_every_square_of_the_qr_code_is_printed_where_it_belongs() -> None:
    document = pypdfium2.PdfDocument(render_voucher(samples.voucher()))
    page = document[0].render(scale=4).to_pil().convert("L")
    document.close()
    wanted = squares("K7MF-2XQP-9RTW")
    # To the right of the message, below the hairline, above the code in letters.
    area = page.crop((1540, 560, 2080, 1085)).point(lambda v: 255 * (v < 90))
    left, top, right, _bottom = area.getbbox()
    size = (right - left) / len(wanted)
    found = [
        [
            int(area.getpixel((left + (x + 0.5) * size, top + (y + 0.5) * size)) > 0)
            for x in range(len(wanted))
        ]
        for y in range(len(wanted))
    ]
    assert found == wanted


def test_the_widest_code_stays_on_one_line() -> None:
    assert "MWMW-MWMW-MWMW" in text(render_voucher(samples.voucher(code="MWMW-MWMW-MWMW")))
