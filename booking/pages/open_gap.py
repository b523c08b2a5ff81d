"""One gap of the day page, opened: the services that can be booked in it, now or later."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agents.models import Agent
from booking.engine.gaps import Begin, Fit, Gap
from booking.engine.timeline import floor_tick
from booking.forms.desk import slot_value
from booking.free.vacancies import DayVacancies, read_vacancies
from booking.pages.today import read_rows
from communes.models import Cabin, Commune, Service, Site


@dataclass(frozen=True)
class GapStart:
    value: str
    start: datetime


@dataclass(frozen=True)
class GapService:
    """A service, alone or with a helper: its end if it begins now, and the start times that can be booked."""

    service: Service
    with_helper: bool
    begin: Begin | None
    times: list[GapStart]
    chosen_helper: Agent | None
    now: datetime

    @property
    def key(self) -> str:
        """« 12-1 »: the service's id, and 1 with a helper, 0 without."""
        return f"{self.service.pk}-{int(self.with_helper)}"

    @property
    def helper_value(self) -> str:
        """The value of the helper field of the desk form."""
        return f"c{self.chosen_helper.pk}" if self.chosen_helper else str(int(self.with_helper))

    @property
    def minutes(self) -> int:
        """How long the visit lasts if it begins now, in minutes."""
        if self.begin is None:
            return 0
        return (self.begin.ends_at - self.now.replace(second=0, microsecond=0)) // timedelta(minutes=1)

    @property
    def is_short(self) -> bool:
        return self.begin is not None and self.minutes < self.service.duration_min


@dataclass(frozen=True)
class OpenGap:
    """`gap` is None if it has been taken meanwhile; then there are no choices."""

    site: Site
    on: date
    cabin: Cabin | None
    helper: Agent | None
    gap: Gap | None
    choices: list[GapService]

    @property
    def begins(self) -> bool:
        return any(choice.begin for choice in self.choices)

    @property
    def lacks_helper(self) -> bool:
        """No choice includes a helper."""
        return not any(choice.with_helper for choice in self.choices)

    @property
    def has_times(self) -> bool:
        return any(choice.times for choice in self.choices)


def open_gap(
    *,
    commune: Commune,
    site: Site,
    at: datetime,
    now: datetime,
    cabin: Cabin | None = None,
    helper: Agent | None = None,
) -> OpenGap:
    """Open the gap that contains the instant `at`, of a cabin, or else of a helper at the site. If it has
    begun, only the rest counts. Six queries."""
    on = commune.local(at).date()
    rows = read_rows(commune, [site], on, now)
    known = read_vacancies(commune=commune, on=on, now=now, sessions=rows)
    tick = max(floor_tick(at), floor_tick(now))
    gap, fits = _fits(known, site.pk, tick, cabin, helper)
    choices = [
        GapService(
            service=known.services[fit.need.service_id],
            with_helper=fit.need.with_helper,
            begin=fit.begin,
            times=[GapStart(slot_value(site.pk, start), start) for start in fit.starts],
            chosen_helper=helper,
            now=now,
        )
        for fit in fits
    ]
    return OpenGap(site, on, cabin, helper, gap, choices)


def _fits(
    known: DayVacancies, site_id: int, tick: int, cabin: Cabin | None, helper: Agent | None
) -> tuple[Gap | None, list[Fit]]:
    site, vacancies = known.sites[site_id], known.vacancies
    if cabin is not None:
        room = next(each for each in site.cabins if each.id == cabin.pk)
        gap = next((gap for gap in vacancies.of_cabin(site, room) if tick in gap), None)
        return gap, vacancies.fits_cabin(site, room, gap) if gap else []
    person = known.helper_worlds.get(helper.pk) if helper is not None else None
    if person is None:
        return None, []
    gap = next((gap for gap in vacancies.of_helper(site, person) if tick in gap), None)
    return gap, vacancies.fits_helper(site, person, gap) if gap else []
