"""« Mes comptes rendus »: a helper's sessions as rows of the national platform's list of activities.

Mediators write each session a second time there: a row reads in the order of its form, in its words. The rows
come from appointments and live as long as these. Medical ones are never among them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from agents.models import Agent
from booking.actions import may_be_noted, note_of
from booking.enums import Status
from booking.models import Appointment
from booking.national import ActivityType, Autonomy, Length, Material, Orientation, PlaceKind, length_class
from communes.enums import Theme
from communes.models import Commune, Site
from core.days import day_span
from reporting.figures.periods import Period

HEAD = (
    *("Date", "Type", "Participants", "Canaux", "Lieu", "Code Insee", "Durée", "Matériel", "Thématiques"),
    *("Autonomie", "Orientation"),
)
"""The columns of the platform's own list, then two more of its form."""

COMMUNE_HEAD = (*HEAD, "Médiateur")

PARTICIPANTS = 1
"""One session is one accompaniment there, also where two people came for one matter."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One session; codes, and their labels for the page."""

    pk: int
    begun: datetime
    """In the commune's time."""
    place: str
    insee: str
    length: Length
    material: list[str]
    themes: list[str]
    autonomy: str
    orientation: list[str]
    is_noted: bool
    may_be_noted: bool

    type, channel, participants = ActivityType.INDIVIDUAL, PlaceKind.PLACE, PARTICIPANTS

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What stands beside its date on the page: the name of each further column of HEAD, and words."""
        values = (
            *(str(self.type.label), str(self.participants), str(self.channel.label), self.place, self.insee),
            str(self.length.label),
            ", ".join(str(Material(code).label) for code in self.material),
            ", ".join(str(Theme(code).label) for code in self.themes),
            str(Autonomy(self.autonomy).label) if self.autonomy else "",
            ", ".join(str(Orientation(code).label) for code in self.orientation),
        )
        return list(zip(HEAD[1:], values, strict=True))

    @property
    def codes(self) -> list[str | int]:
        """A line of the file, in the order of HEAD."""
        return [
            self.begun.date().isoformat(),
            self.type.value,
            self.participants,
            self.channel.value,
            self.place,
            self.insee,
            self.length.value,
            "|".join(self.material),
            "|".join(self.themes),
            self.autonomy,
            "|".join(self.orientation),
        ]


def read_activities(*, agent: Agent, commune: Commune, period: Period, now: datetime) -> list[Activity]:
    """Their sessions of the period that are over, the first one first: one query."""
    return [activity(row, now) for row in _ended(commune, period).filter(helper=agent)]


def commune_rows(
    *, commune: Commune, period: Period, site: Site | None, now: datetime
) -> Iterator[Sequence[str | int]]:
    """The list of all helpers, or of those at one place: the codes of each session, then who helped. Of
    sessions whose appointments have been purged there are none left."""
    rows = _ended(commune, period).exclude(helper=None).select_related("helper")
    if site is not None:
        rows = rows.filter(site=site)
    for row in rows:
        yield [*activity(row, now).codes, str(row.helper)]


def _ended(commune: Commune, period: Period) -> QuerySet[Appointment]:
    start, end = day_span(period.first, commune.tz, days=period.days)
    rows = Appointment.objects.filter(
        commune=commune,
        status=Status.DONE,
        service__is_medical=False,
        starts_at__gte=start,
        starts_at__lt=end,
    )
    return rows.select_related("commune", "site", "service", "visit_note").order_by("starts_at", "id")


def activity(row: Appointment, now: datetime) -> Activity:
    """Of a session whose time nobody noted, the length is that of the appointment; of one without a note, the
    theme is that of its service."""
    note = note_of(row)
    minutes = row.duration_min
    if row.started_at and row.ended_at:
        minutes = max(0, int((row.ended_at - row.started_at).total_seconds() // 60))
    return Activity(
        pk=row.pk,
        begun=row.commune.local(row.starts_at),
        place=row.site.name,
        insee=row.commune.insee_code,
        length=length_class(minutes),
        material=_known(note.equipment_used, Material) if note else [],
        themes=_known(note.themes, Theme) if note else [row.service.theme],
        autonomy=note.autonomy if note else "",
        orientation=_known(note.orientation, Orientation) if note else [],
        is_noted=note is not None,
        may_be_noted=may_be_noted(row, now),
    )


def file_rows(activities: Iterable[Activity]) -> Iterator[Sequence[str | int]]:
    return (each.codes for each in activities)


def _known(codes: Iterable[str], known: type[Material] | type[Theme] | type[Orientation]) -> list[str]:
    return [code for code in codes if code in known.values]
