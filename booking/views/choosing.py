"""Choosing a resident: what is shared by the pages that ask for whom an appointment is.

The template is placing/_choose_person.html.
"""

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from agents.requests import AgentRequest
from booking import actions
from booking.forms.placing import WhoForm
from booking.forms.residents import ResidentForm, bind_phones, is_writing, new_phones
from booking.models import Resident, ResidentPhone
from booking.search import Match, ResidentSearch, find_alike, search
from core.clock import now
from core.ids import read_id
from core.insee import phone_region
from core.looked import Shown, shows
from core.phones import format_national


def template_for(request: AgentRequest, page: str) -> str:
    """The whole page, or only the results, when htmx repeats the search at each letter."""
    return "placing/_choose_person.html#found" if request.htmx else page


def shows_choices(request: AgentRequest, drawn: Mapping[str, Any]) -> None:
    """Say that the page that is drawn with `drawn` shows those who were found, or are alike."""
    found: ResidentSearch | None = drawn.get("found")
    if found is not None:
        own = found.appointment.resident_id if found.appointment else None
        shows(request, Shown.SEARCH, [own, *(match.resident.pk for match in found.residents)])
    shows(request, Shown.ALIKE, [match.resident.pk for match in drawn.get("alike", ())])


def go_on(request: AgentRequest, address: str) -> HttpResponseBase:
    """Redirect to the next page after a resident was chosen; also for a request of htmx."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def search_drafts(request: AgentRequest, found: ResidentSearch) -> dict[str, Any]:
    """The form of a new resident beside the results. It is filled in from the search, unless the agent has
    typed in it since the last search."""
    number = request.POST.get("phones-0-number", "")
    typed = [request.POST.get("first_name", ""), request.POST.get("last_name", ""), number]
    if is_writing(request.POST) and request.POST.get("prefilled", "") != prefilled(typed):
        new = ResidentForm(initial=request.POST.dict(), commune=request.commune)
        phones = new_phones(request.commune, number)
        return {"new": new, "phones": phones, "is_written": True, "is_live": bool(request.htmx)}
    new = ResidentForm.from_search(found, commune=request.commune)
    began = [new.initial["first_name"], new.initial["last_name"], found.number_typed]
    phones = new_phones(request.commune, found.number_typed, found.remark)
    began_with = prefilled(began)
    return {"new": new, "phones": phones, "prefilled": began_with, "is_live": bool(request.htmx)}


def another_at(request: AgentRequest, phone: ResidentPhone) -> dict[str, Any]:
    """Those behind a number, and the form for somebody else behind it."""
    commune = request.commune
    found = search(commune=commune, text=phone.number, now=now())
    number = format_national(phone.number, phone_region(commune.insee_code))
    new = ResidentForm.from_search(found, commune=commune)
    return {"found": found, "new": new, "phones": new_phones(commune, number), "is_written": True}


def phone_asked_for(request: AgentRequest) -> ResidentPhone | None:
    """The number behind which somebody else is to be written down: the query has its row."""
    pk = read_id(request.GET.get("number_of"))
    if not pk:
        return None
    current = Resident.objects.current().filter(commune=request.commune)
    return ResidentPhone.objects.filter(resident__in=current, pk=pk).first()


def prefilled(names_and_number: list[str]) -> str:
    """What the search filled into the new resident's form: tells later whether the agent typed there."""
    return "|".join(names_and_number)


def who_is_alike(request: AgentRequest, form: ResidentForm, who: actions.NewResident) -> list[Match]:
    """Residents with the same name or one of the same numbers. Empty if the agent has said that it is
    somebody else (`sure`), or if this same form was already recorded."""
    if "sure" in request.POST or actions.recorded_before(who) is not None:
        return []
    return find_alike(request.commune, form.instance, [phone.number_e164 for phone in who.phones])


def who_is_unfinished(request: AgentRequest, resident: Resident | None) -> dict[str, Any]:
    """What a page shows again, with a message, when the agent typed a person but neither chose nor
    recorded one. Empty if a resident is chosen or nothing was typed."""
    text = request.POST.get("q", "").strip()
    writing = is_writing(request.POST)
    if resident is not None or not (text or writing):
        return {}
    shown: dict[str, Any] = {"q": text, "who": WhoForm(request.POST)}
    if writing:
        shown["new"] = ResidentForm(request.POST, commune=request.commune)
        shown["phones"] = bind_phones(request.POST, commune=request.commune)
    return shown
