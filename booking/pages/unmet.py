"""What the desk counts when nothing suits: the days that were looked at, and what stood against each."""

from copy import copy
from datetime import date, timedelta

from booking.actions import Unmet, WantedDay
from booking.engine.availability import DayOffers
from booking.enums import UnmetWhy, WhyEmpty
from booking.free.slots import find_slots
from booking.pages.desk import Desk
from communes.enums import HelperPolicy

_HELPER_MAY_LACK = (UnmetWhy.NO_HELPER, UnmetWhy.FULL, UnmetWhy.NOT_FOUND)


def unmet_of(desk: Desk) -> Unmet:
    """The request of a desk page with a service: the days it shows, as they are searched now."""
    return Unmet(
        talk=desk.talk,
        service=desk.service,
        days=wanted_days(desk),
        site=desk.sites.get(desk.site_id) if desk.site_id else None,
        half=next(iter(desk.when.halves)) if len(desk.when.halves) == 1 else "",
    )


def wanted_days(desk: Desk) -> list[WantedDay]:
    """The days shown, without those that are past. A day on which nothing opens counts only where somebody
    asked for that weekday, or where all days are like that."""
    shown = {day.on: day.count for day in desk.days}
    found: dict[date, UnmetWhy] = {
        day.on: UnmetWhy.NOT_SUITING if shown[day.on] else _why(desk, day)
        for day in (desk.found.offers.days if desk.found else ())
        if day.on in shown
    }
    found = {on: why for on, why in found.items() if why != UnmetWhy.PAST}
    closed = (UnmetWhy.CLOSED, UnmetWhy.HOLIDAY)
    opened = {on: why for on, why in found.items() if why not in closed}
    if opened and not desk.when.weekdays:
        found = opened
    lacking = _days_with_a_cabin(desk, [on for on, why in found.items() if why in _HELPER_MAY_LACK])
    return [WantedDay(on, why, on in lacking) for on, why in sorted(found.items())]


def _why(desk: Desk, day: DayOffers) -> UnmetWhy:
    reason = day.why_empty if desk.site_id is None else day.why_by_site.get(desk.site_id)
    return UnmetWhy(str((reason or WhyEmpty.CLOSED).value))


def _days_with_a_cabin(desk: Desk, days: list[date]) -> set[date]:
    """Of these days those on which the same would have been free without a helper."""
    if not days or desk.service is None or not desk.with_helper:
        return set()
    alone = copy(desk.service)
    alone.helper_policy = HelperPolicy.NONE
    search = find_slots(
        commune=desk.commune,
        service=alone,
        with_helper=False,
        start=min(days),
        end=max(days) + timedelta(days=1),
        now=desk.now,
        site_ids=[desk.site_id] if desk.site_id else None,
        duration_min=desk.minutes,
        moving=desk.hold or desk.outgrown,
        suiting=desk.when.suiting,
    )
    return {day.on for day in search.offers.days if day.offers} & set(days)
