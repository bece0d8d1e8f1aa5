"""
A family's credit from the first cent to the last, in a browser: a spouse pays, a parent pays three
children at once, credit moves and comes back, a voucher, a chargeback, and the balance explained.
Each step leaves a picture in test-results/screens.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from creditwell.people.families import NewMember
from creditwell.people.models import Family, Patient
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.create_family import CreateFamily, create_family
from tests.acts import invoice, let_use, pay, standing
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.factories import NOW, Clinic, make_patient
from tests.screens import PICTURES, follow, picture, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

YESTERDAY = NOW - timedelta(days=1)


@dataclass
class Brennans:
    """Liam, his wife Nora, who lets him use her credit, and three children, who may use his."""

    clinic: Clinic
    liam: Patient
    nora: Patient
    children: list[Patient]
    family: Family


def make_brennans(clinic: Clinic) -> Brennans:
    """All of them had their account credit yesterday: Nora 120.00, Liam 100.00."""
    liam = clinic.patient
    nora, *children = (
        make_patient(practice=clinic.practice, first_name=name, last_name="Brennan")
        for name in ("Nora", "Ada", "Ben", "Cleo")
    )
    members = tuple(NewMember(patient_id=one.pk) for one in (liam, nora, *children))
    create_family(
        CreateFamily(practice_id=clinic.practice.pk, by=SYSTEM, name="Brennans", members=members),
        YESTERDAY,
    )
    let_use(clinic, nora)
    for child in children:
        let_use(clinic, liam, child)
    pay(clinic, 12000, patient=nora, now=YESTERDAY)
    return Brennans(clinic, liam, nora, children, Family.objects.get())


def shot(page: Page, name: str) -> None:
    picture(page, f"family-{name}", full=True)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save payment").last.click()


def a_spouse_pays(page: Page, at: str, home: Brennans) -> None:
    """Whose credit pays and what remains of it is on the page before anything is saved."""
    bill = invoice(home.clinic)
    page.goto(f"{at}/payments/new/?invoice={bill.invoice_id}")
    summary = page.get_by_role("status").filter(has_text="Still owing")
    cell = page.get_by_role("textbox", name=re.compile("Credit of Nora Brennan"))
    expect(cell).to_have_value("90.00")
    expect(page.get_by_text("$120.00 left")).to_be_visible()
    expect(summary).to_contain_text(re.compile(r"Credit of Nora Brennan.*120\.00.*30\.00"))
    shot(page, "01-whose-credit")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice")
    assert standing(home.clinic).owing_minor == 0
    assert standing(home.clinic, home.nora).credit_minor == 3000
    shot(page, "02-paid-by-nora")


def a_parent_pays_three(page: Page, at: str, home: Brennans) -> None:
    """Three children's invoices, one payment and account credit."""
    pay(home.clinic, 10000)
    for child in home.children:
        invoice(home.clinic, patient=child)
    page.goto(f"{at}/payments/new/?patient={home.liam.pk}")
    expect(page.get_by_role("rowheader", name=re.compile("Cleo Brennan"))).to_be_visible()
    amount = page.get_by_role("textbox", name="Amount")
    expect(page.get_by_text("paid from account credit")).to_be_visible()
    page.get_by_role("combobox", name="Paid by").select_option("Card")
    amount.fill("170")
    expect(page.get_by_role("status").filter(has_text="Still owing")).to_contain_text(
        re.compile(r"3 invoices|2 invoices")
    )
    shot(page, "03-three-children")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")
    shot(page, "04-one-receipt")
    assert [standing(home.clinic, child).owing_minor for child in home.children] == [0, 0, 0]
    assert standing(home.clinic).credit_minor == 0


def transfer_and_undo(page: Page, at: str, home: Brennans) -> None:
    page.goto(f"{at}/patients/{home.nora.pk}/")
    page.get_by_role("button", name="More with account credit").click()
    follow(page.get_by_role("link", name="Transfer credit"))
    page.get_by_role("radio", name=re.compile("Ada Brennan")).check()
    page.get_by_role("textbox", name="Amount").fill("20")
    page.get_by_role("textbox", name="Reason").fill("For Ada's next visit")
    expect(page.get_by_role("status").filter(has_text="is transferred")).to_contain_text("10.00")
    shot(page, "05-transfer")
    page.get_by_role("button", name=re.compile("^Transfer")).click()
    expect(page.get_by_role("heading", name="Transfer 1", level=1)).to_be_visible()
    ada = home.children[0]
    assert standing(home.clinic, ada).credit_minor == 2000
    page.get_by_text("Undo…").click()
    page.get_by_role("textbox", name="Reason").fill("Nora changed her mind")
    shot(page, "06-undo")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("The credit is back where it came from.").first).to_be_visible()
    shot(page, "07-undone")
    assert standing(home.clinic, ada).credit_minor == 0
    assert standing(home.clinic, home.nora).credit_minor == 3000


