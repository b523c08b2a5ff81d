"""How managers change the rota: a shift, an absence, a copied week, and undo.

`planning/views/week.py` shows the week.
"""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from agents.enums import AbsenceKind
from agents.models import Absence, Shift
from agents.requests import AgentRequest
from communes.half_days import half_days
from communes.open_hours import open_spans
from core import clock
from core.announcing import announces
from core.days import Week, day_span, read_day
from core.edit_forms import EditForm, render_gone, typed_in
from core.edits import EditConflict, RecordGone
from core.errors import PermanenceError
from core.ids import read_id
from core.localtime import cut, overlapping
from core.requests import for_roles
from core.roles import Role
from planning.actions import absences, shifts
from planning.actions.news import Telling
from planning.errors import ShiftChanged
from planning.exchange_form import ExchangeForm
from planning.forms import AbsenceForm, MoveShiftForm, ShiftForm, helpers_of
from planning.shown_site import shown_site
from planning.undo import absence_values, made_shift, remember, removed_shift, shift_values, undo

managers = for_roles(Role.MANAGER)


def _today(request: AgentRequest) -> date:
    return request.commune.local(clock.now()).date()


def _telling(request: AgentRequest) -> Telling:
    return Telling(request.user, clock.now())


@managers
@announces(gettext_lazy("Add the shift"))
def shift_new(request: AgentRequest) -> HttpResponse:
    asked = request.GET
    on = read_day(asked.get("on", ""), _today(request))
    initial: dict[str, Any] = {
        "on": on,
        "agent": asked.get("agent"),
        "site": asked.get("site"),
    }
    initial |= _hours_of_half(request, asked.get("site"), asked.get("half"), on)
    form = ShiftForm(request.POST or None, commune=request.commune, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            shift = shifts.add_shift(**form.values(), telling=_telling(request))
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            text = _("The shift of %(name)s is added.") % {"name": shift.agent}
            remember(request, text, "remove_shifts", made=[made_shift(shift)])
            messages.success(request, text)
            return _to_week(request, form.cleaned_data["on"], shift)
    return _form(request, "team/shift.html", form)


def _hours_of_half(request: AgentRequest, site: object, half: object, on: date) -> dict[str, Any]:
    """When the place is open on that half-day, to begin the form with."""
    halves = dict(zip(("morning", "afternoon"), half_days(on, request.commune), strict=True))
    place = request.commune.sites.filter(pk=read_id(site)).first() if half in halves else None
    if place is None:
        return {}
    spans = open_spans([place], request.commune, on, on + timedelta(days=1))[place.pk]
    if not (hours := cut(overlapping(spans, halves[str(half)]), halves[str(half)])):
        return {}
    local = request.commune.local
    return {"starts": local(hours[0][0]).time(), "ends": local(hours[-1][1]).time()}


def _shifts(request: AgentRequest) -> QuerySet[Shift]:
    return Shift.objects.select_related("agent", "site__commune").filter(site__commune=request.commune)


@managers
@announces(gettext_lazy("Change the shift"))
def shift_edit(request: AgentRequest, pk: int) -> HttpResponse:
    if request.method == "POST" and not _shifts(request).filter(pk=pk).exists():
        return _gone(request)
    shift = get_object_or_404(_shifts(request), pk=pk)
    form = ShiftForm(
        request.POST or None, commune=request.commune, initial=shifts.local_values(shift, request.commune)
    )
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            done = shifts.edit_shift(
                shift=shift, wanted=form.chosen_values(), commune=request.commune, edit=edit
            )
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except RecordGone:
            return _gone(request)
        except PermanenceError as error:
            form.show_refusal(error, edit)
        else:
            text = _("The shift of %(name)s is changed.") % {"name": done.after.agent}
            remember(
                request, text, "change_shift", made=[made_shift(done.after)], **shift_values(done.before)
            )
            messages.success(request, form.saved_text(text, edit))
            return _to_week(request, request.commune.local(done.after.starts_at).date(), done.after)
    return _form(request, "team/shift.html", form, shift=shift)


def _gone(request: AgentRequest) -> HttpResponse:
    form = ShiftForm(request.POST, commune=request.commune)
    return render_gone(request, typed_in(form), back=reverse("team"))


@require_POST
@managers
@announces(gettext_lazy("Move the shift"))
def shift_move(request: AgentRequest, pk: int) -> HttpResponse:
    """Move a shift to another day or helper, same site and hours: by dragging or with the arrow keys."""
    shift = _shifts(request).filter(pk=pk).first()
    if shift is None:
        return render_gone(request, [], back=reverse("team"))
    commune = request.commune
    form = MoveShiftForm(request.POST, commune=commune)
    if not form.is_valid():
        messages.error(request, _("This shift cannot be moved there."))
        return _to_week(request, commune.local(shift.starts_at).date())
    if not form.started_at(shift):
        messages.error(request, str(ShiftChanged()))
        return _to_week(request, commune.local(shift.starts_at).date())
    before, days = shift_values(shift), (form.cleaned_data["on"] - commune.local(shift.starts_at).date()).days
    try:
        shifts.change_shift(
            shift=shift,
            agent=form.cleaned_data["agent"],
            site=shift.site,
            starts_at=shifts.later(shift.starts_at, days, commune),
            ends_at=shifts.later(shift.ends_at, days, commune),
            telling=_telling(request),
        )
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        text = _("The shift of %(name)s is moved.") % {"name": shift.agent}
        remember(request, text, "change_shift", made=[made_shift(shift)], **before)
        messages.success(request, text)
    return _to_week(request, form.cleaned_data["on"])


@managers
@announces(gettext_lazy("Exchange the shifts"))
def shift_exchange(request: AgentRequest, pk: int) -> HttpResponse:
    """Give a shift to another helper, who gives one of the same week in return."""
    shift = _shifts(request).filter(pk=pk).first()
    if shift is None:
        return render_gone(request, [], back=reverse("team"))
    form = ExchangeForm(request.POST or None, shift=shift, commune=request.commune, now=clock.now())
    if request.method == "POST" and form.is_valid():
        other: Shift = form.cleaned_data["other"]
        try:
            shifts.exchange_shifts(first=shift, second=other, telling=_telling(request))
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            names = {"first": shift.agent, "second": other.agent}
            text = _("The shifts of %(first)s and %(second)s are exchanged.") % names
            made = [made_shift(each) for each in _shifts(request).filter(pk__in=[pk, other.pk])]
            remember(request, text, "exchange_shifts", made=made)
            messages.success(request, text)
            return _to_week(request, request.commune.local(shift.starts_at).date(), shift)
    return _form(request, "team/exchange.html", form, shift=shift)


@require_POST
@managers
@announces(gettext_lazy("Delete the shift"))
def shift_delete(request: AgentRequest, pk: int) -> HttpResponse:
    shift = _shifts(request).filter(pk=pk).first()
    if shift is None:
        return render_gone(request, [], back=reverse("team"))
    on, before = request.commune.local(shift.starts_at).date(), removed_shift(shift)
    form = ShiftForm(request.POST, commune=request.commune)
    try:
        edit = form.edit(by=request.user, at=clock.now())
        shifts.remove_shift(shift=shift, edit=edit, telling=_telling(request))
    except EditConflict:
        messages.error(request, str(ShiftChanged()))
        return redirect("shift-edit", pk)
    text = _("The shift of %(name)s is removed.") % {"name": shift.agent}
    remember(request, text, "add_shift", **before)
    messages.success(request, text)
    return _to_week(request, on)


@require_POST
@managers
@announces(gettext_lazy("Copy the week"))
def week_copy(request: AgentRequest) -> HttpResponse:
    """Copy the shifts of the week before into this week."""
    week = Week.of(read_day(request.POST.get("week", ""), _today(request)))
    done = shifts.copy_week(
        commune=request.commune, source=Week(week.before), target=week, now=clock.now(), by=request.user
    )
    if done.added:
        number = len(done.added)
        text = ngettext("%(n)s shift copied.", "%(n)s shifts copied.", number) % {"n": number}
        remember(request, text, "remove_shifts", made=[made_shift(shift) for shift in done.added])
        messages.success(request, text)
    if done.in_the_way:
        names = ", ".join(sorted({str(shift.agent) for shift in done.in_the_way}))
        messages.warning(
            request, _("Not copied, since they are elsewhere then: %(names)s.") % {"names": names}
        )
    if not done.added and not done.in_the_way:
        messages.info(request, _("There was nothing to copy."))
    return _to_week(request, week.monday)


@managers
@announces(gettext_lazy("Declare the absence"))
def absence_new(request: AgentRequest) -> HttpResponse:
    """The day is filled in only if the week led here with one: Enter must not make somebody absent today."""
    day = read_day(request.GET["on"], _today(request)) if request.GET.get("on") else None
    initial = {"first_on": day, "last_on": day, "agent": request.GET.get("agent")}
    form = AbsenceForm(request.POST or None, commune=request.commune, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            absence = absences.declare_absence(**form.values(), commune=request.commune, by=request.user)
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            text = _("%(name)s is recorded as away.") % {"name": absence.agent}
            remember(request, text, "remove_absence", id=absence.pk)
            messages.success(request, text)
            return _to_week(request, form.cleaned_data["first_on"])
    return _form(request, "absences/absence.html", form)


@require_POST
@managers
@announces(gettext_lazy("Delete the absence"))
def absence_delete(request: AgentRequest, pk: int) -> HttpResponse:
    rows = Absence.objects.select_related("agent")
    absence = rows.filter(pk=pk, commune=request.commune).first()
    if absence is None:
        return render_gone(request, [], back=reverse("team"))
    on, before = request.commune.local(absence.starts_at).date(), absence_values(absence)
    absences.remove_absence(absence=absence)
    text = _("%(name)s is counted on again.") % {"name": absence.agent}
    remember(request, text, "declare_absence", **before)
    messages.success(request, text)
    return _to_week(request, on)


@require_POST
@managers
@announces(gettext_lazy("Sick today"))
def sick_today(request: AgentRequest, agent_id: int) -> HttpResponse:
    """Declare an agent absent for the whole local day; the first tap asks to confirm, the second posts
    here."""
    commune = request.commune
    agent = get_object_or_404(helpers_of(commune), pk=agent_id)
    start, end = day_span(_today(request), commune.tz)
    absence = absences.declare_absence(
        agent=agent, commune=commune, starts_at=start, ends_at=end, kind=AbsenceKind.SICK, by=request.user
    )
    text = _("%(name)s is recorded as sick today.") % {"name": agent}
    remember(request, text, "remove_absence", id=absence.pk)
    messages.success(request, text)
    return _to_week(request, _today(request))


@require_POST
@managers
@announces(gettext_lazy("Undo"))
def team_undo(request: AgentRequest) -> HttpResponse:
    try:
        text = undo(request)
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Undone: %(what)s") % {"what": text})
    return _to_week(request, read_day(request.POST.get("week", ""), _today(request)))


def _form(request: AgentRequest, template: str, form: forms.Form, **context: Any) -> HttpResponse:
    status = form.status if isinstance(form, EditForm) else 422 if form.is_bound else 200
    return render(request, template, {"form": form, **context}, status=status)


def _to_week(request: AgentRequest, day: date, shift: Shift | None = None) -> HttpResponse:
    """Redirect to the week of the place that was shown, and to the shift in it: keyboard users continue from
    there."""
    place = f"#shift-{shift.pk}" if shift else ""
    site = shown_site(request)
    only = f"&site={site}" if site and (shift is None or shift.site_id == site) else ""
    return redirect(f"{reverse('team')}?week={Week.of(day).monday}{only}{place}")
