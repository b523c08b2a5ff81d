"""« Pannes »: what does not work in the cabins, what is done about it, and the share of time in order."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from communes import incident_actions as actions
from communes.enums import Equipment, IncidentKind
from communes.in_order import month_starts, shares
from communes.incident_forms import EndEditForm, EndForm, ReportForm
from communes.models import Cabin, Incident, Service
from communes.models.incidents import IncidentQuerySet
from communes.requests import CommuneRequest, communes_in_care
from core import clock
from core.announcing import announces
from core.edits import EditConflict
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import WORKING, Role

MONTHS = 6
SHOWN = 100
_RECENT = timedelta(days=14)


def _incidents(request: CommuneRequest) -> IncidentQuerySet:
    related = ("commune", "cabin", "site__commune", "opened_by", "taken_by", "confirmed_by", "closed_by")
    return Incident.objects.filter(commune__in=communes_in_care(request)).select_related(*related)


def _incident(request: CommuneRequest, pk: int) -> Incident:
    return get_object_or_404(_incidents(request), pk=pk)


@require_GET
@for_roles(*WORKING)
def faults(request: CommuneRequest) -> HttpResponse:
    """What is open, and what was closed in the last fortnight. The page asks again by itself, with what it
    shows (`seen`): nothing is drawn, or said by a screen reader, while nothing has changed."""
    now = clock.now()
    open_now = list(_incidents(request).open().in_use(now))
    # Those whose end has passed first: they wait for an answer.
    open_now.sort(key=lambda each: (not each.is_passed(now), each.opened_at))
    closed = list(_incidents(request).filter(closed_at__gt=now - _RECENT).order_by("-closed_at"))
    shown = _fingerprint([(each, each.is_passed(now)) for each in (*open_now, *closed)])
    if request.htmx and request.GET.get("seen") == shown:
        return HttpResponse(status=204)
    context = {
        "open": [(each, each.is_passed(now)) for each in open_now],
        "closed": closed,
        "shown": shown,
    }
    if request.htmx:
        return render(request, "faults/faults.html#lists", {**context, "is_news": True})
    has_cabins = Cabin.objects.filter(site__commune__in=communes_in_care(request)).exists()
    return render(request, "faults/faults.html", {**context, "has_cabins": has_cabins})


def _fingerprint(rows: list[tuple[Incident, bool]]) -> str:
    """Another one if the list says anything else of one of these faults."""
    said = [
        (each.pk, each.kind, each.note, each.taken_by_id, *_instants(each), passed) for each, passed in rows
    ]
    return sha256(repr(said).encode()).hexdigest()[:16]


def _instants(incident: Incident) -> tuple[datetime | None, ...]:
    return incident.confirmed_at, incident.expected_end_at, incident.closed_at


@require_GET
@for_roles(*WORKING)
def fault_history(request: CommuneRequest, pk: int | None = None) -> HttpResponse:
    """All faults of the last months, of one cabin or of all, with the share of opening time in order."""
    now, cabin = clock.now(), None
    communes = communes_in_care(request)
    cabins = Cabin.objects.filter(site__commune__in=communes).select_related("site__commune")
    rows = _incidents(request)
    months = month_starts(request.commune, now, MONTHS)
    if pk is not None:
        cabin = get_object_or_404(cabins, pk=pk)
        cabins, rows = cabins.filter(pk=pk), rows.filter(cabin=cabin)
    context = {
        "cabin": cabin,
        "months": months,
        "shares": [
            each
            for commune in communes
            for each in shares(commune, list(cabins.filter(site__commune=commune)), months, now)
        ],
        "incidents": rows[:SHOWN],
        "now": now,
    }
    return render(request, "faults/history.html", context)


@for_roles(*WORKING)
def fault_new(request: CommuneRequest) -> HttpResponse:
    """« Signaler une panne » by an agent, who may confirm it at once."""
    now = clock.now()
    known = Cabin.objects.filter(site__commune__in=communes_in_care(request))
    asked = request.GET.get("cabin", "")
    cabin = known.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
    form = ReportForm(request.POST or None, cabins=known, tz=request.commune.tz, cabin=cabin, now=now)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            incident, is_new = actions.report_fault(
                cabin=values["cabin"],
                kind=IncidentKind(values["kind"]),
                note=values["note"],
                by=request.user,
                now=now,
            )
            if values["seen"]:
                _confirm(request, incident, form.end, now)
        except PermanenceError as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("The fault is reported.") if is_new else _("This fault was reported already.")
            messages.success(request, said)
            return redirect("fault", incident.pk)
    context = {"form": form, "has_cabins": known.exists()}
    return render(request, "faults/new.html", context, status=422 if form.is_bound else 200)


@require_GET
@for_roles(*WORKING)
def fault(request: CommuneRequest, pk: int) -> HttpResponse:
    return _page(request, _incident(request, pk))


@require_POST
@for_roles(*WORKING)
def fault_take(request: CommuneRequest, pk: int) -> HttpResponse:
    def do(incident: Incident, now: datetime) -> str:
        if actions.take_fault(incident=incident, by=request.user, now=now):
            return _("You take care of it: your colleagues see it.")
        return _("A colleague takes care of it already.")

    return _done(request, pk, do)


@require_POST
@for_roles(*WORKING)
def fault_confirm(request: CommuneRequest, pk: int) -> HttpResponse:
    incident, now = _incident(request, pk), clock.now()
    form = EndForm(request.POST, tz=incident.commune.tz, now=now)
    if not form.is_valid():
        return _page(request, incident, confirm=form)

    def do(incident: Incident, now: datetime) -> str:
        if not _confirm(request, incident, form.end, now):
            return ""
        if incident.withdraws:
            return _(
                "Confirmed: what needs it is not offered there. Visits that need it are to be placed again."
            )
        return _("Confirmed. The cabin is offered all the same.")

    return _done(request, pk, do)


@require_POST
@for_roles(*WORKING)
@announces(gettext_lazy("Change the end"))
def fault_end(request: CommuneRequest, pk: int) -> HttpResponse:
    incident, now = _incident(request, pk), clock.now()
    form = EndEditForm(request.POST, incident=incident, tz=incident.commune.tz, now=now)
    if not form.is_valid():
        return _page(request, incident, change=form)
    edit = form.edit(by=request.user, at=now)
    try:
        end = form.chosen_values().get("end", incident.end)
        is_other = actions.change_fault_end(incident=incident, end=end, edit=edit, now=now)
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
        return _page(request, incident, change=form)
    except PermanenceError as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("The expected end is changed.") if is_other else _("It is so already: nothing was changed.")
        messages.success(request, form.saved_text(said, edit))
    return redirect("fault", pk)


@require_POST
@for_roles(*WORKING)
@announces(gettext_lazy("It works again"))
def fault_close(request: CommuneRequest, pk: int) -> HttpResponse:
    def do(incident: Incident, now: datetime) -> str:
        was_fault = incident.confirmed_at is not None
        if not actions.close_fault(incident=incident, by=request.user, now=now):
            return _("A colleague has said so already.")
        if was_fault and incident.withdraws:
            return _("It works again: it is offered from now on.")
        return _("The fault is closed.")

    return _done(request, pk, do)


def _confirm(request: CommuneRequest, incident: Incident, end: datetime | None, now: datetime) -> bool:
    """False if a colleague was faster; what they said otherwise is pointed out."""
    is_first = actions.confirm_fault(incident=incident, end=end, by=request.user, now=now)
    if not is_first and incident.expected_end_at != end:
        said = _("A colleague has confirmed it already with another end, which is kept: change it below.")
        messages.warning(request, said)
    elif not is_first:
        messages.success(request, _("A colleague has confirmed it already."))
    return is_first


def _done(request: CommuneRequest, pk: int, do: Any) -> HttpResponse:
    incident = _incident(request, pk)
    try:
        if said := do(incident, clock.now()):
            messages.success(request, said)
    except PermanenceError as refusal:
        messages.error(request, str(refusal))
    return redirect("fault", pk)


def _page(
    request: CommuneRequest,
    incident: Incident,
    *,
    confirm: EndForm | None = None,
    change: EndEditForm | None = None,
) -> HttpResponse:
    now, tz = clock.now(), incident.commune.tz
    concerned = [
        service
        for service in Service.objects.active().filter(commune=incident.commune)
        if incident.withdraws & set(service.equipment_needed)
    ]
    form = confirm or change
    context = {
        "incident": incident,
        "is_passed": incident.is_passed(now),
        "withdraws": [Equipment(code).label for code in sorted(incident.withdraws)],
        "concerned": concerned,
        "can_place": bool(request.membership.roles & {Role.DESK, Role.MANAGER}),
        "steps": incident.steps.select_related("by"),
        "confirm": None,
        "change": None,
    }
    if confirm or (incident.is_open and incident.confirmed_at is None):
        context["confirm"] = confirm or EndForm(tz=tz, now=now)
    elif incident.is_open:
        context["change"] = change or EndEditForm(incident=incident, tz=tz, now=now)
    status = 200 if form is None else getattr(form, "status", 422)
    with timezone.override(tz):  # a technician may work in another commune now
        return render(request, "faults/fault.html", context, status=status)
