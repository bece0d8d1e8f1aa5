"""Lists: `?limit&cursor`, by id, oldest first. A row that is there is on exactly one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.shapes import HIGHEST_ID, Filters
from creditwell.kernel.errors import Invalid

Row = dict[str, Any]
T = TypeVar("T")


class Listed(TypedDict, Generic[T]):
    """One page of a list; send `next_cursor` back as `cursor` for the next."""

    data: list[T]
    has_more: bool
    next_cursor: str | None


class WrongCursor(Invalid):
    """A cursor that no list of ours has given out."""

    code = "wrong_cursor"

    def __init__(self) -> None:
        super().__init__(
            _("Send `next_cursor` of the page before as it is, or no cursor."), param="cursor"
        )


class Page(Filters):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 50
    cursor: Annotated[str, Field(description="`next_cursor` of the page before.")] = ""

    @property
    def after(self) -> int:
        """:raises WrongCursor: if it is none"""
        if not self.cursor:
            return 0
        if not (self.cursor.isascii() and self.cursor.isdecimal()) or len(self.cursor) > 19:
            raise WrongCursor
        return min(int(self.cursor), HIGHEST_ID)


def page_of(
    rows: QuerySet[Any, Any], page: Page, show: Callable[[list[Row]], list[T]]
) -> Listed[T]:
    """One page of rows that have an `id`; asks for one row more to know whether more follow."""
    found = list(rows.filter(pk__gt=page.after).order_by("pk")[: page.limit + 1])
    kept = found[: page.limit]
    more = len(found) > page.limit
    return {
        "data": show(kept) if kept else [],
        "has_more": more,
        "next_cursor": str(kept[-1]["id"]) if more else None,
    }


def plain(rows: list[Row]) -> list[Any]:
    """Rows whose columns are just the fields of their shape."""
    return rows
