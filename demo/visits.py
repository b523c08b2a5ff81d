"""Who comes when: plausible days of visits, planned without the database.

The planned visits are then booked, moved, cancelled and held by the actions that people use. The same seed
gives the same days.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from random import Random

from communes.catalogue import CatalogueService
from communes.enums import HelperPolicy
from demo.people import FATIMA, DemoPerson
from demo.places import SERVICES
from demo.rota import Duty

Span = tuple[datetime, datetime]

OFFERS = {offer.slug: offer for offer in SERVICES}
STEP = timedelta(minutes=15)
REST = timedelta(days=4)
"""The same resident does not come again within this time."""

# For these services: the birth years of those who come. For the others anyone comes.
AGES = {
    "crous": (1996, 2010),
    "cantine": (1971, 1999),
    "france-travail": (1962, 2004),
    "email": (1930, 1966),
    "teleconsultation": (1930, 1985),
}

NOTES = {
    "caf": ("apporte son numéro CAF", "déclaration trimestrielle", "demande de logement"),
    "impots": ("apporte son avis d’impôt", "changement d’adresse"),
    "teleconsultation": ("tensiomètre prêt", "ordonnance à renouveler"),
    "france-travail": ("CV à mettre à jour", "actualisation"),
    "email": ("première fois sur un ordinateur", "mot de passe perdu"),
    "cantine": ("deux enfants",),
}


class Fate(Enum):
    """What happens to a visit after it is booked."""

    KEPT = "kept"
    CONFIRMED = "confirmed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    MOVED = "moved"
    DISPLACED = "displaced"
    """Moved by the mairie, not at the resident's wish: an agent has to tell the resident."""
    WALK_IN = "walk-in"


PAST_FATES = {
    Fate.KEPT: 60,
    Fate.CONFIRMED: 12,
    Fate.MISSED: 7,
    Fate.CANCELLED: 7,
    Fate.MOVED: 5,
    Fate.WALK_IN: 9,
}
COMING_FATES = {Fate.KEPT: 70, Fate.CONFIRMED: 18, Fate.CANCELLED: 6, Fate.MOVED: 6}


@dataclass(frozen=True)
class PlannedVisit:
    ref: str
    start: datetime
    service: str
    with_helper: bool
    person: DemoPerson | None
    fate: Fate = Fate.KEPT
    note: str = ""
    party_size: int = 1

    @property
    def offer(self) -> CatalogueService:
        return OFFERS[self.service].entry

    @property
    def blocked(self) -> Span:
        """The time for which the visit occupies the cabin, turnaround included."""
        return self.start, self.end + timedelta(minutes=self.offer.turnaround_min)

    @property
    def end(self) -> datetime:
        """The end of the visit. For two people it takes half as long again as for one."""
        return self.start + timedelta(minutes=self.offer.duration_min * (self.party_size + 1) // 2)


@dataclass
class Spot:
    """A cabin on one day: when its site is open, which helpers are on shift, which times are taken
    already."""

    ref: str
    equipment: frozenset[str]
    open_spans: Sequence[Span]
    duties: Sequence[Duty]
    skills: Mapping[str, frozenset[str]]
    taken: list[Span] = field(default_factory=list)

    def helped(self, service: str, start: datetime, end: datetime) -> bool:
        """Whether a helper on shift can help with this service."""
        return any(duty.covers(start, end) and service in self.skills[duty.username] for duty in self.duties)

    def fits(self, visit: PlannedVisit) -> bool:
        start, until = visit.blocked
        end = visit.end
        return (
            set(visit.offer.equipment_needed) <= self.equipment
            and any(opens <= start and end <= closes for opens, closes in self.open_spans)
            and not any(begins < until and start < ends for begins, ends in self.taken)
            and (not visit.with_helper or self.helped(visit.service, start, end))
        )


class Crowd:
    """The residents in turn; none of them twice within REST."""

    def __init__(self, rng: Random, people: Iterable[DemoPerson]) -> None:
        # Fatima Bensaïd has her own three visits only: the visitor of the demonstration books her next one.
        others = [person for person in people if person is not FATIMA]
        rng.shuffle(others)
        self._queue = deque(others)
        self._days: dict[DemoPerson, set[date]] = {}

    def note(self, person: DemoPerson, day: date) -> None:
        self._days.setdefault(person, set()).add(day)

    def someone_for(self, service: str, day: date) -> DemoPerson | None:
        oldest, youngest = AGES.get(service, (0, 9999))
        for person in self._queue:
            if not oldest <= (person.birth_year or 0) <= youngest:
                continue
            if any(abs(day - seen) < REST for seen in self._days.get(person, ())):
                continue
            self._queue.remove(person)
            self._queue.append(person)
            self.note(person, day)
            return person
        return None


class Planner:
    """Fills days with visits. `density` is the probability that a free time is asked for."""

    def __init__(self, rng: Random, crowd: Crowd) -> None:
        self._rng = rng
        self._crowd = crowd

    def fill(
        self, day: date, spots: Iterable[Spot], *, density: float, fates: dict[Fate, int]
    ) -> Iterator[PlannedVisit]:
        for spot in spots:
            for opens, closes in spot.open_spans:
                yield from self._fill_span(day, spot, opens, closes, density, fates)

    def _fill_span(
        self,
        day: date,
        spot: Spot,
        opens: datetime,
        closes: datetime,
        density: float,
        fates: dict[Fate, int],
    ) -> Iterator[PlannedVisit]:
        start = opens
        while start < closes:
            visit = self._visit(day, spot, start, fates) if self._rng.random() < density else None
            if visit is None:
                start += 2 * STEP
                continue
            spot.taken.append(visit.blocked)
            yield visit
            while start < visit.blocked[1]:
                start += STEP

    def _visit(self, day: date, spot: Spot, start: datetime, fates: dict[Fate, int]) -> PlannedVisit | None:
        rng = self._rng
        slugs = list(OFFERS)
        wanted = rng.choices(slugs, weights=[OFFERS[slug].weight for slug in slugs], k=len(slugs))
        for slug in dict.fromkeys(wanted):
            policy = OFFERS[slug].entry.helper_policy
            alone = policy == HelperPolicy.NONE or (policy == HelperPolicy.OPTIONAL and rng.random() < 0.2)
            visit = PlannedVisit(spot.ref, start, slug, not alone, None)
            if not spot.fits(visit):
                continue
            fate = rng.choices(list(fates), weights=list(fates.values()))[0]
            if fate is Fate.WALK_IN:
                return PlannedVisit(spot.ref, start, slug, visit.with_helper, None, fate)
            person = self._crowd.someone_for(slug, day)
            if person is None:
                continue
            note = rng.choice(NOTES[slug]) if slug in NOTES and rng.random() < 0.4 else ""
            return PlannedVisit(spot.ref, start, slug, visit.with_helper, person, fate, note=note)
        return None
