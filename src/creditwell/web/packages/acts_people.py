"""Who may use a package, and whose it is: share it, stop that, transfer what is free."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditwell.kernel.errors import NotFound
from creditwell.packages.models import PackageShare
from creditwell.packages.queries import PackageStanding
from creditwell.packages.queries_page import share_lines
from creditwell.people.queries_families import relatives_of
from creditwell.tenancy.access import access
from creditwell.usecases.share_package import (
    NotShared,
    NotToBeShared,
    SharePackage,
    StopSharingPackage,
    share_package,
    stop_sharing_package,
)
from creditwell.usecases.transfer_credit import NotFamily
from creditwell.usecases.transfer_package import TransferPackage, transfer_package
from creditwell.web.calendar.picking import Picked, picked_patient, two_chosen
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.act_page import Asked, Screen, asked_of, once, run
from creditwell.web.packages.forms import ActForm, ShareForm, TransferForm, WhoForm, as_units
from creditwell.web.patients.quick import QuickPatientForm, as_id

FORM = require_http_methods(["GET", "HEAD", "POST"])
F = TypeVar("F", bound=WhoForm)


@FORM
@door("packages.share")
def package_share(request: PracticeRequest, pk: int) -> HttpResponse:
    """Let somebody else use the package, all of it or up to a limit."""
    asked = asked_of(request, pk)
    anybody = asked.standing.sharing == "anybody"
    form, patient_id = _who(asked, ShareForm, picker=anybody)

    def act() -> tuple[str | Promise, str]:
        if patient_id is None:
            raise NotToBeShared(asked.standing.sharing)
        command = SharePackage(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            package_id=pk,
            patient_id=patient_id,
            most_units=as_units(form.cleaned_data["most_units"]),
            reason=form.cleaned_data["reason"],
        )
        share_package(command, timezone.now())
        return _("Shared. It counts from now on."), ""

    screen = Screen(
        title=_("Share the package"),
        lead=_("Their visits can use it, too. It stays its owner’s, and can be stopped."),
        word=_("Share"),
        notes=_who_can(asked.standing, has_family=bool(form.relatives)),
    )
    return run(asked, form, screen, act)


def _who_can(standing: PackageStanding, *, has_family: bool) -> tuple[str, ...]:
    if standing.sharing == "nobody":
        return (_("This package was sold for its owner alone, so nobody else may use it."),)
    if standing.sharing == "family" and not has_family:
        said = _("It may be shared within the family, and %(name)s has none written down.")
        return (said % {"name": standing.owner_name},)
    return ()


@FORM
@door("packages.share")
@once
def package_share_stop(request: PracticeRequest, pk: int, share: int) -> HttpResponse:
    """
    End a permission to use the package.

    :raises NotShared: if it was ended, or is of another package
    """
    row = access(PackageShare, request.member, share, "packages.share")
    asked = asked_of(request, pk)
    lines = share_lines(practice_id=request.practice.id, package_id=pk)
    line = next((one for one in lines if one.id == row.pk), None)
    if line is None:
        raise NotShared
    form = ActForm(
        request.POST if asked.posted else None, standing=asked.standing, practice=request.practice
    )

    def act() -> tuple[str | Promise, str]:
        command = StopSharingPackage(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            share_id=share,
        )
        stop_sharing_package(command, timezone.now())
        return _("Stopped. It counts from now on."), ""

    stays = _("Visits that are booked keep what they have of it.")
    screen = Screen(
        title=_("Stop sharing with %(name)s") % {"name": line.name},
        lead=_("From now on their visits are booked without this package."),
        word=_("Stop sharing"),
        notes=(stays,) if line.booked_units else (),
        danger=True,
    )
    return run(asked, form, screen, act)


@FORM
@door("packages.transfer")
def package_transfer(request: PracticeRequest, pk: int) -> HttpResponse:
    """Give what is free to somebody else, as a package of theirs."""
    asked = asked_of(request, pk)
    anywhere = request.member.may("credit.transfer_anywhere")
    # Nobody else is offered to those who may not; whom they send all the same is refused by name.
    other = anywhere or bool(request.POST.get("patient"))
    form, patient_id = _who(asked, TransferForm, picker=other)

    def act() -> tuple[str | Promise, str]:
        if patient_id is None:
            raise NotFamily
        command = TransferPackage(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            package_id=pk,
            to_patient_id=patient_id,
            reason=form.cleaned_data["reason"],
            parts=form.chosen,
            anywhere=anywhere,
        )
        transfer_package(command, timezone.now())
        return _("Transferred."), page_link("package_transfers", pk)

    screen = Screen(
        title=_("Transfer sessions"),
        lead=_("What is free becomes a package of theirs, on the same terms and with its value."),
        word=_("Transfer"),
        notes=() if anywhere else (_within(asked.standing, has_family=bool(form.relatives)),),
    )
    return run(asked, form, screen, act)


def _within(standing: PackageStanding, *, has_family: bool) -> str:
    if has_family:
        return _("To somebody of the family. To anybody else a bookkeeper or the owner transfers.")
    said = _(
        "%(name)s has no family written down. To anybody else a bookkeeper or the owner transfers."
    )
    return said % {"name": standing.owner_name}


def _who(asked: Asked, kind: type[F], *, picker: bool) -> tuple[F, int | None]:
    """The form, and whom it names: one of the family, or whom the picker found."""
    request, standing = asked.request, asked.standing
    family = relatives_of(practice_id=request.practice.id, payer_id=standing.payer_id)
    form = kind(
        request.POST if asked.posted else None,
        standing=standing,
        practice=request.practice,
        relatives=[(str(one.patient_id), _relative(one.name, one.relation)) for one in family],
        other=picker,
    )
    relative = as_id(request.POST.get("relative", "")) if asked.posted else None
    if not picker:
        return form, relative
    patient = as_id(request.POST.get("patient", ""))
    text = request.POST.get("patient-q", "").strip()
    named = bool(patient or text) and (patient is None or patient != relative)
    asked.picked = _picked(asked) if asked.posted and (named or relative is None) else Picked()
    if named and relative is not None:
        asked.picked = asked.picked.with_error(two_chosen())
    return form, relative or asked.picked.id


def _picked(asked: Asked) -> Picked:
    """Whom the picker found; nobody, and why, if it found nobody of this practice."""
    quick = QuickPatientForm(None)  # nobody new is created on this page
    try:
        picked = picked_patient(asked.request, quick, key=asked.key, now=timezone.now())
    except NotFound:
        typed = Picked(query=asked.request.POST.get("patient-q", "").strip()[:80])
        return typed.with_error(_("There is no such patient in this practice."))
    return picked if picked.id is not None else picked.with_error(_("Choose who it is."))


def _relative(name: str, relation: str) -> str:
    return f"{name} ({relation})" if relation else name
