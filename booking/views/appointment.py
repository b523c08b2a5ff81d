"""One appointment: its details, its possible changes, its log, and its printed slip."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.actions.altering import MAY_CHANGE
from booking.enums import Status
from booking.errors import OtherVisit, ResidentBusy, StatusRefused
from booking.forms.altering import advised_minutes
from booking.forms.desk import IdsField
from booking.forms.my_day import ExtendForm
from booking.log import Actor
from booking.models import Appointment
from booking.pages.my_day import EXTENSIONS_MIN
from booking.pages.series import read_series
from booking.pages.slip import calendar_entry, qr_svg
from booking.pages.story import read_story
from booking.pages.visit_note import note_form
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.form_errors import errors_of
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from core.templatetags.times import hour_in_sentence

STAFF = (Role.DESK, Role.MANAGER, Role.HELPER)
DAY_PAGES = {"today": "today", "list": "today-list"}


def find(request: AgentRequest, pk: int, kind: Shown = Shown.APPOINTMENT) -> Appointment:
    """The appointment, if this agent may see and change it; else a 404. A page that is then drawn shows whose
    it is: on that kind of page."""
    appointments = Appointment.objects.visible().filter(commune=request.commune)
    if not request.membership.roles & {Role.DESK, Role.MANAGER}:
        appointments = appointments.filter(helper=request.user)
    found = get_object_or_404(
        appointments.select_related("commune", "site", "cabin", "service", "helper", "resident"), pk=pk
    )
    shows(request, kind, [found.resident_id])
    return found


def page_of(request: AgentRequest, appointment: Appointment) -> str:
    """The address of the appointment's page. A helper does not open those of colleagues: for them it is the
    booking page, with its resident."""
    is_office = bool(request.membership.roles & {Role.DESK, Role.MANAGER})
    if is_office or appointment.helper_id == request.user.pk:
        return reverse("appointment", args=[appointment.pk])
    whose = f"?resident={appointment.resident_id}" if appointment.resident_id else ""
    return reverse("desk") + whose


def require_as_shown(request: AgentRequest, found: Appointment) -> None:
    """Raise StatusRefused if a colleague has moved the appointment or given it to another resident since
    the page was shown: the agent pressed the button for another person or time. Merged records count as
    one person."""
    if "shown" not in request.POST:
        return
    whose, _slash, start = request.POST["shown"].partition("/")
    if not actions.is_same_person(read_id(whose) if whose else None, found):
        raise StatusRefused(gettext("Somebody else was faster: look whose appointment it is now."))
    if start != found.shown.partition("/")[2]:
        raise StatusRefused


@require_GET
@for_roles(*STAFF)
def appointment(request: AgentRequest, pk: int) -> HttpResponse:
    shown = find(request, pk)
    return appointment_page(request, shown, others=_beside(shown) if "restore" in request.GET else [])


def appointment_page(
    request: AgentRequest, shown: Appointment, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of an appointment; `more`: what is to be changed on it."""
    local = request.commune.local
    context = {
        "appointment": shown,
        "usual_min": advised_minutes(shown.service, 1),
        "story": read_story(shown),
        "series": read_series(shown),
        "note_form": note_form(shown, now()),
        "phones": shown.resident.phones.all() if shown.resident else [],
        "grace_left_s": _left_s(shown),
        "is_past": shown.ends_at <= now(),
        "has_begun": shown.starts_at <= now(),
        "can_change": shown.status in MAY_CHANGE and shown.ends_at > now(),
        "is_of_the_past": local(shown.ends_at).date() < local(now()).date(),
        "is_today": local(shown.starts_at).date() == local(now()).date(),
        **_longer(shown),
        **more,
    }
    return render(request, "appointment/appointment.html", context, status=status)


def _longer(shown: Appointment) -> dict[str, Any]:
    """How long a session that runs can still last, as its helper reads it; else why it ends where it does."""
    if shown.status != Status.IN_SESSION:
        return {}
    present = now()
    limit = actions.session_limit(shown, present)
    return {
        "extensions": actions.possible_extensions(shown, limit, EXTENSIONS_MIN, present),
        "no_longer": limit.text(shown.commune) if limit else "",
    }


def _beside(shown: Appointment) -> list[OtherVisit]:
    """What the person has by now at the time of an appointment that is to be restored."""
    if shown.resident is None or not shown.is_called_off:
        return []
    return actions.visits_at(shown.resident, shown.starts_at, shown.ends_at, besides=shown.pk)


