"""Notes whose identity a page showed to which agent, once the answer has left."""

from collections.abc import Callable
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from agents.requests import VisitorRequest
from core import looked
from core.afterwards import after_answer
from core.clock import now
from privacy.looked.writing import Look, write

LONGEST_NAME = 40


def note_consultations(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, inside those that say who is logged in for which commune."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        collector = looked.begin(request)
        response = get_response(request)
        if collector.shown and _shows_it(request, response):
            commune = cast(VisitorRequest, request).commune
            if request.user.is_authenticated and commune is not None:
                look = Look(
                    commune_id=commune.pk,
                    agent_id=request.user.pk,
                    at=now(),
                    tz=commune.tz,
                    shown=tuple(collector.shown),
                    origin=_origin(request),
                )
                after_answer(response, partial(write, look))
        return response

    return middleware


def _shows_it(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the page that said whom it shows is what was answered: no redirection and no error page."""
    status = response.status_code
    shows_nobody = 300 <= status < 400 or status in (204, 404, 405) or status >= 500
    return not shows_nobody and request.method != "HEAD"


def _origin(request: HttpRequest) -> str:
    """The name of our page that led here; of a part that htmx loads, the page that it stands in. The address
    itself may say whom the agent looked for."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all, such as « http://[ »
        return ""
    if before.netloc != request.get_host():
        return ""
    try:
        return (resolve(before.path).url_name or "")[:LONGEST_NAME]
    except Resolver404:
        return ""
