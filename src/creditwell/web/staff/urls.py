"""Staff of a practice and their invitations."""

from __future__ import annotations

from django.urls import path

from creditwell.web.staff import views

urlpatterns = [
    path("settings/staff/", views.staff, name="staff"),
    path("settings/staff/invite/", views.invite, name="staff_invite"),
    path("settings/staff/<int:membership_id>/", views.member, name="staff_member"),
    path("settings/staff/<int:membership_id>/end/", views.end, name="staff_end"),
    path(
        "settings/staff/invitations/<int:invitation_id>/withdraw/",
        views.withdraw,
        name="staff_withdraw",
    ),
    path("invitation/<str:token>/", views.join, name="invitation"),
]
