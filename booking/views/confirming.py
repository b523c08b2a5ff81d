"""The last step at the desk: the held time is booked, for a known resident or for a new one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.actions.series import Failed
from booking.engine.snapshot import Offer
from booking.forms.desk import ConfirmForm, DeskQuery
from booking.forms.residents import (
    ResidentForm,
    bind_phones,
    is_writing,
    name_typed,
    newcomer,
)
from booking.log import Actor
from booking.models import Resident
from booking.pages.desk import Desk, read_desk
from booking.pages.lost import lost_hold
from booking.search import Match
from booking.views.choosing import who_is_alike
from booking.views.desk import BOOKERS, desk_page
from communes.models import Site
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
    sent = request.POST.copy()
    if known := sent.get("known"):  # the answer to the question: it is somebody who is known
        sent["resident"] = known
    state = read_desk(DeskQuery(sent, commune=request.commune), commune=request.commune, now=now())
    writing = not known and is_writing(sent)
    form = ConfirmForm(sent, commune=request.commune, writing=writing)
    drawn: dict[str, Any] = {"typed": form}
    if writing and state.resident is None:
        new = ResidentForm(sent, commune=request.commune)
        phones = bind_phones(sent, commune=request.commune)
        drawn |= {"new": new, "phones": phones, "is_writing": True, "new_name": name_typed(new)}
        if not (new.is_valid() and phones.is_valid()):
            problem = _(
                "Nothing is booked yet: something is missing or wrong where you write the person down."
            )
            return desk_page(request, state, status=422, problem=problem, **drawn)
    if not form.is_valid():
        problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return desk_page(request, state, status=422, problem=problem, **drawn)
    if "new" not in drawn:
        return _book(request, state, form, form.cleaned_data["resident"], drawn)
    who = newcomer(drawn["new"], drawn["phones"])
    if alike := _alike(request, form, drawn["new"], who):
        return desk_page(request, state, status=409, alike=alike, books=True, **drawn)
    return _book(request, state, form, who, drawn)


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
    state: Desk,
    form: ConfirmForm,
    who: Resident | actions.NewResident,
    drawn: dict[str, Any],
) -> HttpResponse:
    asked = form.cleaned_data
    try:
        booked = actions.book_kept(
            appointment=asked["hold"],
            resident=who,
            times=asked["times"] or 1,
            note=asked["note"],
            beside=asked["beside"],
            by=Actor.agent(request.user),
            now=now(),
        )
    except PermanenceError as error:
        refused: list[Failed] = error.details.get("failed", [])
        if len(refused) == 1 and refused[0].start == asked["hold"].starts_at and not refused[0].others:
            drawn["lost"] = lost_hold(state, refused[0])
            return desk_page(request, state, status=error.http_status, **drawn)
        failed = [(each, _named(each.alternatives, state)) for each in refused]
        # Of later weeks too, the other visits may be accepted: then nothing else stands in the way.
        if all(each.others for each in refused):
            state.later_visits = [visit for each in refused for visit in each.others]
        return desk_page(request, state, status=error.http_status, problem=str(error), failed=failed, **drawn)
    done = ngettext("The appointment is booked.", "The %(n)s appointments are booked.", len(booked))
    messages.success(request, done % {"n": len(booked)})
    return redirect("appointment", booked[0].pk)


def _named(offers: Iterable[Offer], state: Desk) -> list[tuple[datetime, Site | None]]:
    """Other times with their sites: the nearest time may be at another site."""
    return [(offer.start, state.sites.get(offer.site_id)) for offer in offers]
