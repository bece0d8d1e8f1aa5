"""Each document looks as it did when we last agreed that it is beautiful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import ImageDraw

from creditwell.integrations.documents.render import (
    render_attendance,
    render_credit_note,
    render_invoice,
    render_receipt,
    render_statement,
    render_voucher,
)
from creditwell.integrations.documents.shapes import Mark, Paper
from tests.documents import samples
from tests.documents.pictures import (
    PIXELS_ALLOWED,
    assert_looks_like,
    picture,
    share_changed,
)

DRAFT = replace(samples.SHEET, mark=Mark.DRAFT)
VOID = replace(samples.SHEET, mark=Mark.VOID)
LOOKS: dict[str, Callable[[], bytes]] = {
    "attendance": lambda: render_attendance(samples.attendance()),
    "invoice": lambda: render_invoice(samples.invoice()),
    "invoice-draft": lambda: render_invoice(samples.invoice(sheet=DRAFT, number="")),
    "invoice-letter": lambda: render_invoice(samples.american_invoice()),
    "credit-note": lambda: render_credit_note(samples.credit_note()),
    "receipt": lambda: render_receipt(samples.receipt()),
    "receipt-prepayment": lambda: render_receipt(samples.prepayment()),
    "receipt-void": lambda: render_receipt(samples.receipt(sheet=VOID, replaced_by="P-4323")),
    "statement": lambda: render_statement(samples.statement()),
    "voucher": lambda: render_voucher(samples.voucher()),
    "voucher-void": lambda: render_voucher(
        samples.voucher(sheet=replace(VOID, paper=Paper.LETTER), expires_on=None, message="")
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_it_looks_as_agreed(name: str, tmp_path: Path) -> None:
    assert_looks_like(LOOKS[name](), name, tmp_path)


def test_the_second_page_of_a_long_invoice_looks_as_agreed(tmp_path: Path) -> None:
    pdf = render_invoice(samples.plain_invoice(samples.SHEET, tuple(range(9000, 9060))))
    assert_looks_like(pdf, "invoice-page-2", tmp_path, page=1)


def test_the_comparison_sees_another_day_a_lost_colour_and_a_missing_rule() -> None:
    golden = picture(LOOKS["invoice"]())
    other_day = picture(render_invoice(samples.invoice(due_on=date(2027, 1, 30))))
    assert share_changed(other_day, golden) > PIXELS_ALLOWED
    assert share_changed(golden.convert("L").convert("RGB"), golden) > PIXELS_ALLOWED
    without_rule = golden.copy()
    ImageDraw.Draw(without_rule).rectangle((0, 150, 595, 172), fill="white")
    assert share_changed(without_rule, golden) > PIXELS_ALLOWED
