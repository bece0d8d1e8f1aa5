"""Families and permissions behind their doors."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from creditwell.credit.models import Share
from creditwell.credit.sharing import Terms
from creditwell.people.families import NewMember
from creditwell.people.models import Contact, Family, FamilyMember, Patient
from creditwell.people.operations import create_contact_row
from creditwell.people.rules import ContactDetails
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.permissions import PERMISSIONS, Role
from creditwell.usecases.create_family import CreateFamily, create_family
from creditwell.usecases.share_credit import ShareCredit, share_credit
from tests.acts import invoice, pay
from tests.cast import Cast, make_cast
from tests.factories import NOW, Clinic, make_patient


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def clinic(cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def anna(clinic) -> Patient:
    return make_patient(practice=clinic.practice, first_name="Anna", last_name="Berg")


@pytest.fixture
def ben(clinic) -> Patient:
    return make_patient(practice=clinic.practice, first_name="Ben", last_name="Berg")


@pytest.fixture
def fund(clinic) -> Contact:
    details = ContactDetails(kind="charity", name="Harbour Fund")
    return create_contact_row(practice_id=clinic.practice.pk, details=details, now=NOW)


@pytest.fixture
def desk(cast, client) -> Client:
    client.force_login(cast.bob)
    return client


def family_of(*patients: Patient) -> int:
    command = CreateFamily(
        practice_id=patients[0].practice_id,
        by=SYSTEM,
        name="Berg family",
        members=tuple(NewMember(patient_id=one.pk, relation="parent") for one in patients),
    )
    return create_family(command, NOW).family_id


def allow(owner, user, **terms) -> int:
    command = ShareCredit(
        practice_id=owner.practice_id,
        by=SYSTEM,
        owner_id=owner.payer_id,
        user_id=user.payer_id,
        terms=Terms(**{"mode": "always", **terms}),
    )
    return share_credit(command, NOW).share_id


def standing() -> list[tuple[str, str, str, int | None]]:
    rows = Share.objects.filter(ended_at__isnull=True).order_by("pk")
    return [(one.owner.name, one.user.name, one.mode, one.cap_minor) for one in rows]


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def page(client: Client, name: str, *args: int) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return text(answer)


def test_a_family_is_made_from_the_patients_page(desk, anna, ben):
    url = reverse("family_new", args=[anna.pk])
    assert url in page(desk, "patient", anna.pk)
    assert "Berg family" in page(desk, "family_new", anna.pk)
    form = {"name": "Bergs", "own_relation": "mother", "relation": "son", "key": "k"}
    answer = desk.post(url, {**form, "patient": ben.pk})
    family = Family.objects.get()
    assert answer.headers["Location"] == reverse("family", args=[family.pk])
    places = FamilyMember.objects.order_by("pk").values_list("patient__first_name", "relation")
    assert list(places) == [("Anna", "mother"), ("Ben", "son")]
    desk.post(url, {**form, "patient": ben.pk})
    assert Family.objects.count() == 1, "the same form, pressed twice"


def test_a_relative_is_created_on_the_way(desk, anna):
    url = reverse("family_new", args=[anna.pk])
    form = {"name": "Bergs", "key": "k", "new-name": "Cleo Berg"}
    assert desk.post(url, form).status_code == 302
    names = FamilyMember.objects.order_by("pk").values_list("patient__first_name", flat=True)
    assert list(names) == ["Anna", "Cleo"]


def test_whoever_is_typed_but_not_chosen_is_asked_for(desk, anna, ben):
    url = reverse("family_new", args=[anna.pk])
    found = desk.post(url, {"name": "Bergs", "patient-q": "ben", "find-patient": "1"})
    assert f'value="{ben.pk}"' in text(found)
    assert desk.post(url, {"name": "Bergs", "patient-q": "ben"}).status_code == 422
    family_id = family_of(anna)
    answer = desk.post(reverse("family_add", args=[family_id]), {"relation": "son"})
    assert answer.status_code == 422
    assert "Choose the patient who joins the family." in text(answer)
    assert Family.objects.count() == 1


def test_members_join_and_leave_and_permissions_end(desk, anna, ben):
    family_id = family_of(anna)
    add = reverse("family_add", args=[family_id])
    assert desk.post(add, {"patient": ben.pk, "relation": "son"}).status_code == 302
    assert "in the family already" in text(desk.post(add, {"patient": ben.pk}))
    desk.post(reverse("family_rename", args=[family_id]), {"name": "Bergs"})
    allow(anna, ben)
    shown = page(desk, "family", family_id)
    assert "Bergs" in shown
    assert "Ben may use Anna’s credit, always." in shown
    remove = reverse("family_remove", args=[family_id, ben.pk])
    assert "Remove Ben Berg from Bergs?" in page(desk, "family_remove", family_id, ben.pk)
    assert desk.post(remove).headers["Location"] == reverse("family", args=[family_id])
    assert standing() == []
    last = desk.post(reverse("family_remove", args=[family_id, anna.pk]))
    assert last.headers["Location"] == reverse("patient", args=[anna.pk])
    assert desk.post(remove).status_code == 404


def test_a_permission_shows_on_both_patients_and_is_changed_and_stopped(desk, anna, ben):
    family_of(anna, ben)
    url = reverse("share", args=[anna.payer_id, ben.payer_id])
    assert "Ben may not use Anna’s credit." in page(desk, "patient", ben.pk)
    form = {"mode": "monthly", "cap": "200", "note": "By phone", "back": f"patient-{ben.pk}"}
    assert desk.post(url, form).headers["Location"] == reverse("patient", args=[ben.pk])
    assert standing() == [("Anna Berg", "Ben Berg", "monthly", 20000)]
    for one in (anna, ben):
        shown = page(desk, "patient", one.pk)
        assert "Ben may use Anna’s credit, up to $200.00 each month." in shown
        assert "$0.00 used this month, $200.00 left" in shown
    assert "How it was agreed: By phone" in page(desk, "share", anna.payer_id, ben.payer_id)
    desk.post(url, {"mode": "ask", "cap": "200"})
    assert standing() == [("Anna Berg", "Ben Berg", "ask", None)]
    stop = reverse("share_stop", args=[Share.objects.get(ended_at__isnull=True).pk])
    assert desk.post(stop).headers["Location"] == reverse("patient", args=[anna.pk])
    assert standing() == []
    assert desk.post(stop).status_code == 404


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose how much may be used."),
        ({"mode": "total"}, "Enter the amount that may be used"),
        ({"mode": "monthly", "cap": "0"}, "Enter the amount that may be used"),
        ({"mode": "monthly", "cap": "a lot"}, "is not an amount"),
    ],
)
def test_a_permission_that_cannot_be_meant(desk, anna, ben, form, sentence):
    answer = desk.post(
        reverse("share", args=[anna.payer_id, ben.payer_id]), {**form, "note": "Kept", "x": "1"}
    )
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Kept" in text(answer)
    assert standing() == []


def test_nobody_shares_with_themselves_or_lets_an_organisation_use(desk, anna, fund):
    own = desk.get(reverse("share", args=[anna.payer_id, anna.payer_id]))
    assert own.status_code == 422
    theirs = desk.get(reverse("share", args=[anna.payer_id, fund.payer_id]))
    assert "Choose a patient" in text(theirs)


def test_an_organisation_lets_a_patient_draw_on_its_credit(desk, clinic, ben, fund):
    pay(clinic, 50000, payer_id=fund.payer_id)
    shown = page(desk, "contact", fund.pk)
    assert "500" in shown
    assert f"?payer={fund.payer_id}" in shown
    url = reverse("share_new", args=[fund.payer_id])
    assert url in shown
    nobody = desk.post(url, {"mode": "total", "cap": "300"})
    assert "Choose the patient who may use the credit." in text(nobody)
    answer = desk.post(url, {"mode": "total", "cap": "300", "patient": ben.pk})
    assert answer.headers["Location"] == reverse("contact", args=[fund.pk])
    shown = page(desk, "contact", fund.pk)
    assert "Up to $300.00 in all" in shown
    assert "$0.00 used, $300.00 left" in shown
    assert "Ben may use Harbour Fund’s credit" in page(desk, "patient", ben.pk)


def test_permissions_never_say_what_was_treated(desk, clinic, anna, ben, fund):
    family_id = family_of(anna, ben)
    allow(anna, ben)
    allow(fund, ben)
    invoice(clinic, patient=ben)
    for name, args in (
        ("family", [family_id]),
        ("share", [anna.payer_id, ben.payer_id]),
        ("contact", [fund.pk]),
    ):
        assert clinic.item.name not in page(desk, name, *args)


def test_who_may_only_look_is_offered_nothing(cast, client, anna, ben, fund):
    family_id = family_of(anna, ben)
    share_id = allow(anna, ben)
    client.force_login(cast.staff["read_only"])
    for name, pk in (("family", family_id), ("patient", anna.pk), ("contact", fund.pk)):
        shown = page(client, name, pk)
        assert "/shares/" not in shown
        assert "/add/" not in shown
        assert "/remove/" not in shown
    assert client.post(reverse("share_stop", args=[share_id])).status_code == 403
    assert standing() != []


DOORS = [
    ("family", "patients.view"),
    ("contact", "patients.view"),
    ("family_new", "patients.edit"),
    ("family_rename", "patients.edit"),
    ("family_add", "patients.edit"),
    ("family_remove", "credit.share"),
    ("share", "credit.share"),
    ("share_new", "credit.share"),
]


@pytest.mark.parametrize(("name", "permission"), DOORS)
def test_each_page_is_for_those_who_may_and_for_this_practice(
    cast, client, anna, ben, fund, name, permission
):
    family_id = family_of(anna, ben)
    args = {
        "contact": [fund.pk],
        "family_new": [anna.pk],
        "family_remove": [family_id, ben.pk],
        "share": [anna.payer_id, ben.payer_id],
        "share_new": [anna.payer_id],
    }
    url = reverse(name, args=args.get(name, [family_id]))
    for role in Role:
        client.force_login(cast.staff[role.value])
        expected = 200 if role in PERMISSIONS[permission] else 403
        assert client.get(url).status_code == expected, role
    client.force_login(cast.charlie)
    assert client.get(url).status_code == 404
    if name not in ("family", "contact"):
        assert client.post(url, {"mode": "always", "name": "X"}).status_code == 404
    assert standing() == []
    assert Family.objects.get().name == "Berg family"


def test_another_practices_patient_joins_nothing(cast, desk, anna):
    family_id = family_of(anna)
    foreign = cast.other.patient
    answer = desk.post(reverse("family_add", args=[family_id]), {"patient": foreign.pk})
    assert answer.status_code == 404
    url = reverse("share_new", args=[anna.payer_id])
    assert desk.post(url, {"patient": foreign.pk, "mode": "always"}).status_code == 404
    url = reverse("share", args=[anna.payer_id, foreign.payer_id])
    assert desk.post(url, {"mode": "always"}).status_code == 404
    assert standing() == []
    assert FamilyMember.objects.count() == 1
