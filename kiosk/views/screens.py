"""The screens of the commune, for a technician those of several: pair, rename, move, revoke."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from booking.free.given_up import given_up_today
from communes.requests import communes_in_care
from core import clock
from core.edit_forms import render_gone, typed_in
from core.edits import EditConflict, RecordGone
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from kiosk.fleet import Filters, FleetState, read_fleet
from kiosk.forms import PairForm, ScreenForm
from kiosk.models import Screen
from kiosk.pairing import change_screen, pair_screen, revoke_screen, screen_address

OFFICE = Role.DESK, Role.MANAGER
"""Who sees the screens of the commune where they work now; technicians see those of all of theirs."""

STATES = {
    FleetState.OFFLINE: gettext_lazy("offline"),
    FleetState.NEVER: gettext_lazy("never seen"),
    FleetState.WATCH: gettext_lazy("to watch"),
    FleetState.ONLINE: gettext_lazy("online, up to date"),
}


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_GET
def screens(request: AgentRequest) -> HttpResponse:
    """The screens with their states: the dark ones first."""
    if code := request.GET.get("code"):
        # The address that a screen showed before there was a page for it.
        return redirect(f"{reverse('screen-add')}?{urlencode({'code': code[:12]})}")
    now = clock.now()
    communes = communes_in_care(request, *OFFICE)
    filters = filters_of(request.GET)
    context: dict[str, Any] = {
        "fleet": read_fleet(communes, filters, now),
        "filters": filters,
        "communes": communes,
        "states": STATES,
        "query": query_of(request.GET),
        "now": now,
        "screen_address": screen_address(),
    }
    if request.htmx:
        return render(request, "screens/screens.html#list", context)
    if request.membership.roles & {Role.DESK, Role.MANAGER}:
        context["given_up"] = given_up_today(now=now, commune=request.commune)
    return render(request, "screens/screens.html", context)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_http_methods(["GET", "POST"])
def screen_add(request: AgentRequest) -> HttpResponse:
    """Pair a screen by the code that it shows."""
    communes = communes_in_care(request, *OFFICE)
    initial = {"code": request.GET.get("code", "")}
    form = PairForm(request.POST or None, communes=communes, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            screen = pair_screen(**form.cleaned_data, agent=request.user, now=clock.now())
        except PermanenceError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("The screen “%(name)s” is paired.") % {"name": screen.name})
            return redirect("screens")
    context = {"form": form, "screen_address": screen_address()}
    return render(request, "screens/add.html", context, status=422 if form.errors else 200)


def filters_of(sent: QueryDict) -> Filters:
    """What the address of the page asks for; what means nothing asks for nothing."""
    state = sent.get("etat", "")
    return Filters(
        commune=_id(sent.get("commune")),
        site=_id(sent.get("lieu")),
        state=state if state in STATES else "",
        words=sent.get("q", "")[:60],
    )


def query_of(sent: QueryDict) -> str:
    """The filters as they stand in the address, to come back to the same list."""
    return urlencode({name: sent[name][:60] for name in ("commune", "lieu", "etat", "q") if sent.get(name)})


def _id(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_http_methods(["GET", "POST"])
def screen_edit(request: AgentRequest, pk: int) -> HttpResponse:
    if request.method == "POST" and not screens_in_care(request).filter(pk=pk).exists():
        return _gone(request)
    screen = get_object_or_404(screens_in_care(request), pk=pk)
    form = ScreenForm(request.POST or None, instance=screen, commune=screen.site.commune)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            # The form has changed its instance already; the action needs to know the site of before.
            change_screen(screen=screens_in_care(request).get(pk=pk), changes=form.changes(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except (RecordGone, Screen.DoesNotExist):
            return _gone(request)
        else:
            messages.success(request, form.saved_text(_("The screen has been changed."), edit))
            return redirect("screens")
    return render(request, "screens/edit.html", {"form": form, "screen": screen}, status=form.status)


def _gone(request: AgentRequest) -> HttpResponse:
    form = ScreenForm(request.POST, commune=request.commune)
    return render_gone(request, typed_in(form), back=reverse("screens"))


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_POST
def screen_revoke(request: AgentRequest, pk: int) -> HttpResponse:
    screen = get_object_or_404(screens_in_care(request), pk=pk)
    revoke_screen(screen=screen, by=request.user, now=clock.now())
    messages.success(request, _("The screen “%(name)s” no longer shows anything.") % {"name": screen.name})
    return redirect("screens")


def screens_in_care(request: AgentRequest) -> QuerySet[Screen]:
    """Those of the communes that the agent looks after."""
    found = Screen.objects.filter(site__commune__in=communes_in_care(request, *OFFICE), revoked_at=None)
    return found.select_related("site__commune", "cabin")
