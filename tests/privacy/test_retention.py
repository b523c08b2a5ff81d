"""Every table has one kind; a row goes in the night in which its time is over, and not before."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.validators import BaseValidator
from django.db import models
from django_q.models import Task
from hypothesis import given
from hypothesis import strategies as st

from agents.models import Absence, AbsenceRequest, Agent, Membership, PatternDay, Shift, ShiftPattern
from booking.enums import Status
from booking.models import Appointment, Resident, SearchesGivenUp, UnmetRequest, VisitRecord, WaitingEntry
from communes.enums import IncidentKind, SetupChangeKind
from communes.models import Commune, SetupChange
from core import retention as registry
from core.edits import record_name
from core.roles import Role
from kiosk.enums import CommandKind
from kiosk.models import (
    DigestSent,
    HelpCall,
    PairingCode,
    Press,
    Screen,
    ScreenCommand,
    ScreenOutage,
    WrongEntry,
)
from notifications.enums import Channel, MessageKind, State
from notifications.models import InboundMessage, Message
from planning.models import RotaPublication
from privacy.enums import AlarmKind, CameBy, RequestState, Right
from privacy.models import Consultation, ConsultationAlarm, ErasedResident, PurgeRun, RightsRequest
from privacy.over import Rows
from privacy.periods import Period
from privacy.purge import purge
from privacy.register import REGISTER
from privacy.retention import BY_KEY, KINDS, Job, Kind, purged
from tests.booking.towns import Town
from tests.factories import PARIS, TUESDAY, make_agent, make_fault, make_resident, make_shift

DELETED = [(kind, period, rows) for kind, period, rows in purged()]
NAMES = [f"{kind.key}-{rows.table}-{number}" for number, (kind, _, rows) in enumerate(DELETED)]
SECOND = timedelta(seconds=1)


# ---- the table ----------------------------------------------------------------------------------------


def test_every_table_of_the_register_belongs_to_exactly_one_kind():
    listed = [table for kind in KINDS for table in kind.tables.split()]
    assert sorted(listed) == sorted(table.name for table in REGISTER)


def test_every_kind_that_goes_has_a_period_and_what_deletes_it():
    for kind in KINDS:
        assert (kind.period is None) == (kind.job == Job.NEVER), kind.key
        assert bool(kind.rows) == (kind.job == Job.PURGE), kind.key
        assert bool(kind.task) == (kind.job == Job.TASK), kind.key


def test_what_apps_register_to_be_deleted_names_a_kind_that_counts_it():
    known = {kind.key for kind in KINDS if any(rows.by_app for rows in kind.rows)}
    assert set(registry.registered().values()) == known


def test_a_setting_cannot_be_chosen_beyond_its_bounds():
    for kind in KINDS:
        if kind.period is not None and kind.period.setting:
            field = Commune._meta.get_field(kind.period.setting)
            assert isinstance(field, models.Field)
            assert field.get_default() == kind.period.months
            found = {
                each.code: each.limit_value for each in field.validators if isinstance(each, BaseValidator)
            }
            assert (found["min_value"], found["max_value"]) == (kind.period.least, kind.period.most)


# ---- one row of each, to the second -------------------------------------------------------------------


class Maker:
    """Makes, for each thing that the purge deletes, a row that is as old as it is told."""

    def __init__(self, town: Town) -> None:
        self.town, self.commune = town, town.commune
        self.screen = Screen.objects.create(
            site=town.site, cabin=town.cabin, name="Écran", token_hash="a" * 64, paired_at=TUESDAY
        )
        self.number = 0

    def make(self, rows: Rows, at: datetime) -> None:
        self.number += 1
        kinds: dict[Any, Callable[[datetime], Any]] = {
            Resident: self.resident,
            Appointment: self.lone_visit,
            WaitingEntry: self.waits,
            Message: self.sent,
            InboundMessage: lambda at: InboundMessage.objects.create(
                commune=self.commune, provider_id=f"SM{self.number}", sender="x", text="", received_at=at
            ),
            VisitRecord: self.record,
            UnmetRequest: lambda at: UnmetRequest.objects.create(
                commune=self.commune,
                asked_on=self.day(at),
                wanted_on=self.day(at),
                service_ref=0,
                site_ref=0,
                why="full",
                lacked_helper=False,
                is_first=True,
            ),
            RightsRequest: self.request,
            ErasedResident: lambda at: ErasedResident.objects.create(
                commune=self.commune, resident_ref=self.number, at=at, coming="cancel"
            ),
            Consultation: lambda at: Consultation.objects.create(
                commune=self.commune, agent=self.town.bob, at=at, stretch_at=at, kind="record"
            ),
            ConsultationAlarm: lambda at: ConsultationAlarm.objects.create(
                commune=self.commune, agent=self.town.bob, at=at, kind=AlarmKind.values[0], people=41
            ),
            Agent: self.left,
            Shift: lambda at: make_shift(self.town.bob, self.town.site, at - timedelta(hours=1), at),
            PatternDay: self.pattern_day,
            ShiftPattern: lambda at: self.pattern(until_on=self.day(at)),
            RotaPublication: self.publication,
            Absence: lambda at: Absence.objects.create(
                agent=self.town.bob, commune=self.commune, starts_at=at - timedelta(hours=1), ends_at=at
            ),
            AbsenceRequest: lambda at: AbsenceRequest.objects.create(
                agent=self.town.bob,
                commune=self.commune,
                starts_at=at - timedelta(hours=1),
                ends_at=at,
                asked_at=at,
            ),
            SetupChange: lambda at: self.change(rows, at),
            ScreenOutage: lambda at: ScreenOutage.objects.create(
                screen=self.screen, began_at=at - timedelta(hours=1), ended_at=at
            ),
            HelpCall: lambda at: HelpCall.objects.create(
                commune=self.commune, site=self.town.site, called_at=at
            ),
            ScreenCommand: lambda at: self.command(rows, at),
            SearchesGivenUp: lambda at: SearchesGivenUp.objects.create(
                commune=self.commune, on=self.day(at) - timedelta(days=1), count=1
            ),
            DigestSent: lambda at: DigestSent.objects.create(
                agent=make_agent(self.commune, Role.TECHNICIAN), on=self.day(at)
            ),
            WrongEntry: lambda at: WrongEntry.objects.create(screen=self.screen, at=at),
            Press: lambda at: Press.objects.create(screen=self.screen, key=f"{self.number}", at=at),
            PairingCode: lambda at: PairingCode.objects.create(
                code=f"{self.number:06}", claim_hash=f"{self.number}", seen_at=at, expires_at=at
            ),
            Task: lambda at: Task.objects.create(
                id=f"{self.number}", name="x", func="x", started=at, stopped=at, success=False
            ),
            PurgeRun: lambda at: PurgeRun.objects.create(
                commune=self.commune, night=self.day(at), began_at=at, alive_at=at, state="interrupted"
            ),
        }
        model = rows.kept(None).model
        if model._meta.label == "communes.Incident":
            row = make_fault(self.town.cabin, next(iter(IncidentKind)), at - timedelta(hours=1))
            row.closed_at = at
            row.save()
        else:
            kinds[model](at)

    def day(self, at: datetime) -> date:
        return self.commune.local(at).date()

    def resident(self, at: datetime) -> None:
        make_resident(self.commune, f"+3363998{self.number:04}", created_at=at)

    def lone_visit(self, at: datetime) -> None:
        row = self.town.given(at - timedelta(hours=1), status=Status.LAPSED)
        Appointment.objects.filter(pk=row.pk).update(ends_at=at, blocked_until=at)

    def waits(self, at: datetime) -> None:
        young = make_resident(self.commune, f"+3363998{self.number:04}", created_at=TUESDAY)
        WaitingEntry.objects.create(
            commune=self.commune,
            resident=young,
            service=self.town.service,
            until_on=self.day(at) - timedelta(days=1),
            joined_at=at,
        )

    def sent(self, at: datetime) -> None:
        Message.objects.create(
            commune=self.commune,
            recipient="x",
            kind=MessageKind.CONFIRMATION,
            channel=Channel.SMS,
            state=State.DELIVERED,
            due_at=at,
            expires_at=at,
            created_at=at,
            cause=f"x:{self.number}",
        )

    def record(self, at: datetime) -> None:
        VisitRecord.objects.create(
            commune=self.commune,
            day_on=self.day(at),
            half_hour=20,
            site_ref=1,
            cabin_ref=1,
            service_ref=1,
            ended_as=Status.DONE,
            booked_min=30,
            helped_by="nobody",
            persons=1,
            is_walk_in=False,
        )

    def request(self, at: datetime) -> None:
        RightsRequest.objects.create(
            commune=self.commune,
            right=Right.ACCESS,
            came_by=CameBy.DESK,
            asked_on=self.day(at),
            due_on=self.day(at),
            state=RequestState.DONE,
            opened_at=at,
            closed_at=at,
        )

    def left(self, at: datetime) -> None:
        agent = make_agent(self.commune, Role.DESK)
        Membership.objects.filter(agent=agent).delete()
        Agent.objects.filter(pk=agent.pk).update(is_active=False, left_on=at.date())

    def pattern(self, **fields: Any) -> ShiftPattern:
        return ShiftPattern.objects.create(
            agent=self.town.bob,
            site=self.town.site,
            weekdays=[0],
            starts=time(9),
            ends=time(12),
            anchor_on=date(2020, 1, 6),
            from_on=date(2020, 1, 6),
            **fields,
        )

    def pattern_day(self, at: datetime) -> None:
        PatternDay.objects.create(
            pattern=self.pattern(),
            on=self.day(at),
            agent=self.town.bob,
            site=self.town.site,
            starts_at=at - timedelta(hours=1),
            ends_at=at,
        )

    def publication(self, at: datetime) -> None:
        RotaPublication.objects.get_or_create(
            commune=self.commune, until=date(2026, 12, 31), defaults={"at": TUESDAY}
        )
        RotaPublication.objects.create(commune=self.commune, until=self.day(at), at=at)

    def change(self, rows: Rows, at: datetime) -> None:
        is_needed = rows is BY_KEY["changes"].rows[1]
        SetupChange.objects.create(
            commune=self.commune,
            record=record_name(self.town.cabin) if is_needed else record_name(self.commune),
            kind=SetupChangeKind.CREATED if is_needed else SetupChangeKind.CHANGED,
            name="x",
            at=at,
            by=self.town.bob,
        )

    def command(self, rows: Rows, at: datetime) -> None:
        is_pairing = rows is BY_KEY["commands"].rows[1]
        ScreenCommand.objects.create(
            screen=self.screen,
            kind=CommandKind.PAIRED if is_pairing else CommandKind.RELOAD,
            asked_at=at,
            ended_at=at,
            asked_by=self.town.bob,
        )


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "period", "rows"), DELETED, ids=NAMES)
def test_a_row_goes_once_its_time_is_over_and_a_younger_one_stays(
    town: Town, kind: Kind, period: Period, rows: Rows
) -> None:
    belongs = rows.kept(None).model in (Agent, WrongEntry, Press, PairingCode, DigestSent, Task)
    commune = None if belongs else town.commune
    limit = period.limit(commune, TUESDAY)
    step = timedelta(days=1) if _is_by_day(rows) else SECOND
    maker = Maker(town)
    maker.make(rows, limit)
    assert rows.over(commune, limit).count() == 1
    maker.make(rows, limit + step)
    before = rows.kept(commune).count()
    assert rows.over(commune, limit).count() == 1

    gone = purge(commune=commune, now=TUESDAY)

    assert gone.stopped == ""
    assert gone.kinds[kind.key] == 1
    own = int(rows.kept(None).model is PurgeRun)
    assert rows.kept(commune).count() == before - 1 + own
    assert not rows.over(commune, limit).exists()


def _is_by_day(rows: Rows) -> bool:
    by_day = (VisitRecord, UnmetRequest, SearchesGivenUp, Agent, ShiftPattern, DigestSent, PurgeRun)
    return rows.kept(None).model in by_day


@pytest.mark.django_db
def test_a_commune_may_keep_shifts_for_a_year_only(town: Town) -> None:
    a_year_ago = TUESDAY - timedelta(days=370)
    worked = make_shift(town.bob, town.site, a_year_ago, a_year_ago + timedelta(hours=3))
    purge(commune=town.commune, now=TUESDAY)
    assert Shift.objects.filter(pk=worked.pk).exists()
    town.commune.rota_months = 12
    town.commune.save()
    purge(commune=town.commune, now=TUESDAY)
    assert not Shift.objects.filter(pk=worked.pk).exists()


@pytest.mark.django_db
def test_the_figures_of_a_cabin_keep_the_state_from_which_they_go_on(town: Town) -> None:
    long_ago = TUESDAY - timedelta(days=1000)
    for kind in (SetupChangeKind.CREATED, SetupChangeKind.OUT_OF_ORDER, SetupChangeKind.IN_ORDER):
        SetupChange.objects.create(
            commune=town.commune,
            record=record_name(town.cabin),
            kind=kind,
            name="x",
            at=long_ago,
            by=town.bob,
        )
        long_ago += timedelta(days=1)
    purge(commune=town.commune, now=TUESDAY)
    left = [(change.kind, change.by) for change in SetupChange.objects.order_by("at")]
    assert left == [(SetupChangeKind.CREATED, None), (SetupChangeKind.IN_ORDER, None)]


# ---- periods ------------------------------------------------------------------------------------------

INSTANTS = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 -- the strategy adds the zone
    datetime(2031, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(now=INSTANTS, months=st.integers(1, 36))
def test_months_end_at_the_same_hour_of_the_communes_clock_or_on_the_last_day(
    now: datetime, months: int
) -> None:
    commune = Commune(time_zone="Europe/Paris", retention_months=12)
    limit, local = Period(months=months).limit(commune, now), now.astimezone(PARIS)
    assert limit.time() == local.time()
    assert (local.year * 12 + local.month) - (limit.year * 12 + limit.month) == months
    is_last_of_month = (limit + timedelta(days=1)).month != limit.month
    assert limit.day == local.day or (limit.day < local.day and is_last_of_month)
    assert timedelta(days=28 * months - 1) <= local - limit <= timedelta(days=31 * months + 1)


@given(now=INSTANTS, hours=st.integers(1, 23))
def test_hours_are_hours_also_when_clocks_change(now: datetime, hours: int) -> None:
    commune = Commune(time_zone="Europe/Paris")
    limit = Period(hours=hours).limit(commune, now)
    assert now - limit.astimezone(UTC) == timedelta(hours=hours)
