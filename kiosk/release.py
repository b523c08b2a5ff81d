"""Which release of the page a screen should run. A screen that runs another one reloads its page."""

import hashlib
from functools import cache

from django.conf import settings

_PARTS = (
    "static/js/kiosk/*.js",
    "static/css/kiosk/*.css",
    "static/css/tokens.css",
    "templates/kiosk/board/board.html",
    "templates/kiosk/sheets/sheets.html",  # the page keeps the keypad for when there is no network
    "templates/kiosk/sheets/_keys.html",
)


@cache
def release() -> str:
    digest = hashlib.sha256()
    for pattern in _PARTS:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
