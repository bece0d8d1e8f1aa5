"""Pages of packages that were sold: one package, and what is done with it."""

from __future__ import annotations

from django.urls import path

from creditwell.web.packages import list_page, page, patient

urlpatterns = [
    path("packages/", list_page.packages, name="packages"),
    path("packages/export.csv", list_page.packages_csv, name="packages_csv"),
    path("patients/<int:pk>/packages/", patient.patient_packages, name="patient_packages"),
    path("packages/<int:pk>/", page.package, name="package"),
]
