"""Routes are found by the first word of their path; the answer is that of Django's own walk."""

from __future__ import annotations

import re

import pytest
from django.urls import Resolver404, URLResolver, path, resolve, reverse
from django.urls.resolvers import RegexPattern

from creditwell.api.segments import BySegment
from creditwell.api.urls import urlpatterns

[OURS] = [one for one in urlpatterns if isinstance(one, BySegment)]
PLAIN = URLResolver(
    RegexPattern(r"^/"), [path("api/v1/", (OURS.patterns, OURS.app_name, OURS.namespace))]
)
ADDRESSES = sorted({f"/api/v1/{re.sub('<[^>]+>', '7', str(one.pattern))}" for one in OURS.patterns})
WRONG = ["/api/v1/nothing", "/api/v1/patient", "/api/v1/patients/x/y", "/api/v2/patients"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_route_is_found_where_django_would_find_it(address: str) -> None:
    ours, plain = resolve(address), PLAIN.resolve(address)
    assert ours.func is plain.func
    assert (ours.kwargs, ours.route, ours.view_name) == (plain.kwargs, plain.route, plain.view_name)


@pytest.mark.parametrize("address", WRONG)
def test_what_is_no_route_is_not_found(address: str) -> None:
    with pytest.raises(Resolver404):
        resolve(address)


def test_names_still_lead_to_addresses() -> None:
    assert reverse("api-v1:get_patient", args=[7]) == "/api/v1/patients/7"


def test_a_route_that_begins_with_a_parameter_is_refused() -> None:
    wrong = BySegment("v2/", [path("<int:number>", lambda request: None)], "app", "v2")
    with pytest.raises(AssertionError, match="plain word"):
        wrong.resolve("v2/7")
