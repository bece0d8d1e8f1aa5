"""Opening a practice."""

from __future__ import annotations

from django.urls import path

from creditwell.web.setup import views

urlpatterns = [
    path("setup/", views.set_up_page, name="set_up"),
    path("setup/country/", views.country_part, name="set_up_country"),
]
