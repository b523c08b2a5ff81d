"""The desk's search field: a phone number, a name, both, or an appointment number.

Four queries at most, or six for a name and a number together, whatever is typed and however many residents
there are.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from booking.enums import LIVE, Status
from booking.models import Appointment, Resident, ResidentPhone
from booking.names import NameIndex, NameWeights, folded, is_wide, search_name, weigh_names
from booking.typed import read_typed
from communes.models import Commune
from core.phones import calling_code_of, is_beside_belgium, read_numbers

MOST = 20
LAST_VISITS = 3
MOST_WEIGHED = 500
_MOST_WORDS = 8

_SEPARATORS = re.compile(r"[\s./()_-]+")
_CALLING_CODES = ("33", "262", "508", "590", "594", "596", "681", "687", "689")
"""Calling codes of France and the overseas territories, which the first 0 of a national number replaces."""
_BELGIUM = "32"
_FEWEST_DIGITS = 4
_FEWEST_LETTERS = 2
"""One is enough where a character is a whole name: 王."""
LONGEST = 200
"""Characters that are looked for; a longer text finds nobody."""
_APPOINTMENT_NUMBER = re.compile(r"\d{6}")


@dataclass
class Match:
    """A resident as the desk agent needs them during the conversation."""

    resident: Resident
    phones: list[ResidentPhone]
    last_visits: list[Appointment] = field(default_factory=list)
    coming: list[Appointment] = field(default_factory=list)
    same_name: bool = False
    same_numbers: list[str] = field(default_factory=list)
    """In E.164: numbers that somebody they are compared with has too."""

    @property
    def last_visit_at(self) -> datetime | None:
        return self.last_visits[0].starts_at if self.last_visits else None


@dataclass
class ResidentSearch:
    """The result for `text`. `has_more`: more residents match, so the agent should type more.

    `is_certain`: the text identifies exactly one resident or appointment; more letters could not match
    another. `number_typed` is as it was typed; `remark`: the words beside it that say whose it is.
    `is_whole_number`: the number is complete, and those found have it.
    """

    text: str
    residents: list[Match] = field(default_factory=list)
    appointment: Appointment | None = None
    number_typed: str = ""
    name_typed: str = ""
    remark: str = ""
    is_too_long: bool = False
    is_whole_number: bool = False
    is_certain: bool = False
    has_more: bool = False

    @property
    def nameless(self) -> Appointment | None:
        """The appointment with the number typed, if it is nobody's: booked without a name, or the person was
        erased and comes all the same."""
        known = self.appointment is not None and self.appointment.resident_id is not None
        return None if known else self.appointment

    @property
    def only(self) -> Resident | None:
        return self.residents[0].resident if len(self.residents) == 1 else None


def search(*, commune: Commune, text: str, now: datetime) -> ResidentSearch:
    """The commune's residents who match `text`, best first, and the appointment with that number."""
    text = " ".join(text.split())
    found = ResidentSearch(text)
    if len(text) > LONGEST:
        found.is_too_long = True
        return found
    typed = read_typed(text)
    found.number_typed, found.name_typed, found.remark = typed.number, typed.name, typed.remark
    if typed.number:
        _by_number(found, commune)
        if typed.name or typed.remark:
            # Several people often share a number, and the agent said more than the number.
            found.is_certain = False
    if typed.name and not found.residents:
        _by_name(found, commune)
    _add_visits(found.residents, now)
    return found


def name_weights(commune: Commune, text: str) -> NameWeights:
    """Which of the words typed are first names, and which last names, among the commune's residents."""
    has_word = Q()
    for word in folded(text).split()[:_MOST_WORDS]:
        has_word |= Q(search_name__contains=word)
    if not has_word:
        return {}
    named = Resident.objects.current().filter(has_word, commune=commune).exclude(first_name="", last_name="")
    return weigh_names(named.values_list("first_name", "last_name")[:MOST_WEIGHED])


def find_alike(commune: Commune, resident: Resident, numbers: Sequence[str]) -> list[Match]:
    """Residents with the same name (ignoring accents, capitals and the order) or one of these numbers
    (E.164): maybe the same person. Those with the number come first."""
    names = names_of(resident.first_name, resident.last_name)
    wanted = Q(search_name__in=names) | Q(phones__number__in=numbers)
    alike = _current(commune).filter(wanted).exclude(pk=resident.pk).distinct().order_by("pk")[:MOST]
    return _compared(alike, names, numbers)