def _left_s(shown: Appointment) -> int:
    """The seconds until the cancellation of an appointment is final; 0 if it is not being cancelled."""
    return max(0, int((shown.cancel_at - now()).total_seconds())) if shown.cancel_at else 0


@require_GET
@for_roles(*STAFF)
def slip(request: AgentRequest, pk: int) -> HttpResponse:
    """The A6 slip that a resident takes home."""
    shown = find(request, pk, Shown.SLIP)
    return render(request, "slip/slip.html", {"appointment": shown, "qr": qr_svg(calendar_entry(shown))})


def changing(
    done: str | Promise, verb: Callable[..., Any], *, label: str | Promise = "", **fixed: Any
) -> Callable[..., HttpResponseBase]:
    """Make a view that changes one appointment, shows the message `done`, and returns to the page before.
    `label`: of its button, where messages leave that are to be shown first."""

    def view(request: AgentRequest, pk: int) -> HttpResponse:
        found = find(request, pk)
        try:
            require_as_shown(request, found)
            verb(appointment=found, by=Actor.agent(request.user), now=now(), **fixed)
        except PermanenceError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(done))
        return redirect(back_to(request.POST.get("back", ""), request, found))

    return require_POST(for_roles(*STAFF)(announces(label)(view) if label else view))


def back_to(back: str, request: AgentRequest, changed: Appointment) -> str:
    """The URL of the page where the button was: the resident's desk page, the day page, its list, its
    unrecorded visits, or the appointment's own page."""
    if back == "unrecorded":
        is_noted = changed.status in (Status.DONE, Status.NO_SHOW)
        return reverse("today") + (f"?noted={changed.pk}" if is_noted else "") + "#unrecorded"
    if back in DAY_PAGES:
        on, today = (request.commune.local(at).date() for at in (changed.starts_at, now()))
        return reverse(DAY_PAGES[back]) + (f"?day={on}" if on != today else "")
    if back == str(changed.resident_id):
        return f"{reverse('desk')}?resident={back}"
    return reverse("appointment", args=[changed.pk])


@require_POST
@for_roles(*STAFF)
@announces(_("Undo the cancellation"))
def restore(request: AgentRequest, pk: int) -> HttpResponse:
    """Undo a cancellation. Where the person has another visit at that time by now, the agent is asked."""
    found = find(request, pk)
    beside = IdsField(required=False).clean(request.POST.get("beside", ""))
    try:
        require_as_shown(request, found)
        actions.restore(appointment=found, beside=beside, by=Actor.agent(request.user), now=now())
    except ResidentBusy:
        return redirect(f"{reverse('appointment', args=[pk])}?restore=1")
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The appointment stands again."))
    return redirect(back_to(request.POST.get("back", ""), request, found))


@require_POST
@for_roles(*STAFF)
def extend(request: AgentRequest, pk: int) -> HttpResponse:
    """Give a session that runs more time."""
    found, form = find(request, pk), ExtendForm(request.POST)
    if form.is_valid():
        try:
            require_as_shown(request, found)
            actions.extend(appointment=found, by=Actor.agent(request.user), now=now(), **form.cleaned_data)
        except PermanenceError as refused:
            messages.error(request, str(refused))
        else:
            until = hour_in_sentence(request.commune.local(found.ends_at))
            messages.success(request, gettext("The session lasts until %(time)s.") % {"time": until})
    else:
        for error in errors_of([form]):
            messages.error(request, error.text)
    return redirect(back_to(request.POST.get("back", ""), request, found))


confirm = changing(_("The appointment is confirmed."), actions.confirm)
check_in = changing(_("The arrival is noted."), actions.check_in)
undo_check_in = changing(_("The arrival is undone."), actions.undo_check_in)
undo_start = changing(_("The start is undone."), actions.undo_start)
end = changing(_("The session is over."), actions.end_session)
undo_end = changing(_("The session goes on."), actions.undo_end)
no_show = changing(_("The absence is noted."), actions.mark_no_show)
undo_no_show = changing(_("The absence is undone."), actions.undo_no_show)
came = changing(_("The visit is noted."), actions.record_attendance)
undo_came = changing(_("The note is undone."), actions.undo_came)
