"""Calendar feeds: the secret address, and what a calendar program reads there."""

from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from agents.enums import Role
from agents.requests import AgentRequest, for_roles
from config import clock
from planning import tasks
from planning.calendars import forget, read_calendar
from planning.errors import PROBLEMS, CalendarRefused
from planning.feeds import calendar_of, close_feed, find_feed, open_feed
from planning.forms import ExternalCalendarForm
from planning.models import CalendarFeed, ExternalCalendar


@require_safe
@login_not_required
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The diary itself. Nothing tells a wrong address from one that was revoked."""
    feed = find_feed(token)
    if feed is None:
        raise Http404
    body = calendar_of(feed, host=urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost", now=clock.now())
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    seen = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    response = (
        HttpResponseNotModified()
        if etag in seen
        else HttpResponse(body, content_type="text/calendar; charset=utf-8")
    )
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def feeds(request: AgentRequest) -> HttpResponse:
    """Which diaries have an address: one's own, and those of the places for the office."""
    return render(request, "planning/feeds.html", _page(request))


def _page(request: AgentRequest) -> dict[str, object]:
    present = clock.now()
    known = CalendarFeed.objects.filter(commune=request.commune)
    can_share_places = bool(request.membership.roles & {Role.DESK, Role.MANAGER})
    places = request.commune.sites.filter(is_active=True) if can_share_places else []
    shared = set(known.filter(site__isnull=False).values_list("site_id", flat=True))
    return {
        "calendars": [
            (each, PROBLEMS.get(each.trouble(present), ""))
            for each in ExternalCalendar.objects.filter(agent=request.user)
        ],
        "form": ExternalCalendarForm(),
        "own": known.filter(agent=request.user).exists(),
        "is_helper": Role.HELPER in request.membership.roles,
        "places": [(site, site.pk in shared) for site in places],
    }


@require_POST
@for_roles(Role.HELPER)
def feed_own(request: AgentRequest) -> HttpResponse:
    if request.POST.get("stop"):
        close_feed(commune=request.commune, agent=request.user)
        messages.success(request, _("The address no longer works."))
        return redirect("feeds")
    token = open_feed(commune=request.commune, agent=request.user, by=request.user, now=clock.now())
    return _shown_once(request, token)


@require_POST
@for_roles(Role.DESK, Role.MANAGER)
def feed_site(request: AgentRequest, pk: int) -> HttpResponse:
    site = get_object_or_404(request.commune.sites, pk=pk)
    if request.POST.get("stop"):
        close_feed(commune=request.commune, site=site)
        messages.success(request, _("The address no longer works."))
        return redirect("feeds")
    return _shown_once(
        request, open_feed(commune=request.commune, site=site, by=request.user, now=clock.now())
    )


def _shown_once(request: AgentRequest, token: str) -> HttpResponse:
    address = f"{settings.PUBLIC_BASE_URL}{reverse('calendar', args=[token])}"
    return render(request, "planning/feeds.html", {**_page(request), "address": address})


@require_POST
@for_roles(Role.HELPER)
def calendar_add(request: AgentRequest) -> HttpResponse:
    """Follow an address (it is read by the worker), or read a file at once."""
    form = ExternalCalendarForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "planning/feeds.html", {**_page(request), "form": form}, status=422)
    present = clock.now()
    calendar, _new = ExternalCalendar.objects.get_or_create(
        agent=request.user, url=form.cleaned_data["url"], defaults={"created_at": present}
    )
    if calendar.url:
        tasks.read_external_calendar.enqueue(calendar.pk)
        messages.success(request, _("Your calendar will be read within the minute."))
        return redirect("feeds")
    try:
        number = read_calendar(calendar, form.cleaned_data["file"].read(), tz=request.commune.tz, now=present)
    except CalendarRefused as refused:
        if calendar.read_at is None:
            calendar.delete()
        form.add_error("file", str(refused))
        return render(request, "planning/feeds.html", {**_page(request), "form": form}, status=422)
    text = ngettext("%(n)s busy stretch read.", "%(n)s busy stretches read.", number)
    messages.success(request, text % {"n": number})
    return redirect("feeds")


@require_POST
@for_roles(Role.HELPER)
def calendar_forget(request: AgentRequest, pk: int) -> HttpResponse:
    forget(get_object_or_404(ExternalCalendar.objects.select_related("agent"), pk=pk, agent=request.user))
    messages.success(request, _("This calendar is no longer followed."))
    return redirect("feeds")
