"""Use a session that no appointment has: somebody came without one, or took something home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.packages.booking import LimitReached, pick
from creditwell.packages.holding import LIVE
from creditwell.packages.models import ActKind, Package, PackageShare, Session, SoldPart
from creditwell.packages.owing import owing_invoices
from creditwell.packages.rules import open_on
from creditwell.packages.selling import Place
from creditwell.packages.using import Earning, earn
from creditwell.packages.wording import in_words
from creditwell.tenancy.access import PracticeFacts, Written


class NotUsableThen(Refusal):
    """The package had expired on that day, or rested."""

    code = "not_usable_then"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The package cannot be used on that day: it had expired by then, or was paused. "
                "Choose another day, or extend or resume it first."
            ),
            param="on",
        )


class NotPaidYet(Refusal):
    """It was sold to be used once it is paid."""

    code = "not_paid_yet"

    def __init__(self) -> None:
        super().__init__(
            _("The package can be used once its invoice is paid. Take the payment first.")
        )


class NotTheirs(Refusal):
    """Whoever uses it is neither its owner nor somebody whom the owner lets use it."""

    code = "not_theirs"

    def __init__(self) -> None:
        super().__init__(
            _("This patient may not use the package. Share it with them first."), param="patient"
        )


class WrongUnits(Invalid):
    """As many minutes, or as much money, as can be meant: more than nothing, and what is left."""

    code = "wrong_units"

    def __init__(self, left: str) -> None:
        """`left`: how much there is, in words; "" if there is nothing."""
        super().__init__(
            _("Enter how much is used: above zero, and at most what is left, which is %(left)s.")
            % {"left": left}
            if left
            else _("Nothing of it is free any more."),
            param="units",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Who uses how many units of which part, on which day of the practice; and why so."""

    part_id: int
    patient_id: int
    on: date
    units: int
    reason: str = ""


def use(practice: PracticeFacts, package: Package, what: Use, *, written: Written) -> Session:
    """
    Use it; returns the session. The package is held with its payers.

    :raises NotFound: if it has no such part
    :raises NotUsableThen, NotPaidYet: if it cannot be used on that day, or not yet
    :raises NotTheirs, LimitReached: if the patient may not use it, or not so much
    :raises WrongUnits: of minutes or money: if it is nothing, or more than is left
    :raises SessionGone: of sessions: if none is free
    """
    parts = SoldPart.objects.filter(practice_id=practice.id, package_id=package.pk)
    if not parts.filter(pk=what.part_id).exists():
        raise NotFound(param="part")
    _require_usable(package, what.on)
    _require_allowed(practice, package, what)
    if package.measure != "sessions":
        _require_left(practice, package, what)
    place = Place(practice_id=practice.id, package_id=package.pk, since_on=date.min, at=written.at)
    session_id = pick(practice, place, what.part_id, what.units, measure=package.measure)
    rows = Session.objects.select_for_update(of=("self",)).select_related("package__tax_rate")
    session = rows.get(practice_id=practice.id, pk=session_id)
    session.patient_id = what.patient_id
    session.save(update_fields=["patient"])
    earning = Earning(
        kind="session_use",
        status="used",
        act=ActKind.USED,
        reason=what.reason,
        patient_id=what.patient_id,
    )
    earn(practice, session, earning, visit_on=what.on, written=written)
    return session


def _require_left(practice: PracticeFacts, package: Package, what: Use) -> None:
    rows = Session.objects.filter(
        practice_id=practice.id, package_id=package.pk, part_id=what.part_id, status="free"
    )
    left = rows.aggregate(sum=Sum("units"))["sum"] or 0
    if not 0 < what.units <= left:
        raise WrongUnits(in_words(left, package.measure, practice) if left else "")


def _require_usable(package: Package, on: date) -> None:
    if not open_on(
        on,
        expires_on=package.expires_on,
        paused_on=package.paused_on,
        resumes_on=package.resumes_on,
    ):
        raise NotUsableThen
    if package.usable_when == "paid" and owing_invoices(
        practice_id=package.practice_id, package_id=package.pk
    ):
        raise NotPaidYet


def _require_allowed(practice: PracticeFacts, package: Package, what: Use) -> None:
    if what.patient_id == package.patient_id:
        return
    share = PackageShare.objects.filter(
        practice_id=practice.id,
        package_id=package.pk,
        patient_id=what.patient_id,
        ended_at__isnull=True,
    ).first()
    if share is None:
        raise NotTheirs
    if share.most_units is None:
        return
    theirs = Session.objects.filter(
        practice_id=practice.id,
        package_id=package.pk,
        patient_id=what.patient_id,
        status__in=LIVE,
    )
    if (theirs.aggregate(sum=Sum("units"))["sum"] or 0) + what.units > share.most_units:
        raise LimitReached
