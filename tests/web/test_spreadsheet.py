"""What leaves as CSV is text and numbers, never a formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import creditwell
from creditwell.money.money import Money
from creditwell.web.components.spreadsheet import csv_answer, csv_line


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1"]
)
def test_a_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    (cells,) = csv.reader(io.StringIO(csv_line([text, f'"{text}']), newline=""))
    assert cells == [f"'{text}", f'"{text}']


def test_everything_else_stays_as_it_is() -> None:
    cells = ["", "O'Brien, A", None, date(2026, 11, 24), Money(-1250, "AUD"), Decimal("8.875"), 7]
    assert csv_line(cells) == ',"O\'Brien, A",,2026-11-24,-12.50,8.875,7\r\n'


def test_the_answer_is_a_file_that_excel_reads() -> None:
    answer = csv_answer("x.csv", ["Näme"], [["=1"], ["Zoë"]])
    assert answer.content.decode("utf-8-sig").splitlines() == ["Näme", "'=1", "Zoë"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer["Content-Disposition"] == 'attachment; filename="x.csv"'


def test_nobody_writes_csv_past_the_helper() -> None:
    """`import csv` elsewhere would be a table whose cells nobody made harmless."""
    root = Path(creditwell.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"^import csv$|^from csv ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found == {"web/components/spreadsheet.py"}
