"""Tables for spreadsheets: every CSV that leaves the house is written here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.http import HttpResponse

from creditwell.money.money import Money

Cell = str | int | date | Decimal | Money | None

# The wide ones too: Excel takes them for the others.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """A cell that a spreadsheet reads as text, not as a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(DANGEROUS) else text


def csv_line(cells: Sequence[Cell]) -> str:
    """
    One line. Text is made harmless, whoever typed it; days are 2026-11-24, amounts and numbers
    plain decimals (-12.50 stays a number), None is an empty cell.
    """
    line = io.StringIO()
    csv.writer(line).writerow([_written(cell) for cell in cells])
    return line.getvalue()


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """The table to be saved as `name`; with a byte order mark, without which Excel guesses."""
    lines = [csv_line(cells) for cells in (head, *rows)]
    answer = HttpResponse("\ufeff" + "".join(lines), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case date():
            return cell.isoformat()
        case Money():
            return f"{cell.decimal:f}"
        case Decimal():
            return f"{cell:f}"
    return str(cell)
