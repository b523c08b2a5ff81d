"""« Demandes »: the register of requests, for the manager; and writing one down, for the desk too."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from booking.models import Resident
from booking.search import search as search_residents
from core.clock import now
from core.errors import PermanenceError
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from core.templatetags.times import day_month_year
from privacy import actions
from privacy.deadlines import SOON_DAYS
from privacy.forms.requests import FilterForm, RefusalForm, RequestForm
from privacy.models import RightsRequest
from privacy.pages.consultations import count_open
from privacy.pages.register import CSV_HEAD, count_due, csv_rows, read_register
from privacy.views.rights import OFFICE
from reporting.figures.rows import as_csv


def _find(request: AgentRequest, pk: int) -> RightsRequest:
    return get_object_or_404(RightsRequest.objects.filter(commune=request.commune), pk=pk)


@require_GET
@for_roles(Role.MANAGER)
def register(request: AgentRequest) -> HttpResponseBase:
    form = FilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = read_register(
        request.commune,
        state=chosen.get("state", ""),
        right=chosen.get("right", ""),
        page=request.GET.get("page", "1"),
        now=now(),
    )
    shows(request, Shown.REQUESTS, [row.row.resident_id for row in found.rows])
    context = {"register": found, "form": form, "is_filtered": any(chosen.values())}
    return render(request, "privacy/requests.html", context)


@require_GET
@for_roles(Role.MANAGER)
def register_csv(request: AgentRequest) -> HttpResponseBase:
    """The register for a spreadsheet, without a name."""
    response = HttpResponse(as_csv(csv_rows(request.commune), CSV_HEAD), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="demandes.csv"'
    return response


@require_GET
@for_roles(Role.MANAGER)
def register_count(request: AgentRequest) -> HttpResponseBase:
    """For the bar: how many requests must be answered soon; empty if none."""
    count = count_due(request.commune, days=SOON_DAYS, now=now())
    return render(request, "privacy/requests_count.html", {"count": count})


@require_GET
@for_roles(Role.MANAGER)
def bar_count(request: AgentRequest) -> HttpResponseBase:
    """Beside « Réglages »: what a manager has to look into or to answer soon; empty if there is nothing."""
    alarms = count_open(request.commune, reader=request.user)
    requests = count_due(request.commune, days=SOON_DAYS, now=now())
    return render(request, "privacy/bar_count.html", {"alarms": alarms, "requests": requests})


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*OFFICE)
def request_new(request: AgentRequest) -> HttpResponseBase:
    """Write down what somebody asked for, with their record or without."""
    today = request.commune.local(now()).date()
    resident = _known(request, request.POST.get("resident") or request.GET.get("resident"))
    initial = {"resident": resident.pk if resident else None}
    sent = request.POST if request.method == "POST" else None
    form = RequestForm(sent, commune=request.commune, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        right, came_by = form.chosen
        row = actions.open_request(
            commune=request.commune,
            right=right,
            came_by=came_by,
            asked_on=form.cleaned_data["asked_on"],
            resident=form.cleaned_data["resident"],
            by=request.user,
            now=now(),
        )
        said = _("Written down: the person must have an answer by %(day)s, this day included.")
        messages.success(request, said % {"day": day_month_year(row.due_on)})
        if not row.resident_id:
            # The register has no name: two letters of one day would look alike.
            messages.info(request, _("Write no. %(n)s on their letter, to know it again.") % {"n": row.pk})
        if row.resident_id:
            return redirect("resident", row.resident_id)
        return redirect("rights-requests" if request.membership.is_manager else "desk")
    return _new_page(request, form, resident, status=422 if form.is_bound else 200)


def _known(request: AgentRequest, text: str | None) -> Resident | None:
    residents = Resident.objects.current().filter(commune=request.commune)
    return residents.filter(pk=read_id(text)).first() if text else None


def _new_page(
    request: AgentRequest, form: RequestForm, resident: Resident | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    shows(request, Shown.RECORD, [resident.pk if resident else None])
    context = {"form": form, "resident": resident, **more}
    return render(request, "privacy/request_new.html", context, status=status)


@require_POST
@for_roles(*OFFICE)
def request_find(request: AgentRequest) -> HttpResponseBase:
    """Look for the person by POST: names and numbers must not appear in addresses and logs."""
    found = search_residents(commune=request.commune, text=request.POST.get("q", ""), now=now())
    shows(request, Shown.SEARCH, [match.resident.pk for match in found.residents])
    today = request.commune.local(now()).date()
    form = RequestForm(commune=request.commune, today=today)
    return _new_page(request, form, None, found=found)


@require_POST
@for_roles(Role.MANAGER)
def request_close(request: AgentRequest, pk: int) -> HttpResponseBase:
    row = _find(request, pk)
    try:
        actions.close_request(request=row, by=request.user, now=now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The request is answered."))
    return redirect("rights-requests")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def request_refuse(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Say why a request is not met."""
    row = _find(request, pk)
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.refuse_request(request=row, why=form.chosen, by=request.user, now=now())
        except PermanenceError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The request is refused. Tell the person why."))
        return redirect("rights-requests")
    context = {"row": row, "form": form}
    return render(request, "privacy/request_refuse.html", context, status=422 if form.is_bound else 200)


@require_POST
@for_roles(Role.MANAGER)
def request_extend(request: AgentRequest, pk: int) -> HttpResponseBase:
    try:
        row = actions.extend_request(request=_find(request, pk))
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        said = _("There is time until %(day)s. Tell the person why, within the first month.")
        messages.success(request, said % {"day": day_month_year(row.due_on)})
        if not row.resident_id:
            # The register has no name: two letters of one day would look alike.
            messages.info(request, _("Write no. %(n)s on their letter, to know it again.") % {"n": row.pk})
    return redirect("rights-requests")


@require_POST
@for_roles(Role.MANAGER)
def request_reopen(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Take back that it is answered, or refused."""
    try:
        actions.reopen_request(request=_find(request, pk), now=now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The request is open again."))
    return redirect("rights-requests")
