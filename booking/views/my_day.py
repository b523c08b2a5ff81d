"""« Ma journée »: a helper's day on their phone, with its few buttons."""

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.enums import Origin, Outcome, Status
from booking.forms.my_day import EndForm, ExtendForm, FollowUpForm, LateForm, MyDayQuery, NoteForm
from booking.log import Actor
from booking.models import Appointment
from booking.pages.follow_up import read_follow_up
from booking.pages.my_day import read_my_day
from booking.pages.visit_note import note_form, without_note
from booking.views.appointment import require_as_shown
from core.announcing import announces
from core.clock import now
from core.days import day_span
from core.edit_forms import render_gone, typed_in
from core.edits import EditConflict
from core.errors import PermanenceError
from core.form_errors import errors_of
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from core.templatetags.times import hour_in_sentence

helpers = for_roles(Role.HELPER)


@require_GET
@helpers
def my_day(request: AgentRequest) -> HttpResponse:
    """The page of the day; for htmx, the list alone, or 204 if it has not changed."""
    query = MyDayQuery(request.GET).read
    context = _read(request, query["day"])
    if not request.htmx:
        return render(request, "my_day/my_day.html", context)
    if query["seen"] == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "my_day/my_day.html#live", context)


def _read(request: AgentRequest, on: date | None = None) -> dict[str, Any]:
    present = now()
    day = read_my_day(
        agent=request.user,
        commune=request.commune,
        memberships=request.memberships,
        on=on or request.commune.local(present).date(),
        now=present,
    )
    context: dict[str, Any] = {"day": day, "now": present}
    shows(request, Shown.DAY, day.residents)
    if day.is_today:
        context["without_note"] = list(without_note(request.user, request.commune, present))
        shows(request, Shown.DAY, [each.resident_id for each in context["without_note"]])
    # Rendered without the CSRF token, which differs each time.
    drawn = render_to_string("my_day/my_day.html#entries", {**context, "csrf_token": "-"})
    midnight = day_span(day.today, request.commune.tz)[1]
    return {
        **context,
        "seen": sha256(drawn.encode()).hexdigest()[:16],
        "ms_left": round((midnight - present).total_seconds() * 1000),
        "now_ms": round(present.timestamp() * 1000),
    }


def _find(request: AgentRequest, pk: int) -> Appointment:
    """An appointment of this helper; a colleague's gives a 404."""
    joined = _own(request).select_related("commune", "site", "cabin", "service", "helper", "resident")
    found = get_object_or_404(joined, pk=pk)
    shows(request, Shown.APPOINTMENT, [found.resident_id])
    return found


def _own(request: AgentRequest) -> QuerySet[Appointment]:
    return Appointment.objects.visible().filter(commune=request.commune, helper=request.user)


def _back(request: AgentRequest, appointment: Appointment) -> HttpResponse:
    on = request.commune.local(appointment.starts_at).date()
    return redirect(f"{reverse('my-day')}?day={on}#visit-{appointment.pk}")


def _attempt(request: AgentRequest, verb: Callable[..., Any], appointment: Appointment, **how: Any) -> bool:
    """Carry out the action and return True; if it is refused, show why."""
    try:
        require_as_shown(request, appointment)
        verb(appointment=appointment, by=Actor.agent(request.user), now=now(), **how)
    except PermanenceError as error:
        messages.error(request, str(error))
        return False
    return True


def _change(verb: Callable[..., Any], done: str | Promise) -> Callable[..., HttpResponseBase]:
    """Make a view for one button that changes one visit and returns to the day."""

    def view(request: AgentRequest, pk: int) -> HttpResponse:
        appointment = _find(request, pk)
        if _attempt(request, verb, appointment):
            messages.success(request, str(done))
        return _back(request, appointment)

    return require_POST(helpers(view))


check_in = _change(actions.check_in, _("The arrival is noted."))
undo_check_in = _change(actions.undo_check_in, _("The arrival is undone."))
start = _change(actions.start_session, _("The session has begun."))
undo_start = _change(actions.undo_start, _("The start is undone."))
undo_end = _change(actions.undo_end, _("The session goes on."))
no_show = _change(actions.mark_no_show, _("The absence is noted."))
undo_no_show = _change(actions.undo_no_show, _("The absence is undone."))


@require_http_methods(["GET", "HEAD", "POST"])
@helpers
def end(request: AgentRequest, pk: int) -> HttpResponse:
    """Record how the visit ended with one press; then its note, and the next appointment."""
    appointment = _find(request, pk)
    is_medical = appointment.service.is_medical
    form = EndForm(request.POST if request.method == "POST" else None, is_medical=is_medical)
    if form.is_valid():
        if _attempt(request, actions.end_session, appointment, **form.cleaned_data):
            if appointment.resident is None and not is_medical:
                return redirect(f"{reverse('visit-note', args=[pk])}?back=day")
            return redirect("my-day-follow-up", pk)
        return _back(request, appointment)
    if appointment.status != Status.IN_SESSION:
        return _back(request, appointment)
    context = {"appointment": appointment, "outcomes": Outcome.choices, "form": form}
    return render(request, "my_day/end.html", context, status=422 if form.is_bound else 200)


@require_POST
@helpers
def extend(request: AgentRequest, pk: int) -> HttpResponse:
    appointment = _find(request, pk)
    form = ExtendForm(request.POST)
    if not form.is_valid():
        _say_what_is_wrong(request, form)
    elif _attempt(request, actions.extend, appointment, **form.cleaned_data):
        ends = request.commune.local(appointment.ends_at)
        messages.success(
            request, gettext("The session lasts until %(time)s.") % {"time": hour_in_sentence(ends)}
        )
    return _back(request, appointment)


