"""Twilio's webhooks about calls. At each step of a call Twilio asks what to say and speaks our answer."""

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from booking.actions import is_offer_over, note_late_answer
from booking.enums import Status
from booking.models import Appointment
from core.clock import now
from notifications import actions, callers, histories, texts, writing
from notifications.enums import Audience, Channel, DeskReason, Failure, InboundOutcome, MessageKind, State
from notifications.models import Message
from notifications.plan.decide import may_still_leave
from notifications.providers.base import Refusal
from notifications.providers.twilio.errors import why_call_ended
from notifications.providers.twilio.script import Script, nothing, spoken
from notifications.providers.twilio.webhooks import XML, from_provider, sent
from notifications.tasks import request_sweep

MAX_REPEATS = 3
MAX_TRIES = 3
GOES_ON = ("queued", "initiated", "ringing", "in-progress", "answered")


def twiml(text: str) -> HttpResponse:
    return HttpResponse(text, content_type=XML)


def url(name: str, *args: int, **query: str | int) -> str:
    address = f"{settings.PUBLIC_BASE_URL}{reverse(name, args=args)}"
    return f"{address}?{urlencode(query)}" if query else address


# ---- we call ---------------------------------------------------------------------------------------


@from_provider
def twilio_call(request: HttpRequest, pk: int) -> HttpResponse:
    """A person, an answering machine or a fax has picked up our call."""
    if trial := _trial(pk):
        return _say_trial(trial, request)
    message, appointment, script = _call(pk)
    if sent(request, "AnsweredBy").startswith(("machine", "fax")):
        _report(message, request, State.FAILED, Failure.MACHINE)
        # If the appointment changed while the phone rang, the next message tells it, not this machine.
        still_true = _is_true(message, appointment)
        return twiml(script.voicemail(MessageKind(message.kind)) if still_true else script.goodbye())
    if not _is_true(message, appointment):
        return twiml(_no_longer_true(message, appointment, script, "intro"))
    return twiml(script.message(MessageKind(message.kind), heard_url=url("twilio-call-heard", message.pk)))


@from_provider
def twilio_call_heard(request: HttpRequest, pk: int) -> HttpResponse:
    """The first reading has ended and the person still listens: the message is delivered."""
    if trial := _trial(pk):
        _report(trial, request, State.DELIVERED)
        return twiml(spoken([trial.text], trial.language))
    message, appointment, script = _call(pk)
    _report(message, request, State.DELIVERED)
    if not _is_true(message, appointment):
        return twiml(_no_longer_true(message, appointment, script))
    kind = MessageKind(message.kind)
    return twiml(script.keys(kind, key_url=_key_url(message), end_url=_end_url(message)))


@from_provider
def twilio_call_key(request: HttpRequest, pk: int) -> HttpResponse:
    """A key was pressed in our call: a person listens, so the message counts as delivered."""
    message, appointment, script = _call(pk)
    _report(message, request, State.DELIVERED)
    key, kind = sent(request, "Digits"), MessageKind(message.kind)
    if key == "0":
        return twiml(_to_desk(message, appointment, script, "call_back"))
    if not _is_true(message, appointment):
        return twiml(_no_longer_true(message, appointment, script))
    if script.tells_only(kind) and key == "1":
        return twiml(script.goodbye("understood"))
    if not script.tells_only(kind) and key in ("1", "2"):
        asks_twice = key == "2" and kind != MessageKind.OFFER and request.GET.get("etape") != "annuler"
        if asks_twice:
            return twiml(
                script.second_key(
                    key_url=_key_url(message, etape="annuler"), end_url=_end_url(message, etape="annuler")
                )
            )
        return twiml(_take(message, appointment, script, yes=key == "1"))
    repeats = _count(request, "fois") + 1
    if repeats > MAX_REPEATS:
        return twiml(script.goodbye(script.no_key_for(kind)))
    return twiml(
        script.again(kind, key_url=_key_url(message, fois=repeats), end_url=_end_url(message, fois=repeats))
    )


