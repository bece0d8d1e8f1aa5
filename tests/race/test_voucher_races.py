"""The same gift voucher brought by several at once; and the twin without what guards it."""

from __future__ import annotations

from threading import Barrier

import pytest

from creditwell.people.models import Patient
from creditwell.tenancy.access import practice_facts
from creditwell.usecases import redeem_voucher as redeem_voucher_module
from tests.acts import standing
from tests.books import assert_books_straight
from tests.factories import Clinic, make_patient
from tests.race.rivals import PATIENCE, race
from tests.race.test_money_races import without_floor
from tests.vouchers import redeem, sell_one

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

RIVALS = 4


@pytest.fixture
def people(clinic: Clinic) -> list[Patient]:
    return [make_patient(practice=clinic.practice) for _ in range(RIVALS)]


def test_a_voucher_is_redeemed_once(clinic: Clinic, people: list[Patient]) -> None:
    code = sell_one(clinic).code
    ended = race(RIVALS, lambda n: redeem(clinic, code, patient_id=people[n].pk))
    assert ended == {"ok": 1, "NothingLeft": RIVALS - 1}
    assert sum(standing(clinic, one).credit_minor for one in people) == 10000
    assert_books_straight(clinic.practice)


def test_twin_without_lock_and_floor_it_is_redeemed_by_everybody(
    clinic: Clinic, people: list[Patient], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = sell_one(clinic).code
    everybody = Barrier(RIVALS, timeout=PATIENCE)
    plain = redeem_voucher_module.open_lots

    def open_lots_together(**where: object) -> object:
        found = plain(**where)  # type: ignore[arg-type]
        everybody.wait()  # each has seen the same money before anybody takes it
        return found

    monkeypatch.setattr(redeem_voucher_module, "open_lots", open_lots_together)
    monkeypatch.setattr(
        redeem_voucher_module, "lock_several", lambda **w: practice_facts(w["practice_id"])
    )
    with without_floor():
        ended = race(RIVALS, lambda n: redeem(clinic, code, patient_id=people[n].pk))
        assert ended["ok"] == RIVALS
