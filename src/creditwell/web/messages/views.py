"""Emails that were sent, wait, failed or are kept; to read, and to send again."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from creditwell.integrations.email.again import SendMessageAgain, send_message_again
from creditwell.integrations.email.models import Message
from creditwell.integrations.email.queries import paper_of_message
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.tenancy.access import access
from creditwell.web.components.fields import Form
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.messages.pages import list_page, message_page
from creditwell.web.patients.quick import as_id

LAST_PAGE = 10_000


class AgainForm(Form):
    """Where to send it this time."""

    to = forms.CharField(
        label=gettext_lazy("Email"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off"}),
    )


@require_GET
@door("messages.view")
def message_list(request: PracticeRequest) -> HttpResponse:
    """All messages or those of one status, newest first."""
    status, number = request.GET.get("show", ""), request.GET.get("page", "")
    page = list_page(
        request.member,
        status=status if status in Message.Status.values else "",
        page=min(as_id(number) or 1, LAST_PAGE),
    )
    return render(request, "messages/list.html", {"page": page})


@require_GET
@door("messages.view")
def message(request: PracticeRequest, pk: int) -> HttpResponse:
    """One message as it was written."""
    return _page(request, pk, None, key=uuid4().hex)


@require_GET
@door("messages.view")
def message_document(request: PracticeRequest, pk: int) -> HttpResponse:
    """The document that goes with a message, shown by the browser."""
    paper = paper_of_message(practice_id=request.member.practice_id, message_id=pk)
    return HttpResponse(
        paper.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{paper.name}"'},
    )


@require_POST
@door("messages.view")
def message_again(request: PracticeRequest, pk: int) -> HttpResponse:
    """Send it again, perhaps to another address."""
    access(Message, request.member, pk, "messages.view")
    form, key = AgainForm(request.POST), request.POST.get("key", "")[:100]
    if form.is_valid():
        command = SendMessageAgain(
            practice_id=request.member.practice_id,
            key=key,
            by=request.member.actor,
            message_id=pk,
            to=form.cleaned_data["to"],
        )
        try:
            send_message_again(command, timezone.now())
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("A new message is on its way; it appears here in a moment.")
            )
            return redirect("messages")
    return _page(request, pk, form, key=key)


def _page(request: PracticeRequest, pk: int, form: AgainForm | None, *, key: str) -> HttpResponse:
    page = message_page(request.member, pk)
    shown = form or AgainForm(initial={"to": page.line.to})
    context = {"page": page, "form": shown, "key": key}
    return render(request, "messages/message.html", context, status=422 if form else 200)
