"""Pages of families and of permissions to use somebody else's credit."""

from __future__ import annotations

from django.urls import path

from creditwell.web.families import share_views, views

urlpatterns = [
    path("patients/<int:pk>/family/", views.family_new, name="family_new"),
    path("families/<int:pk>/", views.family, name="family"),
    path("families/<int:pk>/rename/", views.family_rename, name="family_rename"),
    path("families/<int:pk>/add/", views.family_add, name="family_add"),
    path("families/<int:pk>/remove/<int:patient>/", views.family_remove, name="family_remove"),
    path("shares/of/<int:owner>/", share_views.share_new, name="share_new"),
    path("shares/<int:owner>/<int:user>/", share_views.share, name="share"),
    path("shares/<int:pk>/stop/", share_views.share_stop, name="share_stop"),
]