def a_voucher(page: Page, at: str, home: Brennans) -> None:
    """Nora buys one for Cleo: sold, printed, and Cleo has it turned into credit."""
    cleo = home.children[2]
    page.goto(f"{at}/payments/vouchers/new/?patient={home.nora.pk}")
    page.get_by_label("Value").fill("50")
    page.get_by_label("For", exact=False).first.fill("Cleo")
    expect(page.locator("#summary")).to_contain_text("$50.00")
    shot(page, "08-voucher")
    page.get_by_role("button", name="Sell").last.click()
    expect(page.get_by_text("1 voucher sold.")).to_be_visible()
    shot(page, "09-voucher-sold")
    code = printed(page)
    page.goto(f"{at}/payments/vouchers/redeem/?patient={cleo.pk}")
    page.get_by_label("Code").fill(code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_label("Amount", exact=True)).to_have_value("50.00")
    shot(page, "10-redeem")
    page.get_by_role("button", name="Redeem", exact=True).last.click()
    expect(page.get_by_text("is now account credit of").first).to_be_visible()
    shot(page, "11-redeemed")
    assert standing(home.clinic, home.nora).credit_minor == 3000
    assert standing(home.clinic, cleo).credit_minor == 5000


def printed(page: Page) -> str:
    """The voucher's paper, as the link to print it gives it; returns the code on it."""
    link = page.get_by_role("link", name="Print").get_attribute("href")
    answer = page.request.get(f"{page.url.split('/payments')[0]}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    (paper,) = PdfReader(io.BytesIO(answer.body())).pages
    found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", paper.extract_text())
    assert found is not None
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture_of = pypdfium2.PdfDocument(answer.body())[0].render(scale=1.5).to_pil()
    picture_of.save(PICTURES / "family-09-voucher-paper.png")
    return found[0]


def charged_back(page: Page, at: str, home: Brennans) -> None:
    """The bank takes the parent's payment back: invoices are owing again, somebody is told."""
    page.goto(f"{at}/payments/")
    follow(page.get_by_role("row", name=re.compile("Liam Brennan.*170")).get_by_role("link").first)
    page.get_by_text("Bank took it back…").click()
    page.get_by_role("textbox", name="Reason the bank gave").fill("Card reported stolen")
    shot(page, "12-chargeback")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text(re.compile("Dishonoured .*170")).first).to_be_visible()
    shot(page, "13-charged-back")
    owing = [standing(home.clinic, child).owing_minor for child in home.children]
    assert sum(owing) == 17000
    follow(page.get_by_role("link", name=re.compile("^To do")))
    row = page.get_by_role("row").filter(has_text="Liam Brennan")
    expect(row).to_contain_text("Owing again")
    shot(page, "14-to-do")
    row.get_by_role("button", name=re.compile("Done")).click()
    expect(page.get_by_text("Nothing waits for anybody.")).to_be_visible()


def explained(page: Page, at: str, home: Brennans) -> None:
    """Every balance opens to its causes, the family's together, and as it stood yesterday."""
    page.goto(f"{at}/patients/{home.nora.pk}/credit/")
    main = page.get_by_role("main")
    expect(page.get_by_role("region", name="Balance")).to_contain_text("30")
    for cause in ("Transferred to Ada Brennan", "Nora changed her mind", "Gift voucher ••••"):
        expect(main).to_contain_text(cause)
    expect(main.get_by_role("link", name="Transferred to Ada Brennan")).to_be_attached()
    for unseen in main.locator(".phone-only").all():
        expect(unseen).to_be_hidden()
    shot(page, "15-explain-nora")
    page.goto(f"{at}/families/{home.family.pk}/credit/")
    parts = page.get_by_role("region", name="What each has and owes")
    for row in (
        r"Nora Brennan.*30\.00",
        r"Cleo Brennan.*50\.00.*90\.00",
        r"Family.*80\.00.*170\.00",
    ):
        expect(parts.get_by_role("row", name=re.compile(row))).to_be_visible()
    for cause in ("Voucher redeemed", "taken back by the bank", "Taken back", "Paid invoice 1 of"):
        expect(main).to_contain_text(cause)
    shot(page, "16-explain-family")
    page.get_by_label("As it stood at the end of").fill("2026-11-23")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(parts.get_by_role("row", name=re.compile(r"Family.*120\.00"))).to_be_visible()
    shot(page, "17-explain-family-yesterday")


def test_the_family_story(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    home = make_brennans(cast.clinic)
    sign_in(page, live_server, cast.alice)
    at = live_server.url

    a_spouse_pays(page, at, home)
    a_parent_pays_three(page, at, home)
    transfer_and_undo(page, at, home)
    a_voucher(page, at, home)
    charged_back(page, at, home)
    explained(page, at, home)

    assert watch == [], watch
    assert_books_straight(cast.clinic.practice)
