"""Seven's webhooks about text messages (https://docs.seven.io/en/rest-api/webhooks), in JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from core.bodies import json_of, storable
from core.clock import now
from notifications import actions, callers
from notifications.enums import Channel, State
from notifications.models import Message
from notifications.providers.seven.client import foreign_id
from notifications.providers.seven.errors import PREFIX, REPORTS, STATES
from notifications.providers.seven.webhooks import from_provider
from notifications.tasks import request_sweep

E164_DIGITS = 8
"""A number with fewer digits is a short code, which has no country code."""
ON_ITS_WAY = (State.SENDING, State.UNKNOWN)


@from_provider
def seven_status(request: HttpRequest) -> HttpResponse:
    """Event `dlr`: a delivery report."""
    data = _data(request, "dlr")
    status, provider_id = str(data.get("status")), str(data.get("msg_id") or "")[:64]
    if status not in STATES or not provider_id:
        return HttpResponse(status=400)
    message_id = _message_id(str(data.get("foreign_id") or ""), provider_id)
    if message_id is None:
        # Perhaps seven was faster than its own answer: then it is to repeat the report a minute later.
        waits = Message.objects.filter(channel=Channel.SMS, state__in=ON_ITS_WAY).exists()
        return HttpResponse(status=503 if waits else 204)
    if actions.report(
        message_id=message_id,
        provider_id=provider_id,
        state=STATES[status],
        refusal=REPORTS.get(status),
        now=now(),
    ):
        request_sweep()
    return HttpResponse(status=204)


def _message_id(ours: str, provider_id: str) -> int | None:
    """By our own name of the message; reports without it are matched by seven's."""
    number = ours.partition("@")[0]
    if number.isdecimal() and len(number) < 19 and ours == foreign_id(int(number)):
        return int(number)
    sent = Message.objects.filter(channel=Channel.SMS, provider_id=provider_id)
    return sent.values_list("pk", flat=True).first()


@from_provider
def seven_inbound_text(request: HttpRequest) -> HttpResponse:
    """Event `sms_mo`: a resident writes to the number of the commune. The next sweep sends the answer."""
    data = _data(request, "sms_mo")
    ours, theirs = (_number(str(data.get(name) or "")) for name in ("system", "sender"))
    provider_id = str(data.get("id") or "")
    caller = callers.caller_of(ours=ours, theirs=theirs) if ours and theirs else None
    if caller is None or not provider_id:
        return HttpResponse(status=400)
    actions.receive(
        caller=caller,
        provider_id=f"{PREFIX}{provider_id}"[:64],
        text=str(data.get("text") or ""),
        now=now(),
    )
    request_sweep()
    return HttpResponse(status=204)


def _data(request: HttpRequest, event: str) -> dict[str, Any]:
    """The content of a webhook; empty unless it is about that event."""
    try:
        content = json_of(request)
    except ValueError:
        return {}
    if not isinstance(content, dict) or content.get("webhook_event") != event:
        return {}
    data = content.get("data")
    return {name: _plain(value) for name, value in data.items()} if isinstance(data, dict) else {}


def _plain(value: Any) -> str | int | None:
    """A text or a number; None for everything else. A text may end with half a character (« \\ud83d »): an
    emoji that was cut in two, at the end of a part of a long message."""
    if isinstance(value, str):
        return storable(value)
    return value if isinstance(value, int) else None


def _number(text: str) -> str:
    """Seven writes numbers without a plus. Empty if it is none: a name cannot be answered."""
    digits = text.removeprefix("+")
    if not digits.isdecimal():
        return ""
    return f"+{digits[:15]}" if len(digits) >= E164_DIGITS else digits
