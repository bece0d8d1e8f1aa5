"""Addresses of pages that other parts of the web keep."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from creditwell.tenancy.access import Member


def address_of(name: str, *arguments: int) -> str:
    """Address of a page by name, or "" when this installation has no such page."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def with_query(address: str, **ids: int | None) -> str:
    """The address with ids in its query; those that are None are left out."""
    asked = urlencode({name: value for name, value in ids.items() if value is not None})
    return f"{address}?{asked}" if address and asked else address


def may(member: Member) -> dict[str, bool]:
    """What the pages of invoices offer to somebody: `may_edit`, `may_pay` …"""
    return {
        "may_edit": member.may("invoices.edit"),
        "may_issue": member.may("invoices.issue"),
        "may_void": member.may("invoices.void"),
        "may_credit": member.may("invoices.credit"),
        "may_pay": member.may("payments.take"),
        "may_allocate": member.may("payments.allocate"),
    }
