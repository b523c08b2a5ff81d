"""The screens of the commune: pair, rename, move, revoke."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.requests import AgentRequest
from core import clock
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from kiosk.forms import PairForm, ScreenForm
from kiosk.models import Screen
from kiosk.pairing import change_screen, pair_screen, revoke_screen


@for_roles(Role.DESK, Role.MANAGER)
@require_http_methods(["GET", "POST"])
def screens(request: AgentRequest) -> HttpResponse:
    """The list of screens with their states, and the form to pair another one."""
    now = clock.now()
    initial = {"code": request.GET.get("code", "")}
    form = PairForm(request.POST or None, commune=request.commune, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            screen = pair_screen(**form.cleaned_data, agent=request.user, now=now)
        except PermanenceError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("The screen “%(name)s” is paired.") % {"name": screen.name})
            return redirect("screens")
    status = 422 if form.errors else 200
    context = {"form": form, "rows": _rows(request, now), "now": now}
    template = (
        "screens/screens.html#list" if request.htmx and request.method == "GET" else "screens/screens.html"
    )
    return render(request, template, context, status=status)


@for_roles(Role.DESK, Role.MANAGER)
@require_http_methods(["GET", "POST"])
def screen_edit(request: AgentRequest, pk: int) -> HttpResponse:
    screen = _screen(request, pk)
    form = ScreenForm(request.POST or None, instance=screen, commune=request.commune)
    if request.method == "POST" and form.is_valid():
        # The form has already changed the instance; the old site must be notified too, so read the screen
        # again.
        change_screen(screen=_screen(request, pk), **form.cleaned_data)
        messages.success(request, _("The screen has been changed."))
        return redirect("screens")
    status = 422 if form.errors else 200
    return render(request, "screens/edit.html", {"form": form, "screen": screen}, status=status)


@for_roles(Role.DESK, Role.MANAGER)
@require_POST
def screen_revoke(request: AgentRequest, pk: int) -> HttpResponse:
    screen = _screen(request, pk)
    revoke_screen(screen=screen, now=clock.now())
    messages.success(request, _("The screen “%(name)s” no longer shows anything.") % {"name": screen.name})
    return redirect("screens")


def _screen(request: AgentRequest, pk: int) -> Screen:
    return get_object_or_404(Screen, pk=pk, site__commune=request.commune, revoked_at=None)


def _rows(request: AgentRequest, now: Any) -> list[dict[str, Any]]:
    screens = Screen.objects.filter(site__commune=request.commune, revoked_at=None)
    return [
        {"screen": screen, "is_online": screen.is_online(now), "is_late": _is_late(screen)}
        for screen in screens.select_related("site", "cabin")
    ]


def _is_late(screen: Screen) -> bool:
    """The screen reports, but shows an older version of the board than the site has."""
    return screen.version_shown is not None and screen.version_shown < screen.site.version
