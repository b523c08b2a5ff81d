"""The dates of weekly appointments at the desk, in order: possible or not, and what can be done instead."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from django.utils.translation import gettext as _

from booking.actions.overlap import visit_of
from booking.engine.snapshot import Offer
from booking.enums import WhyEmpty
from booking.errors import OtherVisit
from booking.forms.desk import slot_value
from booking.forms.weekly import ADD_WEEK, KEEP, SKIP, Choice, WeeklyChoices, field_name
from booking.free.weekly import DateCheck, WeeklyDates
from booking.models import Appointment
from booking.pages.desk import Desk
from communes.models import Site


@dataclass(frozen=True)
class Option:
    """`start` and `site`: of another time. `is_proposed`: what is taken where the agent takes what is
    proposed."""

    value: str
    start: datetime | None = None
    site: Site | None = None
    is_other_day: bool = False
    is_proposed: bool = False


@dataclass(frozen=True)
class Week:
    """A date, in the commune's time. `reason`: why it is not possible as it is; it then has `options`."""

    start: datetime
    reason: str = ""
    others: tuple[OtherVisit, ...] = ()
    options: tuple[Option, ...] = ()
    chosen: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return field_name(self.start.date())

    @property
    def is_open(self) -> bool:
        return bool(self.options) and not self.chosen

    @property
    def proposed(self) -> Option | None:
        return next((each for each in self.options if each.is_proposed), None)


@dataclass(frozen=True)
class Weeks:
    first: datetime
    following: list[Week] = field(default_factory=list)

    @property
    def open(self) -> list[Week]:
        return [week for week in self.following if week.is_open]

    @property
    def booked(self) -> int:
        """How many appointments there will be; dates for which nothing is chosen yet do not count."""
        held = (week for week in self.following if not week.is_open and week.chosen not in (SKIP, ADD_WEEK))
        return 1 + sum(1 for _week in held)


@dataclass(frozen=True)
class _Looked:
    """What was found for a date."""

    check: DateCheck
    others: tuple[OtherVisit, ...]
    choice: Choice | None

    @property
    def is_possible(self) -> bool:
        return self.check.refusal is None and not self.others

    @property
    def times(self) -> tuple[Offer, ...]:
        return self.check.near + self.check.other_days


def read_weeks(desk: Desk, first: Appointment, choices: WeeklyChoices, *, refused: bool = False) -> Weeks:
    """`refused`: the dates were sent to be booked, and each that is still open gets its error. Four queries
    at most."""
    site_ids = [first.site_id, desk.site_id] if desk.site_id else []
    spare = choices.spare[: len(choices.dates)]
    look = WeeklyDates(desk.commune, first, [*choices.dates[1:], *spare], site_ids, desk.now)
    busy = _expected(desk)

    def looked(start: datetime) -> _Looked:
        end = start + (first.ends_at - first.starts_at)
        others = tuple(visit for visit in busy if _overlaps(visit, start, end))
        return _Looked(look.check(start, is_free), others, choices.chosen.get(start.date()))

    def is_free(start: datetime, end: datetime) -> bool:
        return not any(_overlaps(visit, start, end) for visit in busy)

    found = [looked(start) for start in choices.dates[1:]]
    stuck = [each for each in found if not (each.is_possible or each.choice or each.times)]
    longer = takewhile(lambda each: each.is_possible, map(looked, spare[: len(stuck)]))
    adds = [each.check.start for each, _week in zip(stuck, longer, strict=False)]
    following = [
        _week(look, each, bool(choices.spare), each.check.start in adds, refused=refused) for each in found
    ]
    return Weeks(choices.dates[0], following)


def _overlaps(visit: OtherVisit, start: datetime, end: datetime) -> bool:
    return visit.start < end and start < visit.end


def _expected(desk: Desk) -> list[OtherVisit]:
    """The resident's other visits to come."""
    if desk.resident is None:
        return []
    rows = Appointment.objects.expected().filter(resident=desk.resident, ends_at__gt=desk.now)
    found = rows.select_related("site", "service").order_by("starts_at", "pk")
    return [visit_of(row, desk.commune) for row in found]


def _week(look: WeeklyDates, found: _Looked, may_add: bool, adds: bool, *, refused: bool) -> Week:
    """`adds`: to add a week at the end is what is proposed."""
    start, choice = found.check.start, found.choice
    if found.is_possible and choice is None:
        return Week(start)
    options = tuple(_options(look, found, may_add or choice == Choice(ADD_WEEK), adds))
    chosen = choice.value if choice and choice.value in {each.value for each in options} else ""
    error = ""
    if choice is not None and not chosen and choice.slot is not None:
        error = _("The time that you chose has just been taken. Choose something else.")
    elif refused and not chosen:
        error = _("Choose what becomes of this date.")
    return Week(start, _reason(found.check.refusal, found.others), found.others, options, chosen, error)


def _reason(refusal: WhyEmpty | None, others: tuple[OtherVisit, ...]) -> str:
    if refusal is not None:
        return str(refusal.label)
    return _("another appointment of this person") if others else _("free again")


def _options(look: WeeklyDates, found: _Looked, may_add: bool, adds: bool) -> Iterator[Option]:
    """In the order of the page: skip, the usual time, others of the day, other days, beside the other visit.
    Proposed is the nearest time; where there is none, a week more if that is possible, else to skip."""
    check, usual = found.check, look.first.site_id
    proposed = next(iter(found.times), None)
    yield Option(SKIP, is_proposed=not (proposed or adds or found.is_possible))
    if may_add:
        yield Option(ADD_WEEK, is_proposed=adds)
    if found.is_possible:  # somebody gave it back since it was refused
        yield Option(slot_value(usual, check.start), check.start, look.sites[usual], is_proposed=True)
    for offer in (*sorted(check.near), *sorted(check.other_days)):
        start, site = look.commune.local(offer.start), look.sites[offer.site_id]
        is_other_day = start.date() != check.start.date()
        yield Option(slot_value(site.pk, start), start, site, is_other_day, offer == proposed)
    if check.refusal is None and found.others:
        yield Option(KEEP + ",".join(str(visit.id) for visit in found.others))


def proposals(weeks: Weeks) -> dict[str, str]:
    """What is proposed for each open date, as the form would send it."""
    return {week.name: week.proposed.value for week in weeks.open if week.proposed}
