"""« Rendez-vous à replacer » in random communes: what is proposed is what plain rules choose and exactly what
is done; nobody else is touched."""

from datetime import date, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings

from agents.models import Absence, Agent
from booking.actions import to_be_called
from booking.enums import EXPECTED, LIVE, Status
from booking.models import Appointment, AppointmentEvent, ResidentPhone
from communes.models import Closure
from core.roles import Role
from planning.proposals import ALONE, CALL, Kept, Proposal, Remedy, ReplacementPlan
from planning.replacing import AT_ONCE, plan_replacements
from tests.booking.lands import Land, rolled_back, seeds
from tests.booking.plain import Plain, Wish, meet
from tests.factories import TUESDAY, at, make_agent
from tests.profiles import SLOW_WORLDS, share

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

NOW = TUESDAY
DAYS = (24, 25, 26, 27)
NOTICE, LETTER = timedelta(hours=3), timedelta(days=7)
SEARCHED = [date(2026, 11, 24) + timedelta(days=n) for n in range(14)]
"""From today, since no visit is further ahead than a week."""


def wish_of(row: Appointment) -> Wish:
    minutes = (row.ends_at - row.starts_at) // timedelta(minutes=1)
    return Wish.of(row.service, with_helper=row.with_helper, minutes=minutes)


def is_lost(plain: Plain, row: Appointment) -> bool:
    """Whether it cannot take place as it stands."""
    span = row.starts_at, row.ends_at
    if not plain.is_open(row.site_id, span) or not plain.works(row.cabin, row.starts_at):
        return True
    if not row.with_helper:
        return False
    return row.helper_id is None or not plain.is_there(row.helper_id, row.site_id, span)


