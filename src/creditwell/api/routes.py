"""How a route is declared: what it needs, what it answers, what it may refuse."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel

from creditwell.api.answers import Pdf, answer
from creditwell.api.auth import Call, KeyAuth
from creditwell.api.errors import Failure, NoSuchReference, UnknownField, failure
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.usecase import KeyReused
from creditwell.tenancy.permissions import SCOPES

F = TypeVar("F", bound=Callable[..., Any])

FOREIGN_KEY = "23503"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What the tests and the document want to know of a route."""

    method: str
    path: str
    name: str
    needs: str
    status: int
    returns: Any
    refuses: tuple[type[Refusal], ...]


ROUTES: list[Route] = []
"""Every route there is; tests walk it, so that a new one cannot be forgotten."""


@dataclass
class Routes:
    """The routes about one kind of thing."""

    tag: str
    router: Router = field(default_factory=Router)

    def get(
        self, path: str, *, needs: str, refuses: Sequence[type[Refusal]] = ()
    ) -> Callable[[F], F]:
        return self._route("GET", path, needs, 200, refuses, {})

    def post(
        self,
        path: str,
        *,
        needs: str,
        status: int = 201,
        refuses: Sequence[type[Refusal]] = (),
        names: Mapping[str, str] | None = None,
    ) -> Callable[[F], F]:
        """`names` says what this route calls the fields that its use case names in refusals."""
        return self._route("POST", path, needs, status, refuses, names or {})

    def put(
        self,
        path: str,
        *,
        needs: str,
        refuses: Sequence[type[Refusal]] = (),
        names: Mapping[str, str] | None = None,
    ) -> Callable[[F], F]:
        return self._route("PUT", path, needs, 200, refuses, names or {})

    def delete(
        self, path: str, *, needs: str, refuses: Sequence[type[Refusal]] = ()
    ) -> Callable[[F], F]:
        return self._route("DELETE", path, needs, 200, refuses, {})

    def _route(
        self,
        method: str,
        path: str,
        needs: str,
        status: int,
        refuses: Sequence[type[Refusal]],
        names: Mapping[str, str],
    ) -> Callable[[F], F]:
        def declare(work: F) -> F:
            kinds = _refusals(method, path, refuses)
            returns = inspect.signature(work, eval_str=True).return_annotation
            route = Route(
                method=method,
                path=path,
                name=work.__name__,
                needs=needs,
                status=status,
                returns=returns,
                refuses=kinds,
            )
            ROUTES.append(route)
            self.router.api_operation(
                [method],
                path,
                auth=KeyAuth(needs),
                response={
                    status: None if returns is Pdf else returns,
                    **{kind.status: Failure for kind in kinds},
                },
                operation_id=work.__name__,
                summary=_summary(work),
                description=_description(work, route),
                tags=[self.tag],
            )(_door(work, status, names))
            return work

        return declare


def _door(
    work: Callable[..., Any], status: int, names: Mapping[str, str]
) -> Callable[..., HttpResponse]:
    """Around the view: refusals become answers, and so does what it returns."""
    known = _query_names(work)

    @wraps(work)
    def view(request: HttpRequest, **values: Any) -> HttpResponse:
        call = cast(Call, request.auth)  # type: ignore[attr-defined]  # set by KeyAuth
        try:
            if request.META.get("QUERY_STRING"):
                _refuse_unknown(request, known)
            result = work(call, **values)
        except Refusal as refusal:
            if _names_nothing(refusal.__cause__):
                return failure(NoSuchReference())
            return failure(refusal, names)
        except IntegrityError as error:
            if not _names_nothing(error):
                raise
            return failure(NoSuchReference())
        return result if isinstance(result, HttpResponse) else answer(result, status)

    view.__signature__ = _as_seen(work)  # type: ignore[attr-defined]  # what ninja reads
    return view


def _names_nothing(error: BaseException | None) -> bool:
    """Whether the database refused an id that is not of this practice."""
    cause = error.__cause__ if isinstance(error, IntegrityError) else None
    return getattr(cause, "sqlstate", "") == FOREIGN_KEY


def _as_seen(work: Callable[..., Any]) -> inspect.Signature:
    """The view's parameters with their types, and `request` in the place of `call`."""
    signature = inspect.signature(work, eval_str=True)
    _call, *rest = signature.parameters.values()
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Signature([request, *rest], return_annotation=signature.return_annotation)


def _query_names(work: Callable[..., Any]) -> frozenset[str]:
    names: set[str] = set()
    for parameter in list(inspect.signature(work, eval_str=True).parameters.values())[1:]:
        kind = parameter.annotation
        kind = getattr(kind, "__origin__", kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names.update(kind.model_fields)
        else:
            names.add(parameter.name)
    return frozenset(names)


def _refuse_unknown(request: HttpRequest, known: frozenset[str]) -> None:
    for name in request.GET:
        if name not in known:
            raise UnknownField(name)


def _refusals(
    method: str, path: str, refuses: Sequence[type[Refusal]]
) -> tuple[type[Refusal], ...]:
    own = list(refuses)
    if "{" in path and NotFound not in own:
        own.append(NotFound)
    if method != "GET" and KeyReused not in own:
        own.append(KeyReused)
    return tuple(own)


def _summary(work: Callable[..., Any]) -> str:
    return (work.__doc__ or "").strip().split("\n", 1)[0].rstrip(".")


def _description(work: Callable[..., Any], route: Route) -> str:
    _first, _gap, rest = inspect.cleandoc(work.__doc__ or "").partition("\n")
    scopes = sorted(name for name, allows in SCOPES.items() if route.needs in allows)
    lines = [rest.strip(), "Scope: " + " or ".join(f"`{scope}`" for scope in scopes) + "."]
    if route.refuses:
        lines.append("Refuses:\n" + "\n".join(described(kind) for kind in route.refuses))
    return "\n\n".join(line for line in lines if line)


def described(kind: type[Refusal]) -> str:
    """A refusal as one line of the document."""
    return f"- `{kind.code}` ({kind.status}): {meaning_of(kind)}"


def meaning_of(kind: type[Refusal]) -> str:
    """What a refusal means: the beginning of its docstring."""
    return inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
