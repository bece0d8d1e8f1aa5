"""All pages. Each part of the web hangs its own list in here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from creditwell.web.door import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("invoices/", include("creditwell.web.invoices.urls")),
    path("practice/switch/", views.practice_switch, name="practice_switch"),
    path("", include("creditwell.web.accounts.urls")),
    path("", include("creditwell.web.setup.urls")),
    path("", include("creditwell.web.staff.urls")),
    path("", include("creditwell.web.practice.urls")),
    path("", include("creditwell.web.catalog.urls")),
    path("settings/messages/", include("creditwell.web.messages.urls")),
    path("", include("creditwell.web.packages.urls_products")),
    path("patients/", include("creditwell.web.patients.urls")),
    path("", include("creditwell.web.credit.urls")),
    path("appointments/", include("creditwell.web.calendar.urls")),
    path("appointments/visits/", include("creditwell.web.packages.urls_attendance")),
    path("", include("creditwell.web.families.urls")),
    path("", include("creditwell.web.memberships.urls")),
    path("contacts/", include("creditwell.web.contacts.urls")),
    path("", include("creditwell.web.moves.urls")),
    path("", include("creditwell.web.packages.urls_page")),
    path("search/", include("creditwell.web.search.urls")),
    path("payments/vouchers/", include("creditwell.web.vouchers.urls")),
    path("payments/vouchers/", include("creditwell.web.vouchers.paper_urls")),
    path("payments/", include("creditwell.web.payments.urls")),
    path("tasks/", include("creditwell.web.tasks.urls")),
    path("reports/", include("creditwell.web.reports.urls")),
    path("settings/", include("creditwell.web.schedule.urls")),
    path("", include("creditwell.web.packages.urls_value")),
]
