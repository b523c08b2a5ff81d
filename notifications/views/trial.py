"""« Essai »: a manager sends a message, or has a call made, to their own phone, and sees it arrive."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agents.requests import AgentRequest
from communes.models import Commune
from core.clock import now
from core.requests import for_roles
from core.roles import Role
from notifications import actions, histories
from notifications.actions.commune_settings import settings_of
from notifications.enums import Channel, State
from notifications.errors import NumberOfResident, TooManyTests
from notifications.forms import TrialForm, staff_language
from notifications.models import Message
from notifications.providers import provider_for
from notifications.setup_reading import last_trial
from notifications.tasks import request_sweep
from notifications.texts import LANGUAGES, ComposedText
from notifications.texts.gsm7 import fold, measure

_MOVING = (State.PENDING, State.SENDING, State.UNKNOWN, State.SENT)
WATCHED_FOR = timedelta(minutes=30)
"""How long the page looks for news of a trial. Later it is reported by the next visit."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def message_trial(request: AgentRequest) -> HttpResponse:
    ways = _ways(request.commune)
    form = TrialForm(request.POST or None, commune=request.commune, ways=ways)
    if request.method == "POST" and form.is_valid():
        channel = Channel(form.cleaned_data["channel"])
        try:
            actions.send_test(
                commune=request.commune,
                number=form.cleaned_data["number"],
                text=_text(request.commune, channel),
                channel=channel,
                by=request.user,
                now=now(),
            )
        except (NumberOfResident, TooManyTests) as refusal:
            form.add_error("number", str(refusal))
        else:
            request_sweep()
            messages.success(request, _("The trial leaves in a moment: keep your phone at hand."))
            return redirect("message-trial")
    context = {
        "form": form,
        "ways": ways,
        "samples": [(way, _text(request.commune, way)) for way in ways],
        **_state(request.commune, now()),
    }
    return render(request, "messages/trial.html", context, status=422 if form.errors else 200)


@require_GET
@for_roles(Role.MANAGER)
def message_trial_state(request: AgentRequest) -> HttpResponse:
    """Fragment: how far the last trial is."""
    return render(request, "messages/trial.html#state", _state(request.commune, now()))


def _state(commune: Commune, at: datetime) -> dict[str, object]:
    trial: Message | None = last_trial(commune)
    moves = trial is not None and trial.state in _MOVING and at - trial.created_at < WATCHED_FOR
    return {"trial": trial, "moves": moves}


def _ways(commune: Commune) -> list[Channel]:
    """The ways by which a message of this commune can leave now."""
    ways = []
    if provider_for(Channel.SMS) and histories.text_sender(commune).is_usable:
        ways.append(Channel.SMS)
    if provider_for(Channel.VOICE) and histories.call_sender(settings_of(commune)).can_call:
        ways.append(Channel.VOICE)
    return ways


def _text(commune: Commune, channel: Channel) -> ComposedText:
    language = staff_language() if staff_language() in LANGUAGES else "fr"
    mairie = LANGUAGES[language].town_hall(commune.name)
    said = _(
        "%(mairie)s: this is a trial. A real message says the day, the hour and the place. "
        "Please do not reply."
    )
    spoken = _("Hello. %(mairie)s: this is a trial. A real call says the day, the hour and the place.")
    if channel == Channel.VOICE:
        # In the middle of the sentence.
        text = spoken % {"mairie": mairie[0].lower() + mairie[1:]}
    else:
        text = fold(said % {"mairie": mairie})
    return ComposedText(text, "", measure(text), asks=False, language=language)
