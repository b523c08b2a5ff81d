"""The screens of all communes that an agent looks after: which are dark, which need watching, which are well.

Nothing here names a resident.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from booking.enums import Status
from booking.models import Appointment
from communes.models import Commune, Incident, Site
from kiosk.enums import TO_SCREEN, CommandKind
from kiosk.models import PageRelease, Screen, ScreenCommand
from kiosk.outages import OutageState, outage_states
from kiosk.release import release

DRIFT_S = 120
"""Screens take the time from the server; a clock that is wrong by more than this hints at a machine without
network time, whose certificates will fail one day."""

LATE_AFTER = timedelta(hours=1)
"""A new release waits for the end of a visit: a screen that has an earlier one for so long needs a look."""

MANY_CUTS = 3
"""So many since yesterday are worth a look at its network, even if each was short."""

_ERRORS_OF = timedelta(hours=24)
_COMMANDS_OF = timedelta(hours=24)


class FleetState(StrEnum):
    OFFLINE = "offline"
    NEVER = "never"
    WATCH = "watch"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Ahead:
    """The appointments of today that are not over, at the screen's cabin or, for a hall, at its site."""

    number: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class FleetRow:
    """`late_since`: since when the server serves a newer release of the page than the screen's. `is_behind`:
    it shows an earlier version of the board than there is. `command`: what was asked of it last, within a
    day. `message`: the one that it shows, or is to show. `ahead`: the appointments that its silence concerns,
    if it is dark."""

    screen: Screen
    state: FleetState
    is_online: bool
    is_late: bool = False
    late_since: datetime | None = None
    is_behind: bool = False
    drift_min: int = 0
    has_error: bool = False
    command: ScreenCommand | None = None
    message: ScreenCommand | None = None
    ahead: "Ahead | None" = None
    outage: OutageState | None = None
    """Its outages since yesterday; None: none."""

    @property
    def is_often_cut(self) -> bool:
        """Whether it is online, and was not so often since yesterday."""
        return self.is_online and self.outage is not None and self.outage.cuts >= MANY_CUTS

    @property
    def incident(self) -> Incident | None:
        """The fault that was told of its outage, while that lasts or until the place opens again."""
        found = self.outage.incident if self.outage else None
        return found if found is not None and found.is_open else None

    @property
    def is_ahead(self) -> bool:
        """Whether the machine's clock is ahead, if it is wrong."""
        return (self.screen.clock_drift_s or 0) < 0


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show of them; empty or None: all. `words`: of names, places, versions."""

    commune: int | None = None
    site: int | None = None
    state: str = ""
    words: str = ""

    def __bool__(self) -> bool:
        return any((self.commune, self.site, self.state, self.words))


@dataclass(frozen=True, slots=True)
class Town:
    """The rows of one commune."""

    commune: Commune
    rows: list[FleetRow]


@dataclass(frozen=True, slots=True)
class Fleet:
    """`counts` and `number`: of what the filters leave, but for that of the state. `all`: how many there are
    without any filter."""

    dark: list[FleetRow]
    watched: list[FleetRow]
    towns: list[Town]
    counts: dict[FleetState, int]
    all: int
    sites: list[Site] = field(default_factory=list)

    @property
    def number(self) -> int:
        return sum(self.counts.values())

    @property
    def offline(self) -> int:
        return self.counts[FleetState.OFFLINE]

    @property
    def never(self) -> int:
        return self.counts[FleetState.NEVER]

    @property
    def watch(self) -> int:
        return self.counts[FleetState.WATCH]

    @property
    def online(self) -> int:
        return self.counts[FleetState.ONLINE]

    @property
    def well(self) -> int:
        """How many are listed as online and up to date."""
        return sum(len(town.rows) for town in self.towns)

    @property
    def is_all_online(self) -> bool:
        return not (self.offline or self.never)


def read_fleet(communes: Sequence[Commune], filters: Filters, now: datetime) -> Fleet:
    """Runs five queries, however many screens there are."""
    paired = Screen.objects.filter(site__commune__in=communes, revoked_at=None)
    found = list(paired.select_related("site", "cabin"))
    known = {commune.pk: commune for commune in communes}
    for screen in found:
        screen.site.commune = known[screen.site.commune_id]
    rows = fleet_rows(found, now)
    order = {commune.pk: number for number, commune in enumerate(communes)}
    rows.sort(key=lambda row: (order[row.screen.site.commune_id], row.screen.site.name, row.screen.name))
    left = [row for row in rows if _matches(row, filters)]
    counts = {state: sum(row.state == state for row in left) for state in FleetState}
    shown = [row for row in left if not filters.state or row.state == filters.state]
    dark = [row for row in shown if row.state in (FleetState.OFFLINE, FleetState.NEVER)]
    dark.sort(key=_dark_first)
    well = [row for row in shown if row.state == FleetState.ONLINE]
    return Fleet(
        dark=dark,
        watched=[row for row in shown if row.state == FleetState.WATCH],
        towns=[
            Town(commune, own)
            for commune in communes
            if (own := [row for row in well if row.screen.site.commune_id == commune.pk])
        ],
        counts=counts,
        all=len(rows),
        sites=sorted({screen.site for screen in found}, key=lambda each: (order[each.commune_id], each.name)),
    )


def fleet_rows(screens: Sequence[Screen], now: datetime) -> list[FleetRow]:
    """These screens as they are now. Runs four queries."""
    releases = list(PageRelease.objects.all())
    commands = _last_commands(screens, now)
    rows = [_row(screen, releases, commands.get(screen.pk, ()), now) for screen in screens]
    ahead = _ahead([row.screen for row in rows if row.state == FleetState.OFFLINE], now)
    outages = outage_states(screens, now)
    found = [replace(row, ahead=ahead.get(row.screen.pk), outage=outages.get(row.screen.pk)) for row in rows]
    return [
        replace(row, state=FleetState.WATCH) if row.is_often_cut and row.state == FleetState.ONLINE else row
        for row in found
    ]


def _ahead(dark: Sequence[Screen], now: datetime) -> dict[int, Ahead]:
    """Screen id → what it should have shown today."""
    sites = {screen.site_id for screen in dark}
    expected = Appointment.objects.live().exclude(status=Status.HELD)
    expected = expected.filter(site__in=sites, ends_at__gt=now, starts_at__lt=now + timedelta(days=1))
    spans = list(expected.order_by("starts_at").values_list("site_id", "cabin_id", "starts_at"))
    found = {}
    for screen in dark:
        tz = screen.site.commune.tz
        today = now.astimezone(tz).date()
        own = [
            start
            for site, cabin, start in spans
            if site == screen.site_id
            and screen.cabin_id in (None, cabin)
            and start.astimezone(tz).date() == today
        ]
        found[screen.pk] = Ahead(len(own), min((start for start in own if start > now), default=None))
    return found


def _row(
    screen: Screen, releases: Sequence[PageRelease], commands: Sequence[ScreenCommand], now: datetime
) -> FleetRow:
    is_late = screen.page_release not in ("", release())
    late_since = _late_since(screen.page_release, releases) if is_late else None
    drift = screen.clock_drift_s or 0
    drift_min = round(abs(drift) / 60) if abs(drift) > DRIFT_S else 0
    errored = screen.last_error_at
    has_error = errored is not None and now - errored < _ERRORS_OF
    is_online = screen.is_online(now)
    needs_watching = (late_since is not None and now - late_since >= LATE_AFTER) or drift_min > 0 or has_error
    if screen.last_seen_at is None:
        state = FleetState.NEVER
    elif not is_online:
        state = FleetState.OFFLINE
    else:
        state = FleetState.WATCH if needs_watching else FleetState.ONLINE
    shown = screen.version_shown
    return FleetRow(
        screen=screen,
        state=state,
        is_online=is_online,
        is_late=is_late,
        late_since=late_since,
        is_behind=is_online and shown is not None and shown < screen.site.version,
        drift_min=drift_min,
        has_error=has_error,
        command=next(iter(commands), None),
        message=next(
            (each for each in commands if each.kind == CommandKind.MESSAGE and each.is_open(now)), None
        ),
    )


def _late_since(code: str, releases: Iterable[PageRelease]) -> datetime | None:
    """When the server first served another release after this one; None if that is not known."""
    known = list(releases)
    own = next((each.served_from for each in known if each.code == code), None)
    later = [
        each.served_from for each in known if each.code != code and (own is None or each.served_from > own)
    ]
    return min(later, default=None)


def _last_commands(screens: Sequence[Screen], now: datetime) -> dict[int, list[ScreenCommand]]:
    """Screen id → what agents asked of it, the last first: within a day, or not ended."""
    recent = Q(asked_at__gt=now - _COMMANDS_OF) | Q(ended_at=None)
    asked = ScreenCommand.objects.filter(recent, screen__in=screens, kind__in=TO_SCREEN)
    found: dict[int, list[ScreenCommand]] = {}
    for each in asked.select_related("asked_by"):
        found.setdefault(each.screen_id, []).append(each)
    return found


def _matches(row: FleetRow, filters: Filters) -> bool:
    screen = row.screen
    if filters.commune and screen.site.commune_id != filters.commune:
        return False
    if filters.site and screen.site_id != filters.site:
        return False
    cabin = screen.cabin.name if screen.cabin else ""
    texts = (
        *(screen.name, screen.site.name, screen.site.short_name, screen.site.commune.name, cabin),
        *(screen.page_release, screen.browser),
    )
    said = plain(" ".join(texts))
    return all(word in said for word in plain(filters.words).split())


def plain(text: str) -> str:
    """Without accents and capitals, as people search."""
    marks = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in marks if not unicodedata.combining(each)).replace("’", "'")


def _dark_first(row: FleetRow) -> tuple[bool, float]:
    """Those that were seen, the last to go dark first; then those never seen."""
    seen = row.screen.last_seen_at
    return (seen is None, -seen.timestamp() if seen else 0.0)
