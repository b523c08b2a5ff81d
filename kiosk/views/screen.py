"""The page of a screen: the pairing code until it is paired, then the board."""

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

from core import clock
from core.headers import PRODUCT_HEADER
from kiosk.commands import note_done
from kiosk.context import shown_context
from kiosk.models import Screen
from kiosk.pairing import await_pairing, new_code, read_code, screen_of, signed_code, was_paired
from kiosk.requests import (
    CODE_COOKIE,
    COOKIE,
    ScreenRequest,
    asked_language,
    drop_code,
    for_screen,
    keep_code,
    keep_token,
)
from kiosk.seen import note_release, note_seen, told_by


@login_not_required
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """The board if this browser is paired, else a code to pair it with."""
    token = request.COOKIES.get(COOKIE, "")
    screen = screen_of(token)
    get_token(request)  # the page posts with this token for as long as it is open
    response = _pairing_page(request, token) if screen is None else _board_page(request, screen, token)
    response.headers["Cache-Control"] = "no-store"
    response.headers[PRODUCT_HEADER] = "screen"
    return response


def _board_page(request: HttpRequest, screen: Screen, token: str) -> HttpResponse:
    now, lang = clock.now(), asked_language(request, screen)
    with timezone.override(screen.site.commune.tz), translation.override(lang):
        response = render(request, "kiosk/board/board.html", shown_context(screen, lang, now))
    note_seen(screen, now, told_by(request, now), version=screen.site.version)
    note_release(now)
    keep_token(response, token, secure=settings.HTTPS)
    return response


def _pairing_page(request: HttpRequest, token: str) -> HttpResponse:
    """Writes nothing to the database, since anyone may open it. The code waits once `pairing_state` is
    asked."""
    now = clock.now()
    if not token or was_paired(token):
        token = Screen.new_token()
    shown = read_code(request.COOKIES.get(CODE_COOKIE, ""), token=token, now=now) or new_code(now)
    address = f"{settings.PUBLIC_BASE_URL}{reverse('screen-add')}"
    context = {
        "code": shown.code,
        "address": address,
        "qr": segno.make(f"{address}?code={shown.code}", error="m").svg_inline(
            omitsize=True, svgclass="qr", lineclass=None, border=2
        ),
    }
    with translation.override("fr"):
        response = render(request, "kiosk/pairing/pairing.html", context)
    keep_token(response, token, secure=settings.HTTPS)
    keep_code(response, signed_code(shown, token=token), secure=settings.HTTPS)
    return response


@login_not_required
@require_GET
def pairing_state(request: HttpRequest) -> HttpResponse:
    """Whether the page that shows a code should reload: the screen is paired, or the code is no longer
    valid. If not, the code waits for an agent to type it."""
    token, now = request.COOKIES.get(COOKIE, ""), clock.now()
    shown = read_code(request.COOKIES.get(CODE_COOKIE, ""), token=token, now=now)
    waits = shown is not None and await_pairing(token=token, shown=shown, now=now)
    response = JsonResponse({"reload": not waits}, headers={"Cache-Control": "no-store"})
    if not waits:
        drop_code(response)
    return response


@for_screen
@require_GET
def board_fragment(request: ScreenRequest) -> HttpResponseBase:
    """Every part of the page that changes, in the requested language."""
    page = told_by(request, request.now)
    note_done(screen=request.screen, ids=page.done, now=request.now)
    context: dict[str, Any] = shown_context(request.screen, request.lang, request.now)
    note_seen(request.screen, request.now, page, version=request.screen.site.version)
    return render(request, "kiosk/board/board.html#board", context)
