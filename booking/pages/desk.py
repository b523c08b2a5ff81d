"""What the desk page shows for its query string: one object, read once per request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db.models import Q

from agents.models import Agent
from booking.actions.overlap import visit_of
from booking.actions.request import minutes_for
from booking.actions.unmet import is_noted
from booking.engine.snapshot import Offer
from booking.enums import AskedBy, Origin, Status
from booking.errors import OtherVisit
from booking.forms.desk import MOST_TIMES, DeskQuery, OtherRequestForm, helper_choice, slot_value
from booking.free.slots import SlotSearch, find_first, find_slots
from booking.models import MOST_PEOPLE, Appointment, Resident
from booking.pages.access import NO_NEED, Access, AccessLine, lines_of
from booking.pages.further import Further
from booking.pages.heading import Heading
from booking.pages.resident_card import ResidentCard, read_card
from booking.pages.times import DayChoices, Times, WeekdayChoice
from booking.pages.when import When, read_when
from communes.enums import HelperPolicy
from communes.models import Commune, Service, Site
from communes.open_hours import opening_weekdays

MOST_SHOWN = 50
"""At most this many appointments to come of one resident are read, the next ones, and as many of the past."""


@dataclass(frozen=True)
class NamedHelper:
    """A helper whom the resident can ask for by name; `value` is the value of the form's choice."""

    value: str
    name: str


