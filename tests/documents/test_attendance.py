"""An attendance receipt says all that a health fund asks for, and when the tax was due."""

from __future__ import annotations

from creditwell.integrations.documents.render import render_attendance
from creditwell.money.money import Money
from tests.documents import samples
from tests.documents.samples import aud
from tests.documents.test_text import MARKUP, pages, text


def test_it_says_all_that_a_health_fund_asks_for() -> None:
    said = text(render_attendance(samples.attendance()))
    for words in (
        "Attendance receipt",
        "ABN 51 824 753 556",
        "Ilona Szymańska",
        "Amara Okafor",
        "Physiotherapist",
        "Provider no. 4412097J",
        "Date of service 24 Nov 2026",
        "Balmain",
        "Extended consultation, 60 min PH300",
        "Exercise programme",
        "Session 2 of 5 Five extended consultations",
        "Invoice 1042, issued 3 Nov 2026",
        "Paid 5 Nov 2026",
        "Value used $136.80",
        "covered by a package",
        "The value includes GST 10% of $12.44, charged on invoice 1042.",
    ):
        assert words in said, (words, said)
    assert "Tax invoice" not in said


def test_tax_that_is_due_with_the_visit_and_what_is_not_paid() -> None:
    said = text(
        render_attendance(samples.attendance(tax_at_use=True, paid_on=None, owing=aud("450.00")))
    )
    assert "The value includes GST 10% of $12.44, due with this visit." in said
    assert "$450.00 of it is not paid yet" in said
    assert "Paid " not in said


def test_without_tax_codes_and_numbers_nothing_stands_empty() -> None:
    bare = samples.attendance(
        tax=aud("0.00"),
        tax_name="",
        items=(samples.Attended(name="Massage"),),
        practitioner=samples.Practitioner(name="Amara Okafor"),
        profession="",
        location="",
        invoice_on=None,
    )
    said = text(render_attendance(bare))
    for words in ("GST", "Item code", "Provider no.", "Where", "issued"):
        assert words not in said, words


def test_yen_dinars_and_what_was_typed() -> None:
    yen, none = Money.parse("9000", "JPY"), Money.parse("0", "JPY")
    sheet = samples.Sheet(locale="ja_JP", currency="JPY")
    made = render_attendance(samples.attendance(sheet=sheet, value=yen, tax=none, owing=none))
    assert "9,000" in text(made)
    typed = samples.attendance(package=MARKUP, location="#pagebreak()")
    assert len(pages(render_attendance(typed))) == 1
