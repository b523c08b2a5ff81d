"""The request of a logged-in agent, as the pages of this app use it."""

from collections.abc import Sequence
from typing import Protocol

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from communes.models import Commune
from core.requests import HasRoles
from core.roles import Role


class Membership(HasRoles, Protocol):
    """What these pages need of a membership. The model is in `agents`, which this app must not import."""

    is_desk: bool
    is_helper: bool
    is_manager: bool


class MembershipOf(HasRoles, Protocol):
    """One of the agent's memberships, with its commune."""

    commune: Commune


class CommuneRequest(HttpRequest):
    """The request with what the middleware of `agents` adds to it (for the type checker)."""

    membership: Membership
    memberships: Sequence[MembershipOf]
    commune: Commune
    htmx: HtmxDetails


class InCommunes(Protocol):
    """A request of any app, as far as it says for which communes the agent works."""

    @property
    def membership(self) -> HasRoles: ...
    @property
    def memberships(self) -> Sequence[MembershipOf]: ...
    @property
    def commune(self) -> Commune: ...


def communes_in_care(request: InCommunes, *roles: Role) -> list[Commune]:
    """The communes whose faults and screens the agent sees: the present one, which comes first, and each
    where they are a technician. With `roles`, the present one only for an agent who has one of them there."""
    here = [request.commune] if not roles or request.membership.roles.intersection(roles) else []
    others = [each.commune for each in request.memberships if Role.TECHNICIAN in each.roles]
    found = {each.pk: each for each in (*here, *others)}
    return sorted(found.values(), key=lambda each: (each.pk != request.commune.pk, each.name))