@dataclass
class Desk:
    commune: Commune
    now: datetime
    services: list[Service]
    service: Service | None
    helper: str
    when: When
    site_id: int | None
    hold: Appointment | None
    moving: Appointment | None
    party: int
    chosen: tuple[int, datetime] | None
    resident: Resident | None
    person: ResidentCard | None = None
    asked_helper: Agent | None = None
    outgrown: Appointment | None = None
    """The held time, if the desk agent has since chosen another service, helper or number of people. It
    counts as free, picking the next time releases it, and it can no longer be confirmed."""
    length: int | None = None
    """The minutes that are asked for; None: what the service and the number of people give."""
    known_talk: UUID | None = None
    """The conversation, once something of it was counted (`booking.actions.unmet`)."""

    @cached_property
    def found(self) -> SlotSearch | None:
        """The times of the days shown, searched when the page first needs them: a request that ends with a
        redirect searches nothing."""
        if self.service is None or not self.when.days:
            return None
        first, last = self.when.days[0], self.when.days[-1]
        return find_slots(**self._asked, start=first, end=last + timedelta(days=1), by_site=True)

    def first_time(self, start: date | None = None, *, last: date | None = None) -> Offer | None:
        """The first time that suits, from today or from a later day on; of an appointment that is moved not
        the time that it has, but one of another day."""
        if self.service is None:
            return None
        site_ids = [self.site_id] if self.site_id else None
        found = find_first(**self._asked, site_ids=site_ids, start=start, last=last)
        if found is None or (found.site_id, found.start) != self._present:
            return found
        after = self.commune.local(found.start).date() + timedelta(days=1)
        return find_first(**self._asked, site_ids=site_ids, start=after, last=last)

    @property
    def _asked(self) -> dict[str, Any]:
        return {
            "commune": self.commune,
            "service": self.service,
            "with_helper": self.with_helper,
            "helper_id": helper_choice(self.helper)[1],
            "now": self.now,
            "duration_min": self.minutes,
            "moving": self.moving or self.hold or self.outgrown,
            "suiting": self.when.suiting,
        }

    @property
    def minutes(self) -> int:
        """How long the visit takes; one that moves or is held keeps its length, or gets the one asked for."""
        if self.length is not None:
            return self.length
        return minutes_for(self.service, self.party) if self.service else 0

    @cached_property
    def talk(self) -> UUID:
        """The name of this conversation, under which what it does not find is counted once."""
        return self.known_talk or uuid4()

    @property
    def other_request(self) -> OtherRequestForm:
        return OtherRequestForm()

    @cached_property
    def is_unmet_noted(self) -> bool:
        """Whether it is counted that nothing suited, of the service chosen or of none."""
        if self.known_talk is None or self.moving is not None:
            return False
        return is_noted(self.commune, self.known_talk, self.service)

    @cached_property
    def sites(self) -> dict[int, Site]:
        if self.service is None:
            return {}
        sites = self.found.sites if self.found else self.commune.sites.filter(is_active=True)
        return {site.pk: site for site in sites}

    @cached_property
    def weekdays(self) -> list[WeekdayChoice]:
        """Those that can be ticked: on which some place opens, and those ticked already."""
        opening = opening_weekdays(self.sites.values(), self.commune, self.today)
        return [WeekdayChoice(number) for number in sorted(opening | self.when.weekdays)]

    @property
    def said(self) -> str:
        """What is read aloud once the times are drawn again."""
        if self.service is None:
            return ""
        return " ".join(self.when.problems.values()) or f"{self.heading.days}, {self.heading.visit}"

    @cached_property
    def heading(self) -> Heading:
        return Heading(
            self.when,
            minutes=self.minutes,
            helper=self.chosen_helper,
            with_helper=self.with_helper,
            count=sum(day.count for day in self.days),
        )

    @cached_property
    def days(self) -> list[DayChoices]:
        if self.found is None:
            return []
        return Times(self.found, self.when, self.site_id, self.chosen, self.access, self._present).days()

    @property
    def _present(self) -> tuple[int, datetime] | None:
        """The time of the appointment that is moved, if it changes in nothing else."""
        if self.moving is None or self.altered:
            return None
        if self.helper != wanted_helper(self.moving.service, None, self.moving):
            return None
        return self.moving.site_id, self.moving.starts_at

    @cached_property
    def access(self) -> Access:
        """For a resident who comes in a wheelchair: which places they get into."""
        uses_wheelchair = self.resident is not None and self.resident.uses_wheelchair
        return Access(self.found.wheelchair) if uses_wheelchair and self.found else NO_NEED

    @property
    def is_too_late(self) -> bool:
        """Whether the chosen time lies after the deadline, which may have been said since."""
        before = self.when.before
        if self.chosen is None or before is None:
            return False
        return self.commune.local(self.chosen[1]).date() >= before

    @property
    def access_lines(self) -> list[AccessLine]:
        """What is said of it above the times, of the places that have one."""
        slots = [slot for day in self.days for half in day.halves for slot in (*half.first, *half.more)]
        return self.access.lines({slot.site.pk: slot.site for slot in slots}.values())

    @property
    def access_problem(self) -> list[AccessLine]:
        """What is said of it beside the button that confirms: of the kept cabin, else of the place."""
        if self.resident is None or not self.resident.uses_wheelchair or self.chosen_place is None:
            return []
        if self.hold is None:
            return self.access.lines([self.chosen_place])
        return lines_of(self.hold.site, self.hold.cabin)

    @cached_property
    def further(self) -> Further | None:
        """Where the days that suit have no time: the first one after them."""
        if self.service is None or self.when.problems or self.has_offers or not self.when.is_narrowed:
            return None
        return Further(self.when, self.first_time(self.when.beyond), self.commune, self.sites)

    @property
    def was_rounded_up(self) -> bool:
        return self.found is not None and self.found.offers.was_rounded_up

    @property
    def kept_id(self) -> int | None:
        kept = self.hold or self.outgrown
        return kept.pk if kept else None

    @property
    def kept_note(self) -> str:
        """What was typed to prepare before the time was kept, on the form of the waiting list."""
        kept = self.hold or self.outgrown
        return kept.note if kept else ""

    @property
    def with_helper(self) -> bool:
        return helper_choice(self.helper)[0]

    @property
    def today(self) -> date:
        return self.commune.local(self.now).date()

    @property
    def party_choices(self) -> range:
        return range(1, MOST_PEOPLE + 1)

    @property
    def times_choices(self) -> range:
        return range(1, MOST_TIMES + 1)

    @property
    def has_offers(self) -> bool:
        return any(day.count for day in self.days)

    @property
    def chosen_place(self) -> Site | None:
        if self.hold:
            return self.hold.site
        return self.sites.get(self.chosen[0]) if self.chosen else None

    @property
    def chosen_value(self) -> str:
        return slot_value(*self.chosen) if self.chosen else ""

    @property
    def is_for_somebody(self) -> bool:
        """True if it is known whom the appointment is for: a chosen resident, or the holder of the
        appointment to be moved."""
        return self.resident is not None or self.moving is not None

    @property
    def named_helpers(self) -> list["NamedHelper"]:
        """The helpers offered by name: the one who helped the resident last, and the one asked for
        already, also when the time that was kept with them is lost."""
        asked = self.moving or self.hold or self.outgrown
        chosen = asked.helper if asked and asked.helper_chosen else None
        last = self.person.last.helper if self.person and self.person.last else None
        agents = {agent.pk: agent for agent in (last, chosen, self.asked_helper) if agent is not None}
        return [NamedHelper(f"c{pk}", agent.short_name) for pk, agent in agents.items()]

    @property
    def chosen_helper(self) -> str:
        """The name of the helper who is asked for, or ""."""
        return next((each.name for each in self.named_helpers if each.value == self.helper), "")

    @property
    def chosen_end(self) -> datetime | None:
        if not self.chosen or not self.service:
            return None
        return self.chosen[1] + timedelta(minutes=self.minutes)

    @property
    def altered(self) -> dict[str, int]:
        """What changes with the appointment that is moved, as the address and the forms name it."""
        if self.moving is None or self.service is None or self.length is None:
            return {}
        has = self.moving.service_id, self.moving.party_size, self.moving.duration_min
        asked = {"as_service": self.service.pk, "as_party": self.party, "as_length": self.length}
        return {name: value for (name, value), own in zip(asked.items(), has, strict=True) if value != own}

    @property
    def asked_by_choices(self) -> list[tuple[str, Any]]:
        return [(each.value, each.label) for each in AskedBy]

    @property
    def other_visits(self) -> list[OtherVisit]:
        """The appointments that the resident has at the chosen time: the agent is told before confirming."""
        if self.person is None or self.chosen is None or self.chosen_end is None:
            return []
        mine = {each.pk for each in (self.moving, self.hold) if each is not None}
        start, end = self.chosen[1], self.chosen_end
        return [
            visit_of(each, self.commune)
            for each in self.person.coming
            if each.is_expected and each.starts_at < end and each.ends_at > start and each.pk not in mine
        ]

    def _helper_for(self, changes: dict[str, Any]) -> str:
        """The helper that was asked for; whoever one resident asked for by name is not asked for on behalf
        of the next one, except in a time that is kept already."""
        whose = self.resident.pk if self.resident else None
        is_of_another = whose is not None and changes.get("resident", whose) != whose
        return "1" if is_of_another and self.kept_id is None and self.helper.startswith("c") else self.helper

    def address(self, **changes: Any) -> str:
        """The query string of this page with some parts changed (None: left out)."""
        parts: dict[str, Any] = {
            "resident": self.resident.pk if self.resident else None,
            "service": self.service.pk if self.service else None,
            "helper": self._helper_for(changes) if self.service else None,
            "site": self.site_id,
            **self.when.parts,
            "hold": self.kept_id,
            "move": self.moving.pk if self.moving else None,
            "party": self.party if self.party > 1 or self.outgrown else None,
            "talk": self.known_talk,
            **({} if "move" in changes else self.altered),
            **changes,
        }
        return urlencode({name: value for name, value in parts.items() if value is not None}, doseq=True)


