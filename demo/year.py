"""Two years of figures before the days that are played: records as visits leave them when they are deleted.

They are made by the same pure function as real ones (`booking.records.record_of`), from appointments that are
never stored, and folded by the same action. The same seed gives the same years.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from booking.actions import fold_records
from booking.actions.unmet import fold_unmet
from booking.enums import ActorKind, Origin, Outcome, Reason, Status, ToldBy, UnmetWhy
from booking.models import Appointment, UnmetRequest, VisitNote, VisitRecord
from booking.records import Cancelling, record_of
from booking.sums import ANYWHERE, OTHER
from communes.enums import HelperPolicy, Theme
from communes.models import Cabin, Service
from communes.open_hours import hours_spans
from demo.build import Town
from demo.notes import NOTED, believable_note
from demo.published import note_who_came, publish
from kiosk.enums import Face
from kiosk.models import FaceCount
from reporting.cabin_days import write_days_of

DAYS = 730
SEASON = {1: 1.1, 7: 0.85, 8: 0.55, 9: 1.35, 10: 1.15, 12: 0.8}
"""How busy a month is; 1 where it is not named."""
BUSY = 0.2
"""Share of the opening time that is booked in an ordinary month of the second year, as in the days that are
played; less in the first."""
FATES = {Status.DONE: 82, Status.NO_SHOW: 7, Status.CANCELLED: 10, Status.UNRECORDED: 1}
TOLD = {ToldBy.SMS: 62, ToldBy.VOICE: 14, ToldBy.DESK: 9, ToldBy.EMAIL: 5, ToldBy.NOT: 10}
LEADS = {0: 16, 1: 12, 2: 14, 3: 12, 5: 12, 7: 14, 12: 12, 20: 6, 40: 2}
FACES = {Face.YES: 77, Face.PARTLY: 17, Face.NO: 6}


def play_years(town: Town, until: date) -> None:
    """The records of the days before `until`, the minutes of the cabins, the answers at the screens, and what
    was published."""
    chance = Random(76498)
    first = until - timedelta(days=DAYS)
    records = list(_records(town, first, until, chance))
    VisitRecord.objects.bulk_create(records, batch_size=2000)
    fold_records(commune=town.commune, now=town.now)
    write_days_of(town.commune, now=town.now, days=(town.today - first).days)
    _answer(town, records, chance)
    UnmetRequest.objects.bulk_create(_unmet(town, first, until), batch_size=2000)
    fold_unmet(commune=town.commune, now=town.now)
    note_who_came(town, records, chance)
    publish(town, first)


UNMET = {
    UnmetWhy.FULL: 40,
    UnmetWhy.NO_HELPER: 28,
    UnmetWhy.NOT_SUITING: 18,
    UnmetWhy.CLOSED: 14,
}
NOT_OFFERED = {Theme.HOUSING: 4, Theme.JUSTICE: 3, Theme.HARDWARE_CARE: 2, Theme.SOCIAL_NETWORKS: 1}
UNMET_A_DAY = 0.35
"""Requests of the desk that find nothing, on a weekday."""


def _unmet(town: Town, first: date, until: date) -> Iterator[UnmetRequest]:
    """What the desk counted with « Rien ne convient » and « La demande n’est pas dans la liste ? »."""
    chance = Random(76499)
    services = list(town.services.values())
    for n in range((until - first).days):
        day = first + timedelta(days=n)
        if day.weekday() >= 5 or chance.random() >= UNMET_A_DAY:
            continue
        if chance.random() < 0.12:
            yield _unmet_row(town, day, day, None, UnmetWhy.NOT_OFFERED, theme=_drawn(NOT_OFFERED, chance))
            continue
        service = chance.choice(services)
        why = _drawn(UNMET, chance)
        step = (5 - day.weekday()) % 7 if why == UnmetWhy.CLOSED else chance.randrange(1, 4)
        for each in range(chance.choice([1, 1, 2, 3])):
            wanted = day + timedelta(days=step + (7 if why == UnmetWhy.CLOSED else 1) * each)
            lacked = why == UnmetWhy.NO_HELPER and chance.random() < 0.7
            yield _unmet_row(town, day, wanted, service, why, lacked=lacked, is_first=each == 0)


def _unmet_row(
    town: Town,
    asked_on: date,
    wanted_on: date,
    service: Service | None,
    why: UnmetWhy,
    *,
    theme: str = "",
    lacked: bool = False,
    is_first: bool = True,
) -> UnmetRequest:
    return UnmetRequest(
        commune=town.commune,
        asked_on=asked_on,
        wanted_on=wanted_on,
        half="am" if why == UnmetWhy.CLOSED else "",
        service_ref=service.pk if service else OTHER,
        service_name=service.name if service else "",
        theme=service.theme if service else theme,
        site_ref=ANYWHERE,
        why=why,
        lacked_helper=lacked,
        is_first=is_first,
    )


def _records(town: Town, first: date, until: date, chance: Random) -> Iterator[VisitRecord]:
    services = list(town.services.values())
    weights = [1 + (len(services) - index) for index in range(len(services))]
    for site in town.sites.values():
        cabins = list(site.cabins.all())
        for start, end in hours_spans(site, town.commune, first, until):
            for cabin in cabins:
                at = start
                while at < end:
                    service = chance.choices(services, weights)[0]
                    over = at + timedelta(minutes=service.duration_min)
                    if over > end:
                        break
                    if chance.random() < _busy(town.commune.local(at).date(), first):
                        yield _record(town, cabin, service, at, over, chance)
                    at = over


def _busy(day: date, first: date) -> float:
    growth = 0.85 + 0.2 * (day - first).days / DAYS
    return BUSY * SEASON.get(day.month, 1.0) * growth


def _record(
    town: Town, cabin: Cabin, service: Service, start: datetime, end: datetime, chance: Random
) -> VisitRecord:
    status = _drawn(FATES, chance)
    is_walk_in = status == Status.DONE and chance.random() < 0.13
    begun = start + timedelta(minutes=0 if is_walk_in else chance.choice([0, 1, 2, 3, 4, 5, 8, 12]))
    minutes = max(5, int((end - start).total_seconds() / 60 * chance.uniform(0.6, 1.1)))
    days = 0 if is_walk_in else _drawn(LEADS, chance)
    done = status == Status.DONE
    appointment = Appointment(
        commune=town.commune,
        site=cabin.site,
        cabin=cabin,
        service=service,
        status=status,
        starts_at=start,
        ends_at=end,
        blocked_until=end,
        with_helper=_with_helper(service, chance),
        party_size=chance.choices([1, 2, 3], [88, 10, 2])[0],
        origin=Origin.SCREEN if is_walk_in else chance.choices([Origin.DESK, Origin.HELPER], [9, 1])[0],
        is_walk_in=is_walk_in,
        created_at=start - timedelta(days=days),
        arrived_at=(begun if is_walk_in else start - timedelta(minutes=chance.randrange(12)))
        if done
        else None,
        started_at=begun if done else None,
        ended_at=begun + timedelta(minutes=minutes) if done else None,
        told_by=ToldBy.NOT if is_walk_in else _drawn(TOLD, chance),
    )
    if done and not service.is_medical and chance.random() < NOTED:
        outcome = chance.choices(list(Outcome), [70, 10, 8, 8, 4])[0]
        appointment.outcome = outcome
        VisitNote(appointment=appointment, **believable_note(service, outcome, chance))
    cancelling = None
    if status == Status.CANCELLED:
        reason = chance.choices([Reason.CANNOT_COME, Reason.NOT_NEEDED, Reason.HELPER_ABSENT], [6, 3, 1])[0]
        hours = chance.choice([1, 5, 20, 30, 60, 100])
        cancelling = Cancelling(start - timedelta(hours=hours), reason, ActorKind.AGENT)
    return record_of(appointment, cancelling)


def _with_helper(service: Service, chance: Random) -> bool:
    if service.helper_policy == HelperPolicy.REQUIRED:
        return True
    return service.helper_policy == HelperPolicy.OPTIONAL and chance.random() < 0.6


def _drawn[T](weights: dict[T, int], chance: Random) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]


def _answer(town: Town, records: list[VisitRecord], chance: Random) -> None:
    counts: dict[tuple[int, date, Face], int] = {}
    for record in records:
        if record.ended_as == Status.DONE and chance.random() < 0.47:
            key = record.site_ref, record.day_on.replace(day=1), _drawn(FACES, chance)
            counts[key] = counts.get(key, 0) + 1
    FaceCount.objects.bulk_create(
        (
            FaceCount(site_id=site, month_on=month, face=face, count=count)
            for (site, month, face), count in counts.items()
        ),
        ignore_conflicts=True,
    )