@from_provider
def twilio_call_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole text was spoken and no key was pressed: the message is delivered, nothing else changes."""
    message, _, script = _call(pk)
    _report(message, request, State.DELIVERED)
    said = "kept" if request.GET.get("etape") == "annuler" else script.no_key_for(MessageKind(message.kind))
    return twiml(script.goodbye(said))


@from_provider
def twilio_call_status(request: HttpRequest, pk: int) -> HttpResponse:
    """A report about our call: it goes on, has ended, or was not answered."""
    message = get_object_or_404(Message, pk=pk, channel=Channel.VOICE)
    status = sent(request, "CallStatus")
    code, sip_code = sent(request, "ErrorCode"), sent(request, "SipResponseCode")
    if why := why_call_ended(status, code=code, sip_code=sip_code):
        _report(message, request, State.FAILED, why)
    elif status not in GOES_ON:
        return HttpResponse(status=400)
    return HttpResponse(status=204)


def _trial(pk: int) -> Message | None:
    """A call that a manager has made to their own phone: it is about no appointment."""
    return Message.objects.filter(pk=pk, channel=Channel.VOICE, kind=MessageKind.TEST).first()


def _say_trial(trial: Message, request: HttpRequest) -> HttpResponse:
    if sent(request, "AnsweredBy").startswith(("machine", "fax")):
        _report(trial, request, State.FAILED, Failure.MACHINE)
        return twiml(spoken([trial.text], trial.language))
    return twiml(spoken([trial.text], trial.language, then_url=url("twilio-call-heard", trial.pk)))


def _call(pk: int) -> tuple[Message, Appointment, Script]:
    calls = Message.objects.filter(channel=Channel.VOICE, appointment__isnull=False)
    message = get_object_or_404(
        calls.select_related("commune", "resident", "told_site", "appointment__commune", "appointment__site"),
        pk=pk,
    )
    appointment = message.appointment
    if appointment is None:
        raise Http404
    until = histories.told_expected(message) or appointment.held_until
    return message, appointment, _script(appointment, message.language, until, message=message)


def _script(
    appointment: Appointment,
    language: str,
    until: datetime | None = None,
    *,
    message: Message | None = None,
) -> Script:
    """With `message`: time and site as the message says them, for its recipient. Without it: the
    appointment as it is now."""
    start, site = histories.told_of(message) if message else (appointment.starts_at, appointment.site)
    resident = message.resident if message else appointment.resident
    about = writing.about(
        appointment.commune,
        site,
        start,
        number=appointment.number,
        until=until,
        who=str(resident or ""),
        helper=writing.asked_for(appointment),
    )
    return Script(about, language, message is not None and message.audience == Audience.CONTACT)


def _is_true(message: Message, appointment: Appointment) -> bool:
    return may_still_leave(
        MessageKind(message.kind),
        _told(message),
        status=Status(appointment.status),
        start=appointment.starts_at,
        site_id=appointment.site_id,
        is_theirs=histories.is_theirs(message),
    )


def _told(message: Message) -> tuple[datetime, int] | None:
    if message.told_start is None or message.told_site_id is None:
        return None
    return message.told_start, message.told_site_id


def _take(message: Message, appointment: Appointment, script: Script, *, yes: bool) -> str:
    outcome = actions.take_answer(
        appointment=appointment, told=_told(message), yes=yes, number=message.recipient, now=now()
    )
    if outcome is None:
        return _to_desk(message, appointment, script, "changed")
    return script.goodbye(outcome)


def _no_longer_true(message: Message, appointment: Appointment, script: Script, *said: str) -> str:
    if message.kind == MessageKind.OFFER and is_offer_over(appointment, now()):
        waits = note_late_answer(appointment=appointment)
        return script.goodbye(*said, InboundOutcome.GONE_WAITS if waits else InboundOutcome.GONE)
    return _to_desk(message, appointment, script, *said, "changed")


def _to_desk(message: Message, appointment: Appointment, script: Script, *said: str) -> str:
    actions.ask_call_back(
        commune=message.commune,
        number=message.recipient,
        why=DeskReason.ASKED,
        appointment=appointment,
        resident=message.resident,
        told=script.about,
        now=now(),
    )
    return script.goodbye(*said)


def _report(
    message: Message, request: HttpRequest, state: State, why: Failure | Refusal | None = None
) -> None:
    actions.report(
        message_id=message.pk,
        provider_id=sent(request, "CallSid"),
        state=state,
        refusal=Refusal("", why) if isinstance(why, Failure) else why,
        now=now(),
    )
    request_sweep()


def _key_url(message: Message, **query: str | int) -> str:
    return url("twilio-call-key", message.pk, **query)


def _end_url(message: Message, **query: str | int) -> str:
    return url("twilio-call-end", message.pk, **query)


def _count(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 4 else 0


# ---- someone calls us --------------------------------------------------------------------------------


@from_provider
def twilio_inbound_call(request: HttpRequest) -> HttpResponse:
    """Someone calls the commune's line: say who we are and ask for the number of the appointment."""
    caller = _caller(request)
    if caller is None:
        return twiml(nothing())
    actions.note_call(caller=caller, provider_id=_sid(request), now=now())
    if actions.is_guessing(caller, now=now()):
        return twiml(_connect_or_list(request, caller))
    return twiml(_ask_number(caller))


@from_provider
def twilio_inbound_key(request: HttpRequest) -> HttpResponse:
    """The caller keyed the number of an appointment, or 0 for a desk agent."""
    caller = _caller(request)
    if caller is None:
        return twiml(nothing())
    digits, tries = sent(request, "Digits"), _count(request, "fois") + 1
    if digits == "0" or actions.is_guessing(caller, now=now()):
        return twiml(_connect_or_list(request, caller))
    appointment = callers.coming_by_number(caller.commune, digits, now=now()) if len(digits) == 6 else None
    if appointment:
        actions.note_outcome(
            provider_id=_sid(request), outcome=InboundOutcome.HELPED, appointment=appointment
        )
        return twiml(_found(appointment, caller))
    actions.note_wrong_number(provider_id=_sid(request))
    if tries >= MAX_TRIES:
        return twiml(_connect_or_list(request, caller))
    return twiml(_ask_number(caller, tries=tries, after="inbound_unknown"))


