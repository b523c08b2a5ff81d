"""Text messages through seven.io (seven communications GmbH & Co. KG, Kiel).

`POST /sms` takes a message (https://docs.seven.io/en/rest-api/endpoints/sms); seven splits long texts and
chooses the alphabet itself. There is no idempotency key: every message carries a `foreign_id`, by which
`GET /journal/outbound` finds it when a reply is lost
(https://docs.seven.io/en/rest-api/endpoints/logbook). What its codes mean: `errors.py`.
"""

from collections.abc import Set
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from notifications.enums import Failure, State
from notifications.providers.base import ChannelError, Outgoing, Receipt, Refusal, ReplyLost
from notifications.providers.connection import never_left
from notifications.providers.seven.errors import (
    IN_DOUBT,
    PREFIX,
    REPORTS,
    STATES,
    not_connected,
    refusal_for,
    refusal_for_status,
)
from notifications.texts.sender import FICTION

TIMEOUT_S = 6
CONNECTIONS = 32
LONGEST_VALIDITY_MIN = 2880
LOOK_BACK = timedelta(days=1)
"""The journal is searched by day, in seven's time zone."""
LISTED = 100
"""The most entries that one request to the journal returns, newest first."""


class Seven:
    def __init__(self, api_key: str, base_url: str) -> None:
        self.base_url = base_url
        self.is_local = urlsplit(base_url).hostname in ("127.0.0.1", "localhost")
        self.session = requests.Session()
        self.session.headers.update({"X-Api-Key": api_key, "Accept": "application/json"})
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
        if self.is_local:
            self.session.trust_env = False

    def send(self, message: Outgoing) -> Receipt:
        if FICTION.fullmatch(message.recipient) and not self.is_local:
            raise ChannelError(Refusal("fiction", Failure.INVALID))
        content = {
            "to": message.recipient,
            "from": message.sender.removeprefix("+"),
            "text": message.text,
            "foreign_id": foreign_id(message.id),
            "ttl": max(1, min(message.valid_for_s // 60, LONGEST_VALIDITY_MIN)),
        }
        try:
            answer = self.session.post(f"{self.base_url}/sms", json=content, timeout=TIMEOUT_S)
        except requests.exceptions.RequestException as error:
            if code := never_left(error):
                raise ChannelError(not_connected(code)) from error
            raise ReplyLost from error
        return _receipt(answer)

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        mine = (each for each in self._journal(message) if each.get("foreign_id") == foreign_id(message.id))
        return next((_listed(each) for each in mine if str(each.get("id")) not in known_ids), None)

    def state_of(self, message: Outgoing, provider_id: str) -> Receipt | None:
        journal = self._journal(message)
        return next((_listed(each) for each in journal if str(each.get("id")) == provider_id), None)

    def _journal(self, message: Outgoing) -> list[dict[str, Any]]:
        """What seven has sent to that recipient. Raises ChannelError if it does not say."""
        wanted: dict[str, str | int] = {"to": message.recipient, "limit": LISTED}
        if message.claimed_at:
            wanted["date_from"] = (message.claimed_at - LOOK_BACK).date().isoformat()
        try:
            answer = self.session.get(f"{self.base_url}/journal/outbound", params=wanted, timeout=TIMEOUT_S)
            listed = answer.json() if answer.ok else None
        except requests.exceptions.RequestException as error:
            raise ChannelError(Refusal(f"{PREFIX}journal", Failure.TRANSIENT)) from error
        if not isinstance(listed, list):
            raise ChannelError(Refusal(f"{PREFIX}journal", Failure.TRANSIENT))
        return [each for each in listed if isinstance(each, dict)]


def _listed(entry: dict[str, Any]) -> Receipt:
    """Read an entry of the journal."""
    report = str(entry.get("dlr"))
    return Receipt(str(entry.get("id")), STATES.get(report, State.SENT), REPORTS.get(report))


def _receipt(answer: requests.Response) -> Receipt:
    """Read the answer to one message. It is an object, or nothing but a code."""
    if answer.status_code >= 500:
        raise ReplyLost
    try:
        content = answer.json()
    except requests.exceptions.JSONDecodeError as error:
        if answer.ok:
            raise ReplyLost from error
        raise ChannelError(refusal_for_status(answer.status_code)) from error
    sent = _first_message(content)
    if answer.ok and sent.get("success") is True and sent.get("id"):
        return Receipt(str(sent["id"]))
    code = str(sent.get("error") or (content.get("success") if isinstance(content, dict) else content))
    if code in IN_DOUBT:
        raise ReplyLost
    if not code.isdecimal():
        if answer.ok:
            raise ReplyLost
        raise ChannelError(refusal_for_status(answer.status_code))
    raise ChannelError(refusal_for(code))


def _first_message(content: object) -> dict[str, Any]:
    listed = content.get("messages") if isinstance(content, dict) else None
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}


def foreign_id(message_id: int) -> str:
    """Our name for a message at seven. The host keeps two installations apart that share an account."""
    return f"{message_id}@{urlsplit(settings.PUBLIC_BASE_URL).hostname}"[:64]
