"""The URL table: every door hangs its own list in here."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from creditwell.config import health

handler400 = "creditwell.web.door.errors.bad_request"
handler403 = "creditwell.web.door.errors.permission_denied"
handler404 = "creditwell.web.door.errors.not_found"
handler500 = "creditwell.web.door.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/", include("creditwell.api.urls")),
    path("", include("creditwell.web.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", include("creditwell.web.components.urls")))
