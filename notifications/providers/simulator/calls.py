"""The simulator calls our own webhooks with a signature, as Twilio would."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import Resolver404, resolve
from twilio.request_validator import RequestValidator

from notifications.providers.twilio.webhooks import signing_token

PREFIX = "/messages/twilio/"


def ask(address: str, params: Mapping[str, str]) -> HttpResponse:
    """Post to one of our webhooks. Raises ValueError for any other address: a page must not choose which
    addresses the server calls."""
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if not parts.path.startswith(PREFIX):
        raise ValueError(address)
    try:
        match = resolve(parts.path)
    except Resolver404:
        raise ValueError(address) from None
    signature = RequestValidator(signing_token()).compute_signature(
        f"{settings.PUBLIC_BASE_URL}{path}", params
    )
    request = RequestFactory().post(path, dict(params), headers={"X-Twilio-Signature": signature})
    answer = match.func(request, *match.args, **match.kwargs)
    assert isinstance(answer, HttpResponse)
    return answer
