"""The rights of a person, as a part of their page that htmx loads."""

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agents.requests import AgentRequest
from booking.models import Resident
from core.clock import now
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from privacy.pages.requests import requests_of

OFFICE = (Role.DESK, Role.MANAGER)


def find_resident(request: AgentRequest, pk: int) -> Resident:
    """The person, if their record is one of this commune and was not merged into another; else a 404. A page
    that is then drawn shows their record."""
    residents = Resident.objects.current().filter(commune=request.commune).select_related("commune")
    found = get_object_or_404(residents, pk=pk)
    shows(request, Shown.RECORD, [found.pk])
    return found


@require_GET
@for_roles(*OFFICE)
def rights(request: AgentRequest, pk: int) -> HttpResponseBase:
    """What can be done for this person, and what they have asked for."""
    resident = find_resident(request, pk)
    today = request.commune.local(now()).date()
    context = {"resident": resident, "requests": requests_of(resident, today=today)}
    return render(request, "privacy/_rights.html", context)
