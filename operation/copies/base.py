"""What a backup asks of a database, whichever kind it is."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from django.utils.translation import gettext as _

from operation.errors import OperationRefused

type Counts = dict[str, int]
"""How many rows each table has."""


class DatabaseCopies(ABC):
    kind: ClassVar[str]
    file_name: ClassVar[str]
    """Of the copy inside a backup."""

    @abstractmethod
    def write(self, path: Path) -> Counts:
        """Copy the database as it is at one instant, while others write. Returns what the copy must hold."""

    @abstractmethod
    def read_back(self, path: Path) -> Counts:
        """Read all of a copy, and count its rows. Raises OperationRefused where it cannot be read."""

    @abstractmethod
    def counts(self) -> Counts:
        """Of the database itself. Empty where it has no table."""

    @abstractmethod
    def used_by(self) -> list[str]:
        """The other programs that have the database open."""

    def refuse_while_used(self) -> None:
        """Raises OperationRefused while another program has the database open."""
        if users := self.used_by():
            raise OperationRefused(
                _("The database is in use: stop web and worker first. It is open in %s.") % ", ".join(users)
            )

    def put_aside(self) -> Path | None:
        """Give what is there and cannot be read another name, which is returned; None where it stays."""
        return None

    @abstractmethod
    def load(self, path: Path) -> None:
        """Put the copy in the place of what is there: wholly or not at all."""
