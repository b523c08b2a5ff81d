"""The API under `/api/v1/`: its routers, its documentation page, and one form of answer for all errors.

`{"error": {"code": "slot_taken", "message": "…", "details": {…}}}`: the code is stable; the message is
for people, in the language that the request asks for.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from booking.api import router as booking_router
from booking.errors import (
    AlreadyBooked,
    IdempotencyKeyReused,
    NotOffered,
    OtherVisit,
    ResidentBusy,
    ResidentInvalid,
    ResidentLimited,
    RoomNotFound,
    SlotTaken,
    StatusRefused,
)
from communes.api import CommuneKey, KeyThrottle, commune_of
from communes.api import router as communes_router
from config.api.refusals import codes_of, describe_refusals
from core import outage
from core.errors import PermanenceError
from reporting.api import FiguresNotAllowed
from reporting.api import router as reporting_router

logger = logging.getLogger(__name__)


class PlainDocs(DocsBase):
    """The documentation as our own page: without scripts or files of other servers, open to everyone."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=kwargs)
        context = {"operations": _operations(schema), "errors": _documented_errors()}
        return render(request, "api/docs.html", context)


def _operations(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts = schema["components"]["schemas"]
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": _said(operation, "summary"),
            "description": _said(operation, "description"),
            "parameters": [_parameter(each, parts) for each in operation.get("parameters", [])],
            "body": _fields(_body(operation), parts),
            "answers": [
                {"status": status, "fields": _fields(_content(answer), parts)}
                for status, answer in operation["responses"].items()
                if int(status) < 400
            ],
            "refusals": sorted(codes_of(operation).items()),
        }
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def _said(part: Mapping[str, Any], what: str) -> str:
    """A text of the schema in the reader's language; the schema itself is in English."""
    text = part.get(what, "")
    return _(text) if text else ""


def _documented_errors() -> list[tuple[str, int, str]]:
    """Code, status and meaning of every error that a caller may get."""
    return [
        ("unauthorized", 401, _("Show a valid key: Authorization: Bearer …")),
        ("malformed", 400, _("The request cannot be read: its body must be JSON.")),
        ("invalid", 422, _("Some of what was sent cannot be used.")),
        ("not_found", 404, _("Not found.")),
        ("method_not_allowed", 405, _("This address does not take that method.")),
        ("too_large", 413, _("The body is too large.")),
        ("too_many_requests", 429, _("Too many calls: wait a little.")),
        ("internal", 500, _("This failed on our side. It has been noted.")),
        ("unavailable", 503, _("The service cannot answer now: ask again in a moment.")),
        *(
            (each.code, each.http_status, str(each.text))
            for each in (
                SlotTaken,
                RoomNotFound,
                AlreadyBooked,
                NotOffered,
                ResidentBusy,
                ResidentLimited,
                StatusRefused,
                ResidentInvalid,
                IdempotencyKeyReused,
                FiguresNotAllowed,
            )
        ),
    ]


