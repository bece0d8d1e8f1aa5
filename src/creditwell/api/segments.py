"""Find a route by the first word of its path: a look into a dictionary, not a walk of the table."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern


class BySegment(URLResolver):
    """
    Django's resolver, for a long list of patterns that each begin with a plain word.

    It finds what `path(prefix, (patterns, app_name, namespace))` would find; names are turned into
    addresses by the same code.
    """

    def __init__(
        self, prefix: str, patterns: list[URLResolver | URLPattern], app_name: str, namespace: str
    ) -> None:
        super().__init__(RoutePattern(prefix), patterns, app_name=app_name, namespace=namespace)
        self.patterns = patterns

    @cached_property
    def _by_segment(self) -> dict[str, URLResolver]:
        found: dict[str, list[URLResolver | URLPattern]] = defaultdict(list)
        for pattern in self.patterns:
            segment = str(pattern.pattern).partition("/")[0]
            assert "<" not in segment, f"{pattern.pattern} does not begin with a plain word"
            found[segment].append(pattern)
        return {
            segment: URLResolver(
                self.pattern, patterns, app_name=self.app_name, namespace=self.namespace
            )
            for segment, patterns in found.items()
        }

    def resolve(self, path: str) -> ResolverMatch:
        """:raises Resolver404: if no route has this address"""
        prefix = str(self.pattern)
        if path.startswith(prefix):
            among = self._by_segment.get(path[len(prefix) :].partition("/")[0])
            if among is not None:
                return among.resolve(path)
        raise Resolver404({"path": path, "tried": []})
