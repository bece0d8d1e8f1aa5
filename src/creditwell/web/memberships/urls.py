"""Pages of memberships: the list, one of them, what is done with it, and the start of a new one."""

from __future__ import annotations

from django.urls import path

from creditwell.web.memberships import acts, starting, views

urlpatterns = [
    path("memberships/", views.memberships, name="memberships"),
    path("memberships/<int:pk>/", views.membership, name="membership"),
    path("memberships/<int:pk>/pause/", acts.membership_pause, name="membership_pause"),
    path("memberships/<int:pk>/resume/", acts.membership_resume, name="membership_resume"),
    path("memberships/<int:pk>/cancel/", acts.membership_cancel, name="membership_cancel"),
    path("memberships/<int:pk>/keep/", acts.membership_keep, name="membership_keep"),
    path("patients/<int:pk>/memberships/new/", starting.membership_new, name="membership_new"),
]
