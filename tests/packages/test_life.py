"""What can happen to a package that was sold: more time, pauses, presents, sharing, a new owner."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.changing import BookedThen, NotUndone, ReasonMissing
from creditwell.packages.models import Package, PackageAct, PackageShare, Session
from creditwell.packages.queries import place_of
from creditwell.packages.transferring import NothingFree
from creditwell.people.models import Family, FamilyMember, Patient
from creditwell.scheduling.models import AppointmentType
from creditwell.usecases.add_bonus_sessions import (
    AddBonusSessions,
    TakeBackBonus,
    WrongBonus,
    add_bonus_sessions,
    take_back_bonus,
)
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.extend_package import (
    ExtendPackage,
    NotLater,
    UndoExtension,
    extend_package,
    undo_extension,
)
from creditwell.usecases.pause_package import (
    NotPaused,
    PausedAlready,
    PausePackage,
    ResumePackage,
    WrongPause,
    pause_package,
    resume_package,
)
from creditwell.usecases.share_package import (
    NotShared,
    NotToBeShared,
    SharedWithOwner,
    SharePackage,
    StopSharingPackage,
    WrongLimit,
    share_package,
    stop_sharing_package,
)
from creditwell.usecases.transfer_credit import NotFamily
from creditwell.usecases.transfer_package import (
    OwnPackage,
    TransferPackage,
    UndoPackageTransfer,
    transfer_package,
    undo_package_transfer,
)
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient, make_tax_rate
from tests.refusing import refuses
from tests.sold import make_product, sell, states, unearned
from tests.visits import act, wish

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
TABLES = (Package, PackageAct, Session, PackageShare)


@pytest.fixture
def ben(clinic: Clinic) -> Patient:
    return make_patient(practice=clinic.practice, first_name="Ben")


def asked(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    return act(clinic, key=new_key(), **fields)


def book(clinic: Clinic, kind: AppointmentType, days: int, **fields: Any) -> int:
    start = NOW + timedelta(days=days, hours=fields.pop("hours", 0))
    booked = book_appointment(wish(clinic, kind, starts_at=start, anyway=True, **fields), NOW)
    assert booked.attendee_id is not None
    return booked.attendee_id


def covered(clinic: Clinic, attendee_id: int) -> bool:
    return place_of(practice_id=clinic.practice.pk, attendee_id=attendee_id) is not None


def family(clinic: Clinic, *members: Patient) -> None:
    home = Family.objects.create(practice=clinic.practice, name="Home", created_at=NOW)
    for one in members:
        FamilyMember.objects.create(
            practice=clinic.practice, family=home, patient=one, joined_at=NOW
        )


def test_a_later_last_day_and_back(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, valid_count=1))
    assert package.expires_on == date(2026, 12, 23)
    late = book(clinic, massage, 40)
    assert not covered(clinic, late)
    command = ExtendPackage(
        **asked(clinic, package_id=package.pk, until=date(2027, 1, 31), reason="Away")
    )
    done = extend_package(command, NOW)
    visit = book(clinic, massage, 41)
    assert covered(clinic, visit)
    undo = asked(clinic, act_id=done.act_id)
    with refuses(BookedThen, *TABLES):
        undo_extension(UndoExtension(**undo), NOW)
    undo_extension(UndoExtension(**{**undo, "key": new_key(), "release": True}), NOW)
    package.refresh_from_db()
    assert package.expires_on == date(2026, 12, 23)
    assert not covered(clinic, visit)
    with refuses(AlreadyReversed, *TABLES):
        undo_extension(UndoExtension(**{**undo, "key": new_key()}), NOW)
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"until": date(2026, 12, 23)}, NotLater),
        ({"until": date(2026, 12, 1)}, NotLater),
        ({"reason": " "}, ReasonMissing),
    ],
)
def test_extending_means_later(
    clinic: Clinic, massage: AppointmentType, fields: dict[str, Any], error: Any
) -> None:
    package = sell(clinic, make_product(clinic, massage, valid_count=1))
    values = {"package_id": package.pk, "until": date(2027, 1, 1), "reason": "Away", **fields}
    with refuses(error, *TABLES):
        extend_package(ExtendPackage(**asked(clinic, **values)), NOW)


def test_a_pause_gives_its_days_back(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, valid_count=3))
    visit, after = book(clinic, massage, 8), book(clinic, massage, 30)
    values = asked(
        clinic,
        package_id=package.pk,
        reason="Operation",
        from_on=TODAY + timedelta(days=7),
        resumes_on=TODAY + timedelta(days=28),
    )
    with refuses(BookedThen, *TABLES):
        pause_package(PausePackage(**values), NOW)
    pause_package(PausePackage(**{**values, "key": new_key(), "release": True}), NOW)
    package.refresh_from_db()
    assert package.expires_on == date(2027, 2, 23) + timedelta(days=21)
    assert (covered(clinic, visit), covered(clinic, after)) == (False, True)
    assert not covered(clinic, book(clinic, massage, 9))
    with refuses(PausedAlready, *TABLES):
        pause_package(PausePackage(**{**values, "key": new_key()}), NOW)
    # They are well again a week early.
    resume = asked(clinic, package_id=package.pk)
    resume_package(ResumePackage(**resume), NOW + timedelta(days=21))
    package.refresh_from_db()
    assert package.expires_on == date(2027, 2, 23) + timedelta(days=14)
    with refuses(NotPaused, *TABLES):
        resume_package(ResumePackage(**{**resume, "key": new_key()}), NOW + timedelta(days=22))
    assert covered(clinic, book(clinic, massage, 22))


def test_a_pause_without_an_end(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, valid_count=3))
    values = asked(clinic, package_id=package.pk, reason="Abroad")
    pause_package(PausePackage(**values), NOW)
    resume_package(ResumePackage(**asked(clinic, package_id=package.pk)), NOW + timedelta(days=100))
    package.refresh_from_db()
    assert package.expires_on == date(2027, 2, 23) + timedelta(days=100)


@pytest.mark.parametrize(
    "days", [{"from_on": -1}, {"from_on": 400}, {"from_on": 5, "resumes_on": 5}]
)
def test_a_pause_that_cannot_be_meant(
    clinic: Clinic, massage: AppointmentType, days: dict[str, int]
) -> None:
    package = sell(clinic, make_product(clinic, massage, valid_count=3))
    fields = {name: TODAY + timedelta(days=n) for name, n in days.items()}
    with refuses(WrongPause, *TABLES):
        pause_package(
            PausePackage(**asked(clinic, package_id=package.pk, reason="Away", **fields)), NOW
        )


@pytest.mark.parametrize("measure", ["sessions", "minutes"])
def test_a_bonus_is_free_and_is_used_last(
    clinic: Clinic, massage: AppointmentType, measure: str
) -> None:
    units = 1 if measure == "sessions" else 30
    package = sell(
        clinic, make_product(clinic, massage, units=2 * units, price_minor=20000, measure=measure)
    )
    part = package.parts.get()
    values = asked(
        clinic, package_id=package.pk, part_id=part.pk, units=units, reason="For waiting"
    )
    done = add_bonus_sessions(AddBonusSessions(**values), NOW)
    assert unearned(package) == 20000
    visits = [book(clinic, massage, n) for n in range(3)]
    assert all(covered(clinic, one) for one in visits)
    with refuses(NotUndone, *TABLES):
        take_back_bonus(TakeBackBonus(**asked(clinic, act_id=done.act_id)), NOW)
    again = add_bonus_sessions(AddBonusSessions(**{**values, "key": new_key()}), NOW)
    take_back_bonus(TakeBackBonus(**asked(clinic, act_id=again.act_id)), NOW)
    place = place_of(practice_id=clinic.practice.pk, attendee_id=visits[2])
    assert place is not None
    assert (place.ordinal, place.total, place.value_minor) == (3 * units, 3 * units, 0)
    for wrong in (0, 10**9):
        with refuses(WrongBonus, *TABLES) as refused:
            command = AddBonusSessions(**{**values, "key": new_key(), "units": wrong})
            add_bonus_sessions(command, NOW)
        assert "above zero, and at most" in refused.value.sentence
    assert_books_straight(clinic.practice)


def test_a_couple_shares_up_to_a_limit(
    clinic: Clinic, massage: AppointmentType, ben: Patient
) -> None:
    package = sell(clinic, make_product(clinic, massage, units=10))
    values = asked(clinic, package_id=package.pk, patient_id=ben.pk, most_units=2)
    with refuses(NotToBeShared, *TABLES):
        share_package(SharePackage(**values), NOW)
    family(clinic, clinic.patient, ben)
    shared = share_package(SharePackage(**{**values, "key": new_key()}), NOW)
    own = book(clinic, massage, 1)
    his = [book(clinic, massage, n, patient_id=ben.pk) for n in (2, 3, 4)]
    assert [covered(clinic, one) for one in his] == [True, True, False]
    place = place_of(practice_id=clinic.practice.pk, attendee_id=his[0])
    assert place is not None
    assert (place.ordinal, place.total, place.is_shared) == (2, 10, True)
    stop = asked(clinic, share_id=shared.share_id)
    stop_sharing_package(StopSharingPackage(**stop), NOW)
    assert covered(clinic, his[0])
    assert covered(clinic, own)
    assert not covered(clinic, book(clinic, massage, 5, patient_id=ben.pk))
    with refuses(NotShared, *TABLES):
        stop_sharing_package(StopSharingPackage(**{**stop, "key": new_key()}), NOW)
    assert_books_straight(clinic.practice)


def test_sharing_that_cannot_be_meant(
    clinic: Clinic, massage: AppointmentType, ben: Patient
) -> None:
    package = sell(clinic, make_product(clinic, massage, sharing="anybody"))
    alone = sell(clinic, make_product(clinic, massage, sharing="nobody", name="Alone"))
    family(clinic, clinic.patient, ben)
    for fields, error in (
        ({"patient_id": clinic.patient.pk}, SharedWithOwner),
        ({"patient_id": ben.pk, "most_units": 0}, WrongLimit),
        ({"patient_id": ben.pk, "package_id": alone.pk}, NotToBeShared),
    ):
        values = asked(clinic, **{"package_id": package.pk, **fields})
        with refuses(error, *TABLES):
            share_package(SharePackage(**values), NOW)


@pytest.mark.parametrize("at_use", [False, True])
def test_a_transfer_and_back(
    clinic: Clinic, massage: AppointmentType, ben: Patient, at_use: bool
) -> None:
    tax = make_tax_rate(practice=clinic.practice)
    product = make_product(
        clinic, massage, units=3, price_minor=10000, tax=tax, tax_at_use=at_use, valid_count=3
    )
    package = sell(clinic, product)
    before = unearned(package)
    part = package.parts.get()
    values = asked(clinic, package_id=package.pk, to_patient_id=ben.pk, reason="A present")
    with refuses(NotFamily, *TABLES):
        transfer_package(TransferPackage(**values), NOW)
    some = {**values, "anywhere": True, "parts": ((part.pk, 2),)}
    done = transfer_package(TransferPackage(**{**some, "key": new_key()}), NOW)
    target = Package.objects.get(pk=done.to_package_id)
    assert target.expires_on == package.expires_on
    assert unearned(package) + unearned(target) == before
    visit = book(clinic, massage, 1, patient_id=ben.pk)
    place = place_of(practice_id=clinic.practice.pk, attendee_id=visit)
    assert place is not None
    assert (place.ordinal, place.total) == (1, 2)
    assert_books_straight(clinic.practice)
    undo = asked(clinic, act_id=done.act_id)
    with refuses(NotUndone, *TABLES):
        undo_package_transfer(UndoPackageTransfer(**undo), NOW)
    Session.objects.filter(package=target, status="booked").update(
        status="free", attendee_id=None, patient_id=None
    )
    undo_package_transfer(UndoPackageTransfer(**{**undo, "key": new_key()}), NOW)
    assert unearned(package) == before
    assert states(package) == ["free"] * 3
    assert_books_straight(clinic.practice)


def test_a_package_given_away_whole_is_over_and_comes_back(
    clinic: Clinic, massage: AppointmentType, ben: Patient
) -> None:
    package = sell(clinic, make_product(clinic, massage, units=90, measure="minutes"))
    values = asked(
        clinic, package_id=package.pk, to_patient_id=ben.pk, reason="Moved", anywhere=True
    )
    transfer_package(TransferPackage(**values), NOW)
    package.refresh_from_db()
    assert package.ended_at is not None
    sent = PackageAct.objects.get(kind="sent")  # the giver's line tells of it as well
    undo_package_transfer(UndoPackageTransfer(**asked(clinic, act_id=sent.pk)), NOW)
    package.refresh_from_db()
    assert package.ended_at is None
    assert unearned(package) == 45000
    assert_books_straight(clinic.practice)


def test_a_transfer_that_cannot_be_meant(
    clinic: Clinic, massage: AppointmentType, ben: Patient
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    part = package.parts.get()
    for n in range(4):
        book(clinic, massage, n)
    for fields, error in (
        ({"to_patient_id": clinic.patient.pk}, OwnPackage),
        ({"reason": ""}, ReasonMissing),
        ({"parts": ((part.pk, 2),)}, NothingFree),
        ({"parts": ((part.pk, 0),)}, NothingFree),
        ({"parts": ()}, NothingFree),
    ):
        values = asked(
            clinic,
            **{
                "package_id": package.pk,
                "to_patient_id": ben.pk,
                "reason": "x",
                "anywhere": True,
                **fields,
            },
        )
        with refuses(error, *TABLES):
            transfer_package(TransferPackage(**values), NOW)