def find_duplicates(commune: Commune, resident: Resident) -> list[Match]:
    """Residents who may be the same person as `resident`: with one of their numbers, their e-mail address or
    a similar name."""
    numbers = [phone.number for phone in resident.phones.all()]
    wanted = Q(phones__number__in=numbers)
    if resident.email:
        wanted |= Q(email__iexact=resident.email)
    if resident.search_name:
        named = Resident.objects.current().filter(commune=commune).exclude(search_name="")
        index = NameIndex(named.values_list("pk", "search_name"))
        wanted |= Q(pk__in=index.best(resident.search_name, MOST))
    alike = _current(commune).filter(wanted).exclude(pk=resident.pk).distinct().order_by("search_name", "pk")
    return _compared(alike, names_of(resident.first_name, resident.last_name), numbers)[:MOST]


def find_owners(commune: Commune, numbers: Sequence[str]) -> list[Match]:
    """The residents who have one of these numbers (E.164)."""
    if not numbers:
        return []
    owners = _current(commune).filter(phones__number__in=numbers).distinct().order_by("search_name", "pk")
    return _compared(owners[:MOST], (), numbers)


def names_of(first_name: str, last_name: str) -> tuple[str, ...]:
    """The name as it is stored for the search, and with first and last name exchanged; none for nobody."""
    names = search_name(first_name, last_name), search_name(last_name, first_name)
    return tuple(name for name in dict.fromkeys(names) if name)


def _compared(residents: Iterable[Resident], names: Sequence[str], numbers: Sequence[str]) -> list[Match]:
    matches = []
    for each in residents:
        phones = list(each.phones.all())
        shared = [phone.number for phone in phones if phone.number in numbers]
        matches.append(Match(each, phones, same_name=each.search_name in names, same_numbers=shared))
    return sorted(matches, key=lambda match: (not match.same_numbers, not match.same_name))


def _by_number(found: ResidentSearch, commune: Commune) -> None:
    typed = _SEPARATORS.sub("", found.number_typed)
    digits = typed.removeprefix("+")
    if _APPOINTMENT_NUMBER.fullmatch(typed):
        found.appointment = _appointment(commune, typed)
    if len(digits) < _FEWEST_DIGITS:
        return
    whole = tuple(_whole_numbers(found.number_typed, commune))
    begins = (*whole, *_beginnings(typed, commune))
    at_the_start = Q()
    for beginning in begins:
        at_the_start |= Q(phones__number__startswith=beginning)
    wanted = at_the_start | Q(phones__number__contains=digits)
    owner = found.appointment.resident_id if found.appointment else None
    if owner is not None:
        wanted |= Q(pk=owner)
    residents = _current(commune).filter(wanted).distinct()
    _fill(found, sorted(residents[: MOST * 5], key=lambda each: _closeness(each, owner, begins)))
    found.is_whole_number = any(phone.number in whole for match in found.residents for phone in match.phones)
    if found.only is not None:
        complete = any(phone.number in begins for phone in found.residents[0].phones)
        found.is_certain = complete or owner is not None


def _whole_numbers(typed: str, commune: Commune) -> Iterator[str]:
    """The numbers (E.164) that `typed` is, whole: one, two parted by a slash, two that are written alike."""
    for reading in read_numbers(typed, insee_code=commune.insee_code):
        yield from (each.e164 for each in reading.candidates or (reading,) if each.e164)


def _beginnings(typed: str, commune: Commune) -> Iterator[str]:
    """The beginnings of stored numbers (E.164) that `typed` can stand for."""
    plain = f"+{typed[2:]}" if typed.startswith("00") else typed
    if plain.startswith("+"):
        yield plain
        if plain.startswith("+33") and (code := calling_code_of(plain[3:].removeprefix("0"))):
            yield f"+{code}{plain[3:].removeprefix('0')}"
        return
    codes = (*_CALLING_CODES, _BELGIUM) if is_beside_belgium(commune.insee_code) else _CALLING_CODES
    yield from (f"+{code}{typed.removeprefix('0')}" for code in codes)
    if not typed.startswith("0"):
        yield f"+{typed}"


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
    letters = "".join(filter(str.isalpha, found.name_typed))
    if len(letters) < _FEWEST_LETTERS and not is_wide(letters):
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
        .filter(Q(status=Status.DONE) | Q(status__in=LIVE, ends_at__gt=now) & ~Q(status=Status.CANCELLING))
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