def _parameter(parameter: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    return {
        "name": parameter["name"],
        "type": _type(schema, parts),
        "required": parameter.get("required", False),
        "description": _said(schema, "description"),
    }


def _body(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    return _content(operation.get("requestBody", {}))


def _content(part: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _fields(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of an object of the schema; a field of an object inside it is named `a.b`."""
    name = _ref(schema)
    if not name:
        return []
    part = parts[name]
    rows: list[dict[str, Any]] = []
    for field, described in part.get("properties", {}).items():
        rows.append(
            {
                "name": field,
                "type": _type(described, parts),
                "required": field in part.get("required", []),
                "description": _said(described, "description"),
            }
        )
        rows += [{**row, "name": f"{field}.{row['name']}"} for row in _fields(described, parts)]
    return rows


def _ref(schema: Mapping[str, Any]) -> str:
    """The name of the object that a field holds, alone or in a list; "" if it holds none."""
    for each in (schema, schema.get("items", {}), *schema.get("anyOf", [])):
        if "$ref" in each:
            return str(each["$ref"]).rsplit("/", 1)[-1]
    return ""


def _type(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(_type(each, parts) for each in schema["anyOf"])
    if "$ref" in schema:
        return _type(parts[_ref(schema)], parts)
    if schema.get("type") == "array":
        return f"[{_type(schema['items'], parts)}]"
    return str(schema.get("format") or schema.get("type") or "object")


class DescribedAPI(NinjaAPI):
    """Its description names what each operation refuses."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(*args, **kwargs)
        describe_refusals(schema, self.get_root_path({}).rstrip("/"))
        return schema


api = DescribedAPI(
    title="Permanence",
    version="1",
    urls_namespace="api",
    auth=CommuneKey(),
    throttle=[KeyThrottle("300/min")],
    docs=PlainDocs(),
)
api.add_router("", communes_router)
api.add_router("", booking_router)
api.add_router("", reporting_router)


# ---- errors ------------------------------------------------------------------------------------------


def error(code: str, message: str, status: int, details: Any = None) -> JsonResponse:
    body: dict[str, Any] = {"code": code, "message": message}
    if details:
        body["details"] = details
    return JsonResponse({"error": body}, status=status, headers={"Cache-Control": "no-store"})


@api.exception_handler(PermanenceError)
def refused(request: HttpRequest, exc: PermanenceError) -> HttpResponse:
    details = {name: _plain(value, request) for name, value in exc.details.items()}
    return error(exc.code, str(exc), exc.http_status, details)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    """Field and problem of each error, without repeating what was sent."""
    fields = [{"field": _place(each["loc"]), "problem": each["type"]} for each in exc.errors]
    return error("invalid", _("Some of what was sent cannot be used."), 422, {"fields": fields})


def _place(loc: Iterable[Any]) -> str:
    """`resident.phone` of `("body", "asked", "resident", "phone")`."""
    parts = [str(part) for part in loc]
    return ".".join(part for part in parts[1:] if part != "asked") or parts[0]


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
    answer = error("unauthorized", _("Show a valid key: Authorization: Bearer …"), 401)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(Throttled)
def too_many(request: HttpRequest, exc: Throttled) -> HttpResponse:
    answer = error("too_many_requests", _("Too many calls: wait a little."), 429)
    answer["Retry-After"] = str(exc.wait or 60)
    return answer


@api.exception_handler(HttpError)
def malformed(request: HttpRequest, exc: HttpError | None = None) -> HttpResponse:
    """ninja raises this for a body that is not JSON."""
    return error("malformed", _("The request cannot be read: its body must be JSON."), 400)


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, exc: RequestDataTooBig | None = None) -> HttpResponse:
    return error("too_large", _("The body is too large."), 413)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, exc: Http404 | None = None) -> HttpResponse:
    return error("not_found", _("Not found."), 404)


@api.exception_handler(Exception)
def broken(request: HttpRequest, exc: Exception) -> HttpResponse:
    if outage.note(exc):
        return unavailable(request)
    logger.error("API call failed: %s %s", request.method, type(exc).__name__, exc_info=exc)
    return error("internal", _("This failed on our side. It has been noted."), 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    answer = error("unavailable", _("The service cannot answer now: ask again in a moment."), 503)
    answer["Retry-After"] = str(outage.RETRY_AFTER_S)
    return answer


def _plain(value: Any, request: HttpRequest) -> Any:
    """The details of an error as JSON values: an offer as its time and site, other objects as text."""
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [_plain(each, request) for each in value]
    if isinstance(value, OtherVisit):
        start, end = (_plain(at, request) for at in (value.start, value.end))
        return {"id": value.id, "start": start, "end": end, "site": value.site_id}
    if hasattr(value, "start") and hasattr(value, "site_id"):
        return {"start": _plain(value.start, request), "site": value.site_id}
    if isinstance(value, datetime):
        return commune_of(request).local(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float | bool | None) else str(value)


# ---- addresses -----------------------------------------------------------------------------------------


def _opened(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let callers without a session reach a view of the API. Also answer in our form of error where ninja
    uses none of its handlers: for a wrong method, and for an unknown address."""

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return not_found(request)
        if response.status_code != 405:
            response.headers["Cache-Control"] = "no-store"
            return response
        refusal = error("method_not_allowed", _("This address does not take that method."), 405)
        refusal["Allow"] = response["Allow"]
        return refusal

    return answer


def urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _opened(pattern.callback)
    return patterns, app_name, namespace


@_opened
def no_such_address(request: HttpRequest, rest: str) -> HttpResponseBase:
    return not_found(request)
