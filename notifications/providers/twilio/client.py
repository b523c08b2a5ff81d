"""Text messages and calls through Twilio.

Its API has no idempotency key. When a reply is lost, `find` looks the message up in Twilio's list by
recipient, text and time before anything else is done. What its error codes mean: `errors.py`.
"""

from collections.abc import Set
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from notifications.enums import Channel, Failure, State
from notifications.providers.base import ChannelError, Outgoing, Receipt, Refusal, ReplyLost
from notifications.providers.connection import never_left
from notifications.providers.twilio.errors import not_connected, refusal_for, why_call_ended
from notifications.texts.sender import FICTION

TIMEOUT_S = 6
RING_S = 40
CONNECTIONS = 32
LOOK_BACK = timedelta(minutes=2)
LISTED = 100
"""How many entries one request asks for, newest first: the message in doubt is minutes old."""

STATES: dict[str, State] = {
    "accepted": State.SENT,
    "scheduled": State.SENT,
    "queued": State.SENT,
    "sending": State.SENT,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.FAILED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}


class Twilio:
    def __init__(self, account: str, token: str, base_url: str = "") -> None:
        self.is_local = urlsplit(base_url).hostname in ("127.0.0.1", "localhost")
        http = TwilioHttpClient(timeout=TIMEOUT_S)
        assert http.session is not None
        for scheme in ("https://", "http://"):
            http.session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
        if self.is_local:
            http.session.trust_env = False
        self.client = Client(account, token, http_client=http)
        if base_url:
            self.client.api.base_url = base_url

    def send(self, message: Outgoing) -> Receipt:
        if FICTION.fullmatch(message.recipient) and not self.is_local:
            raise ChannelError(Refusal("fiction", Failure.INVALID))
        sid = self._ask(self._call if message.channel == Channel.VOICE else self._text, message)
        return Receipt(sid)

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        try:
            listed = self._ask(self._calls if message.channel == Channel.VOICE else self._texts, message)
        except ReplyLost as error:
            raise ChannelError(Refusal("list", Failure.TRANSIENT)) from error
        since = (message.claimed_at - LOOK_BACK) if message.claimed_at else None
        for entry in listed:
            created = entry.date_created
            if created and created.tzinfo is None:
                created = created.replace(tzinfo=UTC)
            if entry.sid in known_ids or (since and created and created < since):
                continue
            if message.channel == Channel.VOICE:
                return Receipt(entry.sid)
            if entry.body == message.text:
                return _text_receipt(entry)
        return None

    def state_of(self, message: Outgoing, provider_id: str) -> Receipt | None:
        is_call = message.channel == Channel.VOICE
        kept = self.client.calls(provider_id) if is_call else self.client.messages(provider_id)
        try:
            entry = kept.fetch()
        except TwilioRestException as error:
            if error.status == 404:
                return None
            raise ChannelError(Refusal(str(error.code or error.status), Failure.TRANSIENT)) from error
        except (requests.exceptions.RequestException, TwilioException, ValueError) as error:
            raise ChannelError(Refusal("fetch", Failure.TRANSIENT)) from error
        return _call_receipt(entry) if is_call else _text_receipt(entry)

    def erase(self, provider_id: str) -> None:
        """Delete the record of a message or a call, with its text and its number. Raises ChannelError if
        Twilio does not do it now, as for a message that is still on its way."""
        is_call = provider_id.startswith("CA")
        kept = self.client.calls(provider_id) if is_call else self.client.messages(provider_id)
        try:
            kept.delete()
        except TwilioRestException as error:
            if error.status != 404:
                raise ChannelError(Refusal(str(error.code or error.status), Failure.TRANSIENT)) from error
        except (requests.exceptions.RequestException, TwilioException, ValueError) as error:
            raise ChannelError(Refusal("erase", Failure.TRANSIENT)) from error

    def _text(self, message: Outgoing) -> str:
        sent = self.client.messages.create(
            to=message.recipient,
            from_=message.sender,
            body=message.text,
            status_callback=absolute("twilio-status", message.id),
            validity_period=max(1, min(message.valid_for_s, 4 * 3600)),
        )
        return str(sent.sid)

    def _call(self, message: Outgoing) -> str:
        call = self.client.calls.create(
            to=message.recipient,
            from_=message.sender,
            url=absolute("twilio-call", message.id),
            status_callback=absolute("twilio-call-status", message.id),
            timeout=RING_S,
            machine_detection="DetectMessageEnd",
        )
        return str(call.sid)

    def _texts(self, message: Outgoing) -> list[Any]:
        return list(self.client.messages.page(to=message.recipient, page_size=LISTED))

    def _calls(self, message: Outgoing) -> list[Any]:
        return list(self.client.calls.page(to=message.recipient, page_size=LISTED))

    def _ask(self, request: Any, message: Outgoing) -> Any:
        """Make one request. Raises ChannelError if the message has certainly not left, ReplyLost if it may
        have."""
        try:
            return request(message)
        except TwilioRestException as error:
            if error.status >= 500:
                raise ReplyLost from error
            code = str(error.code or error.status)
            raise ChannelError(refusal_for(code, status=error.status)) from error
        except requests.exceptions.RequestException as error:
            if cause := never_left(error):
                raise ChannelError(not_connected(cause)) from error
            raise ReplyLost from error
        except (TwilioException, ValueError) as error:
            raise ReplyLost from error


def _text_receipt(entry: Any) -> Receipt:
    state = STATES.get(str(entry.status), State.SENT)
    refusal = refusal_for(str(entry.error_code or "")) if state == State.FAILED else None
    return Receipt(str(entry.sid), state, refusal)


def _call_receipt(entry: Any) -> Receipt:
    """Of a call that was heard, our own script has told us: Twilio alone knows how it failed."""
    refusal = why_call_ended(str(entry.status))
    return Receipt(str(entry.sid), State.FAILED if refusal else State.SENT, refusal)


def absolute(name: str, message_id: int) -> str:
    """The full address of one of our webhooks, for Twilio."""
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=[message_id])}"
