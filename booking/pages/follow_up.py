"""Possible times of the next visit for the same matter, with the same helper."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agents.models import Agent
from booking.actions import minutes_for
from booking.forms.desk import slot_value
from booking.free.slots import find_slots
from booking.models import Appointment
from booking.pages.when import HORIZON
from communes.models import Site

WINDOW_DAYS = 28
DAYS_SHOWN = 5
TIMES_PER_DAY = 4


@dataclass(frozen=True)
class NextTime:
    value: str
    start: datetime
    site: Site


@dataclass(frozen=True)
class NextDay:
    on: date
    times: list[NextTime]


@dataclass(frozen=True)
class NextTimes:
    """`later`: the day from which the page can search on."""

    days: list[NextDay]
    later: date


def read_follow_up(*, appointment: Appointment, agent: Agent, first: date | None, now: datetime) -> NextTimes:
    """The next days with a free time of the helper for the same service and as many people, from
    `first` (default: tomorrow)."""
    commune = appointment.commune
    tomorrow = commune.local(now).date() + timedelta(days=1)
    begin = min(max(first or tomorrow, tomorrow), tomorrow + HORIZON)
    found = find_slots(
        commune=commune,
        service=appointment.service,
        with_helper=True,
        helper_id=agent.pk,
        start=begin,
        end=begin + timedelta(days=WINDOW_DAYS),
        duration_min=minutes_for(appointment.service, appointment.party_size),
        now=now,
    )
    sites = {site.pk: site for site in found.sites}
    days = [
        NextDay(
            day.on,
            [
                NextTime(slot_value(offer.site_id, offer.start), offer.start, sites[offer.site_id])
                for offer in _spread(day.offers)
            ],
        )
        for day in found.offers.days
        if day.offers
    ]
    shown = days[:DAYS_SHOWN]
    more = len(days) > DAYS_SHOWN
    later = (shown[-1].on if more else found.offers.days[-1].on) + timedelta(days=1)
    return NextTimes(shown, later)


def _spread[T](offers: "list[T] | tuple[T, ...]") -> list[T]:
    """A few times spread over the whole day, instead of the first ones in the morning."""
    if len(offers) <= TIMES_PER_DAY:
        return list(offers)
    step = (len(offers) - 1) / (TIMES_PER_DAY - 1)
    return [offers[round(n * step)] for n in range(TIMES_PER_DAY)]
