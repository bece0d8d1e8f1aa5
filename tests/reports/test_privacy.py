"""
What a practitioner and a read-only member see and do of family credit: page, PDF, mail, API.
What the payer sees is in `test_shared_statements.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from creditwell.api import auth
from creditwell.credit.models import Share
from creditwell.integrations.email.models import Message
from creditwell.outbox.models import Event
from creditwell.payments.models import PaymentPart, Transfer, Voucher
from creditwell.tenancy.access import Actor
from creditwell.usecases.request_refund import RequestRefund, request_refund
from tests.acts import new_key, pay, standing
from tests.api.client import Program, make_key
from tests.books import assert_books_straight
from tests.factories import NOW
from tests.reports.test_shared_statements import SECRET, Home, home, words_of
from tests.vouchers import sell

__all__ = ["home"]
pytestmark = pytest.mark.django_db

ROLES = ("practitioner", "read_only")
# Looking: what is owed and held is seen by everybody who sees patients, on page and paper.
SEEN = (
    "/patients/{anna}/",
    "/patients/{anna}/credit/",
    "/patients/{anna}/statement/",
    "/families/{family}/",
    "/families/{family}/credit/",
    "/families/{family}/statement/",
    "/contacts/{fund}/",
    "/contacts/{fund}/credit/",
    "/contacts/{fund}/statement/",
    "/payments/{receipt}/",
    "/transfers/{transfer}/",
)
PAPERS = (
    "/families/{family}/statement/pdf/",
    "/contacts/{fund}/statement/pdf/",
    "/patients/{anna}/statement/pdf/",
    "/payments/{receipt}/pdf/",
    "/transfers/{transfer}/giver/pdf/",
    "/transfers/{transfer}/receiver/pdf/",
)
# What the practice owes in all, codes that are money, mails, what waits for somebody.
HIDDEN = (
    "/reports/",
    "/reports/credit/",
    "/reports/credit/export.csv",
    "/reports/credit/lots/?by=age&key=0-30",
    "/reports/credit/lots/export.csv?by=age&key=0-30",
    "/reports/in-credit/",
    "/reports/in-credit/export.csv",
    "/payments/vouchers/",
    "/payments/vouchers/{voucher}/",
    "/payments/vouchers/{voucher}/pdf/",
    "/payments/vouchers/redeem/",
    "/payments/vouchers/new/",
    "/settings/messages/",
    "/settings/messages/{message}/",
    "/settings/messages/words/",
    "/settings/trail/",
    "/settings/credit/",
    "/settings/refunds/",
    "/tasks/",
    "/transfers/new/?patient={anna}",
    "/payments/refunds/new/?patient={anna}",
    "/credit/give/?patient={anna}",
    "/shares/of/{owner}/",
    "/shares/{owner}/{user}/",
)
ACTS = (
    "/shares/{share}/stop/",
    "/transfers/{transfer}/undo/",
    "/payments/{receipt}/void/",
    "/payments/{receipt}/dishonour/",
    "/payments/refunds/requests/{request}/approve/",
    "/payments/refunds/requests/{request}/decline/",
    "/payments/vouchers/{voucher}/disable/",
    "/payments/vouchers/{voucher}/refund/",
    "/credit/lots/{lot}/extend/",
)
MAILS = (
    "/families/{family}/statement/email/",
    "/contacts/{fund}/statement/email/",
    "/payments/{receipt}/email/",
    "/transfers/{transfer}/email/",
)


@dataclass
class Seen:
    """A family's house with everything in it, and the ids that addresses need."""

    home: Home
    ids: dict[str, int]

    def page(self, role: str) -> Client:
        client = Client()
        client.force_login(self.home.cast.staff[role])
        return client

    def urls(self, patterns: tuple[str, ...]) -> list[str]:
        return [pattern.format(**self.ids) for pattern in patterns]


