"""Answers requests that ask which messages a change would make leave (`core/announcing.py`)."""

from typing import cast
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import reswap, retarget

from agents.requests import AgentRequest
from core.announcing import FIELD, Rehearsal
from core.clock import now
from core.looked import Shown, shows
from notifications.alarms.advice import waits_of
from notifications.pages.announced import Announcement, announce_change

_OF_THE_FORM = (FIELD, "csrfmiddlewaretoken")


def announce(rehearsal: Rehearsal) -> HttpResponseBase | None:
    """The list of messages, or the page with it. None if the change can be made at once: nobody is told, or
    it would be refused and says why itself."""
    request = cast(AgentRequest, rehearsal.request)
    found = announce_change(rehearsal.make, commune=request.commune, now=now())
    context = {"announcement": found, "waits": waits_of(request.commune)}
    if rehearsal.wants_list or _needs_a_look(found):
        shows(request, Shown.ANNOUNCED, found.residents)
    if rehearsal.wants_list:
        return render(request, "messages/announced.html", context)
    if not _needs_a_look(found):
        return None
    sent = [
        (name, value)
        for name in request.POST
        for value in request.POST.getlist(name)
        if name not in _OF_THE_FORM
    ]
    more = {"sent": sent, "label": rehearsal.label, "back": _page_before(request)}
    page = render(request, "messages/announced_page.html", {**context, **more})
    # A form that htmx sends, to draw a part of its page again, gets the whole page all the same.
    return retarget(reswap(page, "innerHTML"), "body") if request.htmx else page


def _needs_a_look(found: Announcement) -> bool:
    return not found.is_refused and bool(found.messages)


def _page_before(request: HttpRequest) -> str:
    """The page with the button, if it is one of ours; else the first page."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(before)
    return parts.path + (f"?{parts.query}" if parts.query else "")
