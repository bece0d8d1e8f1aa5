"""Settings of a practice."""

from __future__ import annotations

from django.urls import path

from creditwell.web.practice import credit, keys, places, refunds, trail, views

urlpatterns = [
    path("settings/", views.index, name="settings"),
    path("settings/general/", views.general, name="settings_general"),
    path("settings/payments/", views.payments, name="settings_payments"),
    path("settings/credit/", credit.credit, name="settings_credit"),
    path("settings/refunds/", refunds.refunds, name="settings_refunds"),
    path("settings/books/", views.books, name="settings_books"),
    path("settings/locations/", places.locations, name="settings_locations"),
    path("settings/locations/<int:location_id>/", places.location, name="settings_location"),
    path(
        "settings/locations/<int:location_id>/archive/",
        places.archive,
        name="settings_location_archive",
    ),
    path("settings/api-keys/", keys.api_keys, name="api_keys"),
    path("settings/api-keys/<int:api_key_id>/revoke/", keys.revoke, name="api_key_revoke"),
    path("settings/trail/", trail.trail_page, name="trail"),
]
