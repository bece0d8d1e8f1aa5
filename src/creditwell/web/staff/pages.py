"""What the staff pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.tenancy.permissions import PERMISSIONS, Role
from creditwell.tenancy.queries import InvitationLine, MemberLine, members, open_invitations

WORDS: dict[str, str | Promise] = {
    "practice.view": _("See how the practice is set up"),
    "calendar.view": _("See appointments"),
    "patients.view": _("See patients"),
    "catalog.view": _("See items and prices"),
    "invoices.view": _("See invoices"),
    "payments.view": _("See payments"),
    "packages.view": _("See packages"),
    "audit.view": _("See who did what"),
    "patients.edit": _("Add and change patients"),
    "patients.merge": _("Merge patients"),
    "appointments.edit": _("Book and move appointments"),
    "invoices.edit": _("Write invoices"),
    "invoices.issue": _("Issue invoices"),
    "invoices.void": _("Void invoices"),
    "invoices.credit": _("Give credit notes"),
    "payments.take": _("Take payments"),
    "payments.allocate": _("Apply credit and take it back"),
    "payments.edit": _("Correct payments"),
    "payments.void": _("Void payments"),
    "payments.refund": _("Refund"),
    "refunds.approve": _("Approve large refunds"),
    "payments.dishonour": _("Take back payments that bounced"),
    "credit.share": _("Let a family share credit"),
    "credit.transfer": _("Move credit within a family"),
    "credit.transfer_anywhere": _("Move credit to anybody"),
    "credit.give": _("Give credit away"),
    "credit.extend": _("Let credit last longer"),
    "vouchers.sell": _("Sell vouchers"),
    "vouchers.redeem": _("Redeem vouchers"),
    "vouchers.disable": _("Disable vouchers"),
    "packages.sell": _("Sell packages"),
    "packages.edit": _("Say which packages are offered"),
    "packages.change": _("Change packages that were sold"),
    "packages.refund": _("Refund packages"),
    "packages.use": _("Use sessions of packages and give them back"),
    "packages.share": _("Let others use a package"),
    "packages.transfer": _("Move sessions to another patient"),
    "memberships.edit": _("Start, pause and cancel memberships"),
    "tasks.view": _("See tasks"),
    "tasks.finish": _("Tick off what is to do"),
    "reports.view": _("See reports"),
    "messages.view": _("See sent messages"),
    "messages.edit": _("Change the words of messages"),
    "catalog.edit": _("Change items, prices and taxes"),
    "schedule.edit": _("Change practitioners and hours"),
    "settings.edit": _("Change settings"),
    "books.close": _("Close the books"),
    "staff.manage": _("Invite and manage staff"),
    "api_keys.manage": _("Manage API keys"),
}
"""What a permission lets one do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRow:
    word: str | Promise
    roles: list[tuple[str | Promise, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An open invitation with the link to hand on; no link where it cannot be made again."""

    id: int
    email: str
    role_word: str
    invited_by: str
    expires_at: datetime
    expired: bool
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPage:
    members: list[MemberLine]
    invitations: list[Invited]
    roles: list[str | Promise]
    permissions: list[PermissionRow]
    mail_works: bool


def staff_page(practice_id: int, now: datetime) -> StaffPage:
    """Two queries."""
    return StaffPage(
        members=members(practice_id),
        invitations=[_invited(line, now) for line in open_invitations(practice_id)],
        roles=[role.label for role in Role],
        permissions=permission_table(),
        mail_works=settings.EMAIL_CONFIGURED,
    )


def permission_table() -> list[PermissionRow]:
    """Every permission in words, and which role has it."""
    return [
        PermissionRow(word=WORDS[name], roles=[(role.label, role in roles) for role in Role])
        for name, roles in PERMISSIONS.items()
    ]


def invitation_link(token: str) -> str:
    """The whole address, as it is mailed or copied."""
    return settings.BASE_URL.rstrip("/") + reverse("invitation", args=[token])


def _invited(line: InvitationLine, now: datetime) -> Invited:
    expired = line.is_expired(now)
    return Invited(
        id=line.id,
        email=line.email,
        role_word=line.role_word,
        invited_by=line.invited_by,
        expires_at=line.expires_at,
        expired=expired,
        link=invitation_link(line.token) if line.token and not expired else "",
    )
