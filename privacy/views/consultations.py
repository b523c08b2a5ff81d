"""« Qui a consulté »: the manager reads who looked at whose record; an agent reads their own."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.requests import AgentRequest
from core.clock import now
from core.errors import PermanenceError
from core.looked import Shown, shows, shows_list
from core.requests import for_roles
from core.roles import Role
from privacy import actions
from privacy.forms.consultations import LookedForm
from privacy.looked.reading import LookedQuery
from privacy.models import ConsultationAlarm
from privacy.pages.consultations import (
    LookedLine,
    LookedPage,
    count_open,
    open_alarms,
    own_rows,
    read_all,
    read_page,
)
from reporting.figures.rows import as_csv

managers = for_roles(Role.MANAGER)
OWN = 100


@require_safe
@managers
def consultations(request: AgentRequest) -> HttpResponseBase:
    form = _form(request)
    is_wrong = form.is_bound and not form.is_valid()
    found = LookedPage([], 1, has_more=False) if is_wrong else read_page(request.commune, form.query)
    shows(request, Shown.LOOKED, found.residents)
    if form.person is not None:
        shows(request, Shown.LOOKED, [form.person.pk])
    context = {
        "form": form,
        "found": found,
        "person": form.person,
        "query": None if is_wrong else form.query,
        "alarms": open_alarms(request.commune, reader=request.user),
        "address": "" if is_wrong else urlencode(_asked(form.query)),
    }
    return render(request, "privacy/consultations.html", context, status=422 if is_wrong else 200)


@require_safe
@managers
def consultations_csv(request: AgentRequest) -> HttpResponseBase:
    """The same as a file, with the number of each record in place of the name."""
    form = _form(request)
    if form.is_bound and not form.is_valid():
        return redirect("consultations")
    lines = read_all(request.commune, form.query)
    shows_list(request, Shown.LOOKED)
    head = [_("Day"), _("Hour"), _("Agent"), _("On what"), _("Page before"), _("Number of the record")]
    response = HttpResponse(as_csv(_cells(request, lines), head=head), content_type="text/csv; charset=utf-8")
    name = f"consultations-{form.query.since}-{form.query.until}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(request: AgentRequest, lines: list[LookedLine]) -> Iterator[list[str | int]]:
    for line in lines:
        at = request.commune.local(line.row.at)
        whose = line.person.pk if line.person else ""
        what = str(line.row.get_kind_display())
        yield [at.date().isoformat(), f"{at:%H:%M:%S}", line.agent, what, str(line.origin), whose]


def _form(request: AgentRequest) -> LookedForm:
    today = request.commune.local(now()).date()
    form = LookedForm(request.GET or None, commune=request.commune, today=today)
    if not form.is_bound:
        form.initial.update(since=form.query.since, until=form.query.until)
    return form


def _asked(query: LookedQuery) -> dict[str, object]:
    asked = {
        "since": query.since,
        "until": query.until,
        "agent": query.agent,
        "kind": query.kind,
        "resident": query.resident,
    }
    return {name: value for name, value in asked.items() if value}


@require_POST
@managers
def alarm_seen(request: AgentRequest, pk: int) -> HttpResponseBase:
    """A manager says that they looked into it."""
    alarm = get_object_or_404(ConsultationAlarm, pk=pk, commune=request.commune)
    try:
        actions.see_alarm(alarm=alarm, by=request.user, now=now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted: you looked into it."))
    return redirect("consultations")


@require_safe
@managers
def alarm_count(request: AgentRequest) -> HttpResponseBase:
    """How many alarms a manager still has to look into; empty if none."""
    count = count_open(request.commune, reader=request.user)
    return render(request, "privacy/alarm_count.html", {"count": count})


@require_safe
@for_roles()
def my_consultations(request: AgentRequest) -> HttpResponseBase:
    """What is noted of the agent's own consultations, in this commune: the last ones, without names."""
    lines = own_rows(request.user, request.commune, limit=OWN)
    context = {"lines": lines, "most": OWN, "months": request.commune.consultations_months}
    return render(request, "privacy/my_consultations.html", context)
