"""Every failure has one shape: {"error": {"type", "code", "message", "param"}}."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from typing_extensions import TypedDict

from creditwell.api.answers import answer
from creditwell.kernel.errors import Invalid, NotFound, Refusal


class Problem(TypedDict):
    """
    What went wrong. `type` is the kind (authentication, permission, not_found, invalid_request,
    conflict, rate_limit, api_error), `code` is stable, `message` is a sentence for people, `param`
    names the field of the request that it is about, if it is about one.
    """

    type: str
    code: str
    message: str
    param: str | None


class Failure(TypedDict):
    """The body of every answer from 400 on."""

    error: Problem


TYPES = {
    401: "authentication",
    403: "permission",
    404: "not_found",
    409: "conflict",
    429: "rate_limit",
}


class Unauthorized(Refusal):
    """No API key came with the request, or one that opens nothing."""

    code = "unauthorized"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            _("Send a valid API key: `Authorization: Bearer cw_…`. An owner makes one in Settings.")
        )


class TooManyRequests(Refusal):
    """The API key asks more often than this installation allows."""

    code = "too_many_requests"
    status = 429

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(_("Too many requests. Wait as long as `Retry-After` says."))
        self.wait_seconds = wait_seconds


class NotJson(Invalid):
    """The body of the request is not JSON."""

    code = "not_json"
    status = 400

    def __init__(self) -> None:
        super().__init__(_("The body of the request is not JSON."), param="body")


class UnknownField(Invalid):
    """A field or query parameter that this route does not know; nothing is dropped in silence."""

    code = "unknown_field"

    def __init__(self, name: str) -> None:
        super().__init__(_("There is no such field here. Take it out of the request."), param=name)


class WrongCurrency(Invalid):
    """The request names another currency than the practice's books are kept in."""

    code = "wrong_currency"

    def __init__(self, currency: str) -> None:
        super().__init__(
            _("The books of this practice are in %(currency)s.") % {"currency": currency},
            param="currency",
        )


class NoSuchReference(NotFound):
    """An id in the body of the request is not of this practice."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__(_("Something that the request names is not in this practice."))


def failure(refusal: Refusal, names: Mapping[str, str] | None = None) -> HttpResponse:
    """A refusal as its answer; `names` says what the route calls the use case's fields."""
    head = refusal.param.split("-", 1)[0]
    param = (names or {}).get(head, refusal.param) or None
    problem: Problem = {
        "type": TYPES.get(refusal.status, "invalid_request"),
        "code": refusal.code,
        "message": refusal.sentence,
        "param": param,
    }
    response = answer({"error": problem}, refusal.status)
    if isinstance(refusal, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="Creditwell"'
    if isinstance(refusal, TooManyRequests):
        response.headers["Retry-After"] = str(refusal.wait_seconds)
    return response


def install(api: NinjaAPI) -> None:
    """Give every kind of failure our shape; defects go on to the door's own 500."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Exception, _defect)


def _refused(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Refusal)
    return failure(error)


def _invalid(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The first thing that is wrong with the shape of a request."""
    assert isinstance(error, ValidationError)
    return failure(_first_of(error.errors))


def _first_of(errors: list[dict[str, Any]]) -> Refusal:
    first = errors[0]
    where = list(first["loc"])
    if where[0] == "path":
        return NotFound()
    param = _spelled(where[2:] if where[0] == "body" else where[1:])
    if first["type"] == "extra_forbidden":
        return UnknownField(param)
    return Invalid(str(first["msg"]).removeprefix("Value error, ") + ".", param=param or "body")


def _spelled(where: list[int | str]) -> str:
    """parts, 0, amount_minor -> parts[0].amount_minor"""
    text = ""
    for step in where:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _http_error(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, HttpError)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return failure(NotJson())
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return failure(Unauthorized())
    raise error


def _defect(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    raise error
