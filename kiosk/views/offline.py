"""What a screen needs to work without network: its service worker, and the manifest of the page."""

import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.headers import PRODUCT_HEADER
from kiosk.pictograms import DRAWN
from kiosk.release import release
from kiosk.views.arrival import KEPT_PAGE

_FILES = (
    "css/kiosk/base.css",
    "css/kiosk/board.css",
    "css/kiosk/sheets.css",
    "css/tokens.css",
    "js/kiosk/announce.js",
    "js/kiosk/commands.js",
    "js/kiosk/keys.js",
    "js/kiosk/live.js",
    "js/kiosk/offline.js",
    "js/kiosk/read_aloud.js",
    "js/kiosk/sheets.js",
    "js/kiosk/speech.js",
    "js/kiosk/telling.js",
    "vendor/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    "vendor/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
)


@login_not_required
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, served below /ecran/ so that it controls only the pages there."""
    drawings = [static(f"vendor/lucide/{name}.svg") for name in DRAWN]
    context = {
        "release": release(),
        "files": json.dumps([*map(static, _FILES), *drawings]),
        "page": reverse("screen"),
        "keypad": f"{reverse('screen-arrival')}?number={KEPT_PAGE}",
        "ours": PRODUCT_HEADER,
    }
    response = render(request, "kiosk/board/service_worker.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "name": "Permanence",
            "start_url": reverse("screen"),
            "scope": reverse("screen"),
            "display": "fullscreen",
            "background_color": "#14302e",
            "theme_color": "#14302e",
        },
        content_type="application/manifest+json",
    )
