"""Whether a request really comes from Twilio, and by what its repetition is known."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from core.bodies import storable
from notifications.providers import is_simulated
from notifications.providers.twilio import conf
from notifications.providers.webhooks import only_signed

XML = "text/xml; charset=utf-8"
IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"

MOST = 64
"""Characters of a name of Twilio's, such as `CallSid`, that are kept; it has 34."""
_MOST = {"From": 20, "Body": 1600, "ErrorCode": 40, "SipResponseCode": 40}


def signing_token() -> str:
    """Twilio's secret; the simulator signs with a secret of its own."""
    if is_simulated():
        return salted_hmac("notifications.simulator", "webhooks", algorithm="sha256").hexdigest()
    return conf.AUTH_TOKEN


def is_signed(request: HttpRequest) -> bool:
    """Whether the signature is right. It covers the address that Twilio was given, which starts with
    PUBLIC_BASE_URL; a proxy may have changed the one that arrives here."""
    token = signing_token()
    if not token:
        return False
    uri = f"{settings.PUBLIC_BASE_URL}{request.get_full_path()}"
    algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER, ""))
    signature = request.headers.get(SIGNATURE_HEADER, "")
    return bool(RequestValidator(token).validate(uri, request.POST, signature, algorithm))


def from_provider[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Open to Twilio alone; a repeated request changes nothing and gets the same answer."""
    return only_signed(view, is_signed=is_signed, tokens=_tokens, content_type=XML)


def sent(request: HttpRequest, name: str) -> str:
    """A field of the request, as far as our columns hold it."""
    return storable(request.POST.get(name, ""))[: _MOST.get(name, MOST)]


def _tokens(request: HttpRequest) -> set[str]:
    """Twilio repeats a request whose answer it did not get under the same token. The token is not signed:
    an attacker who replays a request can change or drop it, but not the signature."""
    token = request.headers.get(IDEMPOTENCY_HEADER, "")
    return {f"signature:{request.headers[SIGNATURE_HEADER]}", *([token] if token else [])}
