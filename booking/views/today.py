"""« Aujourd'hui »: the day of every place, as the desk follows it and prints it."""

from datetime import date, timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agents.enums import Role
from agents.requests import AgentRequest, for_roles
from booking.diary import read_diary
from communes.fields import DayField
from config.clock import now


class DayQuery(forms.Form):
    """Which day, and of which place; what cannot be read is left out."""

    day = DayField(required=False)
    site = forms.IntegerField(required=False)


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def today(request: AgentRequest) -> HttpResponse:
    present = now()
    this_day = request.commune.local(present).date()
    query = DayQuery(request.GET)
    query.is_valid()
    on: date = query.cleaned_data.get("day") or this_day
    site_id = query.cleaned_data.get("site")
    context = {
        "on": on,
        "is_today": on == this_day,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "tomorrow": this_day + timedelta(days=1),
        "now": present,
        "sites": read_diary(commune=request.commune, on=on, site_id=site_id),
        "site_id": site_id,
    }
    template = "booking/today.html#diary" if request.htmx else "booking/today.html"
    return render(request, template, context)
