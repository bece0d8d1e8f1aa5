"""What the page of a family, and the family on a patient's page, show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from creditwell.ledger.queries import Standing, standings_of
from creditwell.money.money import Money
from creditwell.people.queries import PatientFacts
from creditwell.people.queries_families import (
    FamilyFacts,
    MemberLine,
    families_of,
    family_facts,
)
from creditwell.tenancy.access import Member
from creditwell.web.door.links import page_link
from creditwell.web.families.shares import SharePage, Shares, share_url, shares_of
from creditwell.web.families.words import none_text


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A patient of a family with their money; `remove_url` is "" without leave."""

    id: int
    payer_id: int
    name: str
    short: str
    relation: str
    url: str
    credit: Money
    owing: Money
    archived: bool
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Whether the user of the column may use the owner's credit. `own`: they are one."""

    user: str
    owner: str
    own: bool
    share: SharePage | None
    give_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One owner, and each member who may or may not use their credit."""

    name: str
    short: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPage:
    """A family; links are "" where there is no such page, or for those who may not."""

    id: int
    name: str
    members: tuple[MemberRow, ...]
    matrix: tuple[MatrixRow, ...]
    others: tuple[SharePage, ...]
    credit: Money
    owing: Money
    balance: Money
    add_url: str
    rename_url: str
    statement_url: str
    explain_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One direction between two relatives, as a sentence; `url` is "" without leave."""

    sentence: str
    used: str
    label: str  # of the link, where no word stands
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Somebody of the patient's family, and what the two let each other use."""

    row: MemberRow
    ways: tuple[Way, Way]  # the patient uses this one's credit, and the other way round


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCard:
    """A family on the page of one of its members."""

    name: str
    url: str
    add_url: str
    relatives: tuple[Relative, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPanel:
    """All that a patient's page says of families and permissions."""

    short: str  # as the patient is called
    families: tuple[FamilyCard, ...]
    others: tuple[SharePage, ...]  # with payers outside the families
    new_url: str
    share_url: str


def family_page(member: Member, pk: int, now: datetime) -> FamilyPage:
    """
    One family; six queries.

    :raises NotFound: if this practice has no such family
    """
    facts = family_facts(practice_id=member.practice_id, family_id=pk)
    standings = standings_of(practice_id=member.practice_id, holder_ids=facts.payer_ids)
    rows = tuple(_row(member, facts, one, standings[one.payer_id]) for one in facts.members)
    back = f"family-{pk}"
    shares = shares_of(member, facts.payer_ids, now, back=back)
    credit = sum(one.credit_minor for one in standings.values())
    owing = sum(one.owing_minor for one in standings.values())
    return FamilyPage(
        id=pk,
        name=facts.name,
        members=rows,
        matrix=tuple(
            MatrixRow(
                name=owner.name,
                short=owner.short,
                cells=tuple(_cell(member, owner, user, shares, back) for user in rows),
            )
            for owner in rows
        )
        if len(rows) > 1
        else (),
        others=_outside(shares, facts.payer_ids),
        credit=member.practice.money(credit),
        owing=member.practice.money(owing),
        balance=member.practice.money(owing - credit),
        add_url=reverse("family_add", args=[pk]) if member.may("patients.edit") else "",
        rename_url=reverse("family_rename", args=[pk]) if member.may("patients.edit") else "",
        statement_url=page_link("family_statement", pk),
        explain_url=page_link("family_explain", pk),
    )


def family_panel(member: Member, facts: PatientFacts, now: datetime) -> FamilyPanel:
    """The families of a patient, for their page; seven queries at most."""
    found = families_of(practice_id=member.practice_id, patient_id=facts.id)
    others = {one.payer_id for family in found for one in family.members} - {facts.payer_id}
    standings = standings_of(practice_id=member.practice_id, holder_ids=others) if others else {}
    shares = shares_of(member, [facts.payer_id], now, back=f"patient-{facts.id}")
    merged = facts.merged_into_id is not None
    may_edit = member.may("patients.edit") and not merged
    may_share = member.may("credit.share") and not merged
    return FamilyPanel(
        short=facts.details.preferred_name or facts.details.first_name,
        families=tuple(
            FamilyCard(
                name=family.name,
                url=reverse("family", args=[family.id]),
                add_url=reverse("family_add", args=[family.id]) if may_edit else "",
                relatives=tuple(
                    _relative(member, facts, family, one, standings[one.payer_id], shares)
                    for one in family.members
                    if one.payer_id != facts.payer_id
                ),
            )
            for family in found
        ),
        others=_outside(shares, (facts.payer_id, *others)),
        new_url=reverse("family_new", args=[facts.id]) if may_edit else "",
        share_url=reverse("share_new", args=[facts.payer_id]) if may_share else "",
    )


def _row(member: Member, family: FamilyFacts, one: MemberLine, standing: Standing) -> MemberRow:
    may_remove = member.may("credit.share")
    return MemberRow(
        id=one.patient_id,
        payer_id=one.payer_id,
        name=one.name,
        short=one.first_name,
        relation=one.relation,
        url=reverse("patient", args=[one.patient_id]),
        credit=member.practice.money(standing.credit_minor),
        owing=member.practice.money(standing.owing_minor),
        archived=one.archived,
        remove_url=reverse("family_remove", args=[family.id, one.patient_id]) if may_remove else "",
    )


def _cell(member: Member, owner: MemberRow, user: MemberRow, shares: Shares, back: str) -> Cell:
    own = owner.payer_id == user.payer_id
    return Cell(
        user=user.short,
        owner=owner.short,
        own=own,
        share=shares.between(owner.payer_id, user.payer_id),
        give_url="" if own else share_url(member, owner.payer_id, user.payer_id, back),
    )


def _relative(
    member: Member,
    facts: PatientFacts,
    family: FamilyFacts,
    one: MemberLine,
    standing: Standing,
    shares: Shares,
) -> Relative:
    back = f"patient-{facts.id}"
    they = (one.payer_id, one.first_name)
    me = (facts.payer_id, facts.details.preferred_name or facts.details.first_name)
    return Relative(
        row=_row(member, family, one, standing),
        ways=(_way(member, they, me, shares, back), _way(member, me, they, shares, back)),
    )


def _way(
    member: Member, owner: tuple[int, str], user: tuple[int, str], shares: Shares, back: str
) -> Way:
    share = shares.between(owner[0], user[0])
    gaps = {"owner": owner[1], "user": user[1]}
    return Way(
        sentence=share.sentence if share else none_text(**gaps),
        used=share.used if share else "",
        label=_("Say whether %(user)s may use %(owner)s’s credit") % gaps,
        url=share_url(member, owner[0], user[0], back),
    )


def _outside(shares: Shares, payer_ids: tuple[int, ...]) -> tuple[SharePage, ...]:
    """Permissions with somebody who is not among these payers."""
    inside = set(payer_ids)
    return tuple(
        one for one in shares.lines if not {one.owner.payer_id, one.user.payer_id} <= inside
    )
