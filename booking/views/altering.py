"""« Changer sans déplacer »: the form on the appointment's page, what it would do, and what it does."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.requests import AgentRequest
from booking import actions
from booking.actions.altering import MAY_CHANGE
from booking.errors import StatusRefused
from booking.forms.altering import AlterForm
from booking.log import Actor
from booking.models import Appointment
from booking.pages.altering import read_effect
from booking.views.appointment import STAFF, appointment_page, find, require_as_shown
from core.announcing import announces
from core.clock import now
from core.edits import EditConflict
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role

LOOK = "look"
"""Sent with the form to see what it would do; nothing is changed then."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*STAFF)
@announces(gettext_lazy("Save the changes"))
def change(request: AgentRequest, pk: int) -> HttpResponseBase:
    shown = find(request, pk)
    if not _can_change(shown):
        messages.error(request, _("Only an appointment that is still to come can be changed."))
        return redirect("appointment", pk)
    form = AlterForm(request.POST if request.method == "POST" else None, appointment=shown)
    if LOOK in request.POST:
        effect = read_effect(form, now=now())
        if not request.htmx:
            return appointment_page(request, shown, form=form, effect=effect)
        drawn = {"appointment": shown, "form": form, "effect": effect}
        return render(request, "appointment/_change.html#looked", drawn)
    if form.is_bound and form.is_valid():
        return _change(request, shown, form)
    return appointment_page(
        request, shown, status=form.status, form=form, effect=read_effect(form, now=now())
    )


def _can_change(shown: Appointment) -> bool:
    return shown.status in MAY_CHANGE and shown.ends_at > now()


def _change(request: AgentRequest, shown: Appointment, form: AlterForm) -> HttpResponse:
    edit = form.edit(by=request.user, at=now())
    asked = form.cleaned_data
    try:
        require_as_shown(request, shown)
        actions.alter(
            appointment=shown,
            wanted=form.chosen_values(),
            edit=edit,
            asked_by=asked["asked_by"],
            beside=asked["beside"],
            by=Actor.agent(request.user),
            now=now(),
        )
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
        return appointment_page(request, find(request, shown.pk), status=form.status, form=form)
    except StatusRefused as error:
        return _changed_meanwhile(request, form, error)
    except PermanenceError as error:
        return _refused(request, form, error)
    messages.success(request, form.saved_text(_("The changes are saved."), edit))
    is_office = bool(request.membership.roles & {Role.DESK, Role.MANAGER})
    if not is_office and shown.helper_id != request.user.pk:  # a colleague's from now on
        return redirect("my-day")
    return redirect("appointment", shown.pk)


def _changed_meanwhile(request: AgentRequest, form: AlterForm, error: StatusRefused) -> HttpResponse:
    """A colleague moved it or gave it away: the page as it is now, with everything typed, if it can still be
    changed."""
    shown = find(request, form.appointment.pk)
    if not _can_change(shown):
        messages.error(request, str(error))
        return redirect("appointment", shown.pk)
    form.appointment = shown
    form.add_error(None, str(error))
    return appointment_page(request, shown, status=error.http_status, form=form)


def _refused(request: AgentRequest, form: AlterForm, error: PermanenceError) -> HttpResponse:
    """The page once more, with everything typed, why it cannot be and what is near."""
    shown = find(request, form.appointment.pk)
    form.appointment = shown
    effect = read_effect(form, now=now())
    if effect is not None and effect.problem:
        form.add_error(None, _("It does not fit at this time: %(why)s") % {"why": effect.problem})
    else:
        form.add_error(None, str(error))
    return appointment_page(request, shown, status=error.http_status, form=form, effect=effect)
