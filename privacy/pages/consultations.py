"""« Qui a consulté »: the log as a page shows it, and the alarms that nobody has looked into yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise

from agents.models import Agent
from booking.models import Resident
from communes.models import Commune
from privacy.looked.origins import origin_words
from privacy.looked.reading import MOST_ROWS, PER_PAGE, LookedQuery, rows_of
from privacy.looked.rings import HOUR
from privacy.models import Consultation, ConsultationAlarm


@dataclass(frozen=True, slots=True)
class LookedLine:
    """One consultation. `person` is None once their record is erased."""

    row: Consultation
    person: Resident | None

    @property
    def agent(self) -> str:
        return self.row.agent.get_full_name() if self.row.agent else ""

    @property
    def origin(self) -> str | Promise:
        return origin_words(self.row.origin)


@dataclass(frozen=True, slots=True)
class LookedPage:
    lines: list[LookedLine]
    page: int
    has_more: bool

    @property
    def residents(self) -> list[int]:
        return [line.person.pk for line in self.lines if line.person is not None]


def read_page(commune: Commune, query: LookedQuery) -> LookedPage:
    """One page of the log, the latest first: two queries, whatever is looked for."""
    first = (query.page - 1) * PER_PAGE
    rows = list(rows_of(commune, query)[first : first + PER_PAGE + 1])
    return LookedPage(_lines(rows[:PER_PAGE]), query.page, has_more=len(rows) > PER_PAGE)


def read_all(commune: Commune, query: LookedQuery) -> list[LookedLine]:
    """All that the query finds, for a file; the latest `MOST_ROWS`."""
    return _lines(list(rows_of(commune, query)[:MOST_ROWS]))


def own_rows(agent: Agent, commune: Commune, *, limit: int) -> list[LookedLine]:
    """The agent's own last consultations here."""
    rows = Consultation.objects.filter(commune=commune, agent=agent).select_related("agent")
    return _lines(list(rows.order_by("-stretch_at", "-at", "-id")[:limit]))


def _lines(rows: Iterable[Consultation]) -> list[LookedLine]:
    rows = list(rows)
    people = _people({row.resident_id for row in rows if row.resident_id is not None})
    return [LookedLine(row, people.get(row.resident_id or 0)) for row in rows]


def _people(ids: set[int]) -> Mapping[int, Resident]:
    """The records that stand for these now, by the id of the one that was looked at."""
    found = Resident.objects.filter(pk__in=ids).select_related("merged_into")
    return {each.pk: each.merged_into or each for each in found}


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """An alarm that nobody has looked into. `is_own`: it is about the agent who reads the page."""

    row: ConsultationAlarm
    is_own: bool

    @property
    def since(self) -> datetime:
        return self.row.at - HOUR

    @property
    def on(self) -> date:
        return self.row.commune.local(self.row.at).date()


def open_alarms(commune: Commune, *, reader: Agent) -> list[OpenAlarm]:
    rows = ConsultationAlarm.objects.filter(commune=commune, seen_at=None).select_related("agent", "commune")
    return [OpenAlarm(row, row.agent_id == reader.pk) for row in rows.order_by("-at")]


def count_open(commune: Commune, *, reader: Agent) -> int:
    """How many a manager still has to look into."""
    rows = ConsultationAlarm.objects.filter(commune=commune, seen_at=None)
    return rows.exclude(agent=reader).count()
