"""Answer « page not found » where somebody removed, a moment ago, the row that a request is about."""

from collections.abc import Callable

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.defaults import page_not_found

from core.edits import RecordGone

_NO_SUCH_ROW = "23503"
"""PostgreSQL's code for a row that refers to one that is not there."""


class RemovedMeanwhileMiddleware:
    """For views that say nothing better themselves. Nothing was written: the transaction was undone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, RecordGone) or _misses_a_row(error):
            return page_not_found(request, error)
        return None


def _misses_a_row(error: Exception) -> bool:
    if not isinstance(error, IntegrityError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state == _NO_SUCH_ROW or "FOREIGN KEY constraint failed" in str(error)
