"""How a table is declared."""

from dataclasses import dataclass
from enum import StrEnum


class Goes(StrEnum):
    """When a row is deleted."""

    PURGE = "with the purge, at the latest 12 months after the last visit"
    MINUTES = "within the hour"
    DAYS = "within days"
    ACCOUNT = "12 months after the last day in the last commune, when the account is emptied"
    ROTA = "in the night, 24 months after the end (a commune may choose 12); names with the agent's account"
    CHANGES = "in the night, 24 months after; names with the agent's account"
    CALLS = "in the night, 12 months after; names with the agent's account"
    FAULTS = "with the nightly purge, 24 months after the fault was closed; names with the agent's account"
    OBJECTION = "with START or a consent: an objection must outlive the record of whoever made it"
    COMMANDS = "in the night, 180 days after; names with the agent's account"
    FIGURES = "with the key of its year: on 16 January of the next one, in the night"
    REQUESTS = "the link to the person with their record; the rest in the night, 36 months after the answer"
    LOOKED = "the link to the person with their record; the rest in the night, 6 to 12 months after, as set"
    ERASED = "in the night, 12 months after the erasure"
    RUNS = "in the night, 24 months after"
    STAYS = "stays: about no person"


@dataclass(frozen=True)
class RegisteredTable:
    """A table with the names of its columns, separated by spaces. `resident`, `agent`: columns that say
    something about one, alone or together with the rest of the row. `other`: columns that say nothing
    about a person."""

    name: str
    why: str
    goes: Goes
    resident: str = ""
    agent: str = ""
    other: str = ""

    @property
    def columns(self) -> list[str]:
        return [*self.resident.split(), *self.agent.split(), *self.other.split()]
