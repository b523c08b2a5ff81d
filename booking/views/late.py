"""A helper phones: the desk agent records that they are late, or that they are present after all."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.delays import Awaited, read_awaited
from booking.forms.my_day import HelperLateForm
from booking.log import Actor
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from core.templatetags.times import hour_in_sentence

desk_only = for_roles(Role.DESK, Role.MANAGER)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_only
@announces(gettext_lazy("A helper is late"))
def helper_late(request: AgentRequest) -> HttpResponse:
    """Choose the helper and the expected time; the screens show it and the next residents are told."""
    present = now()
    awaited = read_awaited(commune=request.commune, now=present)
    form = HelperLateForm(request.POST or None)
    chosen = _chosen(awaited, form) if form.is_bound else None
    if chosen is not None and form.is_valid():
        try:
            actions.announce_delay(
                helper=chosen.helper,
                commune=request.commune,
                until=datetime.combine(
                    request.commune.local(present).date(), form.cleaned_data["until"], request.commune.tz
                ),
                by=Actor.agent(request.user),
                now=present,
            )
        except PermanenceError as error:
            form.add_error("until", str(error))
        else:
            words = {"name": chosen.helper.short_name, "time": hour_in_sentence(form.cleaned_data["until"])}
            text = _("Noted: %(name)s is announced for %(time)s. Who can still be reached is told.")
            messages.success(request, text % words)
            return redirect("today")
    context = {"awaited": awaited, "form": form, "chosen": chosen, "now": present}
    return render(request, "my_day/late.html", context, status=422 if form.is_bound else 200)


def _chosen(awaited: list[Awaited], form: HelperLateForm) -> Awaited:
    """The chosen helper; 404 if the page does not list them."""
    form.is_valid()
    pk = form.cleaned_data.get("helper")
    found = next((each for each in awaited if each.helper.pk == pk and each.is_ours), None)
    if found is None:
        raise Http404
    return found


@require_POST
@desk_only
@announces(gettext_lazy("The helper is there"))
def helper_here(request: AgentRequest) -> HttpResponse:
    """The helper is present, or the delay was recorded by mistake."""
    present = now()
    form = HelperLateForm(request.POST)
    form.is_valid()
    pk = form.cleaned_data.get("helper")
    awaited = read_awaited(commune=request.commune, now=present)
    late = next((each for each in awaited if each.helper.pk == pk and each.delay), None)
    if late is None:
        messages.error(request, _("Nobody is late any more."))
        return redirect("today")
    actions.clear_delay(
        helper=late.helper, commune=request.commune, by=Actor.agent(request.user), now=present
    )
    messages.success(request, _("Noted: %(name)s is there.") % {"name": late.helper.short_name})
    return redirect("today")
