"""The phones of residents, live: what the demonstration shows instead of a provider."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agents.enums import Role
from agents.requests import AgentRequest, for_roles
from notifications.channels import is_simulated
from notifications.simulation import simulation_of


def when_simulated[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """A 404 wherever real messages leave."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_simulated():
            raise Http404
        return view(*args, **kwargs)

    return guarded


@require_GET
@when_simulated
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def simulator(request: AgentRequest) -> HttpResponseBase:
    """The page asks each second with the version it shows; nothing is sent while that holds."""
    simulation = simulation_of(request.commune)
    if request.htmx and request.GET.get("version") == simulation.version:
        return HttpResponse(status=204)
    template = "notifications/simulator.html#devices" if request.htmx else "notifications/simulator.html"
    return render(request, template, {"simulation": simulation})
