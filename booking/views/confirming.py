"""The last step at the desk: the held time is booked, for a known resident or a new one, once or weekly."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from agents.requests import AgentRequest
from booking import actions
from booking.actions.series import Failed, Visit
from booking.errors import NotOffered
from booking.forms.desk import ConfirmForm, DeskQuery
from booking.forms.residents import (
    ResidentForm,
    bind_phones,
    is_writing,
    name_typed,
    newcomer,
)
from booking.forms.weekly import WeeklyChoices, read_choices
from booking.log import Actor
from booking.models import Appointment, Resident
from booking.pages.desk import Desk, read_desk
from booking.pages.lost import lost_hold
from booking.pages.weekly import Weeks, proposals, read_weeks
from booking.search import Match
from booking.views.appointment import page_of
from booking.views.choosing import who_is_alike
from booking.views.desk import BOOKERS, desk_page, keeper
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.requests import for_roles


@require_POST
@for_roles(*BOOKERS)
@announces()
def desk_confirm(request: AgentRequest) -> HttpResponse:
    """Book the held time. A new resident is recorded with it. Nothing is booked yet when the new resident's
    form is incomplete (a sentence says so), or when a known resident is much alike (a question is shown)."""
    sent, state, form = _read(request)
    drawn = _drawn(request, sent, state, form)
    if "new" in drawn and not (drawn["new"].is_valid() and drawn["phones"].is_valid()):
        problem = _("Nothing is booked yet: something is missing or wrong where you write the person down.")
        return desk_page(request, state, status=422, problem=problem, **drawn)
    if not form.is_valid():
        problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return desk_page(request, state, status=422, problem=problem, **drawn)
    if "new" not in drawn:
        return _book(request, sent, state, form, form.cleaned_data["resident"], drawn)
    who = newcomer(drawn["new"], drawn["phones"])
    if alike := _alike(request, form, drawn["new"], who):
        return desk_page(request, state, status=409, alike=alike, books=True, **drawn)
    return _book(request, sent, state, form, who, drawn)


@require_POST
@for_roles(*BOOKERS)
def desk_weeks(request: AgentRequest) -> HttpResponse:
    """The dates of weekly appointments, before they are booked: which are possible, and what is near those
    that are not. With `take`, what is proposed is chosen; nothing is booked."""
    sent, state, form = _read(request)
    drawn = _drawn(request, sent, state, form, takes="take" in sent)
    if not request.htmx:
        return desk_page(request, state, **drawn)
    response = render(request, "desk/_weeks_alone.html", {"desk": state, **drawn})
    return trigger_client_event(response, "permanence:weeks", after="settle")


def _read(request: AgentRequest) -> tuple[QueryDict, Desk, ConfirmForm]:
    """What was sent, the desk page, and the form of the last step."""
    sent = request.POST.copy()
    if known := sent.get("known"):  # the answer to the question: it is somebody who is known
        sent["resident"] = known
    state = read_desk(DeskQuery(sent, commune=request.commune), commune=request.commune, now=now())
    writing = not known and is_writing(sent)
    return sent, state, ConfirmForm(sent, commune=request.commune, keeper=keeper(request), writing=writing)


def _drawn(
    request: AgentRequest, sent: QueryDict, state: Desk, form: ConfirmForm, *, takes: bool = False
) -> dict[str, Any]:
    """What the page needs to be drawn again as it was."""
    weeks = SimpleLazyObject(partial(_weeks, state, sent, form, takes=takes))  # a booking draws nothing
    drawn: dict[str, Any] = {"typed": form, "weeks": weeks}
    if form.writing and state.resident is None:
        new = ResidentForm(sent, commune=request.commune)
        phones = bind_phones(sent, commune=request.commune)
        drawn |= {"new": new, "phones": phones, "is_writing": True, "new_name": name_typed(new)}
    return drawn


def _weeks(
    state: Desk, sent: QueryDict, form: ConfirmForm, *, takes: bool = False, refused: bool = False
) -> Weeks | None:
    """The dates of the series; None where the visit is asked for once, or no time is kept."""
    times = form.times_asked
    if state.hold is None or times == 1:
        return None
    weeks = read_weeks(state, state.hold, _choices(state, sent, state.hold, times), refused=refused)
    while takes and weeks.open:  # a week that is added may not be possible either
        sent.update(proposals(weeks))
        weeks = read_weeks(state, state.hold, _choices(state, sent, state.hold, times))
    return weeks


def _choices(state: Desk, sent: QueryDict, first: Appointment, times: int) -> WeeklyChoices:
    return read_choices(sent, first=first, times=times, commune=state.commune)


def _alike(
    request: AgentRequest, form: ConfirmForm, new: ResidentForm, who: actions.NewResident
) -> list[Match]:
    """Known residents who may be the same person; none if the time has just been booked for the new
    resident."""
    alike = who_is_alike(request, new, who)
    if alike:
        held = form.cleaned_data["hold"]
        held.refresh_from_db()  # looked at last: by now a first press may have recorded them
        if actions.is_booked_for(held, who):
            return []
    return alike


def _book(
    request: AgentRequest,
    sent: QueryDict,
    state: Desk,
    form: ConfirmForm,
    who: Resident | actions.NewResident,
    drawn: dict[str, Any],
) -> HttpResponse:
    asked = form.cleaned_data
    choices = _choices(state, sent, asked["hold"], form.times_asked)
    try:
        booked = actions.book_kept(
            appointment=asked["hold"],
            resident=who,
            following=_visits(state, asked["hold"], choices),
            note=asked["note"],
            beside=asked["beside"] | choices.beside,
            by=Actor.agent(request.user),
            now=now(),
        )
    except PermanenceError as error:
        refused: list[Failed] = error.details.get("failed", [])
        if len(refused) == 1 and refused[0].start == asked["hold"].starts_at and not refused[0].others:
            drawn["lost"] = lost_hold(state, refused[0])
            return desk_page(request, state, status=error.http_status, **drawn)
        drawn["weeks"] = _weeks(state, sent, form, refused=True)
        return desk_page(request, state, status=error.http_status, problem=str(error), **drawn)
    if state.known_talk is not None:  # something suited after all
        actions.forget_unmet(commune=request.commune, talk=state.known_talk, service=booked[0].service)
    done = ngettext("The appointment is booked.", "The %(n)s appointments are booked.", len(booked))
    messages.success(request, done % {"n": len(booked)})
    return redirect(page_of(request, booked[0]))


def _visits(state: Desk, first: Appointment, choices: WeeklyChoices) -> list[Visit]:
    """What follows the first visit. Raises NotOffered for what no longer can be chosen, such as a time at a
    place that was closed for good."""
    if choices.unread:
        raise NotOffered
    elsewhere = {site_id for site_id, _start in choices.following if site_id not in (None, first.site_id)}
    sites = state.commune.sites.filter(is_active=True).in_bulk(elsewhere) if elsewhere else {}
    if len(sites) < len(elsewhere):
        raise NotOffered
    sites[first.site_id] = first.site
    return [(sites[site_id or first.site_id], start) for site_id, start in choices.following]
