"""Pages of contacts."""

from __future__ import annotations

from django.urls import path

from creditwell.web.contacts import views

urlpatterns = [
    path("", views.contacts, name="contacts"),
    path("new/", views.contact_new, name="contact_new"),
    path("<int:pk>/", views.contact, name="contact"),
    path("<int:pk>/edit/", views.contact_edit, name="contact_edit"),
    path("<int:pk>/archive/", views.contact_archive, name="contact_archive"),
]