def read_desk(query: DeskQuery, *, commune: Commune, now: datetime) -> Desk:
    """What the address of the page asks for; the times are searched by `Desk.found`, once they are drawn."""
    asked = query.read
    services = list(commune.services.active())
    resident: Resident | None = asked["resident"]
    known = _appointments(commune, resident, (asked["hold"], asked["move"]), now)
    moving = next((each for each in known if each.pk == asked["move"] and each.status == Status.BOOKED), None)
    hold = next((each for each in known if each.pk == asked["hold"] and _is_held(each, now)), None)
    outgrown = hold if hold and _asks_for_something_else(asked, hold) else None
    if outgrown is not None:
        hold = None
    if moving is not None:
        hold = outgrown = None
        if resident != moving.resident:  # a moved appointment keeps its resident
            resident = moving.resident
            known = _appointments(commune, resident, (), now)
    origin = moving or hold
    service_id = origin.service_id if origin else asked["service"]
    if moving is not None and asked["as_service"] in {each.pk for each in services}:
        service_id = asked["as_service"]
    service = next((service for service in services if service.pk == service_id), None)
    chosen = (hold.site_id, hold.starts_at) if hold else asked["slot"]
    when = read_when(
        asked,
        set(query.errors),
        commune=commune,
        now=now,
        chosen_on=commune.local(chosen[1]).date() if chosen else None,
    )
    desk = Desk(
        commune=commune,
        now=now,
        services=services,
        service=service,
        helper=wanted_helper(service, asked["helper"], origin),
        when=when,
        site_id=asked["site"],
        hold=hold,
        moving=moving,
        party=(moving and asked["as_party"]) or (origin.party_size if origin else asked["party"] or 1),
        chosen=chosen,
        resident=resident,
        outgrown=outgrown,
        length=(moving and asked["as_length"]) or (origin.duration_min if origin else None),
        known_talk=asked["talk"],
    )
    if resident is not None:
        desk.person = read_card(resident, known, now)
    helper_id = helper_choice(desk.helper)[1]
    if helper_id is not None and not desk.chosen_helper:
        named = Agent.objects.filter(memberships__commune=commune, memberships__is_helper=True)
        desk.asked_helper = named.filter(pk=helper_id, is_active=True).first()
        desk.helper = desk.helper if desk.asked_helper else "1"
    return desk


