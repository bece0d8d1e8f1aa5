"""The page that takes an act on a package back."""

from __future__ import annotations

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
from creditwell.web.packages.act_page import Screen, asked_of, run
from creditwell.web.packages.forms import ActForm
from creditwell.web.packages.undoing import UndoAsked, undo_of


class UndoForm(ActForm):
    """Nothing to fill in, unless visits stand in the way."""

    releases = False

    def build(self) -> None:
        if self.releases:
            self.add_release(
                _("Let visits that are booked after that day give their sessions back")
            )


class ReleasingForm(UndoForm):
    """The same where visits may stand in the way."""

    releases = True


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.view")
def package_undo(request: PracticeRequest, pk: int, act: int) -> HttpResponse:
    """
    Take an act back. What it needs of permissions depends on the act.

    :raises NotFound: if the package has no such act
    :raises NotUndone: if an act of this kind is not taken back, or was
    """
    member = request.member
    access(PackageAct, member, act, "packages.view")
    asked = asked_of(request, pk)
    line = act_line(practice_id=member.practice_id, package_id=pk, act_id=act)
    undo = undo_of(line)
    if undo is None:
        raise NotUndone
    member.require(undo.permission)
    kind = ReleasingForm if undo.releases else UndoForm
    form = kind(
        request.POST if asked.posted else None, standing=asked.standing, practice=request.practice
    )

    def do() -> tuple[str | Promise, str]:
        release = bool(form.cleaned_data.get("release"))
        undo.act(member, UndoAsked(act=line, key=asked.key, release=release), timezone.now())
        return undo.done, ""

    screen = Screen(title=undo.title, lead=undo.lead, word=_("Undo"), danger=True)
    return run(asked, form, screen, do)
