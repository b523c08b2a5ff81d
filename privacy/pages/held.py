"""Everything that is held about a person, in words: for the page, on screen and on paper."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.functional import Promise

from booking.models import Appointment
from booking.pages.story import Entry, read_story
from privacy.held import GROUPS, UNLINKED, Held
from privacy.held.groups import LOG, VISITS
from privacy.held.part import Group, Part
from privacy.held.person import Person
from privacy.held.values import instant


@dataclass(frozen=True)
class ShownRow:
    """A row: by which words it begins, then what is not empty, then what happened (of appointments)."""

    head: str
    facts: list[tuple[str, str]]
    story: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class ShownPart:
    title: str | Promise
    rows: list[ShownRow]

    @property
    def is_list(self) -> bool:
        """Rows of one line each."""
        return not any(row.facts or row.story for row in self.rows)


@dataclass(frozen=True)
class ShownGroup:
    title: str | Promise
    about: str | Promise
    parts: list[ShownPart]


@dataclass(frozen=True)
class HeldPage:
    groups: list[ShownGroup]
    unlinked: list[str | Promise]
    not_shown: int


def read_page(held: Held) -> HeldPage:
    """What stands in the file alone is left out; parts without a row are, too."""
    groups = [ShownGroup(group.title, group.about, list(_parts(group, held))) for group in GROUPS]
    return HeldPage(
        [group for group in groups if group.parts], [each.why for each in UNLINKED], held.not_shown
    )


def _parts(group: Group, held: Held) -> Iterator[ShownPart]:
    for part in group.parts:
        rows = held.rows[part.key]
        if part is LOG:
            given = list(_given_away(held))
            if given:
                yield ShownPart(part.title, given)
        elif rows and part.on_page:
            yield ShownPart(part.title, [_row(part, row, held) for row in rows])


def _row(part: Part, row: Model, held: Held) -> ShownRow:
    story: list[Entry] = []
    if part is VISITS:
        assert isinstance(row, Appointment)
        story = _story(row, held.person)
    return ShownRow(part.head(row, held.person), part.facts(row, held.person), story)


def _given_away(held: Held) -> Iterable[ShownRow]:
    for appointment in held.person.given_away:
        story = _story(appointment, held.person)
        if story:
            yield ShownRow(instant(story[-1].event.at if story[-1].event else None), [], story)


def _story(appointment: Appointment, person: Person) -> list[Entry]:
    """What happened while it was theirs; of others, only that there was somebody."""
    own = {event.pk for event in person.events}
    entries = read_story(appointment, known=person.records)
    return [entry for entry in entries if entry.event and entry.event.pk in own]
