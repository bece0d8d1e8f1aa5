"""What holds for every document: accessible, the same each time, and its sums agree."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image
from pypdf import PdfReader

from creditwell.integrations.documents.conventions import (
    credit_note_title,
    invoice_title,
    locale_for,
    paper_for,
)
from creditwell.integrations.documents.render import (
    LOGO_LIMIT,
    LogoNotUsable,
    NotPrintable,
    check_logo,
    render_credit_note,
    render_invoice,
    render_receipt,
    render_statement,
    render_voucher,
)
from creditwell.integrations.documents.shapes import Mark, Paper, Title
from tests.documents import samples

DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "Tax invoice 0006893": lambda: render_invoice(samples.invoice()),
    "Adjustment note CN-0102": lambda: render_credit_note(samples.credit_note()),
    "Receipt P-4322": lambda: render_receipt(samples.receipt()),
    "Statement": lambda: render_statement(samples.statement()),
    "Gift voucher": lambda: render_voucher(samples.voucher()),
}


def logo(kind: str = "PNG", size: tuple[int, int] = (240, 120)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#0d5562").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("title", DOCUMENTS)
def test_it_is_a_tagged_pdf_ua_with_title_language_and_date(title: str) -> None:
    reader = PdfReader(io.BytesIO(DOCUMENTS[title]()))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en-AU"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == title
    assert reader.metadata.author == "Harbour Lane Physiotherapy"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.year == 2026


@pytest.mark.parametrize("title", DOCUMENTS)
def test_the_same_shape_gives_the_same_bytes(title: str) -> None:
    assert DOCUMENTS[title]() == DOCUMENTS[title]()


@pytest.mark.parametrize("mark", [Mark.DRAFT, Mark.VOID])
def test_a_mark_keeps_the_document_accessible(mark: Mark) -> None:
    made = render_receipt(samples.receipt(sheet=replace(samples.SHEET, mark=mark)))
    assert b"pdfuaid:part" in PdfReader(io.BytesIO(made)).trailer["/Root"]["/Metadata"].get_data()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(240, 120), (1200, 40), (30, 400)])
def test_a_logo_stands_at_the_head(kind: str, size: tuple[int, int]) -> None:
    check_logo(logo(kind, size))
    practice = replace(samples.PRACTICE, logo=logo(kind, size))
    page = PdfReader(io.BytesIO(render_receipt(samples.receipt(practice=practice)))).pages[0]
    assert len(page.images) == 1


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\nbroken",
        b"\xff\xd8\xffbroken",
        logo() + b"\x00" * LOGO_LIMIT,
    ],
)
def test_a_picture_that_cannot_be_printed_is_refused(picture: bytes) -> None:
    with pytest.raises(LogoNotUsable):
        check_logo(picture)


def test_a_failure_does_not_quote_the_patient() -> None:
    practice = replace(samples.PRACTICE, logo=b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(NotPrintable) as failure:
        render_receipt(samples.receipt(practice=practice))
    assert str(failure.value) == "receipt"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: samples.invoice(owing=samples.aud("88.74")),
        lambda: samples.invoice(total=samples.aud("188.76"), owing=samples.aud("88.76")),
        lambda: samples.invoice(subtotal=samples.aud("184.04")),
        lambda: samples.credit_note(to_credit=samples.aud("20.01")),
        lambda: samples.receipt(not_allocated=samples.aud("144.99")),
        lambda: samples.receipt(total=samples.aud("1239.01")),
        lambda: samples.voucher(left=samples.aud("100.01")),
        lambda: samples.statement(closing=samples.aud("281.84")),
        lambda: samples.statement(opening=samples.aud("0.01")),
        lambda: samples.statement(lots=()),
        lambda: samples.statement(credit=samples.aud("144.00")),
        lambda: samples.statement(
            ageing=replace(samples.statement().ageing, days_90=samples.aud("0.01"))
        ),
    ],
)
def test_figures_that_do_not_add_up_are_a_defect(wrong: Callable[[], object]) -> None:
    with pytest.raises(AssertionError):
        wrong()


def test_a_void_invoice_owes_nothing() -> None:
    void = replace(samples.SHEET, mark=Mark.VOID)
    document = samples.invoice(sheet=void, applied=(), owing=samples.aud("0.00"))
    assert render_invoice(document).startswith(b"%PDF")


def test_the_country_chooses_paper_and_heading() -> None:
    assert paper_for("US") is Paper.LETTER
    assert paper_for("AU") is Paper.A4
    assert invoice_title("AU", tax_registered=True) is Title.TAX_INVOICE
    assert invoice_title("AU", tax_registered=False) is Title.INVOICE
    assert invoice_title("GB", tax_registered=True) is Title.INVOICE
    assert credit_note_title("AU", tax_registered=True) is Title.ADJUSTMENT_NOTE
    assert credit_note_title("NZ", tax_registered=True) is Title.CREDIT_NOTE


def test_a_locale_is_one_that_the_figures_know() -> None:
    assert locale_for("en", "AU") == "en_AU"
    assert locale_for("en-gb", "IE") == "en_IE"
    assert locale_for("en", "KW") == "en"
    assert locale_for("qq", "AU") == "en"


def test_the_date_of_the_document_is_in_the_file_and_the_clock_is_not() -> None:
    made = render_receipt(samples.receipt(received_on=date(2019, 2, 3)))
    metadata = PdfReader(io.BytesIO(made)).metadata
    assert metadata is not None
    assert metadata.creation_date is not None
    assert metadata.creation_date.date() == date(2019, 2, 3)
