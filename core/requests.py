"""Who may open a page: decorators for views, by the role of the logged-in agent in the current commune.

The app `agents` puts `membership` and `commune` on each request (`agents.middleware`). This module knows
only their interface (protocols), so that every app can use it.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, Protocol, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from core.roles import WITH_RESIDENTS, Role


class HasRoles(Protocol):
    """The roles that an agent has in one commune."""

    @property
    def roles(self) -> set[Role]: ...


class MemberRequest(Protocol):
    """The request of a logged-in agent who works for a commune."""

    @property
    def membership(self) -> HasRoles: ...


type View[R, **P] = Callable[Concatenate[R, P], HttpResponseBase]


def roles_of(request: HttpRequest) -> set[Role]:
    """The agent's roles in the current commune; empty if nobody is logged in or the agent has no commune.

    A technician is one in whichever of their communes they work now: whoever looks after machines does so in
    all of them at once (`communes.requests.communes_in_care`).
    """
    membership: HasRoles | None = getattr(request, "membership", None)
    if membership is None:
        return set()
    known: Iterable[HasRoles] = getattr(request, "memberships", ())
    elsewhere = {Role.TECHNICIAN} if any(Role.TECHNICIAN in each.roles for each in known) else set()
    return membership.roles | elsewhere


def for_roles[R: MemberRequest, **P](*roles: Role) -> Callable[[View[R, P]], View[R, P]]:
    """Open a page to agents with one of these roles in the current commune; everybody else gets a 404.

    Called without roles, it opens the page to every agent of the commune but technicians.
    """

    def decorate(view: View[R, P]) -> View[R, P]:
        @wraps(view)
        def guarded(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not roles_of(cast(HttpRequest, request)).intersection(roles or WITH_RESIDENTS):
                raise Http404
            return view(request, *args, **kwargs)

        return cast(View[R, P], guarded)

    return decorate


def takes_files[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Let a page receive files: bodies sent to any other page are limited more (`config.server.bodies`)."""
    setattr(view, "takes_files", True)  # noqa: B010 (the type of a function has no such attribute)
    return view
