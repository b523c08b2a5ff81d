"""Whether a request really comes from seven.io (https://docs.seven.io/en/rest-api/signing)."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.clock import now
from notifications.providers.seven import conf
from notifications.providers.webhooks import only_signed

REPEATED_FOR = timedelta(days=4)
"""Seven repeats a webhook for three and a half days. What is older is refused; what is younger is known by
its nonce, which is kept longer (actions/forget.py): so nothing can be replayed."""
AHEAD = timedelta(minutes=5)
"""How far seven's clock may be ahead of ours."""


def is_signed(request: HttpRequest) -> bool:
    """Whether signature and time are right. The signature covers the address given to seven, which starts
    with PUBLIC_BASE_URL, and the body."""
    stamp, nonce = request.headers.get("X-Timestamp", ""), request.headers.get("X-Nonce", "")
    if not (conf.SIGNING_KEY and nonce and stamp.isdecimal() and len(stamp) <= 10):
        return False
    at = datetime.fromtimestamp(int(stamp), tz=UTC)
    if not now() - REPEATED_FOR <= at <= now() + AHEAD:
        return False
    url = f"{settings.PUBLIC_BASE_URL}{request.get_full_path()}"
    expected = signature(
        conf.SIGNING_KEY, stamp=stamp, nonce=nonce, method=request.method or "", url=url, body=request.body
    )
    return hmac.compare_digest(expected.encode(), request.headers.get("X-Signature", "").lower().encode())


def signature(key: str, *, stamp: str, nonce: str, method: str, url: str, body: bytes) -> str:
    """HMAC-SHA256, as seven computes it; MD5 is its choice for the body."""
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    signed = "\n".join((stamp, nonce, method, url, digest))
    return hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()


def from_provider[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Open to seven alone; a repeated request changes nothing."""
    return only_signed(view, is_signed=is_signed, tokens=_tokens)


def _tokens(request: HttpRequest) -> set[str]:
    return {f"seven:{request.headers['X-Nonce']}"}
