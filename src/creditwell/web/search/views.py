"""The search of the top bar: patients, contacts, invoices and payments."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.search.found import everything


@require_GET
@door("patients.view")
def search(request: PracticeRequest) -> HttpResponse:
    """All that the text may mean; where there is only one thing, that thing itself."""
    text = request.GET.get("q", "").strip()[:80]
    found = everything(request.member, text, timezone.now())
    if only := found.only_url:
        return redirect(only)
    return render(request, "search/page.html", {"found": found})
