"""The desk's search field: a phone number, a name, both, or an appointment number.

Four queries at most, or six for a name and a number together, whatever is typed and however many residents
there are.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from booking.enums import LIVE, Status
from booking.models import Appointment, Resident, ResidentPhone
from booking.names import NameIndex, search_name
from communes.models import Commune

MOST = 20
LAST_VISITS = 3

_NUMBER_ONLY = re.compile(r"\+?[\d\s./()_-]+")
_NAME_AND_NUMBER = re.compile(r"(?P<name>\D*[^\W\d_]\D*?)[\s,:]+(?P<number>\+?[\d\s./()_-]{4,})")
_NUMBER_AND_NAME = re.compile(r"(?P<number>\+?[\d\s./()_-]{4,})[\s,:]+(?P<name>[^\W\d_]\D*)")
_SEPARATORS = re.compile(r"[\s./()_-]+")
_CALLING_CODES = ("33", "262", "508", "590", "594", "596", "681", "687", "689")
"""Calling codes of France and the overseas territories, which the first 0 of a national number replaces."""
_FEWEST_DIGITS = 4
_FEWEST_LETTERS = 2
_APPOINTMENT_NUMBER = re.compile(r"\d{6}")


@dataclass
class Match:
    """A resident as the desk agent needs them during the conversation."""

    resident: Resident
    phones: list[ResidentPhone]
    last_visits: list[Appointment] = field(default_factory=list)
    coming: list[Appointment] = field(default_factory=list)

    @property
    def last_visit_at(self) -> datetime | None:
        return self.last_visits[0].starts_at if self.last_visits else None


@dataclass
class ResidentSearch:
    """The result for `text`. `has_more`: more residents match, so the agent should type more.

    `is_certain`: the text identifies exactly one resident or appointment; more letters could not match
    another.
    """

    text: str
    residents: list[Match] = field(default_factory=list)
    appointment: Appointment | None = None
    number_typed: str = ""
    name_typed: str = ""
    is_certain: bool = False
    has_more: bool = False

    @property
    def only(self) -> Resident | None:
        return self.residents[0].resident if len(self.residents) == 1 else None


def search(*, commune: Commune, text: str, now: datetime) -> ResidentSearch:
    """The commune's residents who match `text`, best first, and the appointment with that number."""
    text = " ".join(text.split())
    found = ResidentSearch(text)
    if _NUMBER_ONLY.fullmatch(text):
        found.number_typed = _SEPARATORS.sub("", text)
        _by_number(found, commune)
    elif both := _NAME_AND_NUMBER.fullmatch(text) or _NUMBER_AND_NAME.fullmatch(text):
        found.number_typed = _SEPARATORS.sub("", both["number"])
        found.name_typed = both["name"].strip()
        _by_number(found, commune)
        found.is_certain = False  # several people often share a number, and the agent typed a name too
        if not found.residents:
            _by_name(found, commune)
    elif text:
        found.name_typed = text
        _by_name(found, commune)
    _add_visits(found.residents, now)
    return found


def find_alike(commune: Commune, resident: Resident, numbers: Sequence[str]) -> list[Match]:
    """Residents with the same name (ignoring accents and capitals) or one of these numbers (E.164): maybe
    the same person."""
    name = search_name(resident.first_name, resident.last_name)
    alike = _current(commune).filter(Q(search_name=name) | Q(phones__number__in=numbers)).distinct()
    return [Match(each, list(each.phones.all())) for each in alike.order_by("pk")[:MOST]]


def _by_number(found: ResidentSearch, commune: Commune) -> None:
    typed = found.number_typed
    digits = typed.removeprefix("+")
    if _APPOINTMENT_NUMBER.fullmatch(typed):
        found.appointment = _appointment(commune, typed)
    if len(digits) < _FEWEST_DIGITS:
        return
    begins = _beginnings(typed)
    at_the_start = Q()
    for beginning in begins:
        at_the_start |= Q(phones__number__startswith=beginning)
    wanted = at_the_start | Q(phones__number__contains=digits)
    owner = found.appointment.resident_id if found.appointment else None
    if owner is not None:
        wanted |= Q(pk=owner)
    residents = _current(commune).filter(wanted).distinct()
    _fill(found, sorted(residents[: MOST * 5], key=lambda each: _closeness(each, owner, begins)))
    if found.only is not None:
        complete = any(phone.number in begins for phone in found.residents[0].phones)
        found.is_certain = complete or owner is not None


def _beginnings(typed: str) -> tuple[str, ...]:
    """The beginnings of stored numbers (E.164) that `typed` can stand for."""
    if typed.startswith("+"):
        return (typed,)
    if typed.startswith("00"):
        return (f"+{typed[2:]}",)
    if typed.startswith("0"):
        return tuple(f"+{code}{typed[1:]}" for code in _CALLING_CODES)
    return (*(f"+{code}{typed}" for code in _CALLING_CODES), f"+{typed}")


def _closeness(resident: Resident, owner: int | None, begins: tuple[str, ...]) -> tuple[bool, bool, str, int]:
    """A sort key: first the resident of the appointment, then numbers that begin so, then numbers that
    contain it."""
    starts = any(phone.number.startswith(begins) for phone in resident.phones.all())
    return resident.pk != owner, not starts, resident.search_name, resident.pk


def _appointment(commune: Commune, number: str) -> Appointment | None:
    """The live appointment with this number, else the latest one that had it."""
    is_live = Case(When(status__in=LIVE, then=Value(1)), default=Value(0), output_field=IntegerField())
    return (
        Appointment.objects.visible()
        .filter(commune=commune, number=number)
        .select_related("resident", "service", "site", "cabin", "helper")
        .order_by(is_live.desc(), "-starts_at", "-id")
        .first()
    )


def _by_name(found: ResidentSearch, commune: Commune) -> None:
    if sum(letter.isalpha() for letter in found.name_typed) < _FEWEST_LETTERS:
        return
    names = Resident.objects.current().filter(commune=commune).exclude(search_name="")
    best = NameIndex(names.values_list("pk", "search_name")).best(found.name_typed, MOST + 1)
    if best:
        known = _current(commune).in_bulk(best)
        _fill(found, [known[pk] for pk in best if pk in known])


def _current(commune: Commune) -> QuerySet[Resident]:
    return Resident.objects.current().filter(commune=commune).prefetch_related("phones")


def _fill(found: ResidentSearch, residents: Sequence[Resident]) -> None:
    found.residents = [Match(resident, list(resident.phones.all())) for resident in residents[:MOST]]
    found.has_more = len(residents) > MOST


def _add_visits(matches: Sequence[Match], now: datetime) -> None:
    """Add to each resident their last visits and their coming appointments."""
    if not matches:
        return
    rows = (
        Appointment.objects.visible()
        .filter(resident__in=[match.resident.pk for match in matches])
        .filter(Q(status=Status.DONE) | Q(status__in=LIVE, ends_at__gt=now))
        .select_related("service", "site", "cabin", "helper")
        .order_by("-starts_at", "-id")
    )
    visits: dict[int | None, list[Appointment]] = defaultdict(list)
    for row in rows:
        visits[row.resident_id].append(row)
    for match in matches:
        mine = visits[match.resident.pk]
        match.last_visits = [visit for visit in mine if visit.status == Status.DONE][:LAST_VISITS]
        match.coming = [visit for visit in reversed(mine) if visit.status != Status.DONE]
