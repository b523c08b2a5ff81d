"""« Réglages »: what a manager sets for the commune, group by group, and the log of what was changed."""

from typing import Any

from django.contrib import messages
from django.db.transaction import on_commit
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from core.announcing import announces
from core.clock import now
from core.edits import EditConflict
from core.errors import PermanenceError
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role
from notifications import actions
from notifications.forms import SettingsForm
from notifications.pages.commune_settings import (
    BY_PAGE,
    GROUPS,
    installation_settings,
    read_log,
    settings_in,
)
from notifications.pages.sender_advice import advice_on
from notifications.tasks import request_sweep


@require_GET
@for_roles(Role.MANAGER)
def overview(request: AgentRequest) -> HttpResponseBase:
    """All settings on one page, each with what it does, its default and its last change."""
    groups = [
        (group, settings_in(SettingsForm(commune=request.commune, names=group.names))) for group in GROUPS
    ]
    context = {"groups": groups, "installation": list(installation_settings())}
    return render(request, "settings/settings.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
def commune_edit(request: AgentRequest) -> HttpResponseBase:
    return _group(request, "commune-edit")


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save"))
def message_settings(request: AgentRequest) -> HttpResponseBase:
    return _group(request, "message-settings")


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save"))
def booking_settings(request: AgentRequest) -> HttpResponseBase:
    return _group(request, "booking-settings")


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
def screen_settings(request: AgentRequest) -> HttpResponseBase:
    return _group(request, "screen-settings")


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
def open_data_settings(request: AgentRequest) -> HttpResponseBase:
    return _group(request, "open-data-settings")


def _group(request: AgentRequest, page: str) -> HttpResponseBase:
    group, commune = BY_PAGE[page], request.commune
    form = SettingsForm(request.POST or None, commune=commune, names=group.names)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=now())
        try:
            actions.save_settings(commune=commune, changes=form.chosen_values(), now=now(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        else:
            on_commit(request_sweep)
            messages.success(request, form.saved_text(_("Saved."), edit))
            return redirect("settings")
    context: dict[str, Any] = {"form": form, "group": group, "settings": settings_in(form)}
    if page == "message-settings":
        context["sender_advice"] = advice_on(commune, form.stored["sender"])
        context["voice_advice"] = advice_on(commune, form.stored["voice_number"], calls=True)
    return render(request, "settings/group.html", context, status=form.status)


@require_GET
@for_roles(Role.MANAGER)
def settings_log(request: AgentRequest) -> HttpResponseBase:
    before = read_id(request.GET.get("before", "")) or None
    return render(request, "settings/log.html", {"log": read_log(request.commune, before=before)})


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Put back"))
def settings_undo(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Put back the values of before one change, if they have not been changed since."""
    changes = request.commune.setup_changes.select_related("commune")
    change = get_object_or_404(changes, pk=pk)
    if not actions.can_be_put_back(change):
        messages.error(request, _("This change cannot be put back here."))
        return redirect("settings-log")
    try:
        done = actions.put_back(change=change, by=request.user, now=now())
    except EditConflict:
        messages.error(request, _("This has been changed again since: nothing was put back."))
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        on_commit(request_sweep)
        said = _("What was before is back.") if done else _("It is so already: nothing was changed.")
        messages.success(request, said)
    return redirect("settings-log")
