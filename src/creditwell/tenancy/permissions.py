"""
Who may do what: the one table of roles and permissions.

A permission is `<noun>.<verb>`. Every door (page, API path) names one; a role has it or not.
An API key has scopes instead of a role: `<noun>:read` or `<noun>:write`.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    BOOKKEEPER = "bookkeeper", _("Bookkeeper")
    RECEPTIONIST = "receptionist", _("Receptionist")
    PRACTITIONER = "practitioner", _("Practitioner")
    READ_ONLY = "read_only", _("Read only")


O, B, R, P, V = Role.OWNER, Role.BOOKKEEPER, Role.RECEPTIONIST, Role.PRACTITIONER, Role.READ_ONLY  # noqa: E741

PERMISSIONS: dict[str, frozenset[str]] = {
    # looking
    "practice.view": frozenset({O, B, R, P, V}),
    "calendar.view": frozenset({O, B, R, P, V}),
    "patients.view": frozenset({O, B, R, P, V}),
    "catalog.view": frozenset({O, B, R, P, V}),
    "invoices.view": frozenset({O, B, R, P, V}),
    "payments.view": frozenset({O, B, R, P, V}),
    "packages.view": frozenset({O, B, R, P, V}),
    "audit.view": frozenset({O, B}),
    # working
    "patients.edit": frozenset({O, B, R, P}),
    "patients.merge": frozenset({O, B, R}),
    "appointments.edit": frozenset({O, R, P}),
    "invoices.edit": frozenset({O, B, R, P}),
    "invoices.issue": frozenset({O, B, R, P}),
    "invoices.void": frozenset({O, B}),
    "invoices.credit": frozenset({O, B, R}),
    "payments.take": frozenset({O, B, R, P}),
    "payments.allocate": frozenset({O, B, R}),
    "payments.edit": frozenset({O, B, R}),
    "payments.void": frozenset({O, B}),
    "payments.refund": frozenset({O, B, R}),
    "refunds.approve": frozenset({O, B}),
    "payments.dishonour": frozenset({O, B}),
    "credit.share": frozenset({O, B, R}),
    "credit.transfer": frozenset({O, B, R}),
    "credit.transfer_anywhere": frozenset({O, B}),  # also to somebody outside the family
    "credit.give": frozenset({O, B}),  # goodwill, opening balances
    "credit.extend": frozenset({O, B, R}),  # grace before and after expiry
    "vouchers.sell": frozenset({O, B, R}),
    "vouchers.redeem": frozenset({O, B, R}),
    "vouchers.disable": frozenset({O, B}),
    "packages.sell": frozenset({O, B, R, P}),
    "packages.edit": frozenset({O, B}),  # what is offered
    "packages.change": frozenset({O, B, R}),  # of one that was sold
    "packages.refund": frozenset({O, B, R}),
    "packages.use": frozenset({O, B, R, P}),  # by hand: use one, give it back, cover a visit
    "packages.share": frozenset({O, B, R}),
    "packages.transfer": frozenset({O, B, R}),
    "memberships.edit": frozenset({O, B, R}),  # start, pause, resume, cancel
    "tasks.view": frozenset({O, B, R}),
    "tasks.finish": frozenset({O, B, R}),
    "reports.view": frozenset({O, B}),
    "messages.view": frozenset({O, B, R}),
    "messages.edit": frozenset({O, B}),
    # running the practice
    "catalog.edit": frozenset({O, B}),
    "schedule.edit": frozenset({O, R}),
    "settings.edit": frozenset({O}),
    "books.close": frozenset({O, B}),
    "staff.manage": frozenset({O}),
    "api_keys.manage": frozenset({O}),
}

SCOPES: dict[str, frozenset[str]] = {
    "patients:read": frozenset({"practice.view", "patients.view"}),
    "patients:write": frozenset({"patients.view", "patients.edit"}),
    "appointments:read": frozenset({"calendar.view"}),
    "appointments:write": frozenset({"calendar.view", "appointments.edit"}),
    "catalog:read": frozenset({"catalog.view"}),
    "catalog:write": frozenset({"catalog.view", "catalog.edit"}),
    "invoices:read": frozenset({"invoices.view"}),
    "invoices:write": frozenset(
        {"invoices.view", "invoices.edit", "invoices.issue", "invoices.void", "invoices.credit"}
    ),
    "payments:read": frozenset({"payments.view", "tasks.view"}),
    "payments:write": frozenset(
        {
            "payments.view",
            "payments.take",
            "payments.allocate",
            "payments.edit",
            "payments.void",
            "payments.refund",
            "payments.dishonour",
            "refunds.approve",
            "tasks.view",
            "tasks.finish",
            "credit.share",
            "credit.transfer",
            "credit.transfer_anywhere",
            "credit.give",
            "credit.extend",
            "vouchers.sell",
            "vouchers.redeem",
            "vouchers.disable",
        }
    ),
    "packages:read": frozenset({"packages.view"}),
    "packages:write": frozenset(
        {
            "packages.view",
            "packages.use",
            "packages.sell",
            "packages.edit",
            "packages.change",
            "packages.share",
            "packages.transfer",
            "packages.refund",
            "memberships.edit",
            "credit.transfer_anywhere",
        }
    ),
    "reports:read": frozenset({"reports.view"}),
    "messages:read": frozenset({"messages.view"}),
    "messages:write": frozenset({"messages.view", "messages.edit"}),
}


def allowed_to(role: str) -> frozenset[str]:
    """All permissions of a role."""
    return frozenset(name for name, roles in PERMISSIONS.items() if role in roles)


def allowed_by(scopes: list[str]) -> frozenset[str]:
    """All permissions of an API key with these scopes."""
    return frozenset().union(*(SCOPES[scope] for scope in scopes if scope in SCOPES))
