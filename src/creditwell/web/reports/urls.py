"""Pages of reports."""

from __future__ import annotations

from django.urls import path

from creditwell.web.reports import views, views_packages

urlpatterns = [
    path("", views.reports, name="reports"),
    path("credit/", views.credit_report, name="credit_report"),
    path("credit/export.csv", views.credit_report_csv, name="credit_report_csv"),
    path("credit/lots/", views.credit_lots, name="credit_lots"),
    path("credit/lots/export.csv", views.credit_lots_csv, name="credit_lots_csv"),
    path("packages/", views_packages.packages_report, name="packages_report"),
    path("packages/export.csv", views_packages.packages_report_csv, name="packages_report_csv"),
    path("packages/held/", views_packages.packages_held, name="packages_held"),
    path("packages/held/export.csv", views_packages.packages_held_csv, name="packages_held_csv"),
    path("delivered/", views_packages.delivered, name="delivered"),
    path("delivered/export.csv", views_packages.delivered_csv, name="delivered_csv"),
    path("in-credit/", views.in_credit, name="in_credit"),
    path("in-credit/export.csv", views.in_credit_csv, name="in_credit_csv"),
]
