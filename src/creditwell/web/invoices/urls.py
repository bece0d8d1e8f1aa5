"""Pages of invoices and credit notes."""

from __future__ import annotations

from django.urls import path

from creditwell.web.invoices import acts, credit_notes, form_views, views, visits

urlpatterns = [
    path("", views.invoices, name="invoices"),
    path("export.csv", views.invoices_csv, name="invoices_csv"),
    path("new/", form_views.invoice_new, name="invoice_new"),
    path("<int:pk>/", views.invoice, name="invoice"),
    path("<int:pk>/pdf/", views.invoice_pdf, name="invoice_pdf"),
    path("<int:pk>/edit/", form_views.invoice_edit, name="invoice_edit"),
    path("<int:pk>/issue/", form_views.invoice_issue, name="invoice_issue"),
    path("<int:pk>/discard/", acts.invoice_discard, name="invoice_discard"),
    path("<int:pk>/duplicate/", acts.invoice_duplicate, name="invoice_duplicate"),
    path("<int:pk>/void/", acts.invoice_void, name="invoice_void"),
    path("<int:pk>/email/", acts.invoice_email, name="invoice_email"),
    path("<int:pk>/credit/", credit_notes.invoice_credit, name="invoice_credit"),
    path(
        "<int:pk>/take-back/<int:allocation>/", acts.allocation_take_back, name="invoice_take_back"
    ),
    path("credit-notes/<int:pk>/", credit_notes.credit_note, name="credit_note"),
    path("credit-notes/<int:pk>/pdf/", credit_notes.credit_note_pdf, name="credit_note_pdf"),
    path("visits/<int:pk>/", visits.invoice_from_attendee, name="invoice_from_attendee"),
    path("visits/<int:pk>/payment/", visits.attendee_payment, name="attendee_payment"),
]
