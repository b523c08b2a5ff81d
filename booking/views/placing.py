"""A gap of the day was clicked: a visit begins there now, or is booked for later."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.enums import EventKind, Status
from booking.errors import OtherVisit
from booking.forms.desk import HoldForm
from booking.forms.placing import BeginForm, GapQuery
from booking.forms.residents import ResidentForm, bind_phones, is_writing, new_phones, newcomer
from booking.log import Actor
from booking.models import Appointment, Resident
from booking.pages.open_gap import GapService, OpenGap, open_gap
from booking.search import search as search_residents
from booking.views.choosing import (
    another_at,
    go_on,
    phone_asked_for,
    search_drafts,
    shows_choices,
    template_for,
    who_is_alike,
    who_is_unfinished,
)
from booking.views.desk import booking_request, keeper
from core.clock import now
from core.errors import PermanenceError
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role

desk_only = for_roles(Role.DESK, Role.MANAGER)


@require_GET
@desk_only
def place(request: AgentRequest) -> HttpResponse:
    query = GapQuery(request.GET, commune=request.commune)
    if not query.is_valid():
        return redirect("today")
    phone = phone_asked_for(request)
    drawn = another_at(request, phone) if phone else {}
    return _page(request, query, _open(request, query), **drawn)


@require_POST
@desk_only
def place_search(request: AgentRequest) -> HttpResponseBase:
    """Search residents. The text is sent in the body, so that names and numbers stay out of addresses and
    logs."""
    query = GapQuery(request.POST, commune=request.commune)
    if not query.is_valid():
        return redirect("today")
    text = request.POST.get("q", "")
    if not text.strip() and is_writing(request.POST) and not request.htmx:
        return place_new(request)  # Enter, in a field of somebody new
    found = search_residents(commune=request.commune, text=text, now=now())
    if found.only is not None and found.is_certain:
        return go_on(request, f"{reverse('place')}?{urlencode({**query.state, 'resident': found.only.pk})}")
    drawn = {"found": found, "q": text, **search_drafts(request, found)}
    return _page(request, query, _open(request, query), **drawn)


@require_POST
@desk_only
def place_new(request: AgentRequest) -> HttpResponse:
    """Record a new resident. Known residents with that name or number are shown first; sending the form again
    means that it is somebody else."""
    query = GapQuery(request.POST, commune=request.commune)
    if not query.is_valid():
        return redirect("today")
    form = ResidentForm(request.POST, commune=request.commune)
    phones = bind_phones(request.POST, commune=request.commune)
    if not (form.is_valid() and phones.is_valid()):
        return _page(request, query, _open(request, query), status=422, new=form, phones=phones)
    who = newcomer(form, phones)
    if alike := who_is_alike(request, form, who):
        more = {"alike": alike, "new": form, "phones": phones}
        return _page(request, query, _open(request, query), status=409, **more)
    known = actions.record_newcomer(who, now=now())
    return redirect(f"{reverse('place')}?{urlencode({**query.state, 'resident': known.pk})}")


@require_POST
@desk_only
def place_begin(request: AgentRequest) -> HttpResponse:
    """Start a visit without an appointment now."""
    query, form = GapQuery(request.POST, commune=request.commune), BeginForm(request.POST)
    if not query.is_valid():
        return redirect("today")
    opened = _open(request, query)
    if unfinished := who_is_unfinished(request, query.cleaned_data["resident"]):
        return _page(request, query, opened, status=422, **unfinished)
    key = form.cleaned_data["choice"] if form.is_valid() else ""
    choice = next((each for each in opened.choices if each.key == key and each.begin), None)
    if choice is None:
        if (begun := _begun_already(request, query, key)) is not None:
            return _told(request, begun)
        problem = _("This can no longer begin now: someone was faster, or the time has become too short.")
        return _page(request, query, opened, status=409, problem=problem)
    try:
        begun = _begin(request, choice, query.cleaned_data["resident"], beside=form.cleaned_data["beside"])
    except PermanenceError as error:
        if (twin := _begun_already(request, query, key)) is not None:
            return _told(request, twin)
        return _page(request, query, _open(request, query), status=error.http_status, problem=str(error))
    return _told(request, begun)


def _told(request: AgentRequest, begun: Appointment) -> HttpResponse:
    words = {"cabin": begun.cabin.name, "time": f"{request.commune.local(begun.ends_at):%-H:%M}"}
    messages.success(request, _("The session has begun: %(cabin)s, until %(time)s.") % words)
    return redirect(f"{reverse('today')}#visit-{begun.pk}")


@require_POST
@desk_only
def place_hold(request: AgentRequest) -> HttpResponse:
    """Hold a later time in the gap; it is then booked on the booking page."""
    query = GapQuery(request.POST, commune=request.commune)
    if not query.is_valid():
        return redirect("today")
    opened, resident = _open(request, query), query.cleaned_data["resident"]
    if unfinished := who_is_unfinished(request, resident):
        return _page(request, query, opened, status=422, **unfinished)
    key, _slash, slot = request.POST.get("time", "").partition("/")
    choice = next((each for each in opened.choices if each.key == key), None)
    service, _dash, attended = key.partition("-")
    form = HoldForm(
        {
            "service": service,
            "helper": f"c{opened.helper.pk}" if opened.helper else attended,
            "slot": slot,
            "cabin": opened.cabin.pk if opened.cabin else None,
            "resident": resident.pk if resident else None,
        },
        commune=request.commune,
        keeper=keeper(request),
    )
    wanted, by = booking_request(request, form) if form.is_valid() else None, Actor.agent(request.user)
    held = None
    if wanted is not None and choice is None:  # the second of two presses: the first one keeps the time
        held = actions.kept_already(request=wanted, by=by, now=now())
    if wanted is None or (choice is None and held is None):
        return _page(request, query, opened, status=409, problem=_("This time cannot be booked."))
    try:
        held = held or actions.keep_time(request=wanted, by=by, now=now())
    except PermanenceError as error:
        return _page(request, query, _open(request, query), status=error.http_status, problem=str(error))
    asked = {"hold": held.pk, "helper": form.cleaned_data["helper"], "resident": form["resident"].value()}
    return redirect(f"{reverse('desk')}?{urlencode({name: value for name, value in asked.items() if value})}")


def _begun_already(request: AgentRequest, query: GapQuery, key: str) -> Appointment | None:
    """The session that the same agent has just started with the same button (a form sent twice), or None."""
    service, _dash, attended = key.partition("-")
    asked = query.cleaned_data
    where = {"cabin": asked["cabin"]} if asked["cabin"] else {"helper": asked["helper"]}
    running = Appointment.objects.filter(
        commune=request.commune,
        site=asked["site"],
        status=Status.IN_SESSION,
        is_walk_in=True,
        service=read_id(service),
        with_helper=attended == "1",
        resident=asked["resident"],
        events__kind=EventKind.STARTED,
        events__agent=request.user,
        **where,
    )
    return running.select_related("cabin").first()


def _begin(
    request: AgentRequest, choice: GapService, resident: Any, *, beside: actions.Accepted
) -> Appointment:
    assert choice.begin is not None
    begin = choice.begin
    cabins = request.commune.sites.filter(cabins=begin.cabin_id)
    cabin = cabins.get().cabins.select_related("site__commune").get(pk=begin.cabin_id)
    wanted = actions.BookingRequest(
        service=choice.service,
        site=cabin.site,
        start=now(),
        with_helper=choice.with_helper,
        cabin=cabin,
        helper=request.commune.agents.get(pk=begin.helper_id) if begin.helper_id else None,
        resident=resident,
        duration_min=choice.minutes,
        beside=beside,
    )
    return actions.start_walk_in(request=wanted, by=Actor.agent(request.user), now=now())


def _others(opened: OpenGap, resident: Resident | None) -> list[OtherVisit]:
    """What the resident has while a visit that begins now would last."""
    ends = [each.begin.ends_at for each in opened.choices if each.begin is not None]
    return actions.visits_at(resident, now(), max(ends)) if resident and ends else []


def _open(request: AgentRequest, query: GapQuery) -> OpenGap:
    asked = query.cleaned_data
    return open_gap(
        commune=request.commune,
        site=asked["site"],
        at=asked["at"],
        cabin=asked["cabin"],
        helper=None if asked["cabin"] else asked["helper"],
        now=now(),
    )


def _page(
    request: AgentRequest, query: GapQuery, opened: OpenGap, *, status: int = 200, **more: Any
) -> HttpResponse:
    resident = query.cleaned_data["resident"]
    shows(request, Shown.CARD, [resident.pk if resident else None])
    shows_choices(request, more)
    context = {
        "new": ResidentForm(commune=request.commune),
        "phones": new_phones(request.commune),
        "opened": opened,
        "resident": resident,
        "others": _others(opened, resident),
        "state": query.state,
        "address": f"{reverse('place')}?{urlencode(query.state)}",
        "choose_address": f"{reverse('place')}?{urlencode({**query.state, 'resident': ''})}",
        "search_url": reverse("place-search"),
        "new_url": reverse("place-new"),
        **more,
    }
    return render(request, template_for(request, "placing/place.html"), context, status=status)
