"""The page on a cabin: the pairing code until it is paired, then the board."""

from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from config import clock
from config.ours import OURS
from kiosk.errors import TooManyCodes
from kiosk.models import PairingCode, Screen
from kiosk.pairing import screen_of, waiting_code, was_revoked
from kiosk.requests import COOKIE, ScreenRequest, asked_language, for_screen, keep_token
from kiosk.shown import note_seen, shown_context

RETRY_S = 30


@login_not_required
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """The board if this browser is paired, else a code to pair it with."""
    token = request.COOKIES.get(COOKIE, "")
    screen = screen_of(token)
    get_token(request)  # the page posts with it for as long as it is open
    response = _pairing_page(request, token) if screen is None else _board_page(request, screen, token)
    response.headers["Cache-Control"] = "no-store"
    response.headers[OURS] = "screen"
    return response


def _board_page(request: HttpRequest, screen: Screen, token: str) -> HttpResponse:
    now, lang = clock.now(), asked_language(request)
    with timezone.override(screen.site.commune.tz), translation.override(lang):
        response = render(request, "kiosk/screen.html", shown_context(screen, lang, now))
    note_seen(screen, now)
    keep_token(response, token, secure=settings.HTTPS)
    return response


def _pairing_page(request: HttpRequest, token: str) -> HttpResponse:
    if not token or was_revoked(token):
        token = Screen.new_token()
    with translation.override("fr"):
        try:
            code = waiting_code(token=token, now=clock.now())
        except TooManyCodes:
            response = render(request, "kiosk/pairing.html", {"retry_s": RETRY_S}, status=503)
            response.headers["Retry-After"] = str(RETRY_S)
            return response
        address = f"{settings.PUBLIC_BASE_URL}{reverse('screens')}"
        context = {
            "code": code.code,
            "expires_at": code.expires_at,
            "address": address,
            "qr": segno.make(f"{address}?code={code.code}", error="m").svg_inline(
                omitsize=True, svgclass="qr", lineclass=None, border=2
            ),
        }
        response = render(request, "kiosk/pairing.html", context)
    keep_token(response, token, secure=settings.HTTPS)
    return response


@login_not_required
@require_GET
def pairing_state(request: HttpRequest) -> HttpResponse:
    """Whether the page that shows a code should load anew: paired, or the code has expired."""
    token = request.COOKIES.get(COOKIE, "")
    waiting = PairingCode.objects.filter(claim_hash=Screen.hash(token), expires_at__gt=clock.now())
    return JsonResponse({"reload": not waiting.exists()}, headers={"Cache-Control": "no-store"})


@for_screen
@require_GET
def board_fragment(request: ScreenRequest) -> HttpResponseBase:
    """All that changes on the page, in the language asked for."""
    context: dict[str, Any] = shown_context(request.screen, request.lang, request.now)
    note_seen(request.screen, request.now)
    return render(request, "kiosk/screen.html#board", context)
