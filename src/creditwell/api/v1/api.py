"""Version 1, put together."""

from __future__ import annotations

from ninja import NinjaAPI

from creditwell.api import errors
from creditwell.api.v1 import (
    allocations,
    appointments,
    catalog,
    contacts,
    credit,
    credit_notes,
    dishonours,
    explanation,
    families,
    gifts,
    invoices,
    items,
    memberships,
    messages,
    owing,
    package_acts,
    package_ends,
    package_offers,
    package_products,
    package_swaps,
    package_uses,
    packages,
    patients,
    payments,
    practice,
    receipts,
    refund_requests,
    refunds,
    shares,
    tasks,
    transfers,
    voucher_papers,
    vouchers,
)

api = NinjaAPI(
    title="Creditwell",
    version="1",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
errors.install(api)
PARTS = (
    practice.practice,
    patients.patients,
    contacts.contacts,
    families.families,
    appointments.appointments,
    items.items,
    catalog.catalog,
    invoices.invoices,
    credit_notes.credit_notes,
    package_products.package_products,
    packages.packages,
    package_offers.package_offers,
    package_uses.package_uses,
    package_acts.package_acts,
    package_swaps.package_swaps,
    package_ends.package_ends,
    memberships.memberships,
    payments.payments,
    receipts.receipts,
    allocations.allocations,
    dishonours.dishonours,
    refunds.refunds,
    refund_requests.refund_requests,
    tasks.tasks,
    credit.credit,
    explanation.explained,
    owing.owing,
    shares.shares,
    transfers.transfers,
    gifts.gifts,
    vouchers.vouchers,
    voucher_papers.voucher_papers,
    messages.messages,
)
for part in PARTS:
    api.add_router("", part.router)
