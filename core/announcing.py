"""Which messages a change makes leave, said before it is made.

A view that changes something is marked with `announces`. Sent with the header `Announce`, its form is not
carried out but rehearsed: the same view runs with the same form, in a transaction that is rolled back, and
the answer lists the messages that would leave. Sent with the field `announce`, the list comes as a page of
its own with the button that carries the change out; where no message leaves, the change is made at once.

`notifications` registers who lists messages; this module knows no message, so that every app can mark its
views.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, cast

from django.contrib.messages.constants import ERROR
from django.contrib.messages.storage.base import BaseStorage, Message
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise

from core.requests import View

HEADER = "Announce"
"""Of a request that asks for the list alone."""
FIELD = "announce"
"""Of a form that asks for a page with the list where messages would leave."""


class _Unshown(BaseStorage):
    """What a rehearsed view says on the next page: read here, shown nowhere."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message], bool]:
        return [], True

    def _store(self, messages: list[Message], response: Any, *args: Any, **kwargs: Any) -> list[Message]:
        return []


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A request whose change is to be rehearsed. `label`: of the button that carries it out."""

    request: HttpRequest
    label: str | Promise
    wants_list: bool
    _view: Callable[[HttpRequest], HttpResponseBase]

    def make(self) -> bool:
        """Make the change, within the caller's transaction; False if the view refused it. The session and the
        messages on the next page are those of a copy of the request."""
        request = copy.copy(self.request)
        session, told = SessionStore(), _Unshown(request)
        session.update(dict(self.request.session.items()))
        cast(Any, request).session, cast(Any, request)._messages = session, told
        response = self._view(request)
        return response.status_code < 400 and all(each.level < ERROR for each in told)


class Announcer(Protocol):
    def __call__(self, rehearsal: Rehearsal) -> HttpResponseBase | None:
        """The list, or the page with the list; None if the change can be made at once."""


_announcers: list[Announcer] = []
_consequences: list[Callable[..., object]] = []


def register(announcer: Announcer) -> None:
    """Have this one answer; called once, when the apps are ready."""
    _announcers[:] = [announcer]


def register_consequence(follow: Callable[..., object]) -> None:
    """Have `follow(commune_id=…, now=…)` called in each rehearsal, after the change: it does what a periodic
    task does within the next minutes, such as offering a time that became free."""
    if follow not in _consequences:
        _consequences.append(follow)


def follow_up(*, commune_id: int, now: datetime) -> None:
    """Do what follows from the change within minutes."""
    for follow in _consequences:
        follow(commune_id=commune_id, now=now)


def announces[R, **P](label: str | Promise = "") -> Callable[[View[R, P]], View[R, P]]:
    """Mark a view whose POST may make messages leave; `label`: of the button on the page with the list."""

    def decorate(view: View[R, P]) -> View[R, P]:
        @wraps(view)
        def announced(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            asked = cast(HttpRequest, request)
            wants_list = HEADER in asked.headers
            if asked.method == "POST" and _announcers and (wants_list or FIELD in asked.POST):

                def rehearsed(copied: HttpRequest) -> HttpResponseBase:
                    return view(cast(R, copied), *args, **kwargs)

                answer = _announcers[0](Rehearsal(asked, label, wants_list, rehearsed))
                if answer is not None:
                    return answer
            return view(request, *args, **kwargs)

        cast(Any, announced).announces_messages = True
        return cast(View[R, P], announced)

    return decorate
