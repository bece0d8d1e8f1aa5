"""Refusals: what a person may be told. Everything else that is raised is a defect."""

from __future__ import annotations

from typing import ClassVar

from django.db import IntegrityError
from django.utils.translation import gettext as _


class Refusal(Exception):
    """
    Something was asked for that cannot be done, and why.

    A subclass stands beside the function that refuses. `code` is stable (API, logs), `sentence`
    says what is wrong and what to do, `param` names the field that it is about, if any, and
    `position` which of several lines, counted from 0.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, sentence: str, *, param: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.param = param
        self.position: int | None = None


class NotFound(Refusal):
    """There is no such thing in this practice."""

    code = "not_found"
    status = 404

    def __init__(self, sentence: str = "", *, param: str = "") -> None:
        super().__init__(sentence or _("There is no such record in this practice."), param=param)


class Invalid(Refusal):
    """A value cannot be meant."""

    code = "invalid"
    status = 422


REFUSED_BY: dict[str, type[Refusal]] = {}
"""Constraint or trigger name -> the refusal that it stands for; filled beside each function."""


def constraint_of(error: IntegrityError) -> str:
    """Name of the constraint that PostgreSQL says was violated, or ''."""
    diag = getattr(error.__cause__, "diag", None)
    return getattr(diag, "constraint_name", None) or ""


def refusal_of(error: IntegrityError) -> Refusal | None:
    """Translate what the database refused into the sentence that it stands for."""
    constraint = constraint_of(error)
    kind = REFUSED_BY.get(constraint)
    if kind is None and constraint.endswith("_same_practice"):
        return NotFound()  # an id that this practice does not have
    return kind() if kind else None  # type: ignore[call-arg]  # each registered kind has a sentence of its own
