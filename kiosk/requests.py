"""The request of a paired screen."""

from collections.abc import Callable
from datetime import datetime
from functools import update_wrapper
from typing import Concatenate, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from core import clock
from core.headers import PRODUCT_HEADER
from kiosk.languages import LANGUAGES, chosen_languages
from kiosk.models import Screen
from kiosk.pairing import CODE_LIFE, screen_of

COOKIE = "permanence_screen"
CODE_COOKIE = "permanence_screen_code"
"""The signed pairing code that the screen shows: see `pairing.signed_code`."""
COOKIE_PATH = "/ecran/"
COOKIE_AGE_S = 400 * 24 * 3600
"""The longest time that browsers allow. It starts anew whenever the page is loaded, at least each night."""


class ScreenRequest(HttpRequest):
    """The request as `for_screen` passes it on (for the type checker). `now` is taken once."""

    screen: Screen
    now: datetime
    lang: str


def for_screen[**P](
    view: Callable[Concatenate[ScreenRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Open a view to paired screens only; all others get an empty 401. The view runs in the commune's time
    zone and in the requested language, else in French, whatever the browser prefers."""

    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        screen = screen_of(request.COOKIES.get(COOKIE))
        if screen is None:
            return HttpResponse(status=401, headers={PRODUCT_HEADER: "screen"})
        screen_request = cast(ScreenRequest, request)
        screen_request.screen = screen
        screen_request.now = clock.now()
        screen_request.lang = asked_language(request, screen)
        with timezone.override(screen.site.commune.tz), translation.override(screen_request.lang):
            response = view(screen_request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers[PRODUCT_HEADER] = "screen"
        return response

    update_wrapper(guarded, view)
    return login_not_required(guarded)


def asked_language(request: HttpRequest, screen: Screen | None = None) -> str:
    """The language that the page was opened with; French if there is no such one on this screen."""
    lang = request.GET.get("lang", "fr")
    known = chosen_languages(screen.site.commune.screen_languages) if screen else LANGUAGES
    return lang if lang in known else "fr"


def keep_token(response: HttpResponseBase, token: str, *, secure: bool) -> None:
    """Send the screen its secret (again), in a cookie for the screen pages only that scripts cannot read."""
    _keep(response, COOKIE, token, COOKIE_AGE_S, secure=secure)


def keep_code(response: HttpResponseBase, signed: str, *, secure: bool) -> None:
    """Send the waiting screen the code that it shows, in such a cookie."""
    _keep(response, CODE_COOKIE, signed, int(CODE_LIFE.total_seconds()), secure=secure)


def drop_code(response: HttpResponseBase) -> None:
    response.delete_cookie(CODE_COOKIE, path=COOKIE_PATH, samesite="Strict")


def _keep(response: HttpResponseBase, name: str, value: str, age_s: int, *, secure: bool) -> None:
    response.set_cookie(
        name,
        value,
        max_age=age_s,
        path=COOKIE_PATH,
        httponly=True,
        samesite="Strict",
        secure=secure,
    )
