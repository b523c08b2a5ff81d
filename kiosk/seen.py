"""What is noted of a screen when it asks for something."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from core import clock
from kiosk.models import PageRelease, Screen
from kiosk.page_state import PageState, read_page_state
from kiosk.release import release

SEEN_EVERY = timedelta(seconds=20)

_ANOTHER_PAGE = timedelta(minutes=1)
"""Two loads of one page are told apart by when it was loaded; the time on the way makes that inexact."""


def told_by(request: HttpRequest, now: datetime) -> PageState:
    return read_page_state(
        request.GET.dict(),
        user_agent=request.headers.get("User-Agent", ""),
        now=now,
        machine_now=clock.machine_now(),
    )


def note_seen(screen: Screen, now: datetime, page: PageState, *, version: int | None) -> None:
    """Note that the screen has asked, what its page tells, and which version of the board it now shows (None:
    it asked for something else). Written at most every twenty seconds, except for a new version and for the
    first word of a page that has just been loaded."""
    seen = screen.last_seen_at
    is_due = seen is None or now - seen > SEEN_EVERY or seen > now
    is_new = _is_new_page(screen, page)
    if not (is_due or is_new or (version is not None and screen.version_shown != version)):
        return
    told: dict[str, Any] = {
        "page_release": page.release,
        "page_opened_at": page.opened_at,
        "browser": page.browser,
        "window_size": page.size,
        "clock_drift_s": page.drift_s,
        "version_shown": version,
    }
    columns = {name: value for name, value in told.items() if value not in (None, "")}
    if page.error and (is_new or page.error != screen.last_error):
        columns |= {"last_error": page.error, "last_error_at": now}
    Screen.objects.filter(pk=screen.pk).update(last_seen_at=now, **columns)
    if page.release and page.release != release():
        note_release(now)


def _is_new_page(screen: Screen, page: PageState) -> bool:
    if page.opened_at is None or not page.release:
        return False
    known = screen.page_opened_at
    is_same = known is not None and abs(known - page.opened_at) < _ANOTHER_PAGE
    return not is_same or page.release != screen.page_release


def note_release(now: datetime) -> None:
    """Remember since when this release of the page is served. Called when a screen loads it, and when one
    still runs another."""
    last = PageRelease.objects.last()
    if last is None or last.code != release():
        PageRelease.objects.update_or_create(code=release(), defaults={"served_from": now})
