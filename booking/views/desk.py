"""« Prendre un rendez-vous »: who, what, when, on one page, while the resident is on the phone."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url, reswap, retarget

from agents.models import Agent
from agents.requests import AgentRequest
from booking import actions
from booking.actions import BookingRequest
from booking.enums import Origin
from booking.errors import StatusRefused
from booking.forms.desk import ConfirmForm, DeskQuery, HoldForm, MoveAppointmentForm, helper_choice
from booking.forms.residents import ResidentForm, name_typed, new_phones
from booking.log import Actor
from booking.models import Appointment
from booking.pages.desk import Desk, read_desk
from booking.pages.lost import lost_time
from booking.search import search as search_residents
from booking.views.appointment import page_of, require_as_shown
from booking.views.choosing import another_at, shows_choices
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role

BOOKERS = (Role.DESK, Role.MANAGER, Role.HELPER)


@require_GET
@for_roles(*BOOKERS)
def desk(request: AgentRequest) -> HttpResponse:
    query = DeskQuery(request.GET, commune=request.commune)
    state = read_desk(query, commune=request.commune, now=now())
    if (phone := query.cleaned_data.get("number_of")) is None:
        return desk_page(request, state)
    new = another_at(request, phone)
    return desk_page(request, state, is_open=True, is_writing=True, new_name="", **new)


@require_GET
@for_roles(*BOOKERS)
def desk_next_free(request: AgentRequest) -> HttpResponse:
    """The week of the first possible time, with that time shown as picked."""
    state = read_desk(DeskQuery(request.GET, commune=request.commune), commune=request.commune, now=now())
    if state.service is None:
        return _to_desk(state.address())
    first = state.first_time(last=state.when.last)
    if first is None:
        return desk_page(
            request, state, problem=state.when.nothing or _("Nothing is free in the next eight weeks.")
        )
    return _to_desk(state.address(week=request.commune.local(first.start).date(), slot=None, hold=None))


@require_POST
@for_roles(*BOOKERS)
def desk_search(request: AgentRequest) -> HttpResponse:
    """Search residents. The text is sent in the body, so that names and numbers stay out of addresses and
    logs. The resident chosen before is no longer chosen, and an appointment that was to be moved is not
    moved."""
    present = now()
    asked = request.POST.copy()
    let_go = [name for name in ("resident", "move") if asked.pop(name, None)]
    state = read_desk(DeskQuery(asked, commune=request.commune), commune=request.commune, now=present)
    text = request.POST.get("q", "")
    found = search_residents(commune=request.commune, text=text, now=present)
    if found.only is not None and (found.is_certain or "go" in request.POST):
        return _to_desk(state.address(resident=found.only.pk))
    new = ResidentForm.from_search(found, commune=request.commune)
    return desk_page(
        request,
        state,
        part="desk/desk.html#parts" if let_go else "desk/desk.html#found",
        found=found,
        q=text,
        new=new,
        phones=new_phones(request.commune, found.number_typed, found.remark),
        is_writing=bool(found.text) and not found.residents,
        new_name=name_typed(new),
    )


@require_POST
@for_roles(*BOOKERS)
def desk_hold(request: AgentRequest) -> HttpResponse:
    """Hold the time that the agent picked, and release the one picked before."""
    form = HoldForm(request.POST, commune=request.commune, keeper=keeper(request))
    if "note" in form.errors:
        typed = ConfirmForm(request.POST, commune=request.commune, keeper=keeper(request))
        problem = " ".join(map(str, form.errors["note"]))
        return desk_page(request, _without_the_time(request, None), status=422, problem=problem, typed=typed)
    if not form.is_valid():
        return _back_to_the_week(request, 422, _("This time cannot be booked."))
    try:
        held = actions.keep_time(
            request=booking_request(request, form),
            instead_of=form.cleaned_data["hold"],
            by=Actor.agent(request.user),
            now=now(),
        )
    except PermanenceError as error:
        return _lost(request, form.cleaned_data["slot"][1], error)
    address = DeskQuery(request.POST, commune=request.commune)
    state = read_desk(address, commune=request.commune, now=now())
    return _to_desk(state.address(hold=held.pk, slot=None, helper=form.cleaned_data["helper"]))


def keeper(request: AgentRequest) -> Agent | None:
    """A helper, who books and gives back only what they keep themselves; None for the desk and managers, who
    finish what a colleague began."""
    may_all = {Role.DESK, Role.MANAGER} & set(request.membership.roles)
    return None if may_all else request.user


def booking_request(request: AgentRequest, form: HoldForm) -> BookingRequest:
    """What a valid form asks for; 404 for a helper of another commune."""
    asked = form.cleaned_data
    site, start = asked["slot"]
    with_helper, helper_id = helper_choice(asked["helper"])
    return BookingRequest(
        service=asked["service"],
        site=site,
        start=start,
        with_helper=with_helper,
        helper=_helper(request, helper_id),
        cabin=asked["cabin"],
        resident=asked["resident"],
        party_size=asked["party"] or 1,
        note=asked["note"],
        origin=Origin.HELPER if Role.DESK not in request.membership.roles else Origin.DESK,
    )


def _helper(request: AgentRequest, helper_id: int | None) -> Agent | None:
    if helper_id is None:
        return None
    return get_object_or_404(
        Agent, pk=helper_id, memberships__commune=request.commune, memberships__is_helper=True
    )


@require_POST
@for_roles(*BOOKERS)
@announces()
def desk_move(request: AgentRequest, pk: int) -> HttpResponse:
    """Move an appointment to another time; it keeps the old one until the new one is its own."""
    appointment = get_object_or_404(Appointment.objects.visible(), pk=pk, commune=request.commune)
    form = MoveAppointmentForm(request.POST, commune=request.commune)
    if not form.is_valid():
        return _back_to_the_week(request, 422, _("Pick another time first."), move=pk)
    site_id, start = form.cleaned_data["slot"]
    with_helper, helper_id = helper_choice(form.cleaned_data["helper"])
    try:
        require_as_shown(request, appointment)
        actions.reschedule(
            appointment=appointment,
            site=get_object_or_404(request.commune.sites, pk=site_id),
            start=start,
            with_helper=with_helper,
            helper=_helper(request, helper_id),
            service=form.cleaned_data["as_service"],
            party_size=form.cleaned_data["as_party"],
            duration_min=form.cleaned_data["as_length"],
            asked_by=form.cleaned_data["asked_by"],
            beside=form.cleaned_data["beside"],
            by=Actor.agent(request.user),
            now=now(),
        )
    except StatusRefused as error:  # it is no longer as it was shown: no other time would help
        return _back_to_the_week(request, error.http_status, str(error), move=pk)
    except PermanenceError as error:
        return _lost(request, start, error, move=pk)
    messages.success(request, _("The appointment is moved."))
    return redirect(page_of(request, appointment))


def _back_to_the_week(
    request: AgentRequest, status: int, problem: str, *, move: int | None = None
) -> HttpResponse:
    """Draw the page again with what was chosen but the time, and why that could not be had; times are
    searched again."""
    return desk_page(request, _without_the_time(request, move), status=status, problem=problem)


def _lost(
    request: AgentRequest, start: datetime, refusal: PermanenceError, *, move: int | None = None
) -> HttpResponse:
    """The same, with the times that are near."""
    state = _without_the_time(request, move)
    return desk_page(request, state, status=refusal.http_status, lost=lost_time(state, start, refusal))


def _without_the_time(request: AgentRequest, move: int | None) -> Desk:
    query = request.POST.copy()
    query.pop("slot", None)
    if move is not None:
        query["move"] = str(move)
    return read_desk(DeskQuery(query, commune=request.commune), commune=request.commune, now=now())


def desk_page(
    request: AgentRequest,
    state: Desk,
    *,
    part: str = "desk/desk.html#parts",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    is_part = bool(request.htmx) and not request.htmx.history_restore_request
    context["shows_who"] = _shows_who(request, state)
    shows(request, Shown.CARD, [state.resident.pk if state.resident else None])
    shows_choices(request, context)
    template = part if is_part else "desk/desk.html"
    response = render(request, template, {"desk": state, **context}, status=status)
    if is_part and part.endswith("#parts"):
        # Whatever asked (a search, a time, a link), the plan is what is drawn again, and the address follows.
        retarget(reswap(response, "outerHTML"), "#plan")
        if request.path == reverse("desk"):
            push_url(response, request.get_full_path())
    return response


def _shows_who(request: AgentRequest, state: Desk) -> bool:
    """Whether the panel of the resident is drawn again with the plan: when a resident is chosen, no longer
    chosen, or no longer known. Otherwise not: the agent may be halfway through the form for a new
    resident."""
    sent = request.GET if request.method == "GET" else request.POST
    asked = any(sent.get(name) for name in ("resident", "move"))
    return state.is_for_somebody or asked or request.htmx.target == "who-panel"


def _to_desk(query: str) -> HttpResponse:
    return redirect(f"{reverse('desk')}?{query}")
