"""The card of the resident on the desk page: how they are told, their past and coming appointments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from booking.enums import Status
from booking.models import Appointment, Resident, ResidentPhone


@dataclass
class ResidentCard:
    """A resident as the desk agent needs them during the conversation."""

    resident: Resident
    past: list[Appointment]
    coming: list[Appointment]

    @cached_property
    def phones(self) -> list[ResidentPhone]:
        return list(self.resident.phones.all())

    @property
    def reach_by(self) -> str:
        """How they are told, in words; empty if there is no way."""
        way = self.resident.way_to_reach(self.phones)
        return str(way.label) if way else ""

    @property
    def last(self) -> Appointment | None:
        return self.past[0] if self.past else None


def read_card(resident: Resident, known: Iterable[Appointment], now: datetime) -> ResidentCard:
    """The card, from appointments that are read already: theirs are looked out of them."""
    visits = [visit for visit in known if visit.resident_id == resident.pk and visit.status != Status.HELD]
    past = [visit for visit in visits if visit.status == Status.DONE]
    coming = [visit for visit in visits if visit.ends_at > now and visit.status != Status.DONE]
    return ResidentCard(
        resident=resident,
        past=past,
        coming=sorted(coming, key=lambda visit: visit.starts_at),
    )
