"""The owner of a package lets somebody else use it; and ends that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.acts import Line, write_act
from creditwell.packages.holding import lock_package_and_patient, lock_packages
from creditwell.packages.models import ActKind, Package, PackageShare, Sharing
from creditwell.people.models import Patient
from creditwell.people.queries_families import in_one_family
from creditwell.tenancy.access import Actor, PracticeFacts, Written


class SharedWithOwner(Invalid):
    """The owner uses it anyway."""

    code = "shared_with_owner"

    def __init__(self) -> None:
        super().__init__(_("This is the owner, who may use it anyway."), param="patient")


class NotToBeShared(Refusal):
    """The package was sold for one person, or for a family."""

    code = "not_to_be_shared"

    def __init__(self, sharing: str) -> None:
        super().__init__(
            _("This package may only be used by members of the owner’s family. Add them first.")
            if sharing == Sharing.FAMILY
            else _("This package was sold for its owner alone, so nobody else may use it."),
            param="patient",
        )


class WrongLimit(Invalid):
    """A limit is above nothing."""

    code = "wrong_limit"

    def __init__(self) -> None:
        super().__init__(
            _("Enter how much they may use, above zero, or leave it empty."), param="most_units"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePackage:
    """`most_units`: how much of it they may use in all; None: as much as there is."""

    practice_id: int
    key: str
    by: Actor
    package_id: int
    patient_id: int
    most_units: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageShared:
    package_id: int
    share_id: int


@usecase(PackageShared)
def share_package(command: SharePackage, now: datetime) -> PackageShared:
    """
    Let a patient use somebody else's package; who could before may now within the new limit.

    :raises NotFound, PackageEnded: if package or patient are not there, or over
    :raises SharedWithOwner: if it is theirs
    :raises NotToBeShared: if the package's terms do not let that be
    :raises WrongLimit: if the limit cannot be meant
    """
    package, patient, practice = _lock(command)
    if command.most_units is not None and command.most_units <= 0:
        raise WrongLimit
    written = Written(command.by, now)
    shares = PackageShare.objects.filter(
        practice_id=practice.id, package_id=package.pk, patient_id=patient.pk
    )
    shares.filter(ended_at__isnull=True).update(ended_at=now, ended_by_id=command.by.user_id)
    share_id = insert_row(
        PackageShare,
        {
            "practice_id": practice.id,
            "package_id": package.pk,
            "patient_id": patient.pk,
            "most_units": command.most_units,
            "given_at": now,
            "given_by_id": command.by.user_id,
        },
    )
    line = Line(
        package_id=package.pk,
        kind=ActKind.SHARED,
        on=practice.day_of(now),
        reason=" ".join(command.reason.split())[:200],
        details={
            "patient_id": patient.pk,
            "most_units": command.most_units,
            "measure": package.measure,
        },
    )
    write_act(practice.id, line, written)
    _tell("share_package", command, (package.pk, patient.pk), now)
    return PackageShared(package_id=package.pk, share_id=share_id)


def _lock(command: SharePackage) -> tuple[Package, Patient, PracticeFacts]:
    package, patient, practice = lock_package_and_patient(
        practice_id=command.practice_id,
        package_id=command.package_id,
        patient_id=command.patient_id,
        param="patient",
    )
    if package.patient_id == patient.pk:
        raise SharedWithOwner
    family = in_one_family(practice_id=practice.id, payer_ids=(package.payer_id, patient.payer_id))
    if package.sharing == Sharing.NOBODY or (package.sharing == Sharing.FAMILY and not family):
        raise NotToBeShared(package.sharing)
    return package, patient, practice


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSharingPackage:
    practice_id: int
    key: str
    by: Actor
    share_id: int


class NotShared(NotFound):
    """There is no such permission, or it was ended."""

    def __init__(self) -> None:
        super().__init__(_("This was ended already, or never allowed."))


@usecase(PackageShared)
def stop_sharing_package(command: StopSharingPackage, now: datetime) -> PackageShared:
    """
    From now on they book without it; visits that have a session keep it.

    :raises NotShared: if there is no such permission that stands
    """
    practice_id = command.practice_id
    shares = PackageShare.objects.filter(
        practice_id=practice_id, pk=command.share_id, ended_at__isnull=True
    )
    share = shares.select_related("patient").first()
    if share is None:
        raise NotShared
    _found, practice = lock_packages(
        practice_id=practice_id,
        package_ids=[share.package_id],
        payer_ids=[share.patient.payer_id],
    )
    if shares.update(ended_at=now, ended_by_id=command.by.user_id) != 1:
        raise NotShared
    line = Line(
        package_id=share.package_id,
        kind=ActKind.SHARE_ENDED,
        on=practice.day_of(now),
        details={"patient_id": share.patient_id},
    )
    write_act(practice_id, line, Written(command.by, now))
    _tell("stop_sharing_package", command, (share.package_id, share.patient_id), now)
    return PackageShared(package_id=share.package_id, share_id=share.pk)


def _tell(
    action: str,
    command: SharePackage | StopSharingPackage,
    what: tuple[int, int],
    now: datetime,
) -> None:
    practice_id = command.practice_id
    note(
        action,
        ("package", what[0]),
        practice_id=practice_id,
        by=command.by,
        at=now,
        details={"patient_id": what[1]},
    )
    emit("package.changed", {"package_id": what[0]}, practice_id=practice_id, at=now)
