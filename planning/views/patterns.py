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
from core.days import Week, read_day
from core.edit_forms import render_gone, typed_in
from core.edits import EditConflict, RecordGone
from core.errors import PermanenceError
from core.french_order import in_french_order
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role
from planning.actions.publishing import HORIZON_WEEKS, publish_shifts, published_until, rota_ends_soon
from planning.actions.undo_publishing import last_undoable, undo_publication
from planning.actions.usual_weeks import set_pattern, take_as_usual_week
from planning.forms import HorizonForm, PatternForm
from planning.publication_preview import preview_publication
from planning.undo import remember, taken_values


def _today(request: AgentRequest) -> date:
    return request.commune.local(clock.now()).date()


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def patterns(request: AgentRequest) -> HttpResponse:
    can_plan = Role.MANAGER in request.membership.roles
    rows = ShiftPattern.objects.filter(site__commune=request.commune).select_related("agent", "site")
    context = {
        "patterns": rows.exclude(weekdays=[]).order_by(
            *in_french_order("agent__first_name"), "agent_id", "starts", "id"
        ),
        "today": _today(request),
        "can_plan": can_plan,
        "published_until": published_until(request.commune),
        "rota_ends": rota_ends_soon(request.commune, clock.now()) if can_plan else None,
        "undoable": last_undoable(request.commune, clock.now()) if can_plan else None,
    }
    return render(request, "team/patterns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def pattern_new(request: AgentRequest) -> HttpResponse:
    today = _today(request)
    initial = {"anchor_on": today, "from_on": today, "every_weeks": 1, "agent": request.GET.get("agent")}
    form = PatternForm(request.POST or None, commune=request.commune, initial=initial)
    return _edit(request, form, ShiftPattern())


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
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
    """Save the usual week; the next page shows what publishing it would change."""
    if form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            set_pattern(pattern=pattern, wanted=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except RecordGone:
            return _gone(request)
        except PermanenceError as error:
            form.show_refusal(error, edit)
        else:
            said = _("The usual week is recorded. Its shifts change when you publish.")
            messages.success(request, form.saved_text(said, edit))
            return redirect("patterns-publish")
    context = {"form": form, "pattern": pattern if pattern.pk else None}
    return render(request, "team/pattern.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Publish"))
def patterns_publish(request: AgentRequest) -> HttpResponse:
    """First what publishing would change, then publishing it as far as it is still what was shown."""
    commune, now = request.commune, clock.now()
    published = published_until(commune)
    today = _today(request)
    until = max(published or today + timedelta(weeks=HORIZON_WEEKS), today)
    asked = request.POST if request.method == "POST" else request.GET
    form = HorizonForm(
        asked if "until" in asked or request.method == "POST" else None,
        today=today,
        published=published,
        initial={"until": until},
    )
    if form.is_bound:
        if not form.is_valid():
            return render(request, "publish/publish.html", {"form": form, "published": published}, status=422)
        until = form.cleaned_data["until"]
    preview = preview_publication(commune, until=until, now=now, by=request.user)
    status = 200
    if request.method == "POST":
        if request.POST.get("seen", preview.digest) == preview.digest:
            return _publish(request, until)
        messages.error(request, _("The rota has changed meanwhile: look again. Nothing is published yet."))
        status = 409
    context = {"form": form, "published": published, "preview": preview, "until": until}
    return render(request, "publish/publish.html", context, status=status)


def _publish(request: AgentRequest, until: date) -> HttpResponse:
    done, _record = publish_shifts(commune=request.commune, until=until, now=clock.now(), by=request.user)
    number = len(done.changes)
    text = ngettext("Published: %(n)s change.", "Published: %(n)s changes.", number) % {"n": number}
    messages.success(request, text)
    return redirect("patterns")


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Undo the publication"))
def publication_undo(request: AgentRequest) -> HttpResponse:
    pk = read_id(request.POST.get("publication", ""))
    try:
        undo_publication(commune=request.commune, pk=pk or 0, now=clock.now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The publication is undone: shifts are as they were before."))
    return redirect("patterns")


@require_POST
@for_roles(Role.MANAGER)
def week_as_usual(request: AgentRequest) -> HttpResponse:
    """Make this week the usual week. No shift changes before it is published."""
    week = Week.of(read_day(request.POST.get("week", ""), _today(request)))
    done = take_as_usual_week(commune=request.commune, week=week, now=clock.now())
    if not done.helpers:
        messages.info(request, _("Nobody is planned this week: the usual weeks stay as they are."))
        return redirect("patterns")
    said = ngettext(
        "The usual week of %(n)s helper is that of this week.",
        "The usual weeks of %(n)s helpers are those of this week.",
        done.helpers,
    )
    text = said % {"n": done.helpers}
    remember(request, text, "untake_week", **taken_values(done))
    messages.success(request, text)
    return redirect("patterns-publish")
