"""The screens of the commune: pair, rename, move, revoke."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.requests import AgentRequest
from core import clock
from core.edit_forms import render_gone, typed_in
from core.edits import EditConflict, RecordGone
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
    if request.method == "POST" and not _screens(request).filter(pk=pk).exists():
        return _gone(request)
    screen = get_object_or_404(_screens(request), pk=pk)
    form = ScreenForm(request.POST or None, instance=screen, commune=request.commune)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            # The form has changed its instance already; the action needs to know the site of before.
            change_screen(screen=_screens(request).get(pk=pk), changes=form.changes(), edit=edit)
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


@for_roles(Role.DESK, Role.MANAGER)
@require_POST
def screen_revoke(request: AgentRequest, pk: int) -> HttpResponse:
    screen = get_object_or_404(_screens(request), pk=pk)
    revoke_screen(screen=screen, now=clock.now())
    messages.success(request, _("The screen “%(name)s” no longer shows anything.") % {"name": screen.name})
    return redirect("screens")


def _screens(request: AgentRequest) -> QuerySet[Screen]:
    return Screen.objects.filter(site__commune=request.commune, revoked_at=None)


def _rows(request: AgentRequest, now: Any) -> list[dict[str, Any]]:
    return [
        {"screen": screen, "is_online": screen.is_online(now), "is_late": _is_late(screen)}
        for screen in _screens(request).select_related("site", "cabin")
    ]


def _is_late(screen: Screen) -> bool:
    """The screen reports, but shows an older version of the board than the site has."""
    return screen.version_shown is not None and screen.version_shown < screen.site.version
