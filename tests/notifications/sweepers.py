"""The processes that the crash test and the bench start: sweeps, and some of them die half-way."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

STEPS = ("before claim", "after claim", "after post", "between posts", "before commit")


def set_up(database: str, provider_url: str) -> None:
    """Django in a new process, on the database of the test, with our own provider."""
    import django

    import_module("tests.environment")  # before the settings are read
    django.setup()
    from django.db import connection

    from notifications.providers.twilio import conf
    from notifications.sending import reconcile
    from tests.notifications.fake_twilio import ACCOUNT, TOKEN

    connection.settings_dict["NAME"] = database
    conf.ACCOUNT_SID, conf.AUTH_TOKEN, conf.BASE_URL = ACCOUNT, TOKEN, provider_url
    # A minute of patience is a second here.
    reconcile.ABANDONED, reconcile.LISTED_AFTER = timedelta(seconds=3), timedelta(seconds=1)
    reconcile.GIVE_UP = timedelta(seconds=4)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sweep_and_die(database: str, provider_url: str, step: str, after: int, offset_s: float) -> None:
    """Sweep, and be killed at that step of the batch number `after`, with no chance to tidy up."""
    set_up(database, provider_url)
    from notifications.sending import send

    calls = 0

    def counted(function: Callable[..., Any], *, at_end: bool, times: int = after) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= times and not at_end:
                die()
            result = function(*args, **kwargs)
            if calls >= times and at_end:
                die()
            return result

        return wrapped

    if step == "before claim":
        send.claim = counted(send.claim, at_end=False)
    elif step == "after claim":
        send.claim = counted(send.claim, at_end=True)
    elif step == "after post":
        send.hand_over = counted(send.hand_over, at_end=True)
    elif step == "between posts":
        # Some threads have posted, some wait for the answer, some have not begun.
        send._send = counted(send._send, at_end=True, times=after * send.BATCH - send.BATCH // 2)
    elif step == "before commit":
        send._moved = counted(send._moved, at_end=True)
    _sweep(offset_s)


def sweep_to_the_end(database: str, provider_url: str, offset_s: float, limit_s: float) -> None:
    """Sweep as the worker would, until nothing is owed or in doubt."""
    set_up(database, provider_url)
    from notifications.enums import State
    from notifications.models import Message

    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        _sweep(offset_s)
        if not Message.objects.filter(state__in=(State.PENDING, State.SENDING, State.UNKNOWN)).exists():
            return
        time.sleep(0.5)


def _sweep(offset_s: float) -> None:
    """With the clock of the tests: so many seconds after Tuesday ten o'clock as have really passed."""
    from notifications.sending.sweep import sweep
    from tests.factories import TUESDAY

    sweep(now=TUESDAY + timedelta(seconds=time.time() - offset_s), thorough=False)