def _asks_for_something_else(asked: dict[str, Any], hold: Appointment) -> bool:
    """True if the service, helper or number of people chosen now differ from those of the held time."""
    if asked["service"] not in (None, hold.service_id) or asked["party"] not in (None, hold.party_size):
        return True
    kept_with = wanted_helper(hold.service, None, hold)
    return wanted_helper(hold.service, asked["helper"], hold) != kept_with


def wanted_helper(service: Service | None, asked: str | None, origin: Appointment | None) -> str:
    """The value of the helper field: "0" alone, "1" with a helper, "c12" with a named one; as asked, if
    the service allows it."""
    if service is None or service.helper_policy == HelperPolicy.NONE:
        return "0"
    if asked is None and origin is not None:
        if origin.helper_chosen and origin.helper_id:
            return f"c{origin.helper_id}"
        return "1" if origin.with_helper else "0"
    if asked is None or (asked == "0" and service.helper_policy == HelperPolicy.REQUIRED):
        return "1"
    return asked


def _appointments(
    commune: Commune, resident: Resident | None, ids: Iterable[int | None], now: datetime
) -> list[Appointment]:
    """The appointments with these ids, and the resident's coming and finished ones: one query."""
    rows = Appointment.objects.filter(commune=commune).exclude(status=Status.LAPSED)
    wanted = Q(pk__in=[each for each in ids if each is not None])
    if resident is not None:
        theirs = rows.filter(resident=resident)
        coming = theirs.filter(ends_at__gte=now).order_by("starts_at")[:MOST_SHOWN]
        past = theirs.filter(status=Status.DONE).order_by("-starts_at")[:MOST_SHOWN]
        wanted |= Q(pk__in=coming.values("pk")) | Q(pk__in=past.values("pk"))
    related = rows.filter(wanted).select_related("service", "site", "cabin", "helper", "resident")
    return list(related.order_by("-starts_at"))


def _is_held(appointment: Appointment, now: datetime) -> bool:
    """Whether an agent keeps this time; what is offered to somebody on the waiting list is theirs."""
    return (
        appointment.status == Status.HELD
        and appointment.origin != Origin.WAITING_LIST
        and appointment.held_until is not None
        and appointment.held_until > now
    )