@pytest.fixture
def seen(home: Home) -> Seen:
    clinic, practice = home.cast.clinic, home.cast.clinic.practice
    sell(clinic, 10000)
    taken = pay(clinic, 60000)
    part = PaymentPart.objects.get(payment_id=taken.payment_id)
    asked = request_refund(
        RequestRefund(
            practice_id=practice.pk,
            key=new_key(),
            by=Actor(user_id=home.cast.bob.pk),
            payer_id=clinic.patient.payer_id,
            parts=((part.pk, 60000),),
            reason="Moves away",
        ),
        NOW,
    )
    message = Message.objects.create(
        practice=practice,
        kind="receipt",
        to="a@mail.example",
        subject="x",
        text="x",
        created_at=NOW,
    )
    ids = {
        "anna": home.anna.pk,
        "family": home.family_id,
        "fund": home.fund.pk,
        "receipt": home.receipt,
        "transfer": Transfer.objects.filter(practice=practice).earliest("pk").pk,
        "voucher": Voucher.objects.get(practice=practice).pk,
        "message": message.pk,
        "owner": home.anna.payer_id,
        "user": home.ben.payer_id,
        "share": Share.objects.get(owner_id=home.anna.payer_id).pk,
        "request": asked.request_id,
        "lot": taken.lot_id,
    }
    return Seen(home, ids)


@pytest.mark.parametrize("role", ROLES)
def test_what_they_may_look_at_tells_no_code(seen: Seen, role: str) -> None:
    page, code = seen.page(role), Voucher.objects.get().code
    for url in seen.urls(SEEN):
        answer = page.get(url)
        assert answer.status_code == 200, url
        assert code not in answer.content.decode().replace("-", ""), url
    for url in seen.urls(PAPERS):
        answer = page.get(url)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf"), url
        words = words_of(answer.content)
        assert SECRET not in words, url
        assert code not in words.replace("-", ""), url


@pytest.mark.parametrize("role", ROLES)
def test_what_they_may_not_look_at(seen: Seen, role: str) -> None:
    page = seen.page(role)
    assert {url: page.get(url).status_code for url in seen.urls(HIDDEN)} == dict.fromkeys(
        seen.urls(HIDDEN), 403
    )


@pytest.mark.parametrize("role", ROLES)
def test_they_move_no_credit(seen: Seen, role: str) -> None:
    page, clinic = seen.page(role), seen.home.cast.clinic
    before = (standing(clinic), standing(clinic, seen.home.anna), Event.objects.count())
    sent = {"reason": "x", "amount": "1", "months": "3", "key": "k"}
    assert {url: page.post(url, sent).status_code for url in seen.urls(ACTS)} == dict.fromkeys(
        seen.urls(ACTS), 403
    )
    assert (standing(clinic), standing(clinic, seen.home.anna), Event.objects.count()) == before
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(("role", "status"), [("practitioner", 302), ("read_only", 403)])
def test_who_may_send_papers_by_mail(seen: Seen, role: str, status: int) -> None:
    """Whoever may take a payment sends its paper; to look is not enough."""
    page, before = seen.page(role), Event.objects.count()
    for url in seen.urls(MAILS):
        answer = page.post(url, {"to": "payer@mail.example", "side": "giver", "key": new_key()})
        assert answer.status_code == status, url
    assert Event.objects.count() - before == (len(MAILS) if status == 302 else 0)


LOOKED_UP = (
    "/credit/explanation?payer_id={owner}",
    "/families/{family}",
    "/shares?owner_payer_id={owner}",
    "/transfers",
    "/transfers/{transfer}",
    "/refund_requests",
    "/vouchers",
    "/vouchers/{voucher}",
    "/reports/credit?since=2026-11-01&until=2026-11-24",
    "/reports/in-credit",
    "/reports/owing",
    "/messages",
)


@pytest.mark.parametrize(
    ("scopes", "opens"),
    [
        (["payments:read"], {"/credit/explanation", "/transfers", "/refund_requests"}),
        (["patients:read"], {"/families", "/shares"}),
        (["invoices:read", "appointments:read", "catalog:read"], set()),
        (["reports:read"], {"/reports"}),
        (["messages:read"], {"/messages"}),
    ],
)
def test_a_program_that_may_read_sees_what_its_scopes_say(
    seen: Seen, monkeypatch: pytest.MonkeyPatch, scopes: list[str], opens: set[str]
) -> None:
    monkeypatch.setattr(auth, "clock", lambda: NOW)
    cast, code = seen.home.cast, Voucher.objects.get().code
    program = Program(make_key(cast.clinic.practice, scopes, by=cast.alice))
    for url in seen.urls(LOOKED_UP):
        path, _, query = url.partition("?")
        asked = dict(pair.split("=") for pair in query.split("&") if query)
        status, told = program.get(path, **asked)
        allowed = any(path.startswith(start) for start in opens)
        assert status == (200 if allowed else 403), path
        assert SECRET not in str(told), path
        assert code not in str(told).replace("-", ""), path
