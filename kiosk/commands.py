"""What agents want a screen to do: reload, show its name, make its sound, show a message.

A screen learns of it as of any change: the site gets a new version, and the page fetches its board, where its
commands stand. It waits for a quiet moment and the end of a visit, carries each out once, and says so with a
later request. Nothing is kept for a screen that is offline: it is asked for nothing, and what was asked just
before expires.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from agents.models import Agent
from communes.actions import bump_sites
from kiosk.enums import TO_SCREEN, CommandKind
from kiosk.errors import ScreenCannotHear
from kiosk.models import Screen, ScreenCommand

WAITS_FOR = {
    CommandKind.RELOAD: timedelta(hours=2),
    CommandKind.IDENTIFY: timedelta(minutes=15),
    CommandKind.SOUND: timedelta(minutes=15),
}
"""How long a command may wait for a quiet moment. Whoever wants to see a screen's name stands near it now; a
reload is wanted even after a long visit."""

_KEPT = timedelta(days=180)
"""But for when it was paired: its figures begin there."""


@transaction.atomic
def send_command(
    *,
    screen: Screen,
    kind: CommandKind,
    by: Agent,
    now: datetime,
    text: str = "",
    until: datetime | None = None,
) -> ScreenCommand:
    """Ask the screen for this; what it has still to do already is not asked twice. A new message takes the
    place of the present one; `until`: when it goes by itself. Raises ScreenCannotHear."""
    bump_sites([screen.site_id])
    return _send(screen, kind, by, now, text=text, until=until)


@transaction.atomic
def reload_screens(*, screens: Iterable[Screen], by: Agent, now: datetime) -> list[Screen]:
    """Ask all these to reload; those that are offline are passed over. Returns those that were asked."""
    online = [screen for screen in screens if screen.is_online(now)]
    bump_sites({screen.site_id for screen in online})
    asked = []
    for screen in sorted(online, key=lambda each: each.pk):
        try:
            _send(screen, CommandKind.RELOAD, by, now)
        except ScreenCannotHear:
            continue
        asked.append(screen)
    return asked


def _send(
    screen: Screen,
    kind: CommandKind,
    by: Agent,
    now: datetime,
    *,
    text: str = "",
    until: datetime | None = None,
) -> ScreenCommand:
    row = Screen.objects.paired().select_for_update(of=("self",), no_key=True).filter(pk=screen.pk).first()
    if row is None or not row.is_online(now):
        raise ScreenCannotHear
    before = ScreenCommand.objects.filter(screen=row, kind=kind, ended_at=None).first()
    if before is not None:
        if kind != CommandKind.MESSAGE and before.is_open(now):
            return before
        _end([before], now)
    old = ScreenCommand.objects.filter(screen=row, asked_at__lt=now - _KEPT).exclude(ended_at=None)
    old.exclude(kind=CommandKind.PAIRED).delete()
    expires_at = until if kind == CommandKind.MESSAGE else now + WAITS_FOR[kind]
    return ScreenCommand.objects.create(
        screen=row, kind=kind, text=text, asked_at=now, asked_by=by, expires_at=expires_at
    )


@transaction.atomic
def take_back(*, command: ScreenCommand, by: Agent, now: datetime) -> None:
    """What has not been done yet is not done any more; a message goes from the screen."""
    bump_sites([command.screen.site_id])
    open_ones = ScreenCommand.objects.filter(pk=command.pk, ended_at=None)
    open_ones.update(ended_at=now, ended_by=by)


def note_done(*, screen: Screen, ids: Sequence[int], now: datetime) -> None:
    """The page says that it has carried these out. Said again, because the answer was lost, it changes
    nothing. A message stays until it is taken back."""
    if not ids:
        return
    told = ScreenCommand.objects.filter(screen=screen, pk__in=ids, done_at=None, ended_at=None)
    told.filter(kind=CommandKind.MESSAGE).update(done_at=now)
    told.exclude(kind=CommandKind.MESSAGE).update(done_at=now, ended_at=now)


def open_commands(screen: Screen, now: datetime) -> list[ScreenCommand]:
    """Runs one query."""
    return list(ScreenCommand.objects.open(now).filter(screen=screen))


def end_all(*, screen: Screen, now: datetime) -> None:
    """Another device hangs there from now on, or none: nothing of what was asked is done."""
    _end(ScreenCommand.objects.filter(screen=screen, kind__in=TO_SCREEN, ended_at=None), now)


def note_act(*, screen: Screen, kind: CommandKind, by: Agent | None, now: datetime) -> None:
    """For the history of the screen: what the server did itself, and who wanted it."""
    ScreenCommand.objects.create(
        screen=screen, kind=kind, asked_at=now, asked_by=by, done_at=now, ended_at=now
    )


def _end(commands: Iterable[ScreenCommand], now: datetime) -> None:
    ScreenCommand.objects.filter(pk__in=[each.pk for each in commands]).update(ended_at=now)
