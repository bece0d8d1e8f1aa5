"""The question that a patient picker asks of its search page; see README.md."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerQuestion:
    """`picker` is the id of the field that asks, `create` where a new patient is made, or ""."""

    picker: str
    query: str
    create: str


def asked(request: HttpRequest) -> PickerQuestion:
    """Read what was typed; the field's own name is `<name>-q`, so that two fit on one page."""
    name = request.GET.get("name", "patient")
    create = request.GET.get("create", "")
    return PickerQuestion(
        picker=_safe_id(request.GET.get("picker", "patient")),
        query=request.GET.get(f"{name}-q", request.GET.get("q", "")).strip()[:80],
        create=create if create.startswith("/") and not create.startswith("//") else "",
    )


def _safe_id(text: str) -> str:
    return "".join(c for c in text if c.isalnum() or c in "-_")[:40] or "patient"
