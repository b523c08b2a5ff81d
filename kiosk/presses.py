"""A button pressed on a screen counts once, however often its request arrives.

A request may reach the server although its answer is lost. The page then sends it again with the key of the
press, in the header X-Press, and is told what the first one did.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError

from booking.actions.base import action
from booking.models import Appointment
from core.errors import PermanenceError
from kiosk.models import Press, Screen
from kiosk.requests import ScreenRequest

HEADER = "X-Press"
_KEPT = timedelta(hours=1)
_KEY = re.compile(r"[\w-]{8,64}", re.ASCII)


def once(request: ScreenRequest, do: Callable[[], Appointment | None]) -> Appointment | None:
    """What `do` returns, or what it did for an earlier request with the same key, as that is now. Without a
    key, or with one that no page makes, `do` runs each time. What was refused is not remembered: it did
    nothing. Raises what `do` raises.
    """
    key = request.headers.get(HEADER, "")
    if not _KEY.fullmatch(key):
        return do()
    key = sha256(f"{request.path} {key}".encode()).hexdigest()  # the key of one button is not another's
    if earlier := _earlier(request.screen, key):
        return earlier.appointment
    try:
        return _do_and_remember(request.screen, key, do, now=request.now)
    except (IntegrityError, PermanenceError):
        # The same press in another process was faster.
        if earlier := _earlier(request.screen, key):
            return earlier.appointment
        raise


def _earlier(screen: Screen, key: str) -> Press | None:
    related = ("appointment__site__commune", "appointment__cabin", "appointment__service")
    return Press.objects.select_related(*related).filter(screen=screen, key=key).first()


@action
def _do_and_remember(
    screen: Screen, key: str, do: Callable[[], Appointment | None], *, now: datetime
) -> Appointment | None:
    Press.objects.filter(at__lt=now - _KEPT).delete()
    # Written first: the same press in another process waits here, and is then refused.
    press = Press.objects.create(screen=screen, key=key, at=now)
    press.appointment = do()
    press.save(update_fields=["appointment"])
    return press.appointment
