"""A helper's own absences: the helper asks for one and a manager answers. Being ill today needs no answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.enums import AbsenceKind
from agents.models import Absence, AbsenceRequest
from agents.requests import AgentRequest
from core import clock
from core.announcing import announces
from core.days import day_span
from core.edit_forms import render_gone
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from planning.actions import absences
from planning.forms import AskForm


@require_GET
@for_roles(Role.HELPER, Role.MANAGER)
def my_absences(request: AgentRequest) -> HttpResponse:
    now = clock.now()
    own = Absence.objects.filter(agent=request.user, ends_at__gt=now)
    waiting = AbsenceRequest.objects.filter(commune=request.commune, is_accepted=None, ends_at__gt=now)
    context = {
        "absences": own.filter(commune__isnull=False),
        "busy_elsewhere": own.filter(commune=None).count(),  # external calendars: maybe thousands
        "requests": AbsenceRequest.objects.filter(
            agent=request.user, commune=request.commune, ends_at__gt=now
        ).exclude(is_accepted=True),
        "to_answer": waiting.select_related("agent") if Role.MANAGER in request.membership.roles else [],
        "is_helper": Role.HELPER in request.membership.roles,
    }
    return render(request, "absences/my_absences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.HELPER)
@announces(gettext_lazy("Ask for the absence"))
def absence_ask(request: AgentRequest) -> HttpResponse:
    commune, now = request.commune, clock.now()
    if request.POST.get("sick") == "today":
        start, end = day_span(commune.local(now).date(), commune.tz)
        absences.declare_absence(
            agent=request.user,
            commune=commune,
            starts_at=start,
            ends_at=end,
            kind=AbsenceKind.SICK,
            by=request.user,
        )
        messages.success(request, _("You are recorded as sick today. Get well soon."))
        return redirect("my-absences")
    form = AskForm(request.POST or None, commune=commune)
    if form.is_valid():
        try:
            absences.ask_absence(agent=request.user, commune=commune, now=now, **form.values())
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your request is with the manager."))
            return redirect("my-absences")
    return render(request, "absences/ask.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Answer the request"))
def absence_answer(request: AgentRequest, pk: int) -> HttpResponse:
    rows = AbsenceRequest.objects.select_related("agent", "commune")
    asked = rows.filter(pk=pk, commune=request.commune).first()
    if asked is None:
        return _gone(request)
    accept = request.POST.get("accept") == "1"
    try:
        absences.answer_absence(request=asked, accept=accept, by=request.user, now=clock.now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        text = (
            _("The absence of %(name)s is accepted.") if accept else _("The request of %(name)s is refused.")
        )
        messages.success(request, text % {"name": asked.agent})
    return redirect("my-absences")


@require_POST
@for_roles(Role.HELPER)
def absence_withdraw(request: AgentRequest, pk: int) -> HttpResponse:
    asked = AbsenceRequest.objects.filter(pk=pk, commune=request.commune, agent=request.user).first()
    if asked is None:
        return _gone(request)
    try:
        absences.withdraw_request(request=asked)
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your request is withdrawn."))
    return redirect("my-absences")


def _gone(request: AgentRequest) -> HttpResponse:
    """The request was withdrawn while the page was open."""
    return render_gone(request, [], back=reverse("my-absences"))
