"""« Aujourd’hui »: the day of every place, as the desk follows it, and the list that it prints."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from agents.enums import Role
from agents.requests import AgentRequest, for_roles
from booking.diary import read_diary
from booking.today import read_today
from communes.fields import DayField
from communes.models import Site
from config.clock import now

SITE_CHOSEN = "today_site"
"""In the session: the place that the day is shown of, until another is chosen."""


class DayQuery(forms.Form):
    """Which day, and of which place; what cannot be read is left out."""

    day = DayField(required=False)
    site = forms.IntegerField(required=False)


@dataclass(frozen=True)
class Asked:
    """`is_chosen`: the day was asked for; else it is the present one, whichever that will be."""

    on: date
    is_chosen: bool
    present: datetime
    this_day: date
    every_site: list[Site]
    site: Site | None

    @property
    def sites(self) -> list[Site]:
        return self.every_site if self.site is None else [self.site]

    @property
    def seen(self) -> str:
        """What the page shows: the day of these places as they stand, this minute."""
        versions = ".".join(f"{site.pk}-{site.version}" for site in self.sites)
        return f"{self.on}.{self.present:%H%M}.{versions}"

    @property
    def state(self) -> dict[str, Any]:
        """What the page asks when it refreshes itself."""
        day = {"day": self.on.isoformat()} if self.is_chosen else {}
        return {**day, "site": self.site.pk if self.site else "", "seen": self.seen}

    @property
    def context(self) -> dict[str, Any]:
        return {
            "on": self.on,
            "is_today": self.on == self.this_day,
            "before": self.on - timedelta(days=1),
            "after": self.on + timedelta(days=1),
            "tomorrow": self.this_day + timedelta(days=1),
            "now": self.present,
            "every_site": self.every_site,
            "site": self.site,
        }


def _read(request: AgentRequest) -> Asked:
    present = now()
    this_day = request.commune.local(present).date()
    query = DayQuery(request.GET)
    query.is_valid()
    sites = list(request.commune.sites.filter(is_active=True).prefetch_related("cabins"))
    chosen = request.session.get(SITE_CHOSEN)
    if "site" in request.GET and (asked := query.cleaned_data.get("site")) != chosen:
        chosen = request.session[SITE_CHOSEN] = asked
    site = next((site for site in sites if site.pk == chosen), None)
    day: date | None = query.cleaned_data.get("day")
    return Asked(day or this_day, day is not None, present, this_day, sites, site)


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def today(request: AgentRequest) -> HttpResponse:
    """The day, or as a fragment what is live of it; nothing (204) when what is on the page still holds."""
    asked = _read(request)
    seen = request.GET.get("seen", "")
    if request.htmx and seen == asked.seen:
        return HttpResponse(status=204)
    if request.htmx and not seen.startswith(str(asked.on)):
        return HttpResponseClientRefresh()  # left open overnight: today is another day
    day = read_today(commune=request.commune, sites=asked.sites, on=asked.on, now=asked.present)
    context = {**asked.context, "day": day, "refresh": urlencode(asked.state)}
    template = "booking/today.html#live" if request.htmx else "booking/today.html"
    return render(request, template, context)


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def today_list(request: AgentRequest) -> HttpResponse:
    """A list per place, made to be printed: what the desk has when nothing else works."""
    asked = _read(request)
    lists = read_diary(commune=request.commune, sites=asked.sites, on=asked.on)
    return render(request, "booking/today_list.html", {**asked.context, "lists": lists})
