"""Pages of the calendar."""

from __future__ import annotations

from django.urls import path

from creditwell.web.calendar import acts, attending, booking, covering, views

urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("new/", booking.appointment_new, name="appointment_new"),
    path("new/package/", covering.booking_package, name="booking_package"),
    path("<int:pk>/", views.appointment, name="appointment"),
    path("<int:pk>/edit/", booking.appointment_edit, name="appointment_edit"),
    path("<int:pk>/move/", acts.appointment_move, name="appointment_move"),
    path("<int:pk>/cancel/", attending.appointment_cancel, name="appointment_cancel"),
    path("<int:pk>/attendees/", acts.attendee_add, name="attendee_add"),
    path("attendees/<int:pk>/mark/", attending.attendee_mark, name="attendee_mark"),
    path("attendees/<int:pk>/cancel/", attending.attendee_cancel, name="attendee_cancel"),
    path("attendees/<int:pk>/remove/", acts.attendee_remove, name="attendee_remove"),
    path("attendees/<int:pk>/package/", covering.visit_package, name="visit_package"),
]
