"""What is left of a package goes to another patient; and comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import changing, transferring
from creditwell.packages.holding import (
    PackageEnded,
    lock_package_and_patient,
    lock_packages,
)
from creditwell.packages.models import ActKind, Package
from creditwell.people.models import Patient
from creditwell.people.queries_families import in_one_family
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases.transfer_credit import NotFamily


class OwnPackage(Invalid):
    """It is theirs already."""

    code = "own_package"

    def __init__(self) -> None:
        super().__init__(_("This package is theirs already. Choose somebody else."), param="to")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPackage:
    """
    `parts` is (part, units) of what goes; None: all that is free. `anywhere`: whoever asks may give
    it to somebody outside the family.
    """

    practice_id: int
    key: str
    by: Actor
    package_id: int
    to_patient_id: int
    reason: str
    parts: tuple[tuple[int, int], ...] | None = None
    anywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageTransferred:
    """The package that was left, the one that came to be, and its line of history."""

    package_id: int
    to_package_id: int
    act_id: int


@usecase(PackageTransferred)
def transfer_package(command: TransferPackage, now: datetime) -> PackageTransferred:
    """
    Make a package of the same terms for somebody else out of free units, with their exact value.
    What is refunded of it later goes back to whoever paid.

    :raises NotFound, PackageEnded: if package or patient are not there, or over
    :raises OwnPackage: if it is theirs
    :raises NotFamily: if they are no family and the actor may only transfer within one
    :raises MembershipStays: for a period of a membership
    :raises NothingFree: if there is not so much free
    :raises ReasonMissing: without a reason
    """
    package, patient, practice = _lock(command)
    reason, written = changing.why(command.reason), Written(command.by, now)
    wanted = None if command.parts is None else dict(command.parts)
    portions = transferring.take(practice, package, wanted)
    target = transferring.open_for(practice, package, patient, written=written)
    _sent, act_id = transferring.send(
        practice, package, target, portions, reason=reason, written=written
    )
    for one in (package.pk, target.pk):
        note(
            "transfer_package",
            ("package", one),
            practice_id=practice.id,
            by=command.by,
            at=now,
            details={"to_package_id": target.pk, "patient_id": patient.pk, "reason": reason},
        )
    emit(
        "package.transferred",
        {"package_id": package.pk, "to_package_id": target.pk},
        practice_id=practice.id,
        at=now,
    )
    return PackageTransferred(package_id=package.pk, to_package_id=target.pk, act_id=act_id)


def _lock(command: TransferPackage) -> tuple[Package, Patient, PracticeFacts]:
    package, patient, practice = lock_package_and_patient(
        practice_id=command.practice_id,
        package_id=command.package_id,
        patient_id=command.to_patient_id,
        param="to",
    )
    if package.patient_id == patient.pk:
        raise OwnPackage
    if package.membership_id is not None:
        raise transferring.MembershipStays
    if not command.anywhere and not in_one_family(
        practice_id=practice.id, payer_ids=(package.payer_id, patient.payer_id)
    ):
        raise NotFamily
    return package, patient, practice


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPackageTransfer:
    """`act_id` is the line of the transfer, in the giver's history or in the receiver's."""

    practice_id: int
    key: str
    by: Actor
    act_id: int


@usecase(PackageTransferred)
def undo_package_transfer(command: UndoPackageTransfer, now: datetime) -> PackageTransferred:
    """
    Bring a transferred package back, while nothing of it is used or booked.

    :raises NotFound, PackageEnded: if there is no such transfer, or its package is over
    :raises AlreadyReversed, NotUndone: if it was taken back, or something happened to it since
    """
    practice_id = command.practice_id
    act_id = transferring.receiving_act(practice_id=practice_id, act_id=command.act_id)
    target_id = changing.package_of_act(practice_id=practice_id, act_id=act_id)
    origin_id = (
        Package.objects.filter(practice_id=practice_id, pk=target_id)
        .values_list("origin_id", flat=True)
        .first()
    )
    if origin_id is None:
        raise NotFound
    found, practice = lock_packages(practice_id=practice_id, package_ids=[target_id, origin_id])
    target, source = found[target_id], found[origin_id]
    act = changing.act_of(practice_id=practice_id, act_id=act_id, kind=ActKind.RECEIVED)
    if target.ended_at is not None:
        raise PackageEnded
    transferring.send_back(practice, act, target, source, written=Written(command.by, now))
    for one in (target, source):
        note(
            "undo_package_transfer",
            ("package", one.pk),
            practice_id=practice_id,
            by=command.by,
            at=now,
            details={"to_package_id": source.pk},
        )
    emit("package.changed", {"package_id": source.pk}, practice_id=practice_id, at=now)
    return PackageTransferred(package_id=target.pk, to_package_id=source.pk, act_id=act.pk)
