"""Permissions as pages show them. They never say what the credit paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from creditwell.credit.queries_share import ShareLine, open_shares
from creditwell.payments import wallets
from creditwell.people.queries_families import PayerPlace, payer_places
from creditwell.tenancy.access import Member
from creditwell.web.families.words import terms_text, used_text, whole_text


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """An owner or a user of credit, with their page."""

    payer_id: int
    name: str
    short: str
    url: str
    is_patient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePage:
    """A permission that stands; links are "" for those who may not follow them."""

    id: int
    owner: End
    user: End
    mode: str
    terms: str
    sentence: str
    used: str  # of the amount, and what is left; "" without one
    note: str
    given_at: datetime
    given_by: str
    change_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Permissions that stand and touch some payers."""

    lines: tuple[SharePage, ...]

    def between(self, owner_id: int, user_id: int) -> SharePage | None:
        """The permission in one direction, or None."""
        return next(
            (
                line
                for line in self.lines
                if (line.owner.payer_id, line.user.payer_id) == (owner_id, user_id)
            ),
            None,
        )


def end_of(place: PayerPlace) -> End:
    """A payer with the page that is theirs."""
    url = ""
    if place.patient_id is not None:
        url = reverse("patient", args=[place.patient_id])
    elif place.contact_id is not None:
        url = reverse("contact", args=[place.contact_id])
    return End(
        payer_id=place.payer_id,
        name=place.name,
        short=place.short,
        url=url,
        is_patient=place.patient_id is not None,
    )


def share_url(member: Member, owner_id: int, user_id: int, back: str) -> str:
    """Where a permission is given or changed; "" without leave to. `back`: see `share_views`."""
    if not member.may("credit.share"):
        return ""
    return reverse("share", args=[owner_id, user_id]) + f"?back={back}"


def shares_of(member: Member, payer_ids: Sequence[int], now: datetime, *, back: str) -> Shares:
    """What is permitted by and to these payers; three queries."""
    practice_id = member.practice_id
    lines = open_shares(practice_id=practice_id, payer_ids=payer_ids)
    ids = {payer for line in lines for payer in (line.owner_id, line.user_id)}
    places = payer_places(practice_id=practice_id, payer_ids=ids) if ids else {}
    used = _used(member, payer_ids, now) if lines else {}
    ends = {payer_id: end_of(place) for payer_id, place in places.items()}
    return Shares(
        lines=tuple(
            _share(member, line, ends[line.owner_id], ends[line.user_id], used[line.id], back)
            for line in lines
        )
    )


def _used(member: Member, payer_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Minor units that were used of each permission's amount, by its id; one query."""
    found = wallets.shares_of(
        practice_id=member.practice_id,
        on=member.practice.day_of(now),
        user_ids=payer_ids,
        owner_ids=payer_ids,
    )
    return {share.id: share.used_minor for share in found}


def _share(
    member: Member, line: ShareLine, owner: End, user: End, used_minor: int, back: str
) -> SharePage:
    cap = member.practice.money(line.cap_minor) if line.cap_minor is not None else None
    return SharePage(
        id=line.id,
        owner=owner,
        user=user,
        mode=line.mode,
        terms=terms_text(line.mode, cap, owner.short),
        sentence=whole_text(line.mode, cap, owner.short, user.short),
        used=used_text(line.mode, cap, member.practice.money(used_minor)) if cap else "",
        note=line.note,
        given_at=line.given_at,
        given_by=line.given_by,
        change_url=share_url(member, owner.payer_id, user.payer_id, back),
    )
