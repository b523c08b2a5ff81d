"""« Aujourd’hui »: the day of every place, as the desk follows it, and the list that it prints."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from agents.requests import AgentRequest
from booking.delays import read_awaited
from booking.enums import Status
from booking.forms.desk import LARGEST_ID
from booking.models import Appointment
from booking.pages.diary import read_diary
from booking.pages.today import read_today
from booking.pages.unrecorded import read_unrecorded
from communes.models import Site
from core.clock import now
from core.fields import DayField
from core.requests import for_roles
from core.roles import Role

SITE_CHOSEN = "today_site"
"""In the session: the place that the day is shown of, until another is chosen."""


class DayQuery(forms.Form):
    """Which day, and of which place; what cannot be read is left out."""

    day = DayField(required=False)
    noted = forms.IntegerField(required=False, max_value=LARGEST_ID)
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
    noted: int | None

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
    noted: int | None = query.cleaned_data.get("noted")
    return Asked(day or this_day, day is not None, present, this_day, sites, site, noted)


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
    late = read_awaited(commune=request.commune, now=asked.present) if day.moment else []
    context = {
        **asked.context,
        "day": day,
        "late_helpers": [each for each in late if each.delay],
        "refresh": urlencode(asked.state),
    }
    if request.htmx:
        return render(request, "today/today.html#live", context)
    if day.moment:
        context |= {
            "unrecorded": read_unrecorded(commune=request.commune, sites=asked.sites, now=asked.present),
            "noted": _noted(request, asked.noted),
        }
    return render(request, "today/today.html", context)


def _noted(request: AgentRequest, pk: int | None) -> Appointment | None:
    """The past visit that was noted with the last press, to be undone."""
    if pk is None:
        return None
    ended = Appointment.objects.filter(commune=request.commune).filter(
        Q(status=Status.NO_SHOW) | Q(status=Status.DONE, started_at=None)
    )
    return ended.select_related("resident").filter(pk=pk).first()


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def today_list(request: AgentRequest) -> HttpResponse:
    """A list per place, made to be printed: what the desk has when nothing else works."""
    asked = _read(request)
    lists = read_diary(commune=request.commune, sites=asked.sites, on=asked.on)
    return render(request, "today/list.html", {**asked.context, "lists": lists})
