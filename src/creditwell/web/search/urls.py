"""The search of the top bar."""

from __future__ import annotations

from django.urls import path

from creditwell.web.search import views

urlpatterns = [path("", views.search, name="search")]
