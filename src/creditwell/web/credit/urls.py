"""Pages of account credit, under the address of whose it is."""

from __future__ import annotations

from django.urls import path

from creditwell.web.credit import explained, shared, views

urlpatterns = [
    path("patients/<int:pk>/credit/", explained.credit_explain, name="credit_explain"),
    path("contacts/<int:pk>/credit/", explained.contact_explain, name="contact_explain"),
    path("families/<int:pk>/credit/", explained.family_explain, name="family_explain"),
    path("patients/<int:pk>/statement/", views.statement, name="statement"),
    path("patients/<int:pk>/statement/pdf/", views.statement_pdf, name="statement_pdf"),
    path("patients/<int:pk>/statement/email/", views.statement_email, name="statement_email"),
    path("families/<int:pk>/statement/", shared.family_statement, name="family_statement"),
    path(
        "families/<int:pk>/statement/pdf/",
        shared.family_statement_pdf,
        name="family_statement_pdf",
    ),
    path(
        "families/<int:pk>/statement/email/",
        shared.family_statement_email,
        name="family_statement_email",
    ),
    path("contacts/<int:pk>/statement/", shared.contact_statement, name="contact_statement"),
    path(
        "contacts/<int:pk>/statement/pdf/",
        shared.contact_statement_pdf,
        name="contact_statement_pdf",
    ),
    path(
        "contacts/<int:pk>/statement/email/",
        shared.contact_statement_email,
        name="contact_statement_email",
    ),
]
