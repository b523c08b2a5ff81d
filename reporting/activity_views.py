"""« Mes comptes rendus »: for each helper, what they write a second time on the national platform."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents.requests import AgentRequest
from core import clock
from core.requests import for_roles
from core.roles import Role
from reporting.activities import HEAD, Activity, file_rows, read_activities
from reporting.figures.periods import Period, PeriodKind, period_of
from reporting.figures.rows import as_csv
from reporting.figures.words import title
from reporting.forms import MonthForm


@dataclass(frozen=True)
class Month:
    period: Period
    activities: list[Activity]
    is_present: bool


def _read(request: AgentRequest) -> Month:
    """The month that is asked for; what cannot be read is the present one."""
    present = clock.now()
    today = request.commune.local(present).date()
    period = period_of(PeriodKind.MONTH, MonthForm(request.GET).chosen or today)
    found = read_activities(agent=request.user, commune=request.commune, period=period, now=present)
    return Month(period, found, period.first <= today < period.end)


@for_roles(Role.HELPER)
@require_safe
def my_activities(request: AgentRequest) -> HttpResponse:
    month = _read(request)
    context = {
        "activities": month.activities,
        "head": HEAD,
        "title": title(month.period),
        "before": month.period.before(),
        "after": None if month.is_present else month.period.after(),
        "file": f"{reverse('my-activities-csv')}?day={month.period.first}",
        "insee": request.commune.insee_code,
        "unnoted": sum(not each.is_noted for each in month.activities),
    }
    return render(request, "figures/activities.html", context)


@for_roles(Role.HELPER)
@require_safe
def my_activities_csv(request: AgentRequest) -> HttpResponse:
    """The codes, a session a line."""
    month = _read(request)
    response = HttpResponse(
        as_csv(file_rows(month.activities), head=HEAD), content_type="text/csv; charset=utf-8"
    )
    name = f"comptes-rendus-{month.period.first:%Y-%m}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
