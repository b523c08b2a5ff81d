"""A helper's coming week, and the service worker that shows their day without network."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from agents.requests import AgentRequest
from booking.forms.my_day import MyDayQuery
from booking.pages.my_week import read_my_week
from booking.views.my_day import helpers
from core.clock import now
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import WORKING


@require_GET
@helpers
def my_week(request: AgentRequest) -> HttpResponse:
    present = now()
    week = read_my_week(
        agent=request.user,
        commune=request.commune,
        memberships=request.memberships,
        first=MyDayQuery(request.GET).read["day"] or request.commune.local(present).date(),
        now=present,
    )
    shows(request, Shown.DAY, [visit.resident_id for day in week.days for visit in day.visits])
    return render(request, "my_day/week.html", {"week": week})


@require_GET
@for_roles(*WORKING)
def worker(request: AgentRequest) -> HttpResponse:
    """The service worker. It is served below /ma-journee/, so that it controls only those pages. A
    browser that has it asks for it again, also for the next agent who logs in there: nothing of anyone is
    in it."""
    context = {"page": reverse("my-day")}
    response = render(request, "my_day/service_worker.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
