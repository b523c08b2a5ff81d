"""Whether a request really comes from the provider, and whether it is the first of its kind."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from notifications.models import WebhookReceipt
from notifications.providers import is_simulated

XML = "text/xml; charset=utf-8"
IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"


def signing_token() -> str:
    """The provider's secret; the simulator signs with one of its own."""
    if is_simulated():
        return salted_hmac("notifications.simulator", "webhooks", algorithm="sha256").hexdigest()
    return str(settings.TWILIO_AUTH_TOKEN)


def is_signed(request: HttpRequest) -> bool:
    """The signature is over the address that the provider was given, not the one a proxy made of it."""
    token = signing_token()
    if not token:
        return False
    uri = f"{settings.PUBLIC_BASE_URL}{request.get_full_path()}"
    algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER, ""))
    signature = request.headers.get(SIGNATURE_HEADER, "")
    return bool(RequestValidator(token).validate(uri, request.POST, signature, algorithm))


def answered_before(request: HttpRequest) -> HttpResponse | None:
    """What this very request was answered when it came first: the provider repeats one whose answer it
    did not get, under the same token; whoever replays one may change or drop the token, which is not
    signed, but not the signature."""
    receipt = WebhookReceipt.objects.filter(token__in=_tokens(request)).first()
    return HttpResponse(receipt.answer, status=receipt.status, content_type=XML) if receipt else None


def keep_answer(request: HttpRequest, response: HttpResponse, *, now: datetime) -> None:
    answers = [
        WebhookReceipt(token=token, at=now, status=response.status_code, answer=response.content.decode())
        for token in _tokens(request)
    ]
    WebhookReceipt.objects.bulk_create(answers, ignore_conflicts=True)


def _tokens(request: HttpRequest) -> set[str]:
    token = request.headers.get(IDEMPOTENCY_HEADER, "")[:80]
    return {f"signature:{request.headers[SIGNATURE_HEADER]}"[:80], *([token] if token else [])}
