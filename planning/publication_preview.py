"""« Avant de publier »: what publishing would do. It is done, looked at, and rolled back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from agents.models import Agent
from agents.rules.rota import PlannedShift
from communes.models import Commune, Site
from core.days import Week
from core.errors import PermanenceError
from core.french_order import order_key
from planning.actions.publishing import Publication, publish_shifts
from planning.actions.undo_publishing import undo_publication
from planning.cover import read_cover
from planning.orphans import Orphan, orphans
from planning.presence import Presence
from planning.rules.stretches import Change, stretches


@dataclass(frozen=True)
class ShownSpan:
    """A shift on the commune's clocks."""

    site: Site
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class ChangeLine:
    """The same change on several days. `before` or `after` is None where there is no shift; the hours are
    those of the first day."""

    agent: Agent
    days: list[date]
    before: ShownSpan | None
    after: ShownSpan | None


@dataclass(frozen=True)
class AgentLines:
    """What changes for one helper."""

    agent: Agent
    lines: list[ChangeLine]

    @property
    def count(self) -> int:
        return sum(len(line.days) for line in self.lines)


MOST_OPEN = 8
"""With more helpers than these the page shows names, and the changes of each on demand."""


@dataclass(frozen=True)
class AgentDays:
    agent: Agent
    days: list[date]


@dataclass(frozen=True)
class ShortHalf:
    site: Site
    name: str
    days: list[date]


@dataclass(frozen=True)
class Preview:
    until: date
    count: int
    lines: list[ChangeLine]
    closed: list[AgentDays]
    in_the_way: list[AgentDays]
    outside: list[AgentDays]
    """Published, though outside the opening hours of the place."""
    touched: list[date]
    short: list[ShortHalf]
    orphans: list[Orphan]
    warnings: list[tuple[Agent, list[str]]]
    told: list[Agent]
    digest: str

    @property
    def short_count(self) -> int:
        return sum(len(each.days) for each in self.short)

    @property
    def by_agent(self) -> list[AgentLines]:
        found: dict[int, list[ChangeLine]] = defaultdict(list)
        for line in self.lines:
            found[line.agent.pk].append(line)
        return [AgentLines(lines[0].agent, lines) for lines in found.values()]

    @property
    def is_folded(self) -> bool:
        return len(self.by_agent) > MOST_OPEN

    @property
    def mailed(self) -> list[Agent]:
        return [agent for agent in self.told if agent.news_by_email and agent.email_confirmed]

    @property
    def sends_mail(self) -> bool:
        return bool(self.mailed) and settings.SENDS_EMAIL

    @property
    def is_settled(self) -> bool:
        return not (self.short or self.orphans or self.warnings)


def preview_publication(commune: Commune, *, until: date, now: datetime, by: Agent) -> Preview:
    with transaction.atomic():
        before = {each.appointment.pk for each in orphans(commune, now)}
        done, _record = publish_shifts(commune=commune, until=until, now=now, by=by)
        lost = [each for each in orphans(commune, now) if each.appointment.pk not in before]
        found = _read(commune, done, lost, until, now, by)
        transaction.set_rollback(True)
    return found


def count_undone_visits(commune: Commune, *, pk: int, now: datetime) -> int:
    """How many appointments would lose their helper if the publication were undone; 0 if it cannot be."""
    with transaction.atomic():
        before = {each.appointment.pk for each in orphans(commune, now)}
        try:
            undo_publication(commune=commune, pk=pk, now=now)
        except PermanenceError:
            return 0
        lost = sum(each.appointment.pk not in before for each in orphans(commune, now))
        transaction.set_rollback(True)
    return lost


def _name_key(agent: Agent) -> tuple[tuple[str, str], tuple[str, str], int]:
    """The order of the week's rows."""
    return order_key(agent.first_name), order_key(agent.last_name), agent.pk


def _read(
    commune: Commune, done: Publication, lost: list[Orphan], until: date, now: datetime, by: Agent
) -> Preview:
    changes = done.changes
    shifts = [shift for change in changes for shift in change if shift is not None]
    agents = Agent.objects.in_bulk(
        {shift.agent_id for shift in [*shifts, *done.closed, *done.in_the_way]} | done.agent_ids
    )
    sites = {site.pk: site for site in commune.sites.all()}
    first = commune.local(now).date()
    presence = Presence(commune, Week.of(first).monday, Week.of(until).after, sites.values())
    return Preview(
        until=until,
        count=len(changes),
        lines=_lines(changes, agents, sites, commune),
        closed=_by_agent(done.closed, agents),
        in_the_way=_by_agent(done.in_the_way, agents),
        outside=_by_agent(
            (
                new
                for _old, new in changes
                if new and presence.opening.is_outside(new.site_id, new.starts_at, new.ends_at)
            ),
            agents,
        ),
        touched=done.touched,
        short=_short(
            commune, [site for site in sites.values() if site.is_active], presence, first, until, now
        ),
        orphans=lost,
        warnings=_warnings(presence, done.agent_ids, first, until),
        told=sorted(
            (agent for pk, agent in agents.items() if pk in done.agent_ids and pk != by.pk),
            key=_name_key,
        ),
        digest=done.digest,
    )


def _lines(
    changes: Iterable[Change], agents: dict[int, Agent], sites: dict[int, Site], commune: Commune
) -> list[ChangeLine]:
    """One line for the same change on the same weekday, week after week."""
    lines = [
        ChangeLine(agents[whose.agent_id], each.days, _shown(each.before, sites), _shown(each.after, sites))
        for each in stretches(changes, commune.tz)
        if (whose := each.after or each.before) is not None
    ]
    return sorted(lines, key=lambda line: (_name_key(line.agent), line.days[0].weekday()))


def _shown(shift: PlannedShift | None, sites: dict[int, Site]) -> ShownSpan | None:
    return ShownSpan(sites[shift.site_id], shift.starts_at, shift.ends_at) if shift else None


def _by_agent(shifts: Iterable[PlannedShift], agents: dict[int, Agent]) -> list[AgentDays]:
    days: dict[int, list[date]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda shift: shift.starts_at):
        if shift.on not in days[shift.agent_id]:
            days[shift.agent_id].append(shift.on)
    return sorted(
        (AgentDays(agents[agent_id], on) for agent_id, on in days.items()),
        key=lambda each: _name_key(each.agent),
    )


def _short(
    commune: Commune, sites: list[Site], presence: Presence, first: date, until: date, now: datetime
) -> list[ShortHalf]:
    """The half-days of the published days with too few helpers, by site and half."""
    days = [first + timedelta(days=n) for n in range((until - first).days + 1)]
    found: dict[tuple[Site, str], list[date]] = defaultdict(list)
    for row in read_cover(commune, sites, days, presence, [], now=now):
        for cover in row.covers:
            for name, half in cover.halves:
                if half.is_short:
                    found[row.site, name].append(cover.day)
    return [ShortHalf(site, name, on) for (site, name), on in found.items()]


def _warnings(
    presence: Presence, agent_ids: set[int], first: date, until: date
) -> list[tuple[Agent, list[str]]]:
    mondays = [Week.of(first).monday]
    while mondays[-1] + timedelta(days=7) <= until:
        mondays.append(mondays[-1] + timedelta(days=7))
    found = []
    for member in presence.members:
        if member.agent_id in agent_ids:
            warned = presence.warnings(member.agent_id, mondays)
            if said := [text for monday in mondays for text in warned[monday]]:
                found.append((member.agent, said))
    return found
