"""Pages of patients."""

from __future__ import annotations

from django.urls import path

from creditwell.web.patients import finding_views, merge_views, record_views, views

urlpatterns = [
    path("", views.patients, name="patients"),
    path("search/", finding_views.patient_search, name="patient_search"),
    path("quick/", finding_views.patient_quick_create, name="patient_quick_create"),
    path("new/", views.patient_new, name="patient_new"),
    path("<int:pk>/", record_views.patient, name="patient"),
    path("<int:pk>/edit/", views.patient_edit, name="patient_edit"),
    path("<int:pk>/archive/", views.patient_archive, name="patient_archive"),
    path("<int:pk>/restore/", views.patient_restore, name="patient_restore"),
    path("<int:pk>/merge/", merge_views.patient_merge, name="patient_merge"),
    path("<int:pk>/merge/<int:other>/", merge_views.patient_compare, name="patient_compare"),
    path("merges/<int:pk>/undo/", merge_views.merge_undo, name="merge_undo"),
    path("<int:pk>/invoices/", record_views.patient_invoices, name="patient_invoices"),
    path("<int:pk>/payments/", record_views.patient_payments, name="patient_payments"),
    path("<int:pk>/appointments/", record_views.patient_appointments, name="patient_appointments"),
    path("<int:pk>/details/", record_views.patient_details, name="patient_details"),
    path("<int:pk>/history/", record_views.patient_history, name="patient_history"),
]
