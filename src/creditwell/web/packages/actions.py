"""
What can be done with a package: one line for each act, by the name of its page.

An act is offered to whoever has its permission, while it makes sense for where the package stands,
and only where this installation has its page (`/packages/<id>/<act>/`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.packages.queries import PackageStanding
from creditwell.tenancy.access import Member
from creditwell.web.door.links import page_link

When = Callable[[PackageStanding], bool]


def has_free(standing: PackageStanding) -> bool:
    """Something of it is neither booked nor used."""
    return standing.ended_at is None and standing.free > 0


def can_be_used(standing: PackageStanding) -> bool:
    """Something is free, and it may be used today."""
    return has_free(standing) and standing.state == "active"


def is_live(standing: PackageStanding) -> bool:
    """It is not over, and something of it is not used yet."""
    return standing.ended_at is None and standing.free + standing.booked > 0


def is_dated(standing: PackageStanding) -> bool:
    """It is live and has a last day."""
    return is_live(standing) and standing.expires_on is not None


def can_be_shared(standing: PackageStanding) -> bool:
    """It is live, and its terms let somebody else use it."""
    return is_live(standing) and standing.sharing != "nobody"


def can_go(standing: PackageStanding) -> bool:
    """Something is free, and it is no period of a membership, which stays with its member."""
    return has_free(standing) and standing.membership_id is None


def has_pause(standing: PackageStanding) -> bool:
    """It is paused, or will be."""
    return (
        is_live(standing)
        and standing.paused_on is not None
        and (standing.resumes_on is None or standing.resumes_on > standing.today)
    )


def has_no_pause(standing: PackageStanding) -> bool:
    """It is live, and neither paused nor going to be."""
    return is_live(standing) and not has_pause(standing)


def stands(standing: PackageStanding) -> bool:
    """It is not over."""
    return standing.ended_at is None


def has_session(standing: PackageStanding) -> bool:
    """It is counted in sessions, and one of them is free."""
    return has_free(standing) and standing.measure == "sessions"


def is_its_own(standing: PackageStanding) -> bool:
    """It is not over, and no period of a membership."""
    return stands(standing) and standing.membership_id is None


def has_expired(standing: PackageStanding) -> bool:
    """Something of it expired and did not come back."""
    return stands(standing) and any(part.expired for part in standing.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """
    An act on a package: the name of its page, its word and icon, who may, and when. `group`
    separates the menu: use, change, give, money.
    """

    page: str
    word: str | Promise
    icon: str
    permission: str
    when: When
    group: str


ACTIONS: tuple[Action, ...] = (
    Action(
        page="package_use",
        word=_("Use a session…"),
        icon="check",
        permission="packages.use",
        when=can_be_used,
        group="use",
    ),
    Action(
        page="package_cover",
        word=_("Use it for a booked visit…"),
        icon="calendar-check",
        permission="packages.use",
        when=has_free,
        group="use",
    ),
    Action(
        page="package_extend",
        word=_("Extend…"),
        icon="calendar-plus",
        permission="packages.change",
        when=is_dated,
        group="change",
    ),
    Action(
        page="package_pause",
        word=_("Pause…"),
        icon="pause",
        permission="packages.change",
        when=has_no_pause,
        group="change",
    ),
    Action(
        page="package_resume",
        word=_("Resume…"),
        icon="play",
        permission="packages.change",
        when=has_pause,
        group="change",
    ),
    Action(
        page="package_bonus",
        word=_("Add a bonus session…"),
        icon="gift",
        permission="packages.change",
        when=stands,
        group="change",
    ),
    Action(
        page="package_swap",
        word=_("Swap a session…"),
        icon="repeat",
        permission="packages.change",
        when=has_session,
        group="change",
    ),
    Action(
        page="package_upgrade",
        word=_("Upgrade…"),
        icon="arrow-up",
        permission="packages.change",
        when=is_its_own,
        group="change",
    ),
    Action(
        page="package_grace",
        word=_("Give grace…"),
        icon="calendar-plus",
        permission="packages.change",
        when=has_expired,
        group="change",
    ),
    Action(
        page="package_share",
        word=_("Share…"),
        icon="users",
        permission="packages.share",
        when=can_be_shared,
        group="give",
    ),
    Action(
        page="package_transfer",
        word=_("Transfer sessions…"),
        icon="arrow-right-left",
        permission="packages.transfer",
        when=can_go,
        group="give",
    ),
    Action(
        page="package_convert",
        word=_("Convert to account credit…"),
        icon="piggy-bank",
        permission="packages.refund",
        when=is_live,
        group="money",
    ),
    Action(
        page="package_refund",
        word=_("Refund…"),
        icon="undo-2",
        permission="packages.refund",
        when=is_live,
        group="money",
    ),
)
"""In the order of the menu. Whoever adds an act adds a line in its group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An act that is offered; `begins` says that a new group begins with it."""

    page: str
    url: str
    word: str | Promise
    icon: str
    begins: bool


def actions_for(member: Member, standing: PackageStanding) -> tuple[Offered, ...]:
    """The acts that this person is offered for this package, in the order of the menu."""
    found: list[Offered] = []
    group = ""
    for one in ACTIONS:
        url = page_link(one.page, standing.id)
        if not url or not member.may(one.permission) or not one.when(standing):
            continue
        begins = bool(group) and one.group != group
        group = one.group
        found.append(Offered(page=one.page, url=url, word=one.word, icon=one.icon, begins=begins))
    return tuple(found)
