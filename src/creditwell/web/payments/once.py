"""
The same form sent twice leads to the same page.

The use case already makes one act of it; but what the form means is worked out from the books, and
those changed when it was saved. So the answer is kept beside the texts that were sent, not beside
what they came to.
"""

from __future__ import annotations

import hashlib
import json
from importlib import import_module

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from creditwell.web.door.requests import PracticeRequest

NAME = "sent_forms"
KEPT = 12
NOT_TYPED = ("csrfmiddlewaretoken", "stands")  # what the books said changes with what was saved


def remember(request: PracticeRequest, place: str) -> HttpResponse:
    """Go to the page of what was saved, and keep in mind that this form led there."""
    sent = list(request.session.get(NAME, []))
    sent.append([_mark(request), place, request.POST.get("key", "")])
    request.session[NAME] = sent[-KEPT:]
    request.session.save()
    return redirect(place)


def recall(request: PracticeRequest, *, anew: bool = False) -> HttpResponse | None:
    """
    Where the very same form led before, if it was sent before.

    `anew` looks again at what is stored: the first of two presses may have been saved meanwhile.
    """
    sent = request.session.get(NAME, [])
    if anew and request.session.session_key:
        store = import_module(settings.SESSION_ENGINE).SessionStore(request.session.session_key)
        sent = store.get(NAME, [])
    mark = _mark(request)
    place = next((place for known, place, *_key in sent if known == mark), None)
    if place is None:
        return None
    messages.info(request, _("This form was sent twice. It was saved once."))
    return redirect(place)


def saved_before(request: PracticeRequest) -> str:
    """
    Where a form led that was saved with this key, whatever was in it: somebody went back to it and
    changed something. "" if none was.
    """
    key = request.POST.get("key", "")
    sent = request.session.get(NAME, [])
    return next((place for _mark, place, *known in sent if key and known == [key]), "")


def _mark(request: PracticeRequest) -> str:
    """Where it was sent to counts as well: a form without fields may stand on many pages."""
    fields = sorted(
        (name, values) for name, values in request.POST.lists() if name not in NOT_TYPED
    )
    return hashlib.sha256(json.dumps([request.path, fields]).encode()).hexdigest()[:32]
