"""Pages of what was written to whom."""

from __future__ import annotations

from django.urls import path

from creditwell.web.messages import views

urlpatterns = [
    path("", views.message_list, name="messages"),
    path("<int:pk>/", views.message, name="message"),
    path("<int:pk>/document/", views.message_document, name="message_document"),
    path("<int:pk>/again/", views.message_again, name="message_again"),
]
