"""Write a package's history: one line for everything that happens to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from creditwell.kernel.errors import REFUSED_BY
from creditwell.kernel.rows import insert_row
from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.models import PackageAct
from creditwell.tenancy.access import Written

REFUSED_BY["packages_act_undone_once"] = AlreadyReversed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    What is written: `value_minor` is what moved in the package's account (below zero: off it),
    `visit_id` an attendee.
    """

    package_id: int
    kind: str
    on: date
    session_id: int | None = None
    visit_id: int | None = None
    value_minor: int = 0
    entry_id: int | None = None
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    undoes_id: int | None = None


def write_act(practice_id: int, line: Line, written: Written) -> int:
    """Insert one line of a package's history; returns its id."""
    return insert_row(
        PackageAct,
        {
            "practice_id": practice_id,
            "package_id": line.package_id,
            "kind": line.kind,
            "session_id": line.session_id,
            "visit_id": line.visit_id,
            "occurred_on": line.on,
            "value_minor": line.value_minor,
            "entry_id": line.entry_id,
            "reason": line.reason[:200],
            "details": dict(line.details),
            "undoes_id": line.undoes_id,
            **written.columns,
        },
    )
