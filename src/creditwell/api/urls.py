"""The addresses for programs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from creditwell.api.docs import docs, openapi
from creditwell.api.segments import BySegment
from creditwell.api.v1.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/openapi.json", openapi, name="api_openapi"),
    path("v1/docs", docs, name="api_docs"),  # a page: it comes through the door of the pages
    BySegment("v1/", *api.urls),
]