@require_POST
@helpers
@announces(_("I am late"))
def late(request: AgentRequest) -> HttpResponse:
    """« J'ai du retard »: announce until when; the screens show it and the next residents are told."""
    form = LateForm(request.POST)
    if form.is_valid():
        present = now()
        today = request.commune.local(present).date()
        try:
            actions.announce_delay(
                helper=request.user,
                commune=request.commune,
                until=datetime.combine(today, form.cleaned_data["until"], request.commune.tz),
                by=Actor.agent(request.user),
                now=present,
            )
        except PermanenceError as error:
            form.add_error("until", str(error))
        else:
            messages.success(
                request, gettext("Noted. The screens say so, and who can still be reached is told.")
            )
            return redirect("my-day")
    return render(request, "my_day/my_day.html", {**_read(request), "late_form": form}, status=422)


@require_POST
@helpers
@announces(_("I am there"))
def here(request: AgentRequest) -> HttpResponse:
    """The helper is no longer late, or announced it by mistake."""
    actions.clear_delay(helper=request.user, commune=request.commune, by=Actor.agent(request.user), now=now())
    messages.success(request, gettext("Noted: you are there."))
    return redirect("my-day")


@require_http_methods(["GET", "HEAD", "POST"])
@helpers
@announces(_("Book the next appointment"))
def follow_up(request: AgentRequest, pk: int) -> HttpResponse:
    """The next appointment for the same matter: pressing a time books it."""
    appointment = _find(request, pk)
    if appointment.resident is None:
        return _back(request, appointment)
    form = FollowUpForm(request.POST or None)
    if form.is_valid() and _book_next(request, appointment, form):
        return redirect("my-day-follow-up", pk)
    return _follow_up_page(request, appointment, form)


def _follow_up_page(
    request: AgentRequest,
    appointment: Appointment,
    form: FollowUpForm,
    notes: dict[int, NoteForm] | None = None,
) -> HttpResponse:
    """`notes`: forms of notes that came back, by the id of their appointment."""
    first, sent = MyDayQuery(request.GET).read["day"], notes or {}
    coming = Appointment.objects.filter(
        commune=request.commune,
        helper=request.user,
        resident=appointment.resident,
        status=Status.BOOKED,
        starts_at__gt=now(),
    ).exclude(pk=appointment.pk)
    rows = coming.select_related("site", "service").order_by("starts_at")
    context = {
        "appointment": appointment,
        "form": form,
        "coming": [(next_visit, sent.get(next_visit.pk) or NoteForm.of(next_visit)) for next_visit in rows],
        # Named here, so that the summary at the top of the page says what is wrong in it.
        "note_that_came_back": next(iter(sent.values()), None),
        "note_form": note_form(appointment, now()),
        "offered": read_follow_up(appointment=appointment, agent=request.user, first=first, now=now()),
    }
    status = next((each.status for each in sent.values()), 422 if form.is_bound else 200)
    return render(request, "my_day/follow_up.html", context, status=status)


@require_POST
@helpers
def note(request: AgentRequest, pk: int) -> HttpResponse:
    """What to prepare or bring for a coming visit."""
    if not _own(request).filter(pk=pk).exists():
        # It is a colleague's now, or was never this helper's.
        return render_gone(request, typed_in(NoteForm(request.POST)), back=reverse("my-day"))
    appointment = _find(request, pk)
    form = NoteForm.of(appointment, request.POST)
    if form.is_valid():
        _keep_note(request, appointment, form)
    last = read_id(request.POST.get("after"))
    if form.errors and last:
        return _follow_up_page(request, _find(request, last), FollowUpForm(), {pk: form})
    for problem in form.errors.values():
        messages.error(request, str(problem[0]))
    return redirect("my-day-follow-up", last) if last else _back(request, appointment)


def _say_what_is_wrong(request: AgentRequest, form: Form) -> None:
    """For a button, or a field that takes no more than is allowed: no page comes back with the form."""
    for error in errors_of([form]):
        messages.error(request, error.text)


def _keep_note(request: AgentRequest, appointment: Appointment, form: NoteForm) -> None:
    edit, wanted = form.edit(by=request.user, at=now()), form.chosen_values().get("note")
    by = Actor.agent(request.user)
    try:
        require_as_shown(request, appointment)
        actions.edit(appointment=appointment, note=wanted, started_from=edit, by=by, now=now())
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
    except PermanenceError as error:
        form.add_error("note", str(error))
    else:
        messages.success(request, form.saved_text(gettext("The note is kept."), edit))


def _book_next(request: AgentRequest, appointment: Appointment, form: FollowUpForm) -> bool:
    site_id, start = form.cleaned_data["slot"]
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=site_id)
    made = appointment.follow_ups.filter(site=site, starts_at=start, helper=request.user)
    if made.filter(status=Status.BOOKED).exists():  # the button was pressed twice
        messages.success(request, gettext("The next appointment is booked."))
        return True
    wanted = actions.BookingRequest(
        service=appointment.service,
        site=site,
        start=start,
        with_helper=True,
        helper=request.user,
        resident=appointment.resident,
        party_size=appointment.party_size,
        note=form.cleaned_data["note"],
        origin=Origin.HELPER,
        follow_up_of=appointment,
        beside=form.cleaned_data["beside"],
    )
    try:
        actions.book(request=wanted, by=Actor.agent(request.user), now=now())
    except PermanenceError as error:
        form.add_error("slot", str(error))
        form.others = error.details.get("appointments", [])
        return False
    messages.success(request, gettext("The next appointment is booked."))
    return True
