"""What is there, and what is missing, for a commune's messages; and the last message or call to try them."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from communes.models import Commune
from communes.setup_steps import Gap, Step, StepKey, Weight
from notifications import alarms
from notifications.actions.commune_settings import settings_of
from notifications.alarms.advice import why_waiting
from notifications.enums import Channel, MessageKind, State
from notifications.models import Message
from notifications.pages.sender_advice import advise
from notifications.providers import is_simulated, provider_for
from notifications.texts.sender import Sender, SenderKind, read_sender

_CUT = (SenderKind.FORBIDDEN, SenderKind.FOREIGN)
_LOST = (State.FAILED, State.EXPIRED)


def messages_step(commune: Commune, now: datetime) -> Step:
    link = reverse("message-settings")
    sender, caller = read_sender(commune.sender), read_sender(settings_of(commune).voice_number)
    has = []
    if sender.is_usable:
        has.append(_("Text messages come from %(sender)s.") % {"sender": sender.text})
    if caller.can_call:
        has.append(_("Calls come from %(sender)s.") % {"sender": caller.text})
    if is_simulated():
        has.append(_("This installation is for development: messages go to the simulator and reach nobody."))
    gaps = [
        *_provider_gaps(),
        *_sender_gaps(sender, commune, link),
        *_caller_gaps(caller, commune, link),
        *_alarm_gaps(commune, now, link),
    ]
    return Step(
        key=StepKey.MESSAGES, title=_("Messages and sender"), has=has, gaps=gaps, label=_("Change"), link=link
    )


def _provider_gaps() -> Iterator[Gap]:
    if provider_for(Channel.SMS) is None:
        yield Gap(
            text=_(
                "No provider of text messages: none leaves, and everybody has to be called. Whoever looks "
                "after the installation sets one up."
            )
        )


def _sender_gaps(sender: Sender, commune: Commune, link: str) -> Iterator[Gap]:
    label, advice = _("Choose a sender"), advise(sender, public_phone=commune.public_phone)
    if sender.kind is SenderKind.NONE and is_simulated():
        yield Gap(text=str(advice[0].text), label=label, link=link, weight=Weight.NOTE)
    elif not sender.is_usable or sender.kind in _CUT or any(each.level == "error" for each in advice):
        yield Gap(text=" ".join(str(each.text) for each in advice), label=label, link=link)
    elif sender.kind is SenderKind.NAME:
        yield Gap(text=str(advice[0].text), label=label, link=link, weight=Weight.NOTE)


def _caller_gaps(caller: Sender, commune: Commune, link: str) -> Iterator[Gap]:
    label, advice = _("Choose a number"), advise(caller, calls=True, public_phone=commune.public_phone)
    if caller.kind is SenderKind.NONE:
        yield Gap(text=str(advice[0].text), label=label, link=link, weight=Weight.NOTE)
    elif caller.kind in _CUT or any(each.level == "error" for each in advice):
        yield Gap(text=" ".join(str(each.text) for each in advice), label=label, link=link)
    elif provider_for(Channel.VOICE) is None:
        yield Gap(
            text=_(
                "No provider of calls: none is made, and landlines are for the desk. Whoever looks after the "
                "installation sets one up."
            )
        )


def _alarm_gaps(commune: Commune, now: datetime, link: str) -> Iterator[Gap]:
    for alarm in alarms.of_commune(commune, now=now):
        yield Gap(
            about=alarm.get_channel_display(),
            text=_("nothing leaves: %(why)s.") % {"why": why_waiting(alarm)},
            label=_("See the settings"),
            link=link,
        )


# ---- the trial -------------------------------------------------------------------------------------


def last_trial(commune: Commune) -> Message | None:
    """The last message or call that a manager had sent to their own phone."""
    tests = Message.objects.filter(commune=commune, kind=MessageKind.TEST)
    return tests.order_by("-created_at", "-id").first()


def trial_step(commune: Commune, now: datetime) -> Step:
    trial, link = last_trial(commune), reverse("message-trial")
    has, gaps = [], []
    label = _("Try a message on your phone")
    if trial is None:
        gaps.append(
            Gap(
                text=_("No trial yet: nobody has seen a message of yours arrive."),
                label=label,
                link=link,
            )
        )
    elif trial.state in _LOST:
        why = trial.failure_label or trial.get_state_display()
        gaps.append(
            Gap(
                text=_("The last trial did not arrive: %(why)s.") % {"why": why},
                label=_("Try again"),
                link=link,
            )
        )
    elif trial.state == State.DELIVERED:
        said = (
            _("Your call was answered and heard.")
            if trial.channel == Channel.VOICE
            else _("Your text message arrived.")
        )
        has.append(said)
    else:
        has.append(_("The last trial is on its way: its delivery is not reported yet."))
    return Step(
        key=StepKey.TEST,
        title=_("Trial"),
        has=has,
        gaps=gaps,
        label=label,
        link=link,
        is_optional=True,
    )
