"""Words that stand nowhere else, and where they stand in the database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.apps import apps
from django.db import models


@dataclass
class Marks:
    """Words that stand nowhere else: none is part of another, and folding them changes nothing."""

    prefix: str
    first_number: int
    made: list[str] = field(default_factory=list)
    _serial: Iterator[int] = field(default_factory=lambda: count(11))

    def word(self, about: str) -> str:
        self.made.append(f"{self.prefix}{next(self._serial)}{about}q")
        return self.made[-1]

    def mobile(self) -> str:
        return self._number("+3363998")

    def landline(self) -> str:
        return self._number("+3326191")

    def _number(self, start: str) -> str:
        self.made.append(f"{start}{self.first_number + next(self._serial):04d}")
        return self.made[-1]


def every_row() -> Iterator[tuple[type[models.Model], Any, dict[str, Any]]]:
    """Every row of every table of the database: its model, its key, its values by column."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for values in model._meta.base_manager.values():
            yield model, values[model._meta.pk.attname], values


def rows_with(words: list[str]) -> Iterator[tuple[type[models.Model], Any, str]]:
    """Where any of these words stands, in whatever case: the model, the row's key and the word."""
    wanted = [word.lower() for word in words]
    for model, pk, values in every_row():
        text = repr(values).lower()
        yield from ((model, pk, word) for word in wanted if word in text)
