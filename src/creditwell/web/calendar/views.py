"""Look at the calendar and at one appointment."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from creditwell.web.calendar.asked import asked_for
from creditwell.web.calendar.board import make_board
from creditwell.web.calendar.card import make_card
from creditwell.web.door.guard import door, is_htmx
from creditwell.web.door.requests import PracticeRequest


@require_safe
@door("calendar.view")
def calendar(request: PracticeRequest) -> HttpResponse:
    """A day with practitioners side by side, a week, or a list; htmx gets the board alone."""
    now = timezone.now()
    asked = asked_for(request.GET.dict(), request.practice, now)
    board = make_board(request.member, asked, now)
    page = "calendar/calendar.html#board" if is_htmx(request) else "calendar/calendar.html"
    context = {"board": board, "may_set_up": request.member.may("schedule.edit")}
    return render(request, page, context)


@require_safe
@door("calendar.view")
def appointment(request: PracticeRequest, pk: int) -> HttpResponse:
    """One appointment: a page of its own, or the pop-up that htmx puts beside it."""
    card = make_card(request.member, pk, timezone.now())
    live = is_htmx(request)
    page = "calendar/appointment.html#card" if live else "calendar/appointment.html"
    return render(request, page, {"card": card, "live": live})
