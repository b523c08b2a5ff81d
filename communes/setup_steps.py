"""What a commune needs before it opens, and what of it is there.

Each app registers the steps that it knows in `AppConfig.ready`. A step is computed from what is stored, at
each look: nobody ticks anything. The page is `booking/views/opening.py`; other pages show the gaps that
concern them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from communes.models import Commune


class StepKey(StrEnum):
    """The steps in the order of the page."""

    COMMUNE = "commune"
    PLACES = "places"
    CABINS = "cabins"
    SERVICES = "services"
    TEAM = "team"
    WEEKS = "weeks"
    MESSAGES = "messages"
    SCREENS = "screens"
    TEST = "test"


class Weight(IntEnum):
    """How much a gap weighs."""

    NOTE = 0
    """Worth knowing; the step is done all the same."""
    PART = 1
    """Something does not work, the rest does: the step is to be completed."""
    BLOCKS = 2
    """The commune cannot open without it."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that is missing. `text`: what it is, and what it prevents. `link`: the address of the page
    where it is mended, and `label` what one does there; both empty where no page can."""

    text: str
    about: str = ""
    """Whose gap it is: the name of a place or of a helper."""
    label: str = ""
    link: str = ""
    weight: Weight = Weight.PART


@dataclass(frozen=True, kw_only=True)
class Step:
    """`has`: what is there, in sentences. `label`, `link`: the page where it is changed. An optional step may
    be left for later."""

    key: StepKey
    title: str
    has: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    label: str = ""
    link: str = ""
    is_optional: bool = False

    @property
    def weight(self) -> Weight:
        return max((gap.weight for gap in self.gaps), default=Weight.NOTE)

    @property
    def blocks(self) -> bool:
        return self.weight is Weight.BLOCKS

    @property
    def is_done(self) -> bool:
        return self.weight is Weight.NOTE

    @property
    def state(self) -> str:
        """How the page draws it: done, blocks, partly or later."""
        if self.is_done:
            return "done"
        return "blocks" if self.blocks else "later" if self.is_optional else "partly"


type StepReader = Callable[[Commune, datetime], Step]

_readers: dict[StepKey, StepReader] = {}


def register(key: StepKey, read: StepReader) -> None:
    """Have `read` called for this step. It reads only what belongs to the commune that it is given."""
    _readers[key] = read


def read_steps(commune: Commune, now: datetime, keys: Collection[StepKey] = tuple(StepKey)) -> list[Step]:
    """The steps with these keys, in the order of the page."""
    return [_readers[key](commune, now) for key in StepKey if key in keys and key in _readers]
