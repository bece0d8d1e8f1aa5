"""The addresses for programs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from creditwell.api.v1.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", api.urls),
]