class Mishap:
    """A commune in which helpers are ill, a site is closed or a cabin broken, and what an agent wishes."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        choice = self.random.choice
        self.land = Land(self.random, full=choice([0.3, 0.5, 0.8]), days=DAYS, people=3)
        self.commune = self.land.commune
        self.agent: Agent = make_agent(self.commune, Role.DESK, Role.MANAGER)
        for resident in self.land.residents[1:]:
            ResidentPhone.objects.create(resident=resident, number="+33639981234", is_mobile=True)
        if self.land.chance(0.3):
            self.land.services[0].hour_set_elsewhere = True
            self.land.services[0].save()
        self.land.fill(most=3)
        for row in self.land.visits():
            if row.starts_at >= NOW and self.land.chance(0.05):
                row.status = Status.ARRIVED
                row.save()
        for _ in range(choice([1, 1, 2])):
            choice([self.is_ill, self.is_ill, self.closes, self.breaks])()
        self.before = {row.pk: row for row in self.rows()}
        plain = Plain(self.commune, NOW)
        here = (Status.BOOKED, Status.ARRIVED)
        self.lost = {
            row.pk
            for row in self.before.values()
            if row.status in here and row.starts_at >= NOW and is_lost(plain, row)
        }
        self.aside = {pk for pk in sorted(self.before) if self.land.chance(0.1 if pk in self.lost else 0.5)}
        self.wishes = {
            pk: choice([ALONE, CALL, "1", "2"]) for pk in sorted(self.lost) if self.land.chance(0.15)
        }

    def is_ill(self) -> None:
        day, hour = self.random.choice(DAYS), self.random.choice([0, 9, 14])
        until = at(23, day=day) if hour == 0 else at(hour + 3, day=day)
        helper = self.random.choice(self.land.helpers)
        Absence.objects.create(agent=helper, starts_at=at(hour, day=day), ends_at=until)

    def closes(self) -> None:
        day, hour = self.random.choice(DAYS[1:]), self.random.choice([9, 10, 14])
        site = self.random.choice(self.land.sites)
        Closure.objects.create(site=site, starts_at=at(hour, day=day), ends_at=at(hour + 2, day=day))

    def breaks(self) -> None:
        cabin = self.random.choice(self.land.cabins)
        cabin.in_order, cabin.out_until = False, self.random.choice([None, at(12, day=25), at(15, day=26)])
        cabin.save()

    def rows(self) -> list[Appointment]:
        """The appointments of the commune, without those of its neighbour."""
        rows = Appointment.objects.filter(commune=self.commune).order_by("pk")
        return list(rows.select_related("service", "site", "cabin", "commune", "resident"))

    def of_others(self) -> Any:
        return list(Appointment.objects.exclude(commune=self.commune).order_by("pk").values())

    def plan(self, expected: str = "") -> ReplacementPlan:
        how: dict[str, Any] = {"aside": self.aside, "wishes": self.wishes, "expected": expected}
        return plan_replacements(commune=self.commune, by=self.agent, now=NOW, **how)

    # ---- what is shown -------------------------------------------------------------------------

    def check(self) -> list[Proposal]:
        stood = all_rows()
        shown = self.plan()
        assert all_rows() == stood
        assert not shown.applied
        of_others = self.of_others()
        shown_pks = [each.appointment.pk for each in shown.proposals]
        assert len(set(shown_pks)) == len(shown_pks) <= AT_ONCE
        assert {each.appointment.pk for each in shown.aside} == self.lost & self.aside
        assert set(shown_pks) <= self.lost - self.aside
        assert len(shown_pks) + shown.later == len(self.lost - self.aside)
        if shown.proposals:
            self.check_first(shown.proposals[0])
        done = self.plan(expected=shown.digest)
        assert done.applied
        assert self.of_others() == of_others
        assert [each.mark for each in done.proposals] == [each.mark for each in shown.proposals]
        self.check_done(done)
        return done.proposals

    def check_first(self, proposal: Proposal) -> None:
        """The first proposal meets the commune as it is: plain rules name the same."""
        row = self.before[proposal.appointment.pk]
        wish, aside = wish_of(row), self.aside
        note(f"first: {row.pk} {proposal.how} {proposal.wish!r}")
        if proposal.wish:
            return
        plain = Plain(self.commune, NOW, without=row.pk, kept=aside)
        if plain.is_possible(wish, row.site_id, row.starts_at):
            assert proposal.how == Remedy.SAME_TIME
            return
        kept = self.why_kept(row)
        assert proposal.kept == (kept if proposal.how != Remedy.OTHER_TIME else None)
        if kept in (Kept.HERE, Kept.HOUR) or (kept == Kept.LETTER and row.starts_at < NOW + LETTER):
            assert not proposal.is_placed
            return
        notice = LETTER if kept == Kept.LETTER else NOTICE
        nearest = self.nearest(plain, row, NOW + notice)
        if nearest is None:
            assert proposal.how in (Remedy.CALL, Remedy.BY_HAND)
        else:
            assert (proposal.how, proposal.start, proposal.site_id) == (Remedy.OTHER_TIME, *nearest)

    def why_kept(self, row: Appointment) -> Kept | None:
        if row.status == Status.ARRIVED:
            return Kept.HERE
        if row.service.hour_set_elsewhere:
            return Kept.HOUR
        by_letter = row.resident is not None and row.resident == self.land.residents[0]
        return Kept.LETTER if by_letter else None

    def nearest(self, plain: Plain, row: Appointment, earliest: datetime) -> tuple[datetime, int] | None:
        """An hour more or less costs one, a day four, another site two; no time at which they come anyway."""
        local, wish = self.commune.local, wish_of(row)
        was = local(row.starts_at)
        visits = Appointment.objects.filter(resident=row.resident_id, status__in=EXPECTED).exclude(pk=row.pk)
        theirs = [(each.starts_at, each.ends_at) for each in visits] if row.resident_id else []

        def cost(time: tuple[datetime, int]) -> tuple[float, datetime, int]:
            start = local(time[0])
            minutes = abs((start.hour - was.hour) * 60 + start.minute - was.minute)
            days = abs((start.date() - was.date()).days)
            return days * 4 + minutes / 60 + (2 if time[1] != row.site_id else 0), *time

        times = [
            time
            for time in plain.offers(wish, SEARCHED)
            if time[0] >= earliest and not any(meet(wish.lasts(time[0]), each) for each in theirs)
        ]
        return min(times, key=cost, default=None)

    # ---- what is done --------------------------------------------------------------------------

    def check_done(self, plan: ReplacementPlan) -> None:
        after = {row.pk: row for row in self.rows()}
        assert after.keys() == self.before.keys()
        proposals = {each.appointment.pk: each for each in plan.proposals}
        made_way = {move.appointment_id: move for each in plan.proposals for move in each.exchanged}
        called = to_be_called(Appointment.objects.filter(commune=self.commune))
        plain = Plain(self.commune, NOW)
        for pk, row in after.items():
            was = self.before[pk]
            note(f"appointment {pk}")
            proposal = proposals.get(pk)
            if proposal is not None and proposal.is_placed:
                self.check_placed(proposal, was, row)
                assert not is_lost(plain, row)
                assert pk not in called
            elif pk in made_way:
                move = made_way[pk]
                assert (row.cabin_id, row.helper_id) == (move.cabin_id, move.helper_id)
                self.check_made_way(was, row)
                assert not is_lost(plain, row) or pk in self.lost
            else:
                assert values(row) == values(was)
            if proposal is not None and not proposal.is_placed:
                assert proposal.how in (Remedy.CALL, Remedy.BY_HAND)
                assert (pk in called) == (proposal.how == Remedy.CALL)
        self.check_nobody_meets(list(after.values()))

    def check_placed(self, proposal: Proposal, was: Appointment, row: Appointment) -> None:
        """It is where the page said, lasts as long, and nothing was moved that a person must decide about."""
        assert (row.starts_at, row.site_id) == (proposal.start, proposal.site_id)
        assert (row.cabin_id, row.helper_id) == (proposal.cabin_id, proposal.helper_id)
        assert (row.status, row.resident_id) == (was.status, was.resident_id)
        assert row.ends_at - row.starts_at == was.ends_at - was.starts_at
        assert row.with_helper == (was.with_helper and proposal.how != Remedy.ALONE)
        if proposal.how != Remedy.OTHER_TIME:
            assert (row.starts_at, row.site_id) == (was.starts_at, was.site_id)
            return
        kept = self.why_kept(was)
        assert kept not in (Kept.HERE, Kept.HOUR)
        assert row.starts_at >= NOW + (LETTER if kept == Kept.LETTER else NOTICE)
        assert kept != Kept.LETTER or was.starts_at >= NOW + LETTER

    def check_made_way(self, was: Appointment, row: Appointment) -> None:
        assert (row.starts_at, row.site_id, row.ends_at) == (was.starts_at, was.site_id, was.ends_at)
        assert (row.resident_id, row.with_helper) == (was.resident_id, was.with_helper)
        assert row.pk not in self.aside
        assert was.status not in (Status.ARRIVED, Status.IN_SESSION)
        assert was.starts_at >= NOW + timedelta(hours=2)
        assert row.helper_id == was.helper_id or not was.helper_chosen

    def check_nobody_meets(self, after: list[Appointment]) -> None:
        live = [row for row in after if row.status in LIVE]
        for one, other in combinations(live, 2):
            if meet((one.starts_at, one.blocked_until), (other.starts_at, other.blocked_until)):
                assert one.cabin_id != other.cabin_id
                assert one.helper_id is None or one.helper_id != other.helper_id
        for row in live:
            wish, plain = wish_of(row), Plain(self.commune, NOW)
            assert plain.has_what_is_needed(row.cabin, row.service_id, row.starts_at)
            assert row.helper_id is None or wish.service.pk in plain.skills[row.helper_id]


def values(row: Appointment) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in Appointment._meta.concrete_fields}


def all_rows() -> tuple[Any, ...]:
    return list(Appointment.objects.order_by("pk").values()), AppointmentEvent.objects.count()


def test_what_is_proposed_is_what_plain_rules_choose_and_what_is_done() -> None:
    remedies: set[Remedy] = set()

    @settings(max_examples=share(0.12), deadline=None, suppress_health_check=SLOW_WORLDS)
    @given(seeds)
    def run(seed: int) -> None:
        with rolled_back():
            remedies.update(each.how for each in Mishap(seed).check())

    run()
    assert remedies >= {Remedy.SAME_TIME, Remedy.OTHER_TIME, Remedy.CALL, Remedy.BY_HAND}
