"""« Aujourd’hui »: the day of every site for the desk, and its printed list."""

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
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role

SITE_CHOSEN = "today_site"
"""Session key: the site whose day is shown, until another is chosen."""


class DayQuery(forms.Form):
    """The day and the site; a part that cannot be read is left out."""

    day = DayField(required=False)
    noted = forms.IntegerField(required=False, max_value=LARGEST_ID)
    site = forms.IntegerField(required=False)


@dataclass(frozen=True)
class Asked:
    """What the page was asked for. `is_chosen`: it was asked for a day; else it shows the present one."""

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
        """The version of the page: the day, the present minute, and the versions of the sites."""
        versions = ".".join(f"{site.pk}-{site.version}" for site in self.sites)
        return f"{self.on}.{self.present:%H%M}.{versions}"

    @property
    def kind(self) -> Shown:
        """How the list of this day counts among the consultations: one that is over is nobody's work."""
        return Shown.PAST_DAY if self.on < self.this_day else Shown.DAY

    @property
    def state(self) -> dict[str, Any]:
        """The query parameters with which the page refreshes itself."""
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
    """The page of the day; for htmx, its live part alone, or 204 if it has not changed."""
    asked = _read(request)
    seen = request.GET.get("seen", "")
    if request.htmx and seen == asked.seen:
        return HttpResponse(status=204)
    if request.htmx and not seen.startswith(str(asked.on)):
        return HttpResponseClientRefresh()  # the page was left open overnight
    day = read_today(commune=request.commune, sites=asked.sites, on=asked.on, now=asked.present)
    shows(request, asked.kind, day.residents)
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
        shows(request, Shown.DAY, [each.resident_id for each in context["unrecorded"].visits])
        if context["noted"] is not None:
            shows(request, Shown.PAST_DAY, [context["noted"].resident_id])
    return render(request, "today/today.html", context)


def _noted(request: AgentRequest, pk: int | None) -> Appointment | None:
    """The past visit that the agent has just recorded, so that it can be undone."""
    if pk is None:
        return None
    ended = Appointment.objects.filter(commune=request.commune).filter(
        Q(status=Status.NO_SHOW) | Q(status=Status.DONE, started_at=None)
    )
    return ended.select_related("resident").filter(pk=pk).first()


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def today_list(request: AgentRequest) -> HttpResponse:
    """One list per site, to be printed, for when the computers do not work."""
    asked = _read(request)
    lists = read_diary(commune=request.commune, sites=asked.sites, on=asked.on)
    shows(request, asked.kind, [line.appointment.resident_id for each in lists for line in each.lines])
    return render(request, "today/list.html", {**asked.context, "lists": lists})
