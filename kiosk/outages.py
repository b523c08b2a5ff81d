"""Screens that give no sign of life: noticed each minute, told once while their place is open, kept for
figures.

What is silent because nobody could hear it is no outage: if the worker has not looked for some minutes, the
machine was away, and screens get time to come back (docs/decisions/0032). Where the clock was set back, what
was noted in the meantime counts from the present instant on.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, OuterRef, Q, Subquery

from communes.actions import bump_sites
from communes.enums import IncidentStepKind
from communes.incident_actions import close_fault, report_dark_screen
from communes.models import Commune, Incident, IncidentStep, Site
from communes.open_hours import open_spans
from core.days import day_span, months_before
from core.localtime import Span, cut, merged, overlapping
from kiosk.enums import CommandKind
from kiosk.models import ONLINE_FOR, Screen, ScreenOutage, ScreenWatch

BREAK = timedelta(minutes=3)
"""The worker looks each minute; after so long without a look it, or all of the machine, was away."""

CALM = timedelta(hours=1)
"""A screen that was told of and came back is not told of again before: one that comes and goes would cost a
message each time."""

KEPT_MONTHS = 24
"""As long as faults are."""

LOOKED_BACK = timedelta(days=8)
"""Opening minutes are counted from so long ago at most: longer than any alert waits."""


def watch_screens(*, now: datetime) -> None:
    """Begin and end outages, tell of those that are due, and close what was told once the screen is back.
    Called each minute; a few queries, however many screens."""
    steady_since = _look(now)
    ScreenOutage.objects.filter(ended_at=None, began_at__gt=now).update(began_at=now)
    going = list(ScreenOutage.objects.filter(ended_at=None).select_related("screen__site", "screen__cabin"))
    _end(going, now)
    silent = Screen.objects.paired().silent(now).exclude(pk__in=[each.screen_id for each in going])
    rows = silent.select_related("site", "cabin")
    _begin([each for each in rows if not each.is_gone(now)], steady_since, now)
    if now - steady_since >= ONLINE_FOR:
        _tell(now)
    _tell_that_it_is_back(now)


def _look(now: datetime) -> datetime:
    """Since when screens are heard without a break."""
    watch = ScreenWatch.objects.filter(pk=1).first()
    is_steady = watch is not None and timedelta(0) <= now - watch.looked_at <= BREAK
    steady_since = watch.steady_since if watch is not None and is_steady else now
    fields = {"looked_at": now, "steady_since": steady_since}
    if watch is None:
        ScreenWatch.objects.bulk_create([ScreenWatch(pk=1, **fields)], ignore_conflicts=True)
    else:
        ScreenWatch.objects.filter(pk=1).update(**fields)
    return steady_since


def _begin(silent: Iterable[Screen], steady_since: datetime, now: datetime) -> None:
    rows = []
    for screen in silent:
        assert screen.last_seen_at is not None
        is_known = screen.last_seen_at <= now
        dark_since = max(screen.last_seen_at, steady_since) if is_known else steady_since
        if now - dark_since >= ONLINE_FOR:
            rows.append(ScreenOutage(screen=screen, began_at=dark_since))
    ScreenOutage.objects.bulk_create(rows, ignore_conflicts=True)


def _end(going: Iterable[ScreenOutage], now: datetime) -> None:
    ended = []
    for outage in going:
        screen, seen = outage.screen, outage.screen.last_seen_at
        if screen.is_gone(now):
            outage.ended_at = max(outage.began_at, screen.revoked_at or now)
        elif seen is not None and screen.is_online(now) and seen > outage.began_at:
            outage.ended_at = seen
        else:
            continue
        ended.append(outage)
    ScreenOutage.objects.bulk_update(ended, ["ended_at"])


# ---- telling ---------------------------------------------------------------------------------------


def _tell(now: datetime) -> None:
    due = ScreenOutage.objects.filter(ended_at=None, incident=None, screen__revoked_at=None)
    due = due.exclude(screen__site__commune__dark_screen_min=0)
    around = (now - CALM, now + CALM)
    restless = ScreenOutage.objects.filter(ended_at__range=around, incident__isnull=False)
    due = due.exclude(screen__in=restless.values("screen"))
    outages = list(due.select_related("screen__site__commune", "screen__cabin"))
    hours = hours_of({each.screen.site for each in outages}, now - LOOKED_BACK, now)
    for outage in outages:
        screen, spans = outage.screen, hours.get(outage.screen.site_id, [])
        patience = timedelta(minutes=screen.site.commune.dark_screen_min)
        if is_open(spans, now) and open_time(spans, (outage.began_at, now)) >= patience:
            _report(outage, now)


@transaction.atomic
def _report(outage: ScreenOutage, now: datetime) -> None:
    screen = outage.screen
    bump_sites([screen.site_id])
    lasting = ScreenOutage.objects.select_for_update().filter(pk=outage.pk, ended_at=None, incident=None)
    if lasting.first() is None:
        return  # another sweep has told of it, or seen its end
    seen = screen.last_seen_at
    since = seen if seen is not None and seen <= now else outage.began_at
    incident = report_dark_screen(
        site=screen.site, cabin=screen.cabin, name=screen.name, since=since, now=now
    )
    ScreenOutage.objects.filter(pk=outage.pk).update(incident=incident)


def _tell_that_it_is_back(now: datetime) -> None:
    """In opening hours only: what came back at night is told in the morning, unless it is dark again by then.
    That a screen was revoked or its place retired is told to nobody."""
    back = ScreenOutage.objects.filter(ended_at__isnull=False, incident__isnull=False)
    back = back.filter(incident__closed_at=None)
    screens: dict[Incident, list[Screen]] = defaultdict(list)
    for each in back.select_related("incident__site__commune", "screen__site", "screen__cabin"):
        if each.incident is not None:
            screens[each.incident].append(each.screen)
    if not screens:
        return
    concerned = Q(screen__in=[each for own in screens.values() for each in own]) | Q(incident__in=screens)
    going = list(ScreenOutage.objects.filter(concerned, ended_at=None))
    dark, lasting = {each.screen_id for each in going}, {each.incident_id for each in going}
    hours = hours_of({each.site for each in screens}, now - timedelta(days=1), now)
    for incident, own in screens.items():
        if all(each.is_gone(now) for each in own) or not incident.site.is_active:
            close_fault(incident=incident, by=None, now=now, is_told=False)
        elif incident.pk in lasting or any(each.pk in dark for each in own):
            continue
        elif is_open(hours.get(incident.site_id, []), now):
            close_fault(incident=incident, by=None, now=now)


# ---- opening hours ---------------------------------------------------------------------------------


def hours_of(sites: Collection[Site], start: datetime, now: datetime) -> dict[int, list[Span]]:
    """Site id → when it is open from that day until tomorrow; one query for each commune concerned."""
    found: dict[int, list[Span]] = {}
    by_commune: dict[Commune, list[Site]] = defaultdict(list)
    for site in sites:
        by_commune[site.commune].append(site)
    for commune, own in by_commune.items():
        first = commune.local(start).date()
        found |= open_spans(own, commune, first, commune.local(now).date() + timedelta(days=1))
    return found


def is_open(spans: Iterable[Span], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)


def open_time(spans: Sequence[Span], within: Span) -> timedelta:
    """How much of `within` lies in `spans`, which are in order."""
    if within[0] >= within[1]:
        return timedelta()
    return sum((end - start for start, end in cut(overlapping(spans, within), within)), timedelta())


# ---- what pages show -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutageState:
    """Of one screen: the outage that lasts, the fault told of the latest one, and the cuts since the day
    before began."""

    since: datetime | None
    incident: Incident | None
    told_to: int | None
    """How many people that fault was told to; None: not yet."""
    cuts: int
    longest: timedelta


def outage_states(screens: Collection[Screen], now: datetime) -> dict[int, OutageState]:
    """Screen id → its outages; for screens that had one since yesterday, or whose outage lasts. One query."""
    since = now - timedelta(days=1)
    rows = ScreenOutage.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), screen__in=screens)
    found: dict[int, list[Any]] = defaultdict(list)
    step = IncidentStep.objects.filter(incident=OuterRef("incident_id"), kind=IncidentStepKind.CONFIRMED)
    rows = rows.annotate(told_to=Subquery(step.values("told_to")[:1]))
    for row in rows.select_related("incident__taken_by").order_by("began_at"):
        found[row.screen_id].append(row)
    return {
        pk: OutageState(
            since=next((each.began_at for each in own if each.ended_at is None), None),
            incident=next((each.incident for each in reversed(own) if each.incident), None),
            told_to=next((each.told_to for each in reversed(own) if each.incident), None),
            cuts=len(own),
            longest=max((each.ended_at or now) - each.began_at for each in own),
        )
        for pk, own in found.items()
    }


@dataclass(frozen=True, slots=True)
class MonthOnline:
    """One month of a screen, on the commune's calendar: opening time, and how much of it the screen was
    dark."""

    month_on: date
    open_for: timedelta
    dark_for: timedelta
    cuts: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that only a month without a cut has 100; None where the place was never open."""
        return int((self.open_for - self.dark_for) * 100 // self.open_for) if self.open_for else None


def months_online(screen: Screen, months: Sequence[date], now: datetime) -> list[MonthOnline]:
    """By the present opening hours and closures, from when the screen was first paired until `now`."""
    commune = screen.site.commune
    first, last = months[0], (months[-1] + timedelta(days=32)).replace(day=1)
    spans = open_spans([screen.site], commune, first, last)[screen.site_id]
    rows = list(screen.outages.filter(Q(ended_at=None) | Q(ended_at__gt=day_span(first, commune.tz)[0])))
    dark = merged([(each.began_at, each.ended_at or now) for each in rows])
    hung_at = _first_paired(screen)
    found = []
    for month in months:
        end = day_span((month + timedelta(days=32)).replace(day=1), commune.tz)[0]
        span = max(day_span(month, commune.tz)[0], hung_at), min(end, now)
        own = cut(overlapping(spans, span), span) if span[0] < span[1] else []
        silent = sum((open_time(own, each) for each in dark), timedelta())
        cuts = sum(1 for each in rows if open_time(own, (each.began_at, each.ended_at or now)))
        found.append(MonthOnline(month, sum((b - a for a, b in own), timedelta()), silent, cuts))
    return found


def _first_paired(screen: Screen) -> datetime:
    """When its first device was paired, or else the first that another one has replaced since then."""
    paired = screen.commands.filter(kind=CommandKind.PAIRED).aggregate(at=Min("asked_at"))["at"]
    replaced = screen.spent_tokens.aggregate(at=Min("spent_at"))["at"]
    return min(paired or replaced or screen.paired_at, screen.paired_at)


def forget_old_outages(*, commune: Commune, now: datetime) -> int:
    """Delete what ended longer ago than KEPT_MONTHS; returns how many rows."""
    limit = months_before(commune.local(now), KEPT_MONTHS)
    return ScreenOutage.objects.filter(screen__site__commune=commune, ended_at__lte=limit).delete()[0]
