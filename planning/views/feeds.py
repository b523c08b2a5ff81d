"""Calendar feeds: the page of their secret addresses, and the feed that a calendar program reads."""

from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from agents.requests import AgentRequest
from core import clock
from core.requests import for_roles, takes_files
from core.roles import Role
from planning import tasks
from planning.calendars.feeds import calendar_of, close_feed, find_feed, open_feed
from planning.calendars.followed import calendars_of
from planning.calendars.reading import follow, forget, keep_upload
from planning.errors import TooManyCalendars
from planning.forms import ExternalCalendarForm
from planning.models import CalendarFeed, ExternalCalendar


@require_safe
@login_not_required
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The feed itself. An unknown address and a revoked one get the same answer, a 404."""
    now = clock.now()
    feed = find_feed(token, now=now)
    if feed is None:
        raise Http404
    body = calendar_of(feed, host=urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost", now=now)
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
    """The page of the feeds that have an address: the agent's own, and the sites' for the desk.

    While a calendar is being read, htmx asks for the list of followed calendars; the answer is empty until
    it changes.
    """
    if not request.htmx:
        return render(request, "calendars/calendars.html", _page(request))
    context = _calendars(request)
    if context["seen"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "calendars/calendars.html#calendars", context)


def _calendars(request: AgentRequest) -> dict[str, object]:
    followed = calendars_of(request.user, now=clock.now())
    return {
        "calendars": followed,
        "seen": sha256(repr(followed).encode()).hexdigest()[:16],
        "is_reading": any(each.is_being_read for each in followed),
    }


def _page(request: AgentRequest) -> dict[str, object]:
    known = CalendarFeed.objects.filter(commune=request.commune)
    can_share_places = bool(request.membership.roles & {Role.DESK, Role.MANAGER})
    places = request.commune.sites.filter(is_active=True) if can_share_places else []
    shared = set(known.filter(site__isnull=False).values_list("site_id", flat=True))
    return {
        **_calendars(request),
        "form": ExternalCalendarForm(agent=request.user),
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
    return render(request, "calendars/calendars.html", {**_page(request), "address": address})


@takes_files
@require_POST
@for_roles(Role.HELPER)
def calendar_add(request: AgentRequest) -> HttpResponse:
    """Follow a URL, or keep a file. The worker reads it, and the page shows the result."""
    form = ExternalCalendarForm(request.POST, request.FILES, agent=request.user)
    if not form.is_valid():
        return _form_again(request, form)
    url, file = form.cleaned_data["url"], form.cleaned_data["file"]
    try:
        with transaction.atomic():  # the waiting file, and the task that reads it
            if url:
                calendar = follow(agent=request.user, url=url, now=clock.now())
                tasks.read_external_calendar.enqueue(calendar.pk)
                if calendar.tried_at is not None:
                    messages.success(request, _("You follow this address already: it is being read again."))
            else:
                upload = keep_upload(
                    agent=request.user,
                    body=file.read(),
                    now=clock.now(),
                    name=file.name,
                    instead_of=form.instead_of,
                )
                tasks.read_calendar_upload.enqueue(upload.pk)
    except TooManyCalendars as refused:
        form.add_error(None, str(refused))
        return _form_again(request, form)
    return redirect(f"{reverse('feeds')}#other-title")


def _form_again(request: AgentRequest, form: ExternalCalendarForm) -> HttpResponse:
    return render(request, "calendars/calendars.html", {**_page(request), "form": form}, status=422)


@require_POST
@for_roles(Role.HELPER)
def calendar_forget(request: AgentRequest, pk: int) -> HttpResponse:
    forget(get_object_or_404(ExternalCalendar.objects.select_related("agent"), pk=pk, agent=request.user))
    messages.success(request, _("This calendar is no longer followed."))
    return redirect("feeds")
