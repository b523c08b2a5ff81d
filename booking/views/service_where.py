"""Where and when a service is possible: a page of its own, or the same words inside another page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agents.requests import AgentRequest
from booking.actions.offers import OPEN
from booking.models import Appointment, WaitingEntry
from booking.pages.service_where import read_where
from communes.models import Service
from core import clock
from core.requests import for_roles
from core.roles import Role


@require_GET
@for_roles(Role.MANAGER)
def service_waiting(request: AgentRequest, pk: int) -> HttpResponse:
    """How many have an appointment for a service, or wait for one, before it is retired."""
    service = get_object_or_404(Service, pk=pk, commune=request.commune, retired_at=None)
    booked = Appointment.objects.expected().filter(service=service, starts_at__gt=clock.now()).count()
    waiting = WaitingEntry.objects.filter(service=service, state__in=OPEN).count()
    page = "places/service_waiting.html#answer" if request.htmx else "places/service_waiting.html"
    return render(request, page, {"service": service, "booked": booked, "waiting": waiting})


@require_GET
@for_roles(Role.MANAGER)
def service_where(request: AgentRequest, pk: int) -> HttpResponse:
    service = get_object_or_404(Service, pk=pk, commune=request.commune, retired_at=None)
    now = clock.now()
    answer = read_where(service, request.commune, now)
    page = "places/service_where.html#answer" if request.htmx else "places/service_where.html"
    return render(request, page, {"service": service, "answer": answer, "now": now})
