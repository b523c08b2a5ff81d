"""The request of a logged-in agent as pages of this app see it: what the app of agents, above, puts in it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Protocol, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from communes.models import Commune


class Membership(Protocol):
    is_desk: bool
    is_helper: bool
    is_manager: bool


class PlaceRequest(HttpRequest):
    """What the middlewares make of a request of a logged-in agent (for the type checker)."""

    membership: Membership
    commune: Commune


type View[**P] = Callable[Concatenate[PlaceRequest, P], HttpResponseBase]


def _for[**P](holds: Callable[[Membership], bool], view: View[P]) -> View[P]:
    @wraps(view)
    def guarded(request: PlaceRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        membership: Membership | None = getattr(request, "membership", None)
        if membership is None or not holds(membership):
            raise Http404
        return view(request, *args, **kwargs)

    return cast(View[P], guarded)


def for_members[**P](view: View[P]) -> View[P]:
    """Open a page to every agent of the commune; a 404 to all others."""
    return _for(lambda _: True, view)


def for_desk_and_managers[**P](view: View[P]) -> View[P]:
    return _for(lambda membership: membership.is_desk or membership.is_manager, view)


def for_managers[**P](view: View[P]) -> View[P]:
    return _for(lambda membership: membership.is_manager, view)
