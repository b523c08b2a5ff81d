"""One day of the team for a narrow screen: by place and half-day, who is there and what lacks."""

from dataclasses import dataclass
from datetime import date

from agents.models import Agent
from planning.cover import HalfDayCover, SiteRow
from planning.presence import AbsenceInCell, ShownShift
from planning.team_week import Grid, ShownDay


@dataclass(frozen=True)
class PlaceHalf:
    name: str
    cover: HalfDayCover
    people: list[tuple[Agent, ShownShift]]
    """Whoever has a shift then, also those who are away."""

    @property
    def there(self) -> list[Agent]:
        return [agent for agent, stay in self.people if not stay.is_absent]


@dataclass(frozen=True)
class PlaceDay:
    line: SiteRow
    halves: list[PlaceHalf]
    orphans: int

    @property
    def is_short(self) -> bool:
        return any(half.cover.is_short for half in self.halves)


@dataclass(frozen=True)
class NarrowDay:
    head: ShownDay
    short: int
    """How many half-days have too few helpers."""
    is_chosen: bool
    was_short: bool
    """There were too few in hours that are over."""


@dataclass(frozen=True)
class TeamDay:
    day: date
    helpers: int
    places: list[PlaceDay]
    leaves: list[tuple[Agent, AbsenceInCell]]
    elsewhere: list[tuple[Agent, ShownShift]]

    @property
    def short(self) -> int:
        return sum(half.cover.is_short for place in self.places for half in place.halves)


def read_days(grid: Grid, chosen: date) -> list[NarrowDay]:
    """The days to choose from."""
    return [
        NarrowDay(
            each.head,
            sum(half.is_short for _line, cover in each.lines for _name, half in cover.halves),
            each.head.day == chosen,
            any(cover.was_short for _line, cover in each.lines),
        )
        for each in grid.day_covers
    ]


def read_day(grid: Grid, chosen: date) -> TeamDay:
    index = grid.days.index(chosen)
    cells = [(row.agent, row.cells[index]) for row in grid.rows]
    stays = [(agent, stay) for agent, cell in cells for stay in cell.stays]
    places = []
    for line in grid.sites:
        cover = line.covers[index]
        here = [(agent, stay) for agent, stay in stays if stay.shift.site_id == line.site.pk]
        halves = [
            PlaceHalf(name, half, [(agent, stay) for agent, stay in here if stay.half in (name, "")])
            for name, half in cover.halves
        ]
        places.append(PlaceDay(line, halves, cover.orphans))
    places.sort(key=lambda place: not place.is_short)
    return TeamDay(
        day=chosen,
        helpers=len({agent.pk for agent, stay in stays if stay.is_ours and not stay.is_absent}),
        places=places,
        leaves=[(agent, leave) for agent, cell in cells for leave in cell.leaves],
        elsewhere=[(agent, stay) for agent, stay in stays if not stay.is_ours],
    )
