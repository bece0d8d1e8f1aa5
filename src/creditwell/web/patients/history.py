"""The trail of a patient in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.audit.queries import NoteLine
from creditwell.web.patients.forms import PatientForm

ACTIONS: dict[str, str | Promise] = {
    "create_patient": _("Created"),
    "update_patient": _("Details changed"),
    "archive_patient": _("Archived"),
    "restore_patient": _("Restored"),
    "merge_patients": _("Merged with another record"),
    "undo_merge": _("Merge undone"),
    "apply_credit": _("Account credit applied"),
    "refund_credit": _("Account credit refunded"),
    "create_family": _("Family created"),
    "add_family_member": _("Joined a family"),
    "remove_family_member": _("Left a family"),
    "share_credit": _("Permission to use credit given"),
    "stop_sharing": _("Permission to use credit ended"),
    "request_refund": _("Refund asked for"),
    "approve_refund": _("Refund approved"),
    "decline_refund": _("Refund declined"),
    "withdraw_refund_request": _("Request for a refund withdrawn"),
    "dishonour_payment": _("Payment taken back by the bank"),
    "transfer_credit": _("Account credit transferred"),
    "undo_transfer": _("Transfer of credit undone"),
    "email_transfer": _("Receipt of a transfer sent by email"),
    "give_credit": _("Credit given"),
    "take_back_gift": _("Given credit taken back"),
    "expire_credit": _("Credit expired"),
    "extend_credit": _("Grace given: credit lasts longer"),
    "email_statement": _("Statement sent by email"),
    "refund_package": _("Package refunded"),
    "convert_package": _("Package converted to account credit"),
    "expire_package": _("Package expired"),
    "give_package_grace": _("Grace given: the package lasts longer"),
    "swap_session": _("Session of a package swapped"),
    "undo_swap": _("Swap of a session undone"),
    "upgrade_package": _("Package upgraded"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field before and after; "" is empty."""

    field: str | Promise
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One thing that somebody did; `who` is "" when it was the system."""

    at: datetime
    who: str
    what: str | Promise
    changes: tuple[Change, ...]


def history_lines(notes: list[NoteLine]) -> list[HistoryLine]:
    """The trail, newest first, with the changed fields by their names on the form."""
    return [
        HistoryLine(
            at=note.at,
            who=note.who,
            what=ACTIONS.get(note.action) or note.action.replace("_", " ").capitalize(),
            changes=tuple(
                _change(name, pair)
                for name, pair in note.details.items()
                if isinstance(pair, list)
                and len(pair) == 2
                and not any(isinstance(one, list) for one in pair)
            ),
        )
        for note in notes
    ]


def _change(name: str, pair: list[str]) -> Change:
    """What a link pointed at is not told: the number of a row says nothing to a reader."""
    if name.endswith("_id"):
        return Change(field=_word(name.removesuffix("_id")), before="", after="")
    return Change(field=_word(name), before=str(pair[0]), after=str(pair[1]))


def _word(name: str) -> str | Promise:
    field = PatientForm.base_fields.get(name)
    return field.label if field and field.label else name.replace("_", " ").capitalize()
