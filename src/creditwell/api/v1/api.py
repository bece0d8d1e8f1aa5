"""Version 1, put together."""

from __future__ import annotations

from ninja import NinjaAPI

from creditwell.api import errors
from creditwell.api.v1 import allocations, credit, invoices, payments

api = NinjaAPI(
    title="Creditwell",
    version="1",
    description="See docs/developers/api.md.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
errors.install(api)
PARTS = (
    invoices.invoices,
    payments.payments,
    allocations.allocations,
    credit.credit,
)
for part in PARTS:
    api.add_router("", part.router)
