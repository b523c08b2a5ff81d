"""« Semaine type de … »: all rows of one helper's usual week on one page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.models import Agent, Membership
from agents.requests import AgentRequest
from agents.site_marks import site_marks
from communes.half_days import OpenHalfDays
from core import clock
from core.edit_forms import render_gone
from core.edits import EditConflict
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from planning.actions.usual_weeks import row_name, row_values, rows_of, set_usual_week
from planning.usual_week_form import Choices, UsualWeekForm
from planning.usual_week_pictures import UsualWeek, picture_week


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def usual_week(request: AgentRequest, agent_id: int) -> HttpResponse:
    """`add` asks for one more empty row, `look` for the week as it stands on the page; neither saves."""
    commune, today = request.commune, request.commune.local(clock.now()).date()
    member = Membership.objects.filter(commune=commune, agent=agent_id).select_related("agent").first()
    agent = member.agent if member else Agent(pk=0)
    rows = list(rows_of(commune, agent).order_by("starts", "pk")) if member else []
    present = {row_name(row): row_values(row) for row in rows}
    stored = {
        name: row
        for name, row in sorted(present.items(), key=lambda each: (each[1].weekdays[0], each[1].starts))
        if not row.has_ended(today)
    }
    choices = Choices(commune, agent, today, stored)
    form = UsualWeekForm(request.POST if request.method == "POST" else None, choices=choices)
    if member is None or not (member.is_helper or rows):
        if request.method == "POST":
            return render_gone(request, form.typed(), back=reverse("patterns"))
        raise Http404
    context = {"form": form, "agent": agent, "member": member, "ended": len(present) - len(stored)}
    if {"add", "look"} & request.POST.keys():
        return _unsaved(request, form, {**context, "week": _week(form, member)})
    if form.is_valid() and _save(request, form):
        return redirect("patterns-publish")
    return render(
        request, "team/usual_week.html", {**context, "week": _week(form, member)}, status=form.status
    )


def _unsaved(request: AgentRequest, form: UsualWeekForm, context: dict[str, Any]) -> HttpResponse:
    """The page again with all that was typed; for htmx, only the part that was asked for."""
    form.say_nothing()
    added = form.add_row() if "add" in request.POST else None
    if not request.htmx:
        return render(request, "team/usual_week.html", context)
    if added is None:
        return render(request, "team/_usual_sum.html", context)
    return render(request, "team/_usual_row.html", {**context, "row": added})


def _week(form: UsualWeekForm, member: Membership) -> UsualWeek:
    hours = member.weekly_hours
    return picture_week(
        form.rules(),
        places=form.choices.places,
        marks=site_marks(member.commune),
        contract=None if hours is None else round(hours * 60),
        today=form.choices.today,
        opening=OpenHalfDays.by_hours(form.choices.sites, member.commune, form.choices.today),
    )


def _save(request: AgentRequest, form: UsualWeekForm) -> bool:
    """Whether it was saved; otherwise the form says why not."""
    choices, edit = form.choices, form.edit(by=request.user, at=clock.now())
    try:
        set_usual_week(
            commune=choices.commune,
            agent=choices.agent,
            wanted=form.chosen_values(),
            new=form.new_rows(),
            today=choices.today,
            edit=edit,
        )
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
    except PermanenceError as error:
        form.show_refusal(error, edit)
    else:
        said = _("The usual week is recorded. Its shifts change when you publish.")
        messages.success(request, form.saved_text(said, edit))
        return True
    return False
