"""How a part of what is held about a person is declared: which rows, and each of their columns."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from privacy.held.person import Person
from privacy.held.values import filed, in_words

type Reader = Callable[[Any, Person], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the register. With a label it stands on the page and in the file, without one in the file
    alone: marks of the machine that nobody can read, or what the page says elsewhere in words."""

    name: str
    label: str | Promise = ""
    read: Reader | None = None
    """What the file has, if that is not the value of the column itself."""
    say: Reader | None = None
    """The same in words, for the page; "" leaves it out there."""

    def filed(self, row: Model, person: Person) -> Any:
        return filed(self.read(row, person) if self.read else getattr(row, self.name), person)

    def said(self, row: Model, person: Person) -> str:
        if self.say:
            return str(self.say(row, person))
        return in_words(row, self.name, self.read(row, person) if self.read else None, person)


def columns(**labels: str | Promise) -> tuple[Column, ...]:
    """Columns that are read and said as they stand."""
    return tuple(Column(name, label) for name, label in labels.items())


def in_file(names: str) -> tuple[Column, ...]:
    """Columns that stand in the file alone."""
    return tuple(Column(name) for name in names.split())


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table that are about a person. `key` is their name in the file, which never changes."""

    key: str
    table: str
    title: str | Promise
    rows: Callable[[Person], Iterable[Model]]
    columns: tuple[Column, ...]
    head: Reader
    """By which words the page begins what it says of a row."""
    on_page: bool = True
    """False: rows that stand in the file alone, or that the page tells elsewhere."""

    @property
    def names(self) -> set[str]:
        return {column.name for column in self.columns}

    def filed(self, row: Model, person: Person) -> dict[str, Any]:
        """The row as the file has it: its id, then its columns."""
        return {"id": filed(row.pk, person), **{each.name: each.filed(row, person) for each in self.columns}}

    def facts(self, row: Model, person: Person) -> list[tuple[str, str]]:
        """Label and words of what is not empty, for the page."""
        found = [(str(each.label), each.said(row, person)) for each in self.columns if each.label]
        return [(label, words) for label, words in found if words]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts under one heading of the page."""

    title: str | Promise
    parts: tuple[Part, ...]
    about: str | Promise = ""
    """A sentence under the heading."""


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A table about residents in which nobody can be found: why not, for the person."""

    table: str
    why: str | Promise
