"""What the documents say, read back from the PDF."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
from pypdf import PdfReader

from creditwell.integrations.documents.render import (
    render_credit_note,
    render_invoice,
    render_receipt,
    render_statement,
)
from creditwell.integrations.documents.shapes import Mark, Paper, Party, Sheet, VisitRow
from creditwell.money.money import Money
from tests.documents import samples

MARKUP = (
    '#read("/etc/passwd") $x$ *bold* _it_ <a> @b `c` \\ // /* = # ~ -- "q" %s %(number)s {page}'
)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, with every run of spaces made one."""
    reader = PdfReader(io.BytesIO(pdf))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def text(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def test_an_invoice_says_its_figures_to_the_cent() -> None:
    said = text(render_invoice(samples.invoice()))
    for words in (
        "Tax invoice No. 0006893",
        "ABN 51 824 753 556",
        "Billed to Southern Cross Accident Fund",
        "Practitioner Amara Okafor Provider no. 4412097J",
        "Due 8 Dec 2026",
        "24 Nov 2026 Extended consultation, 60 min PH300 1 152.00 −15.20 – 136.80",
        "24 Nov 2026 Resistance band, medium BAND-M 2 18.50 – GST 10% 37.00",
        "Total Includes GST 10%: $4.72 188.75",
        "Paid 24 Nov 2026 EFTPOS, receipt P-4410 −40.00",
        "Account credit applied 24 Nov 2026 From receipt P-4322 −60.00",
        "Still owing $88.75",
        "Remaining account credit $85.00",
        "Page 1 of 1",
    ):
        assert words in said, (words, said)


def test_tax_that_is_added_is_shown_before_the_total() -> None:
    said = text(render_invoice(samples.american_invoice()))
    assert "Subtotal 1,212.00 Sales tax 8.875% on 32.00 2.84 Total 1,214.84" in said
    assert "Owing $1,214.84" in said
    assert "Tax invoice" not in said


def test_a_credit_note_says_where_the_sum_went() -> None:
    said = text(render_credit_note(samples.credit_note()))
    assert "Adjustment note No. CN-0102" in said
    assert "Corrects Invoice 0006893" in said
    assert "Total credited $51.95 Includes GST 10%: $4.72" in said
    assert "Taken off invoice 0006893 31.95 Kept as account credit 20.00" in said


def test_a_receipt_says_what_was_allocated_and_what_was_not() -> None:
    said = text(render_receipt(samples.receipt()))
    assert "Received from Ilona Szymańska on 6 Oct 2026" in said
    assert "Health fund (HICAPS) Claim 20418 52.00 EFTPOS 1,187.00 Received $1,239.00" in said
    assert "Invoice 0006640 94.00 Invoice 0006702 1,000.00" in said
    assert "Not allocated — kept as account credit 145.00 Total $1,239.00" in said
    assert "Account credit used Invoice 0006588 20.00" in said
    assert "Account credit now $165.00" in said


def test_a_receipt_with_everything_allocated_does_not_speak_of_credit() -> None:
    said = text(
        render_receipt(
            samples.prepayment(
                allocations=samples.receipt().allocations[:1],
                total=samples.aud("94.00"),
                sources=(replace(samples.prepayment().sources[0], amount=samples.aud("94.00")),),
                not_allocated=samples.aud("0.00"),
                credit_after=None,
                notes=(),
            )
        )
    )
    assert "credit" not in said.lower()


def test_a_refund_stands_on_the_receipt() -> None:
    said = text(render_receipt(samples.refunded_receipt()))
    assert "Refunded 12 Nov 2026 30.00 Not allocated — kept as account credit 70.00" in said


@pytest.mark.parametrize(
    ("mark", "words"),
    [(Mark.DRAFT, "Draft, not issued yet"), (Mark.VOID, "Void, no longer valid")],
)
def test_the_mark_is_said_in_words_too(mark: Mark, words: str) -> None:
    marked = text(render_receipt(samples.receipt(sheet=replace(samples.SHEET, mark=mark))))
    assert words in marked
    assert words not in text(render_receipt(samples.receipt()))


def test_an_edit_names_both_receipts() -> None:
    assert "Replaces receipt P-4321" in text(render_receipt(samples.receipt(replaces="P-4321")))
    voided = replace(samples.SHEET, mark=Mark.VOID)
    said = text(render_receipt(samples.receipt(sheet=voided, replaced_by="P-4323")))
    assert "Replaced by receipt P-4323" in said


def test_a_statement_runs_from_the_opening_to_the_closing_balance() -> None:
    said = text(render_statement(samples.statement()))
    assert "1 Sept 2026 Opening balance 0.00" in said
    assert "Payment P-4322 Health fund (HICAPS), EFTPOS – 239.00 −145.00" in said
    assert "Owing on invoices 426.85 Account credit −145.00 Balance owing $281.85" in said
    assert "203.95 54.00 168.90 0.00" in said
    assert "3 Nov 2026 Goodwill 3 Nov 2027 25.00" in said


def test_a_long_session_on_a_statement_leaves_the_visit_its_room() -> None:
    parts = "Initial consultation, Standard consultation, Extended consultation"
    session = f"Session 1 of 4, Five consultations ({parts})"
    visit = VisitRow(on=date(2026, 9, 22), text="Initial consultation", session=session)
    nothing = samples.aud("0")
    document = samples.statement(
        visits=(visit,),
        rows=(),
        lots=(),
        ageing=None,
        closing=nothing,
        owing=nothing,
        credit=nothing,
    )
    pdf = pypdfium2.PdfDocument(render_statement(document))
    try:
        page = pdf[0].get_textpage()

        def corner(words: str, letter: int = 0) -> tuple[float, float]:
            return page.get_charbox(page.search(words).get_next()[0] + letter)[:2]

        name, ends, starts = corner("Initial"), corner("consultation", 11), corner("Session 1")
        head = corner("Visits by package"), corner("package")
    finally:
        pdf.close()
    # What is printed over something else can still be read back; only its place tells.
    assert name[0] < ends[0] < starts[0]
    assert abs(head[0][1] - head[1][1]) < 4


def test_a_statement_in_credit_says_so() -> None:
    first = samples.statement()
    said = text(
        render_statement(
            replace(
                first,
                rows=first.rows[:4],
                closing=samples.aud("-145.00"),
                owing=samples.aud("0.00"),
                ageing=None,
            )
        )
    )
    assert "Balance, in credit −$145.00" in said


def test_120_lines_break_over_pages_with_the_head_on_each() -> None:
    made = pages(render_invoice(samples.plain_invoice(samples.SHEET, tuple(range(10001, 10121)))))
    assert len(made) == 6
    for number, page in enumerate(made, 1):
        assert f"Page {number} of 6" in page
        assert "Service or product" in page
        assert number == 1 or "Harbour Lane Physiotherapy Invoice 0006893" in page
    for visit in range(1, 121):
        row = rf"visit {visit} PH200 1 {(10000 + visit) / 100:.2f} {(10000 + visit) / 100:.2f} "
        assert sum(len(re.findall(row, page)) for page in made) == 1
    assert "Owing $12,072.60" in made[-1]


@pytest.mark.parametrize("name", ["Ilona Szymańska", "Quang Nguyễn Thị Ước", "Zoë Þórsdóttir"])
def test_names_of_the_world_come_out_as_typed(name: str) -> None:
    assert name in text(render_receipt(samples.receipt(payer=Party(name=name))))


@pytest.mark.parametrize("name", ["Ελένη Παπά", "Олена Коваль", "山田太郎", "😀 Lee", "A\x00B\x1b"])
def test_letters_that_our_fonts_lack_do_not_stop_the_document(name: str) -> None:
    assert "$1,239.00" in text(render_receipt(samples.receipt(payer=Party(name=name))))


def test_text_is_never_markup() -> None:
    party = Party(name=MARKUP, lines=(MARKUP,))
    said = text(render_invoice(samples.invoice(bill_to=party, notes=(MARKUP,), footer=MARKUP)))
    assert said.replace(" ", "").count(MARKUP.replace(" ", "")) == 4
    assert "root:" not in said


def test_a_sentence_with_gaps_takes_a_name_with_percent_signs() -> None:
    said = text(render_receipt(samples.receipt(payer=Party(name="100%(payer)s %d"))))
    assert "Received from 100%(payer)s %d on 6 Oct 2026" in said


def test_an_endless_word_stays_on_the_paper() -> None:
    word = "x" * 150
    said = text(
        render_invoice(samples.invoice(patient=Party(name=word, lines=(word + "@a.example",))))
    )
    assert said.replace(" ", "").replace("\u200b", "").count(word) == 2


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "column", "full"),
    [
        ("en_AU", "AUD", 123456, "1,234.56", "$1,234.56"),
        ("en", "JPY", 123456, "123,456", "¥123,456"),
        ("en", "KWD", 1234567, "1,234.567", "KWD 1,234.567"),
        ("de_DE", "EUR", 123456, "1.234,56", "1.234,56 €"),
        ("fr_FR", "EUR", 123456, "1 234,56", "1 234,56 €"),
        ("en_CA", "CAD", 123456, "1,234.56", "$1,234.56"),
    ],
)
def test_every_currency_has_its_own_decimals(
    locale: str, currency: str, amount: int, column: str, full: str
) -> None:
    sheet = Sheet(locale=locale, currency=currency)
    said = text(render_invoice(samples.plain_invoice(sheet, (amount,))))
    assert f"1 {column} {column}" in said
    assert f"Owing {full}" in said
    zero = Money.zero(currency)
    receipt = samples.prepayment(
        sheet=sheet,
        sources=(replace(samples.prepayment().sources[0], amount=Money(amount, currency)),),
        total=Money(amount, currency),
        not_allocated=Money(amount, currency),
        credit_after=zero,
    )
    assert f"Received {full}" in text(render_receipt(receipt))


def test_letter_and_a4_have_their_sizes() -> None:
    def size(paper: Paper) -> tuple[int, int]:
        sheet = replace(samples.SHEET, paper=paper)
        page = PdfReader(io.BytesIO(render_receipt(samples.receipt(sheet=sheet)))).pages[0]
        return round(page.mediabox.width), round(page.mediabox.height)

    assert size(Paper.A4) == (595, 842)
    assert size(Paper.LETTER) == (612, 792)
