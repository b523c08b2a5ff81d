"""The page of a place's opening hours: a week with other hours on some dates, or the text that says them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from communes import actions
from communes.errors import DatesClash, HoursError
from communes.hours_forms import HoursForm, WeekForm
from communes.models import Commune, Site
from communes.opening.coming_dates import coming_dates
from communes.opening.hours import summary
from communes.opening.usual_week import week_values
from communes.requests import CommuneRequest
from core import clock
from core.announcing import announces
from core.edit_forms import EditForm
from core.edits import Edit, EditConflict
from core.requests import for_roles
from core.roles import Role


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Change the opening hours"))
def hours_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    """Edit opening hours: those that the form by day can say in that form, others as text, since the form
    would lose something. Sent with `add`, the form by day comes back with one more row of dates; with `copy`,
    with Monday's hours on the working days that have none."""
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=pk)
    site.commune = request.commune
    today = request.commune.local(clock.now()).date()
    stored = week_values(site.opening_hours, request.commune.insee_code, today)
    if request.method == "POST":
        if "add" in request.POST:
            return _one_more_row(request, site)
        if "copy" in request.POST:
            return _monday_copied(request, site)
        # What was sent decides, not what is stored now: somebody else may have saved the other kind since.
        as_text = "opening_hours" in request.POST
        return _save_text(request, site, stored) if as_text else _save_week(request, site)
    if stored is None or "text" in request.GET:
        form = HoursForm(commune=request.commune, initial={"opening_hours": site.opening_hours})
        return _text_page(request, site, form, has_plain=stored is not None)
    return _week_page(request, site, WeekForm(initial=WeekForm.initial_of(stored), today=today))


def _sent_week(request: CommuneRequest) -> WeekForm:
    return WeekForm(request.POST, today=request.commune.local(clock.now()).date())


def _one_more_row(request: CommuneRequest, site: Site) -> HttpResponse:
    """The page again with all that was typed and an empty row; for htmx, the row alone."""
    form = _sent_week(request)
    form.say_nothing()
    row = form.add_row()
    if request.headers.get("HX-Request") == "true":
        return render(request, "places/_dates_row.html", {"row": row})
    return _week_page(request, site, form, status=200)


def _monday_copied(request: CommuneRequest, site: Site) -> HttpResponse:
    form = _sent_week(request)
    form.copy_monday()
    if not form.is_valid():
        form.say_nothing()
    return _week_page(request, site, form, status=200)


def _save_week(request: CommuneRequest, site: Site) -> HttpResponse:
    form, now = _sent_week(request), clock.now()
    if not form.is_valid():
        return _week_page(request, site, form)
    edit = form.edit(by=request.user, at=now)
    try:
        actions.edit_week(site=site, week=form.chosen_values(), now=now, edit=edit)
    except EditConflict as conflict:
        if "opening_hours" in conflict.names:
            # It is a plain week no longer: go on as text.
            data = {"opening_hours": form.expression}
            text = HoursForm(data, commune=request.commune)
            text.is_valid()
            text.show_conflict(conflict, edit)
            return _text_page(request, site, text)
        form.show_conflict(conflict, edit)
        return _week_page(request, site, form)
    except DatesClash as refusal:
        form.show_refusal(refusal, edit)
        return _week_page(request, site, form)
    return _hours_saved(request, site, form, edit)


def _save_text(request: CommuneRequest, site: Site, stored: dict[str, Any] | None) -> HttpResponse:
    form, now = HoursForm(request.POST, commune=request.commune), clock.now()
    if not form.is_valid():
        return _text_page(request, site, form, has_plain=stored is not None)
    edit, wanted = form.edit(by=request.user, at=now), form.chosen_values()
    try:
        actions.edit_hours(
            site=site, opening_hours=wanted.get("opening_hours", site.opening_hours), now=now, edit=edit
        )
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
        return _text_page(request, site, form, has_plain=stored is not None)
    return _hours_saved(request, site, form, edit)


def _week_page(
    request: CommuneRequest, site: Site, form: WeekForm, *, status: int | None = None
) -> HttpResponse:
    preview = _week_preview(form, request.commune, site.opening_hours)
    context = {"form": form, "site": site, **preview}
    return render(request, "places/hours_week.html", context, status=status or form.status)


def _text_page(
    request: CommuneRequest, site: Site, form: HoursForm, *, has_plain: bool = False
) -> HttpResponse:
    preview = _text_preview(form, request.commune, site.opening_hours)
    context = {"form": form, "site": site, "has_plain": has_plain, **preview}
    return render(request, "places/hours.html", context, status=form.status)


def _hours_saved(request: CommuneRequest, site: Site, form: EditForm, edit: Edit) -> HttpResponse:
    said = _("The opening hours of %(site)s are changed.") % {"site": site}
    messages.success(request, form.saved_text(said, edit))
    return redirect("places")


@require_POST
@for_roles(Role.MANAGER)
def hours_preview(request: CommuneRequest) -> HttpResponse:
    """Fragment: what is typed so far means, in sentences, with the coming dates that are not as usual. It
    writes nothing; by POST, since a form with many dates is too long for an address."""
    if "opening_hours" in request.POST:
        text = HoursForm(request.POST, commune=request.commune)
        text.is_valid()
        return render(request, "places/_hours_preview.html", _text_preview(text, request.commune, ""))
    week = _sent_week(request)
    if not week.is_valid():
        return HttpResponse()  # sending it will show its errors
    return render(request, "places/_hours_preview.html", _week_preview(week, request.commune, ""))


def _week_preview(form: WeekForm, commune: Commune, stored: str) -> dict[str, Any]:
    if not form.is_bound:
        text = stored
    elif form.is_judged and form.is_valid():
        text = form.expression
    else:
        return {}
    return {**_meaning(text, commune), "written": text}


def _text_preview(form: HoursForm, commune: Commune, stored: str) -> dict[str, Any]:
    """The hours in sentences, or the text cut in three: before the error, the error, after it."""
    text = form.data.get("opening_hours", "") if form.is_bound else stored
    if form.is_bound and form.problem:
        start = form.problem.position
        end = start + max(1, len(form.problem.fragment))
        return {"problem": form.problem, "cut": (text[:start], text[start:end], text[end:])}
    return _meaning(text, commune)


def _meaning(text: str, commune: Commune) -> dict[str, Any]:
    if not text.strip():
        return {"sentences": [_("always closed")]}
    today = commune.local(clock.now()).date()
    try:
        return {
            "sentences": summary(text, around=today),
            "coming": coming_dates(text, commune.insee_code, today=today),
        }
    except HoursError as error:
        return {"problem": error, "cut": (text, "", "")}
