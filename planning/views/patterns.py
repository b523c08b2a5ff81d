"""« Semaines types »: the usual week of each helper, and its publication as dated shifts."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import ShiftPattern
from agents.requests import AgentRequest
from core import clock
from core.announcing import announces
from core.edit_forms import render_gone, typed_in
from core.edits import EditConflict, RecordGone
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from planning.actions.publishing import HORIZON_WEEKS, publish_shifts
from planning.forms import HorizonForm, PatternForm
from planning.patterns import change_pattern


def _today(request: AgentRequest) -> date:
    return request.commune.local(clock.now()).date()


def _horizon(request: AgentRequest) -> date:
    return _today(request) + timedelta(weeks=HORIZON_WEEKS)


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def patterns(request: AgentRequest) -> HttpResponse:
    form = HorizonForm(today=_today(request), initial={"until": _horizon(request)})
    return _patterns(request, form)


def _patterns(request: AgentRequest, form: HorizonForm) -> HttpResponse:
    rows = ShiftPattern.objects.filter(site__commune=request.commune).select_related("agent", "site")
    context = {
        "patterns": rows.order_by("agent__first_name", "agent_id", "starts", "id"),
        "today": _today(request),
        "can_plan": Role.MANAGER in request.membership.roles,
        "horizon": form,
    }
    return render(request, "team/patterns.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save the usual week"))
def pattern_new(request: AgentRequest) -> HttpResponse:
    today = _today(request)
    initial = {"anchor_on": today, "from_on": today, "every_weeks": 1, "agent": request.GET.get("agent")}
    form = PatternForm(request.POST or None, commune=request.commune, initial=initial)
    return _edit(request, form, ShiftPattern())


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save the usual week"))
def pattern_edit(request: AgentRequest, pk: int) -> HttpResponse:
    pattern = ShiftPattern.objects.filter(pk=pk, site__commune=request.commune).first()
    if pattern is None and request.method == "POST":
        return _gone(request)
    if pattern is None:
        raise Http404
    initial = PatternForm.initial_of(pattern)
    return _edit(
        request, PatternForm(request.POST or None, commune=request.commune, initial=initial), pattern
    )


def _gone(request: AgentRequest) -> HttpResponse:
    form = PatternForm(request.POST, commune=request.commune)
    return render_gone(request, typed_in(form), back=reverse("patterns"))


def _edit(request: AgentRequest, form: PatternForm, pattern: ShiftPattern) -> HttpResponse:
    """The first press shows what would change, the second press makes the change."""
    context: dict[str, object] = {"form": form, "pattern": pattern if pattern.pk else None}
    if form.is_valid():
        keep = request.POST.get("step") == "apply"
        edit = form.edit(by=request.user, at=clock.now())
        try:
            change = change_pattern(
                commune=request.commune,
                pattern=pattern,
                wanted=form.chosen_values(),
                until=_horizon(request),
                now=clock.now(),
                keep=keep,
                edit=edit,
            )
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except RecordGone:
            return _gone(request)
        except PermanenceError as error:
            form.show_refusal(error, edit)
        else:
            if keep:
                said = _("The usual week is recorded and published.")
                messages.success(request, form.saved_text(said, edit))
                return redirect("replacements" if change.orphaned else "patterns")
            return render(request, "team/pattern.html", {**context, "change": change})
    return render(request, "team/pattern.html", context, status=form.status)


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Publish"))
def patterns_publish(request: AgentRequest) -> HttpResponse:
    form = HorizonForm(request.POST, today=_today(request))
    if not form.is_valid():
        return _patterns(request, form)
    done = publish_shifts(commune=request.commune, until=form.cleaned_data["until"], now=clock.now())
    number = len(done.added)
    messages.success(request, ngettext("%(n)s shift added.", "%(n)s shifts added.", number) % {"n": number})
    if done.in_the_way:
        number = len(done.in_the_way)
        text = ngettext(
            "%(n)s left out: its helper is elsewhere then.",
            "%(n)s left out: their helpers are elsewhere then.",
            number,
        )
        messages.warning(request, text % {"n": number})
    return redirect("patterns")
