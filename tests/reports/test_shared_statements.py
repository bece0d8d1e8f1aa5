"""Who pays for somebody else sees how much and when, and never why."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from creditwell.api import auth
from creditwell.credit.sharing import Terms
from creditwell.integrations.documents.build_payments import receipt_pdf
from creditwell.integrations.email.documents import paper_of
from creditwell.integrations.email.handlers import write
from creditwell.integrations.email.models import Message
from creditwell.invoicing.models import InvoiceLine
from creditwell.ledger.queries import standing_of
from creditwell.outbox.deliver import told
from creditwell.outbox.models import Event
from creditwell.payments.queries_statement_shared import family_statement, funder_statement
from creditwell.people.families import NewMember
from creditwell.people.models import Contact, Patient, Payer
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.usecases.create_family import CreateFamily, create_family
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.take_payment import PartInput
from tests.acts import invoice, pay, use_credit
from tests.api.client import Program, make_key
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.factories import NOW, make_item, make_patient
from tests.reports.test_roll_forward import transfer

pytestmark = pytest.mark.django_db
SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 24)
SECRET = "Pelvic floor assessment"


@dataclass
class Home:
    """Anna pays for her son Ben, and a fund for him too; what he is treated for is his own."""

    cast: Cast
    anna: Patient
    ben: Patient
    fund: Contact
    family_id: int
    bill: int
    receipt: int


@pytest.fixture
def home() -> Home:
    cast = make_cast()
    clinic, practice = cast.clinic, cast.clinic.practice
    anna = make_patient(practice=practice, first_name="Anna", last_name="Berg")
    ben = make_patient(practice=practice, first_name="Ben", last_name="Berg")
    payer = Payer.objects.create(practice=practice, name="Kind Fund")
    fund = Contact.objects.create(practice=practice, payer=payer, kind="charity", name="Kind Fund")
    members = tuple(NewMember(patient_id=one.pk) for one in (anna, ben))
    common = {"practice_id": practice.pk, "by": SYSTEM}
    made = create_family(CreateFamily(name="Berg", members=members, **common), NOW)
    for owner, terms in (
        (anna.payer_id, Terms(mode="always")),
        (fund.payer_id, Terms(mode="monthly", cap_minor=5000)),
    ):
        share_credit(ShareCredit(owner_id=owner, user_id=ben.payer_id, terms=terms, **common), NOW)
    item = make_item(practice=practice, name=SECRET, price_minor=9000)
    bill = invoice(clinic, item=item, patient=ben, practitioner_id=clinic.practitioner.pk)
    part = PartInput(source_id=clinic.card.pk, amount_minor=20000)
    taken = pay(clinic, 0, patient=anna, parts=(part,), pay=((bill.invoice_id, 3000),))
    pay(clinic, 0, payer_id=fund.payer_id, parts=(part,))
    use_credit(
        clinic, payer_id=ben.payer_id, family_credit=((bill.invoice_id, fund.payer_id, 4000),)
    )
    transfer(clinic, anna, ben, 2500)
    return Home(cast, anna, ben, fund, made.family_id, bill.invoice_id, taken.payment_id)


def words_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def client(home: Home) -> Client:
    found = Client()
    found.force_login(home.cast.alice)
    return found


def test_a_family_statement_adds_up(home: Home) -> None:
    practice = home.cast.clinic.practice
    members = {home.anna.payer_id: "Anna", home.ben.payer_id: "Ben"}
    found = family_statement(facts_of(practice), members, SINCE, UNTIL)
    for person in found.people:
        stands = standing_of(practice_id=practice.pk, holder_id=person.payer_id, as_of=UNTIL)
        assert person.closing.minor == stands.balance_minor
        assert (person.rows[-1].balance, person.opening.minor) == (person.closing, 0)
    anna, ben = found.people
    assert [row.text for row in anna.rows] == [
        "Payment 1",
        "Paid invoice 1 of Ben Berg",
        "Transferred to Ben Berg",
    ]
    assert "Paid by credit of Kind Fund" in [row.text for row in ben.rows]
    assert "Transferred from Anna Berg" in [row.text for row in ben.rows]
    assert (found.credit.minor, found.owing.minor) == (17000, 2000)
    later = family_statement(facts_of(practice), members, date(2026, 12, 1), date(2026, 12, 2))
    assert later.opening == later.closing == found.closing
    assert_books_straight(practice)


def test_a_funder_sees_who_drew_and_what_is_left(home: Home) -> None:
    practice = home.cast.clinic.practice
    found = funder_statement(facts_of(practice), home.fund.payer_id, SINCE, UNTIL)
    (ben,) = found.people
    assert [(draw.invoice, draw.amount.minor) for draw in ben.draws] == [("1", 4000)]
    assert ben.cap is not None
    assert ben.left is not None
    assert (ben.name, ben.cap.minor, ben.left.minor) == ("Ben Berg", 5000, 1000)
    assert (found.opening.minor, found.drawn.minor, found.closing.minor) == (0, 4000, 16000)


def test_nothing_that_a_payer_gets_says_why(home: Home) -> None:
    practice_id = home.cast.clinic.practice.pk
    page = client(home)
    family, contact = f"/families/{home.family_id}", f"/contacts/{home.fund.pk}"
    hidden = (SECRET, home.cast.clinic.practitioner.name, "for the daughter")
    shown = {
        url: page.get(url).content.decode()
        for url in (f"{family}/statement/", f"{contact}/statement/")
    }
    for url in (f"{family}/statement/pdf/", f"{contact}/statement/pdf/"):
        shown[url] = words_of(page.get(url).content)
    shown["receipt"] = words_of(receipt_pdf(practice_id, home.receipt)[1])
    assert InvoiceLine.objects.filter(description=SECRET).exists()
    for where, text in shown.items():
        for word in hidden:
            assert word not in text, (where, word)
    assert "30.00" in shown["receipt"]
    assert "Ben Berg" in shown[f"{contact}/statement/"]
    assert "40.00" in shown[f"{contact}/statement/pdf/"]


def test_it_is_sent_without_saying_why(home: Home) -> None:
    page = client(home)
    for url in (f"/families/{home.family_id}", f"/contacts/{home.fund.pk}"):
        refused = page.post(f"{url}/statement/email/", {"to": "nobody"})
        assert refused.status_code == 422
        answer = page.post(f"{url}/statement/email/", {"to": "payer@mail.example"})
        assert answer.status_code == 302
    for event in Event.objects.filter(topic="statement.email_requested"):
        write(told(practice_id=event.practice_id, event_id=event.pk), NOW)
    sent = Message.objects.filter(kind="statement")
    assert {row.document for row in sent} == {"family_statement", "funder_statement"}
    for row in sent:
        paper = paper_of(row)
        assert paper is not None
        for text in (row.subject, row.text, words_of(paper.content)):
            assert SECRET not in text
            assert home.cast.clinic.practitioner.name not in text


def test_the_whole_family_is_explained(home: Home) -> None:
    page = client(home)
    shown = page.get(f"/families/{home.family_id}/credit/").content.decode()
    assert "Transferred to Ben Berg" in shown
    assert "Transferred from Anna Berg" in shown
    assert "Paid invoice 1 of Ben Berg" in shown
    assert "Paid by credit of Anna Berg" in shown
    fund = page.get(f"/contacts/{home.fund.pk}/credit/").content.decode()
    assert "Paid invoice 1 of Ben Berg" in fund
    before = page.get(f"/families/{home.family_id}/credit/?as_of=2026-11-01").content.decode()
    assert "Transferred" not in before


def test_a_program_that_may_read_payments_learns_no_reasons(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "clock", lambda: NOW)
    practice = home.cast.clinic.practice
    program = Program(make_key(practice, ["payments:read"], by=home.cast.alice))
    owner = home.anna.payer_id
    for path, asked in (
        (f"/payments/{home.receipt}/receipt", {}),
        (f"/payments/{home.receipt}", {}),
        ("/allocations", {"payer_id": owner}),
        ("/credit/explanation", {"payer_id": owner}),
        ("/credit/explanation", {"payer_id": home.fund.payer_id}),
    ):
        status, told_to_it = program.get(path, **asked)
        assert status == 200, path
        assert SECRET not in str(told_to_it), path
        assert home.cast.clinic.practitioner.name not in str(told_to_it), path
    assert program.get(f"/invoices/{home.bill}")[0] == 403


@pytest.mark.parametrize(
    ("role", "may_look", "may_give"),
    [("practitioner", True, False), ("read_only", True, False), ("receptionist", True, True)],
)
def test_who_may_look_at_a_family_and_who_may_change_it(
    home: Home, role: str, may_look: bool, may_give: bool
) -> None:
    page = Client()
    page.force_login(home.cast.staff[role])
    looked = page.get(f"/families/{home.family_id}/statement/")
    assert (looked.status_code == 200) is may_look
    assert (
        page.get(reverse("share_new", args=[home.anna.payer_id])).status_code == 200
    ) is may_give
    moved = page.get(reverse("transfer_new"), {"patient": home.anna.pk})
    assert (moved.status_code == 200) is may_give