@from_provider
def twilio_inbound_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The caller heard the appointment whose number they had keyed, and pressed a key."""
    caller = _caller(request)
    appointment = get_object_or_404(
        Appointment.objects.select_related("commune", "site", "resident"),
        pk=pk,
        commune=caller.commune if caller else None,
    )
    assert caller is not None
    heard = callers.what_was_heard(request.GET.get("dit", ""), appointment)
    if heard is None:
        # The appointment was given to another resident meanwhile: the caller hears and changes nothing more.
        return twiml(_connect_or_list(request, caller))
    script, key = _script(appointment, _language(caller)), sent(request, "Digits")
    if key == "0":
        return twiml(_connect_or_list(request, caller, appointment))
    if key == "2" and request.GET.get("etape") != "annuler":
        again = url("twilio-inbound-answer", pk, dit=request.GET["dit"], etape="annuler")
        return twiml(script.second_key(key_url=again, end_url=url("twilio-inbound-end")))
    if key in ("1", "2"):
        outcome = actions.take_answer(
            appointment=appointment, told=heard, yes=key == "1", number=caller.number, now=now()
        )
        if outcome is None:
            return twiml(_connect_or_list(request, caller, appointment))
        actions.note_outcome(provider_id=_sid(request), outcome=outcome)
        return twiml(script.goodbye(outcome))
    repeats = _count(request, "fois") + 1
    if repeats > MAX_REPEATS:
        return twiml(script.goodbye("no_key"))
    return twiml(_found(appointment, caller, fois=repeats))


def _found(appointment: Appointment, caller: callers.Caller, **query: int) -> str:
    """Speak the appointment and its keys. The answer's address holds the time and site that were spoken."""
    key_url = url("twilio-inbound-answer", appointment.pk, dit=callers.as_heard(appointment), **query)
    return _script(appointment, _language(caller)).found(key_url=key_url, end_url=url("twilio-inbound-end"))


@from_provider
def twilio_inbound_end(request: HttpRequest) -> HttpResponse:
    """The caller pressed no key: say goodbye, change nothing."""
    caller = _caller(request)
    return twiml(_plain_script(caller).goodbye("no_key_told") if caller else nothing())


@from_provider
def twilio_inbound_desk(request: HttpRequest) -> HttpResponse:
    """The call to the desk has ended. If no agent answered, the caller goes on the call list."""
    caller = _caller(request)
    if caller is None or sent(request, "DialCallStatus") == "completed":
        return twiml(nothing())
    return twiml(_list(request, caller, None))


def _caller(request: HttpRequest) -> callers.Caller | None:
    return callers.caller_of(ours=sent(request, "To"), theirs=sent(request, "From"))


def _sid(request: HttpRequest) -> str:
    return sent(request, "CallSid")


def _language(caller: callers.Caller) -> str:
    return texts.language_for(caller.resident.languages) if caller.resident else "fr"


def _plain_script(caller: callers.Caller) -> Script:
    """For sentences spoken before any appointment is known."""
    commune = caller.commune
    about = texts.About(commune.name, "", commune.tz, now(), "")
    return Script(about, _language(caller))


def _ask_number(caller: callers.Caller, *, tries: int = 0, after: str = "") -> str:
    return _plain_script(caller).ask_number(
        key_url=url("twilio-inbound-key", fois=tries), end_url=url("twilio-inbound-end"), after=after
    )


def _connect_or_list(
    request: HttpRequest, caller: callers.Caller, appointment: Appointment | None = None
) -> str:
    ours, site = sent(request, "To"), appointment.site if appointment else None
    numbers = callers.desk_numbers(caller.commune, site, now=now())
    number = next((each for each in numbers if each != ours), "")  # else this very line would ring
    if not number:
        return _list(request, caller, appointment)
    return _plain_script(caller).connect(number=number, caller=ours, after_url=url("twilio-inbound-desk"))


def _list(request: HttpRequest, caller: callers.Caller, appointment: Appointment | None) -> str:
    if not caller.can_be_called:
        return _plain_script(caller).goodbye("hidden")
    inbound = actions.note_call(caller=caller, provider_id=_sid(request), now=now())
    actions.note_outcome(provider_id=_sid(request), outcome=InboundOutcome.TO_DESK)
    actions.ask_call_back(
        commune=caller.commune,
        number=caller.number,
        why=DeskReason.ASKED,
        appointment=appointment,
        resident=caller.resident,
        inbound=inbound,
        told=_script(appointment, "fr").about if appointment else None,
        now=now(),
    )
    return _plain_script(caller).goodbye("call_back")
