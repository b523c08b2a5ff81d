"""« Conservation », for managers; the setting of how long, with what follows from a shorter one."""

from django.contrib import messages
from django.db.transaction import on_commit
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from core import looked
from core.clock import now
from core.edits import EditConflict
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role
from notifications import actions
from notifications.forms import SettingsForm
from notifications.pages.commune_settings import BY_PAGE, settings_in
from privacy import runs
from privacy.alarms import alarming_run, words
from privacy.models import PurgeRun
from privacy.pages.retention import kept_kinds, leaving, leaving_at_once, leaving_people, nights
from privacy.retention import RESIDENTS_PERIOD
from privacy.tasks import purge_commune


@require_GET
@for_roles(Role.MANAGER)
def retention(request: AgentRequest) -> HttpResponseBase:
    """What is kept how long, what goes in the next thirty days, and what went."""
    commune, at = request.commune, now()
    run = alarming_run(commune, at)
    context = {
        "kinds": kept_kinds(commune),
        "leaving": leaving(commune, at),
        "nights": nights(commune),
        "alarm": run,
        "words": words(run) if run else "",
        "present": commune.local(at),
    }
    return render(request, "privacy/retention.html", context)


@require_GET
@for_roles(Role.MANAGER)
def leaving_residents(request: AgentRequest) -> HttpResponseBase:
    """Who goes in the next thirty days: somebody who is about to come stays with a new appointment."""
    number = read_id(request.GET.get("page", "")) or 1
    page, people = leaving_people(request.commune, now(), page=number)
    looked.shows(request, looked.Shown.LEAVING, [each.resident.pk for each in people])
    return render(request, "privacy/leaving.html", {"page": page, "people": people})


@require_POST
@for_roles(Role.MANAGER)
def purge_anyway(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Somebody has looked: the deletion that stopped goes on."""
    run = get_object_or_404(PurgeRun.objects.filter(commune=request.commune), pk=pk)
    if runs.allow(run=run, by=request.user, now=now()):
        on_commit(lambda: purge_commune.enqueue(request.commune.pk))
        messages.success(request, _("The deletion goes on. In some minutes this page says what went."))
    else:
        messages.error(request, _("This deletion has gone on already."))
    return redirect("retention")


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
def data_settings(request: AgentRequest) -> HttpResponseBase:
    """How long personal data are kept. Where a shorter time makes people go this night, the page says how
    many, and saves once the manager has read that."""
    group, commune = BY_PAGE["data-settings"], request.commune
    form = SettingsForm(request.POST or None, commune=commune, names=group.names)
    going = 0
    if request.method == "POST" and form.is_valid():
        months = form.cleaned_data[RESIDENTS_PERIOD.setting]
        going = leaving_at_once(commune, months, now())
        edit = form.edit(by=request.user, at=now())
        if going <= (read_id(request.POST.get("going", "")) or 0):
            try:
                actions.save_settings(commune=commune, changes=form.chosen_values(), now=now(), edit=edit)
            except EditConflict as conflict:
                form.show_conflict(conflict, edit)
                going = 0
            else:
                messages.success(request, form.saved_text(_("Saved."), edit))
                return redirect("settings")
    context = {"form": form, "group": group, "settings": settings_in(form), "going": going}
    return render(request, "settings/group.html", context, status=200 if going else form.status)
