"""Families: patients who belong together. Permissions to use credit are in `shares`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Id, In, QueryId, Short, Title
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.people.families import InFamilyAlready, NewMember, NotInFamily
from creditwell.people.models import Family, FamilyMember
from creditwell.people.operations import MergedAway
from creditwell.people.queries_families import FamilyFacts
from creditwell.people.queries_families import families as read_families
from creditwell.people.rules import Nameless
from creditwell.usecases.add_family_member import AddFamilyMember, add_family_member
from creditwell.usecases.create_family import CreateFamily, create_family
from creditwell.usecases.remove_family_member import RemoveFamilyMember, remove_family_member
from creditwell.usecases.rename_family import RenameFamily, rename_family

families = Routes("Families")

NAMES = {"patient": "patient_id"}
MOST_MEMBERS = 50


class MemberIn(In):
    """A patient who joins; `relation` in free words: mother, son, partner."""

    patient_id: Id
    relation: Short = ""


class FamilyIn(In):
    """A new family. Nobody may use anybody's credit by that alone."""

    name: Title
    members: Annotated[list[MemberIn], Field(min_length=1, max_length=MOST_MEMBERS)]


class FamilyName(In):
    """What a family is called."""

    name: Title


class FamilyFilters(Page):
    """Which families."""

    patient_id: QueryId | None = Field(None, description="Only those that this patient is in.")


class MemberOut(TypedDict):
    """A patient in a family."""

    patient_id: int
    payer_id: int
    name: str
    relation: str
    joined_at: datetime


class FamilyOut(TypedDict):
    """A family with its members, as they joined."""

    id: int
    name: str
    created_at: datetime
    members: list[MemberOut]


class FamilyMade(TypedDict):
    """The new family."""

    id: int


class FamilyNamed(TypedDict):
    """A family and its name, as it was kept."""

    id: int
    name: str


class MemberGone(TypedDict):
    """`dissolved`: nobody was left, so the family is gone. `ended_share_ids` ended with it."""

    id: int
    dissolved: bool
    ended_share_ids: list[int]


@families.get("/families", needs="patients.view")
def list_families(call: Call, filters: Query[FamilyFilters]) -> Listed[FamilyOut]:
    """List families."""
    rows = Family.objects.filter(practice_id=call.practice_id)
    if filters.patient_id is not None:
        places = FamilyMember.objects.filter(
            practice_id=call.practice_id, patient_id=filters.patient_id
        )
        rows = rows.filter(pk__in=places.values("family_id"))

    def shown(found: Sequence[Row]) -> list[FamilyOut]:
        ids = [row["id"] for row in found]
        return [_shown(one) for one in read_families(practice_id=call.practice_id, family_ids=ids)]

    return page_of(rows.values("id"), filters, shown)


@families.get("/families/{family_id}", needs="patients.view")
def get_family(call: Call, family_id: QueryId) -> FamilyOut:
    """Look a family up."""
    found = read_families(practice_id=call.practice_id, family_ids=[family_id])
    if not found:
        raise NotFound
    return _shown(found[0])


@families.post(
    "/families",
    needs="patients.edit",
    refuses=(Invalid, Nameless, NotFound, MergedAway, InFamilyAlready),
    names=NAMES,
)
def new_family(call: Call, body: FamilyIn) -> FamilyMade:
    """Create a family with its first members."""
    made = create_family(
        CreateFamily(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            name=body.name,
            members=tuple(NewMember(**one.model_dump()) for one in body.members),
        ),
        call.now,
    )
    return {"id": made.family_id}


@families.put("/families/{family_id}", needs="patients.edit", refuses=(Invalid, Nameless))
def change_family(call: Call, family_id: QueryId, body: FamilyName) -> FamilyNamed:
    """Call a family otherwise."""
    named = rename_family(
        RenameFamily(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            family_id=family_id,
            name=body.name,
        ),
        call.now,
    )
    return {"id": family_id, "name": named.name}


@families.post(
    "/families/{family_id}/members",
    needs="patients.edit",
    refuses=(Invalid, MergedAway, InFamilyAlready),
    names=NAMES,
)
def new_family_member(call: Call, family_id: QueryId, body: MemberIn) -> FamilyMade:
    """Add a patient to a family."""
    add_family_member(
        AddFamilyMember(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            family_id=family_id,
            patient_id=body.patient_id,
            relation=body.relation,
        ),
        call.now,
    )
    return {"id": family_id}


@families.delete(
    "/families/{family_id}/members/{patient_id}", needs="credit.share", refuses=(NotInFamily,)
)
def delete_family_member(call: Call, family_id: QueryId, patient_id: QueryId) -> MemberGone:
    """Take a patient out of a family.

    Permissions between them and the members who stay are ended, except with those who share another
    family with them. A family without members is gone.
    """
    gone = remove_family_member(
        RemoveFamilyMember(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            family_id=family_id,
            patient_id=patient_id,
        ),
        call.now,
    )
    return {"id": family_id, "dissolved": gone.dissolved, "ended_share_ids": gone.ended}


def _shown(family: FamilyFacts) -> FamilyOut:
    return {
        "id": family.id,
        "name": family.name,
        "created_at": family.created_at,
        "members": [
            {
                "patient_id": one.patient_id,
                "payer_id": one.payer_id,
                "name": one.name,
                "relation": one.relation,
                "joined_at": one.joined_at,
            }
            for one in family.members
        ],
    }
