"""A helper is late: the next residents are told, and the screens show it."""

from datetime import datetime, timedelta

from agents.models import Agent
from booking.actions.base import action
from booking.actions.reallocation import lock_rows, note_delays
from booking.delays import COUNTED, delay_on, late_because_of
from booking.engine.timeline import floor_tick, tick_start
from booking.errors import NobodyWaits
from booking.log import Actor
from booking.models import Appointment, Delay
from communes.actions import bump_sites
from communes.models import Commune
from core.days import day_span

KEPT = timedelta(days=1)


@action
def announce_delay(
    *, helper: Agent, commune: Commune, until: datetime, by: Actor, now: datetime
) -> dict[int, datetime]:
    """Record that a helper arrives only at `until`. Returns the visits that begin late for it, by id, and
    about when.

    A new announcement replaces the earlier one; the same again tells nobody anything. When another agent
    announces it, that agent is named only in the log of their own commune. Raises NobodyWaits when no visit
    of the day would begin late.
    """
    if until <= now:
        raise NobodyWaits
    late = _say(helper, commune, until, by, now)
    if not late:
        raise NobodyWaits
    return late


@action
def clear_delay(*, helper: Agent, commune: Commune, by: Actor, now: datetime) -> dict[int, datetime]:
    """Record that the helper has arrived. Returns the visits that still begin late, by id, and about when."""
    return _say(helper, commune, tick_start(floor_tick(now)), by, now)


def _say(helper: Agent, commune: Commune, until: datetime, by: Actor, now: datetime) -> dict[int, datetime]:
    start, end = day_span(commune.local(now).date(), commune.tz)
    own = Appointment.objects.filter(
        helper=helper, status__in=COUNTED, starts_at__gte=start, starts_at__lt=end
    )
    bump_sites(own.values_list("site_id", flat=True))
    rows = lock_rows(own.values_list("pk", flat=True))
    standing = delay_on(helper, start, end)
    before = _still_to_come(standing, rows, now)
    said = Delay(helper=helper, until_at=until, said_at=now)
    after = _still_to_come(said, rows, now)
    if after:
        Delay.objects.update_or_create(helper=helper, defaults={"until_at": until, "said_at": now})
    else:
        Delay.objects.filter(helper=helper).delete()
    ours = [row for row in rows if row.commune_id == commune.pk or by.agent_id == helper.pk]
    note_delays(ours, before, after, by=by, now=now)
    note_delays([row for row in rows if row not in ours], before, after, by=Actor.system(), now=now)
    return after


def _still_to_come(delay: Delay | None, rows: list[Appointment], now: datetime) -> dict[int, datetime]:
    late = late_because_of(delay, rows) if delay else {}
    return {pk: at for pk, at in late.items() if at > now}


@action
def forget_delays(*, now: datetime) -> None:
    """Delete the delays of past days."""
    Delay.objects.filter(until_at__lt=now - KEPT).delete()
