"""Settings of the calendar."""

from __future__ import annotations

from django.urls import path

from creditwell.web.schedule import type_views, views

urlpatterns = [
    path("practitioners/", views.practitioners, name="practitioners"),
    path("practitioners/new/", views.practitioner_new, name="practitioner_new"),
    path("practitioners/<int:pk>/", views.practitioner_edit, name="practitioner_edit"),
    path("practitioners/<int:pk>/hours/", views.practitioner_hours, name="practitioner_hours"),
    path("practitioners/<int:pk>/time-off/", views.block_new, name="block_new"),
    path("time-off/<int:pk>/remove/", views.block_remove, name="block_remove"),
    path("appointment-types/", type_views.appointment_types, name="appointment_types"),
    path("appointment-types/new/", type_views.appointment_type_new, name="appointment_type_new"),
    path(
        "appointment-types/<int:pk>/",
        type_views.appointment_type_edit,
        name="appointment_type_edit",
    ),
]
