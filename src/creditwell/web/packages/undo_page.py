"""The page that takes an act on a package back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditwell.packages.changing import NotUndone
from creditwell.packages.models import PackageAct
from creditwell.packages.queries_page import act_line
from creditwell.tenancy.access import access
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.act_page import Screen, asked_of, once, run
from creditwell.web.packages.forms import ActForm, reason_field
from creditwell.web.packages.undoing import Undo, UndoAsked, undo_of


class UndoForm(ActForm):
    """What an undo has to know: a reason, or whether visits that stand in the way are released."""

    def __init__(self, *args: Any, undo: Undo, **kwargs: Any) -> None:
        self.undo = undo
        super().__init__(*args, **kwargs)

    def build(self) -> None:
        if self.undo.releases:
            self.add_release(
                _("Let visits that are booked after that day give their sessions back")
            )
        if self.undo.asks_reason:
            self.fields["reason"] = reason_field()


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.view")
@once
def package_undo(request: PracticeRequest, pk: int, act: int) -> HttpResponse:
    """
    Take an act back. What it needs of permissions depends on the act.

    :raises NotFound: if the package has no such act
    :raises NotUndone: if an act of this kind is not taken back, or was
    """
    member = request.member
    access(PackageAct, member, act, "packages.view")
    asked = asked_of(request, pk, ended_too=True)
    line = act_line(practice_id=member.practice_id, package_id=pk, act_id=act)
    undo = undo_of(line)
    if undo is None:
        raise NotUndone
    member.require(undo.permission)
    form = UndoForm(
        request.POST if asked.posted else None,
        undo=undo,
        standing=asked.standing,
        practice=request.practice,
    )

    def do() -> tuple[str | Promise, str]:
        data = form.cleaned_data
        what = UndoAsked(
            act=line,
            key=asked.key,
            reason=data.get("reason", ""),
            release=bool(data.get("release")),
        )
        undo.act(member, what, timezone.now())
        return undo.done, ""

    screen = Screen(title=undo.title, lead=undo.lead, word=_("Undo"), danger=True)
    return run(asked, form, screen, do)
