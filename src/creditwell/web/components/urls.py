"""The styleguide: every component on one page; hung in only when DEBUG is on."""

from __future__ import annotations

from django.urls import path

from creditwell.web.components import styleguide

urlpatterns = [
    path("", styleguide.styleguide, name="styleguide"),
    path("refused/", styleguide.refused, name="styleguide_refused"),
    path("matches/", styleguide.matches, name="styleguide_matches"),
    path("paper/", styleguide.paper, name="styleguide_paper"),
    path("plain/", styleguide.plain, name="styleguide_plain"),
]
