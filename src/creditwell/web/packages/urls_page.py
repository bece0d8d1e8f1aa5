"""Pages of packages that were sold: one package, and what is done with it."""

from __future__ import annotations

from django.urls import path

from creditwell.web.packages import (
    acts_days,
    acts_people,
    acts_use,
    list_page,
    page,
    patient,
    transfers,
    undo_page,
)

urlpatterns = [
    path("packages/", list_page.packages, name="packages"),
    path("packages/export.csv", list_page.packages_csv, name="packages_csv"),
    path("patients/<int:pk>/packages/", patient.patient_packages, name="patient_packages"),
    path("packages/<int:pk>/", page.package, name="package"),
    path("packages/<int:pk>/use/", acts_use.package_use, name="package_use"),
    path("packages/<int:pk>/cover/", acts_use.package_cover, name="package_cover"),
    path("packages/<int:pk>/extend/", acts_days.package_extend, name="package_extend"),
    path("packages/<int:pk>/pause/", acts_days.package_pause, name="package_pause"),
    path("packages/<int:pk>/resume/", acts_days.package_resume, name="package_resume"),
    path("packages/<int:pk>/bonus/", acts_days.package_bonus, name="package_bonus"),
    path("packages/<int:pk>/share/", acts_people.package_share, name="package_share"),
    path(
        "packages/<int:pk>/shares/<int:share>/stop/",
        acts_people.package_share_stop,
        name="package_share_stop",
    ),
    path("packages/<int:pk>/transfer/", acts_people.package_transfer, name="package_transfer"),
    path("packages/<int:pk>/transfers/", transfers.package_transfers, name="package_transfers"),
    path("packages/<int:pk>/history/<int:act>/undo/", undo_page.package_undo, name="package_undo"),
    path("packages/sessions/<int:pk>/return/", acts_use.session_return, name="session_return"),
]
