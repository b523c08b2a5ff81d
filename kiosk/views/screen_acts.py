"""One screen: all that is known of it, what agents ask of it, and another device in its place."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from core import clock
from core.edits import RecordGone
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from kiosk.board.layout import board
from kiosk.commands import reload_screens, send_command, take_back
from kiosk.day import board_day
from kiosk.enums import CommandKind
from kiosk.errors import CodeUnknown, TooManyCodes
from kiosk.fleet import fleet_rows
from kiosk.forms import CodeForm, MessageForm
from kiosk.models import Screen, ScreenCommand
from kiosk.pairing import replace_device, screen_address
from kiosk.views.screens import query_of, screens_in_care

_ASKED = {
    CommandKind.IDENTIFY: gettext_lazy("“%(name)s” shows its name as soon as nobody is there."),
    CommandKind.RELOAD: gettext_lazy("“%(name)s” reloads its page as soon as nobody is there."),
    CommandKind.SOUND: gettext_lazy("“%(name)s” makes its sound as soon as nobody is there."),
}
SHOWN = 20


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_GET
def screen_state(request: AgentRequest, pk: int) -> HttpResponse:
    """All that is known of one screen, and what can be asked of it."""
    screen = get_object_or_404(screens_in_care(request), pk=pk)
    form = MessageForm(now=clock.now(), commune=screen.site.commune)
    return _state(request, screen, form)


def _state(request: AgentRequest, screen: Screen, form: MessageForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    (row,) = fleet_rows([screen], now)
    log = ScreenCommand.objects.filter(screen=screen).select_related("asked_by", "ended_by")[:SHOWN]
    context: dict[str, Any] = {
        "screen": screen,
        "row": row,
        "form": form,
        "now": now,
        "log": log,
        "message": row.message,
        "cards": board(board_day(screen.site, now), screen.cabin_id, now).cards,
    }
    template = "screens/state.html#state" if request.htmx else "screens/state.html"
    with timezone.override(screen.site.commune.tz):
        return render(request, template, context, status=status)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_POST
def screen_identify(request: AgentRequest, pk: int) -> HttpResponse:
    return _ask(request, pk, CommandKind.IDENTIFY)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_POST
def screen_reload(request: AgentRequest, pk: int) -> HttpResponse:
    return _ask(request, pk, CommandKind.RELOAD)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_POST
def screen_sound(request: AgentRequest, pk: int) -> HttpResponse:
    return _ask(request, pk, CommandKind.SOUND)


def _ask(request: AgentRequest, pk: int, kind: CommandKind) -> HttpResponse:
    """Ask one screen for this; then back to the list, or to its own page (`page` in the form)."""
    screen = get_object_or_404(screens_in_care(request), pk=pk)
    try:
        send_command(screen=screen, kind=kind, by=request.user, now=clock.now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _ASKED[kind] % {"name": screen.name})
    if "page" in request.POST:
        return redirect("screen-state", pk=screen.pk)
    return _to_list(request)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_POST
def screens_reload(request: AgentRequest) -> HttpResponse:
    """Ask the ticked screens to reload."""
    ticked = [int(each) for each in request.POST.getlist("screen") if _is_number(each)][:500]
    chosen = list(screens_in_care(request).filter(pk__in=ticked))
    asked = reload_screens(screens=chosen, by=request.user, now=clock.now())
    if not chosen:
        messages.error(request, _("Tick the screens first."))
    elif asked:
        text = ngettext(
            "%(n)s screen reloads its page as soon as nobody is there.",
            "%(n)s screens reload their page as soon as nobody is there.",
            len(asked),
        )
        messages.success(request, text % {"n": len(asked)})
    if left := len(chosen) - len(asked):
        text = ngettext(
            "%(n)s screen is offline: it was asked for nothing.",
            "%(n)s screens are offline: they were asked for nothing.",
            left,
        )
        messages.error(request, text % {"n": left})
    return _to_list(request)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_POST
def screen_message(request: AgentRequest, pk: int) -> HttpResponse:
    """Show a message on the screen."""
    screen = get_object_or_404(screens_in_care(request), pk=pk)
    now = clock.now()
    form = MessageForm(request.POST, now=now, commune=screen.site.commune)
    if form.is_valid():
        try:
            send_command(
                screen=screen,
                kind=CommandKind.MESSAGE,
                by=request.user,
                now=now,
                text=form.cleaned_data["text"],
                until=form.cleaned_data["until"],
            )
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("“%(name)s” shows the message as soon as nobody is there.") % {"name": screen.name}
            )
            return redirect("screen-state", pk=screen.pk)
    return _state(request, screen, form, status=422)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_POST
def screen_take_back(request: AgentRequest, pk: int) -> HttpResponse:
    """What was asked is not done any more; a message goes."""
    found = ScreenCommand.objects.filter(screen__in=screens_in_care(request)).select_related("screen")
    command = get_object_or_404(found, pk=pk)
    take_back(command=command, by=request.user, now=clock.now())
    messages.success(request, _("Taken back."))
    return redirect("screen-state", pk=command.screen_id)


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_http_methods(["GET", "POST"])
def screen_replace(request: AgentRequest, pk: int) -> HttpResponse:
    """Another device takes the place of the present one, by the code that it shows."""
    screen = get_object_or_404(screens_in_care(request), pk=pk)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = form.cleaned_data["code"]
            replace_device(screen=screen, code=code, agent=request.user, now=clock.now())
        except (CodeUnknown, TooManyCodes) as error:
            form.add_error("code", str(error))
        except RecordGone as error:
            raise Http404 from error
        else:
            messages.success(
                request,
                _("The new device shows “%(name)s”; the old one is cut.") % {"name": screen.name},
            )
            return redirect("screen-state", pk=screen.pk)
    (row,) = fleet_rows([screen], clock.now())
    context = {"screen": screen, "row": row, "form": form, "screen_address": screen_address()}
    return render(request, "screens/replace.html", context, status=422 if form.errors else 200)


def _to_list(request: AgentRequest) -> HttpResponse:
    """The list with the filters that it had."""
    query = query_of(QueryDict(request.POST.get("back", "")[:500]))
    return redirect(f"{reverse('screens')}?{query}" if query else reverse("screens"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
