"""What is proposed for an appointment that cannot take place, and for all of them: plain values."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment
from communes.enums import HelperPolicy
from communes.models import Cabin, Site
from planning.orphans import Orphan


class Remedy(StrEnum):
    SAME_TIME = "same_time"
    ALONE = "alone"
    """At the same time, without a helper: only where an agent chose it."""
    OTHER_TIME = "other_time"
    CALL = "call"
    """The appointment goes on the desk's call list; the desk finds another time with the resident."""
    CALLED = "called"
    """The appointment is already on the call list."""
    BY_HAND = "by_hand"
    """Nobody can be called (no name, or the resident is here): the agent who reads the plan decides."""


ALONE, CALL = "alone", "call"
MOST_PASSED_OVER = 9
"""What an agent wishes for one appointment is `ALONE`, `CALL`, or how many proposals are passed over."""


def is_wish(code: str) -> bool:
    return code in (ALONE, CALL) or 1 <= passed_over(code) <= MOST_PASSED_OVER


def passed_over(wish: str) -> int:
    return int(wish) if len(wish) == 1 and wish in "123456789" else 0


class Kept(StrEnum):
    """Why no other time was looked for: a person decides."""

    HERE = "here"
    HOUR = "hour"
    LETTER = "letter"
    LIMITED = "limited"
    CHOSEN = "chosen"

    @property
    def text(self) -> str | Promise:
        return {
            Kept.HERE: _("the person is here and waits"),
            Kept.HOUR: _("the hour is agreed with another organisation"),
            Kept.LETTER: _("reachable by letter only, which takes days"),
            Kept.LIMITED: _("limited record: no message leaves, tell the person yourself"),
            Kept.CHOSEN: _("chosen on this page"),
        }[self]


@dataclass(frozen=True)
class Exchange:
    """Another appointment that makes room: the cabin and helper that it gets. `appointment` is loaded for the
    page alone."""

    appointment_id: int
    cabin_id: int
    helper_id: int | None
    other_helper: bool
    appointment: Appointment | None = None
    cabin: Cabin | None = None
    helper: Agent | None = None

    @property
    def mark(self) -> str:
        return f"{self.appointment_id}/{self.cabin_id}/{self.helper_id}"


@dataclass(frozen=True)
class Proposal:
    """`orphan` holds the appointment as it is now; the other fields are what it would become."""

    orphan: Orphan
    how: Remedy
    start: datetime
    site_id: int
    cabin_id: int
    helper_id: int | None
    exchanged: tuple[Exchange, ...] = ()
    kept: Kept | None = None
    wish: str = ""
    site: Site | None = None
    cabin: Cabin | None = None
    helper: Agent | None = None

    @property
    def passed_over(self) -> int:
        return passed_over(self.wish)

    @property
    def appointment(self) -> Appointment:
        return self.orphan.appointment

    @property
    def is_placed(self) -> bool:
        return self.how in (Remedy.SAME_TIME, Remedy.ALONE, Remedy.OTHER_TIME)

    @property
    def must_be_told(self) -> bool:
        """True if the time or site changes, or the helper whom the resident had asked for, or none comes."""
        before = self.appointment
        if self.how in (Remedy.OTHER_TIME, Remedy.ALONE):
            return True
        return self.how == Remedy.SAME_TIME and before.helper_chosen and self.helper_id != before.helper_id

    @property
    def may_be_alone(self) -> bool:
        """Whether an agent may choose the same time without a helper: never where the place is closed."""
        policy = self.appointment.service.helper_policy
        is_possible = self.appointment.with_helper and policy == HelperPolicy.OPTIONAL
        return is_possible and self.orphan.why.leaves_place_open and self.wish != ALONE

    @property
    def choices(self) -> list[tuple[str, str | Promise]]:
        """What an agent may choose instead: codes of wishes, and their labels."""
        found: list[tuple[str, str | Promise]] = []
        if self.wish:
            found.append(("", _("The first proposal")))
        if self.how in (Remedy.SAME_TIME, Remedy.OTHER_TIME) and self.passed_over < MOST_PASSED_OVER:
            found.append((str(self.passed_over + 1), _("Another proposal")))
        if self.may_be_alone:
            found.append((ALONE, _("Same time, without a helper")))
        if self.is_placed and self.appointment.resident_id and self.appointment.status == Status.BOOKED:
            found.append((CALL, _("Call the person")))
        return found

    @property
    def mark(self) -> str:
        parts = (self.appointment.pk, self.how, self.start.timestamp(), self.site_id, self.cabin_id)
        return ":".join(map(str, (*parts, self.helper_id, *(each.mark for each in self.exchanged))))


@dataclass(frozen=True)
class ReplacementPlan:
    """`digest` identifies exactly this plan; `applied` says whether it has been carried out."""

    proposals: list[Proposal]
    aside: list[Orphan]
    digest: str
    applied: bool
    later: int = 0
    """How many more appointments wait for the next plan."""
    called: frozenset[int] = frozenset()
    """Of those set aside, the ids of those that are on the call list."""

    @property
    def placed(self) -> list[Proposal]:
        return [each for each in self.proposals if each.is_placed]

    @property
    def to_call(self) -> list[Proposal]:
        return [each for each in self.proposals if each.how == Remedy.CALL]


def as_they_end(proposals: list[Proposal]) -> list[Proposal]:
    """With the cabins and helpers after the last proposal: one may take those that an earlier one got."""
    placed = {each.appointment.pk for each in proposals if each.is_placed}
    moved = {move.appointment_id for each in proposals for move in each.exchanged}
    rows = Appointment.objects.filter(pk__in=placed | moved).values_list("pk", "cabin_id", "helper_id")
    ends = {pk: (cabin_id, helper_id) for pk, cabin_id, helper_id in rows}

    def ended(move: Exchange) -> Exchange:
        cabin_id, helper_id = ends[move.appointment_id]
        return replace(move, cabin_id=cabin_id, helper_id=helper_id)

    def at_the_end(proposal: Proposal) -> Proposal:
        if not proposal.is_placed:
            return proposal
        cabin_id, helper_id = ends[proposal.appointment.pk]
        others = tuple(ended(each) for each in proposal.exchanged if each.appointment_id not in placed)
        return replace(proposal, cabin_id=cabin_id, helper_id=helper_id, exchanged=others)

    return [at_the_end(each) for each in proposals]


def with_names(proposals: list[Proposal]) -> list[Proposal]:
    """With the sites, cabins, helpers and other appointments that the page names."""
    moves = [move for each in proposals for move in each.exchanged]
    named_here: list[Proposal | Exchange] = [*proposals, *moves]
    sites = Site.objects.in_bulk({each.site_id for each in proposals})
    cabins = Cabin.objects.in_bulk({each.cabin_id for each in named_here})
    helpers = Agent.objects.in_bulk({each.helper_id for each in named_here if each.helper_id})
    others = Appointment.objects.select_related("resident", "service").in_bulk(
        {move.appointment_id for move in moves}
    )

    def named(move: Exchange) -> Exchange:
        helper = helpers.get(move.helper_id) if move.helper_id else None
        return replace(
            move, appointment=others[move.appointment_id], cabin=cabins[move.cabin_id], helper=helper
        )

    return [
        replace(
            each,
            exchanged=tuple(named(move) for move in each.exchanged),
            site=sites[each.site_id],
            cabin=cabins[each.cabin_id],
            helper=helpers.get(each.helper_id) if each.helper_id else None,
        )
        for each in proposals
    ]
