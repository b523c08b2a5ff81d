"""Times to offer, and who could take one: the pure engine over a commune's rows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from logging import getLogger

from django.db import DEFAULT_DB_ALIAS

from booking.engine.assignment import Candidates, ExchangePlan, NotFound, assign, free_until, make_room
from booking.engine.availability import Offers, next_free, search
from booking.engine.snapshot import ANY_DAY, DayFilter, Offer, SlotRequest, Snapshot
from booking.enums import Status
from booking.free.given_up import count_given_up
from booking.free.loading import load_snapshot
from booking.models import Appointment, Resident
from communes.enums import HelperPolicy, WheelchairAccess
from communes.models import Cabin, Commune, Service, Site

logger = getLogger(__name__)

WEEKS_AHEAD = 8
"""How far "the first possible time" is looked for."""


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """`wheelchair`: of each site, whether somebody in a wheelchair gets into a cabin that suits."""

    offers: Offers
    sites: list[Site]
    wheelchair: Mapping[int, WheelchairAccess]


def find_slots(
    *,
    commune: Commune,
    service: Service,
    with_helper: bool,
    start: date,
    end: date,
    now: datetime,
    helper_id: int | None = None,
    site_ids: Iterable[int] | None = None,
    duration_min: int | None = None,
    public: bool = False,
    exchange: bool = True,
    moving: Appointment | None = None,
    kept: Collection[int] = (),
    suiting: DayFilter = ANY_DAY,
    by_site: bool = False,
) -> SlotSearch:
    """The times that can be offered on the local days `[start, end)` that suit, and why days have none, with
    `by_site` also why each site has none.

    `helper_id` is a helper chosen by name; `duration_min` asks for another length than the service's
    (several people). With `public`, the lead times of the service apply. `moving` is an appointment
    that would give up its present time; those `kept` make no room for others. The service's helper policy
    has the last word over `with_helper`. Three queries.
    """
    need = need_for(
        service,
        with_helper=with_helper,
        helper_id=helper_id,
        duration_min=duration_min,
        public=public,
        now=now,
        commune=commune,
        suiting=suiting,
    )
    loaded = load_snapshot(
        commune=commune,
        need=need,
        first=start,
        last=end - timedelta(days=1),
        now=now,
        site_ids=site_ids,
        without=moving.pk if moving else None,
        kept=kept,
        suiting=suiting,
    )
    offers = search(loaded.snapshot, need, exchange=exchange, by_site=by_site)
    if offers.unsettled:
        count_given_up(commune, now=now)
        logger.warning("commune %s: %s starts given up, too full to try all", commune.pk, offers.unsettled)
    cabins = {
        world.id: [cabin.wheelchair for cabin in world.cabins if need.suits(cabin)]
        for world in loaded.snapshot.sites
    }
    access = {site.pk: site.wheelchair_in(cabins[site.pk]) for site in loaded.sites}
    return SlotSearch(offers, loaded.sites, access)


def find_first(
    *,
    commune: Commune,
    service: Service,
    with_helper: bool,
    now: datetime,
    start: date | None = None,
    weeks: int = WEEKS_AHEAD,
    helper_id: int | None = None,
    site_ids: Iterable[int] | None = None,
    duration_min: int | None = None,
    public: bool = False,
    exchange: bool = True,
    moving: Appointment | None = None,
    suiting: DayFilter = ANY_DAY,
    last: date | None = None,
) -> Offer | None:
    """The first possible time from `start` (a local date; today if not given) that suits, in one look; none
    after `last`."""
    need = need_for(
        service,
        with_helper=with_helper,
        helper_id=helper_id,
        duration_min=duration_min,
        public=public,
        now=now,
        commune=commune,
        suiting=suiting,
    )
    first = start or commune.local(now).date()
    looked_at = first + timedelta(weeks=weeks) - timedelta(days=1)
    last = looked_at if last is None else min(last, looked_at)
    if next(suiting.days(first, last), None) is None:
        return None
    loaded = load_snapshot(
        commune=commune,
        need=need,
        first=first,
        last=last,
        now=now,
        site_ids=site_ids,
        without=moving.pk if moving else None,
        suiting=suiting,
    )
    found = next_free(loaded.snapshot, need, exchange=exchange)
    if found.unsettled:
        count_given_up(commune, now=now)
    return found.offer


@dataclass
class SlotCheck:
    """One start at one site: the cabins and helpers that could take it; if none, who could make room.

    `version` is the version of the site when the check began.
    """

    snapshot: Snapshot
    need: SlotRequest
    start: datetime
    site_id: int
    version: int
    cabin_names: Mapping[int, str]
    commune: Commune
    now: datetime

    @cached_property
    def candidates(self) -> Candidates:
        return assign(self.snapshot, self.need, self.start, self.site_id)

    def cabin(self, cabin_id: int) -> Cabin:
        """A cabin of the site, with only its name loaded."""
        return Cabin.from_db(DEFAULT_DB_ALIAS, ("id", "name"), (cabin_id, self.cabin_names[cabin_id]))

    def free_until(self, cabin_id: int, helper_id: int | None) -> datetime:
        """Until when the cabin and the helper are free from the start on, and the site open."""
        return free_until(self.snapshot, self.need, self.start, self.site_id, cabin_id, helper_id)

    @cached_property
    def room(self) -> ExchangePlan | NotFound:
        found = make_room(self.snapshot, self.need, self.start, self.site_id)
        if isinstance(found, NotFound) and found.bound_hit:
            count_given_up(self.commune, now=self.now)
        return found


def check_slot(
    *,
    service: Service,
    site: Site,
    start: datetime,
    with_helper: bool,
    now: datetime,
    helper_id: int | None = None,
    resident: Resident | None = None,
    duration_min: int | None = None,
    public: bool = False,
    moving: Appointment | None = None,
    kept: Collection[int] = (),
) -> SlotCheck:
    """Check one start, to book it; the appointments `kept` make no room for it.

    At most four queries, with the one for the resident's last helper.
    """
    commune = site.commune
    need = need_for(
        service,
        with_helper=with_helper,
        helper_id=helper_id,
        duration_min=duration_min,
        public=public,
        now=now,
        commune=commune,
        seen_last_id=_seen_last(resident) if with_helper and resident and helper_id is None else None,
        wheelchair=resident is not None and resident.uses_wheelchair,
    )
    on = commune.local(start).date()
    loaded = load_snapshot(
        commune=commune,
        need=need,
        first=on,
        last=on,
        now=now,
        site_ids=[site.pk],
        without=moving.pk if moving else None,
        kept=kept,
    )
    version = next((each.version for each in loaded.sites), 0)
    return SlotCheck(loaded.snapshot, need, start, site.pk, version, loaded.cabin_names, commune, now)


def need_for(
    service: Service,
    *,
    with_helper: bool,
    now: datetime,
    commune: Commune,
    helper_id: int | None = None,
    duration_min: int | None = None,
    public: bool = False,
    seen_last_id: int | None = None,
    suiting: DayFilter = ANY_DAY,
    wheelchair: bool = False,
) -> SlotRequest:
    """What the engine must look for; with `public`, within the lead times of the service."""
    attended = HelperPolicy(service.helper_policy).attended(with_helper)
    earliest, latest = _lead_times(service, commune, now) if public else (None, None)
    return SlotRequest(
        service_id=service.pk,
        duration_min=duration_min or service.duration_min,
        turnaround_min=service.turnaround_min,
        start_step_min=service.start_step_min,
        equipment=frozenset(service.equipment_needed),
        with_helper=attended,
        helper_id=helper_id if attended else None,
        seen_last_id=seen_last_id,
        earliest=earliest,
        latest=latest,
        mornings=suiting.mornings,
        afternoons=suiting.afternoons,
        wheelchair=wheelchair,
    )


def _lead_times(service: Service, commune: Commune, now: datetime) -> tuple[datetime, datetime]:
    """From some hours ahead, to the end of the last day ahead on the commune's calendar."""
    least, most = service.lead_times(commune)
    last = commune.local(now).date() + timedelta(days=most + 1)
    midnight = datetime.combine(last, time(), commune.tz)
    return now + timedelta(hours=least), midnight - timedelta(microseconds=1)


def _seen_last(resident: Resident) -> int | None:
    """The helper of the resident's last visit with one."""
    visits = Appointment.objects.filter(resident=resident, status=Status.DONE, helper__isnull=False)
    return visits.order_by("-starts_at").values_list("helper_id", flat=True).first()
