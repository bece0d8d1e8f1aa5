"""The plug is pulled before and after every statement of a renewal; then the job runs again."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date

import pytest
from django.db import connection

from creditwell.packages.models import PackageAct, PackageShare
from creditwell.worker.memberships import renew_in
from tests.acts import pay
from tests.books import assert_books_straight
from tests.factories import NOW, make_clinic, make_patient
from tests.memberships import make_renewing, noon, periods, start
from tests.plug.test_pulled_plug import Plug, PlugPulled, everything

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_plug_is_pulled_at_every_step_of_the_job() -> None:
    clinic, december = make_clinic(), noon(date(2026, 12, 24))
    pay(clinic, 50000)
    done = start(clinic, make_renewing(clinic))
    PackageShare.objects.create(
        practice=clinic.practice,
        package_id=done.package_id,
        patient=make_patient(practice=clinic.practice),
        given_at=NOW,
    )
    before, step = everything(), 0
    while everything() == before:  # nothing remains of a renewal that was broken off
        with suppress(PlugPulled), connection.execute_wrapper(Plug(step)):
            renew_in(clinic.practice.pk, december)
        step += 1
    assert step > 100, "every statement has a before and an after"
    first, second = periods(done.membership_id)
    assert (first.net_minor, second.net_minor) == (10000, 30000)
    assert PackageAct.objects.filter(kind="rolled_over").count() == 2
    after = everything()
    assert renew_in(clinic.practice.pk, december) == Counter()
    assert everything() == after
    assert_books_straight(clinic.practice)
