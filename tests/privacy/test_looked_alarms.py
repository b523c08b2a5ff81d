"""Managers are told of an agent who is shown very many people in an hour, and of nobody else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from agents.models import Agent
from booking.enums import Status
from booking.models import Resident
from communes.models import Commune
from core.looked import Shown
from core.roles import Role
from privacy import actions, tasks
from privacy.enums import AlarmKind
from privacy.errors import OwnAlarm
from privacy.looked.rings import HOUR, Ring, Seen, rings
from privacy.looked.stretches import OPENED, SEARCHED, UNCOUNTED
from privacy.models import Consultation, ConsultationAlarm
from tests.booking.towns import Town
from tests.clocks import SetClock
from tests.factories import TUESDAY, make_agent, make_resident

BOUND = 40
MINUTE = timedelta(minutes=1)


def opened(count: int, *, start: datetime = TUESDAY, every: timedelta = MINUTE, first: int = 1) -> list[Seen]:
    return [Seen(start + n * every, Shown.RECORD, first + n) for n in range(count)]


def test_the_bound_itself_rings_not_and_one_more_does():
    assert list(rings(opened(40), bound=BOUND)) == []
    at = TUESDAY + 40 * MINUTE
    assert list(rings(opened(41), bound=BOUND)) == [Ring(at, AlarmKind.OPENED, 41)]


def test_what_is_exactly_an_hour_ago_no_longer_counts():
    many = opened(40, start=TUESDAY, every=timedelta(0))
    just_within = Seen(TUESDAY + HOUR - timedelta(microseconds=1), Shown.CARD, 99)
    just_after = Seen(TUESDAY + HOUR, Shown.CARD, 99)
    assert len(list(rings([*many, just_within], bound=BOUND))) == 1
    assert list(rings([*many, just_after], bound=BOUND)) == []


def test_the_same_person_again_counts_once():
    again = [Seen(TUESDAY + n * MINUTE, kind, n % 40) for n in range(59) for kind in (Shown.CARD, Shown.SLIP)]
    assert list(rings(again, bound=BOUND)) == []


def test_whoever_goes_on_rings_once_an_hour():
    found = list(rings(opened(300), bound=BOUND))
    assert [each.at - TUESDAY for each in found] == [MINUTE * n for n in (40, 100, 160, 220, 280)]


@pytest.mark.parametrize("kind", [kind for kind in Shown if kind not in OPENED | SEARCHED])
def test_lists_that_everybody_works_with_ring_not(kind: Shown):
    assert list(rings([Seen(TUESDAY, kind, n) for n in range(1000)], bound=BOUND)) == []


@pytest.mark.django_db
def test_whoever_goes_back_day_after_day_rings(
    client: Client, town: Town, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
):
    """The day's own list is work, whoever opens it; that of a day that is over was chosen."""
    monkeypatch.setattr("privacy.looked.rings.SEARCHED_TIMES", 1)
    Commune.objects.update(consultations_alarm=10)
    for days_ago in (0, 1, 2):
        for n in range(6):
            start = TUESDAY + timedelta(hours=n, days=-days_ago)
            town.given(start, resident=make_resident(town.commune), status=Status.DONE)
    set_clock(TUESDAY)
    client.force_login(make_agent(town.commune, Role.DESK))
    for page in ("today", "today-list"):
        for day in ("2026-11-24", "2026-11-23"):
            assert client.get(reverse(page), {"day": day}).status_code == 200
    assert Consultation.objects.values("resident").distinct().count() == 12
    assert actions.raise_alarms(now=TUESDAY) == 0
    client.get(reverse("today-list"), {"day": "2026-11-22"})
    assert actions.raise_alarms(now=TUESDAY + MINUTE) == 1


def test_every_kind_is_counted_or_work_or_the_log_itself():
    kinds = [*OPENED, *SEARCHED, *UNCOUNTED]
    assert sorted(kinds) == sorted(Shown)


def test_names_read_in_searches_ring_at_five_times_the_bound():
    read = [Seen(TUESDAY + timedelta(seconds=n), Shown.SEARCH, n) for n in range(201)]
    assert list(rings(read[:200], bound=BOUND)) == []
    assert [(each.kind, each.people) for each in rings(read, bound=BOUND)] == [(AlarmKind.SEARCHED, 201)]


seen = st.lists(
    st.builds(
        Seen,
        st.integers(0, 180).map(lambda minute: TUESDAY + minute * MINUTE),
        st.sampled_from([Shown.RECORD, Shown.CARD, Shown.SEARCH, Shown.DAY]),
        st.integers(1, 8),
    ),
    max_size=60,
).map(lambda found: sorted(found, key=lambda each: each.at))


def plain(found: list[Seen], bound: int) -> list[Ring]:
    """The same, by looking at each instant anew."""
    rung: list[Ring] = []
    for at in sorted({each.at for each in found}):
        for kind, kinds, most in (
            (AlarmKind.OPENED, OPENED, bound),
            (AlarmKind.SEARCHED, SEARCHED, 5 * bound),
        ):
            hour = {each.resident_id for each in found if each.kind in kinds and at - HOUR < each.at <= at}
            if len(hour) > most and (not rung or at >= rung[-1].at + HOUR):
                rung.append(Ring(at, kind, len(hour)))
    return rung


@given(seen, st.integers(1, 4))
def test_it_rings_when_a_plain_count_says_so(found: list[Seen], bound: int):
    assert list(rings(found, bound=bound)) == plain(found, bound)


@given(seen, st.integers(1, 4), st.integers(0, 180))
def test_looking_twice_is_looking_once(found: list[Seen], bound: int, minutes: int):
    now = TUESDAY + minutes * MINUTE
    first = list(rings([each for each in found if each.at <= now], bound=bound))
    last = first[-1].at if first else None
    assert first + list(rings(found, bound=bound, last=last)) == plain(found, bound)


# ---- what the worker does ----


@pytest.fixture
def people(commune: Commune) -> list[Resident]:
    return [make_resident(commune, first_name=f"Nom{n}") for n in range(42)]


def look(commune: Commune, agent: Agent, people: list[Resident], at: datetime = TUESDAY) -> None:
    Consultation.objects.bulk_create(
        Consultation(
            commune=commune,
            agent=agent,
            resident=each,
            at=at + n * MINUTE,
            stretch_at=at + n * MINUTE,
            kind=Shown.RECORD,
        )
        for n, each in enumerate(people)
    )


def manager(commune: Commune, **fields: Any) -> Agent:
    return make_agent(commune, Role.MANAGER, email_confirmed=True, **fields)


def run(set_clock: SetClock, at: datetime) -> None:
    set_clock(at)
    tasks.each_quarter.call()


@pytest.mark.django_db
def test_managers_are_written_to_once_without_the_name_of_a_resident(
    commune: Commune, alice: Agent, people: list[Resident], set_clock: SetClock, settings: Any
):
    settings.SENDS_EMAIL = True
    manager(commune, email="one@example.org")
    manager(commune, email="two@example.org")
    make_agent(commune, Role.DESK, email="desk@example.org", email_confirmed=True)
    look(commune, alice, people[:41])
    for minutes in (30, 45, 60, 90):
        run(set_clock, TUESDAY + minutes * MINUTE)
    alarm = ConsultationAlarm.objects.get()
    assert (alarm.agent, alarm.at, alarm.people) == (alice, TUESDAY + 40 * MINUTE, 41)
    assert sorted(each.to[0] for each in mail.outbox) == ["one@example.org", "two@example.org"]
    said = mail.outbox[0].subject + str(mail.outbox[0].body)
    assert "Alice Accueil" in said and "41" in said and "/consultations/" in said
    assert not [each for each in people if str(each) in said or each.first_name in said]
    assert "Alice" not in mail.outbox[0].subject


@pytest.mark.django_db
def test_an_alarm_that_is_still_to_come_silences_nobody(
    commune: Commune, alice: Agent, people: list[Resident]
):
    """It was raised while the clock was a year ahead."""
    look(commune, alice, people[:41])
    ConsultationAlarm.objects.create(
        commune=commune, agent=alice, at=TUESDAY + timedelta(days=365), kind=AlarmKind.OPENED, people=41
    )
    assert actions.raise_alarms(now=TUESDAY + HOUR) == 1


@pytest.mark.django_db
def test_exactly_the_bound_tells_nobody(
    commune: Commune, alice: Agent, people: list[Resident], set_clock: SetClock
):
    look(commune, alice, people[:40])
    run(set_clock, TUESDAY + HOUR)
    assert not ConsultationAlarm.objects.exists()


@pytest.mark.django_db
def test_the_commune_sets_the_bound(
    commune: Commune, alice: Agent, people: list[Resident], set_clock: SetClock
):
    Commune.objects.filter(pk=commune.pk).update(consultations_alarm=10)
    look(commune, alice, people[:11])
    run(set_clock, TUESDAY + HOUR)
    assert ConsultationAlarm.objects.get().people == 11


@pytest.mark.django_db
def test_a_manager_is_not_told_of_themselves_but_another_one_is(
    commune: Commune, people: list[Resident], set_clock: SetClock, settings: Any
):
    settings.SENDS_EMAIL = True
    dana = manager(commune, email="dana@example.org")
    manager(commune, email="other@example.org")
    look(commune, dana, people)
    run(set_clock, TUESDAY + HOUR)
    assert [each.to for each in mail.outbox] == [["other@example.org"]]


@pytest.mark.django_db
def test_where_there_is_no_other_manager_technicians_are_told(
    commune: Commune, people: list[Resident], set_clock: SetClock, settings: Any
):
    settings.SENDS_EMAIL = True
    dana = manager(commune, email="dana@example.org")
    make_agent(commune, Role.TECHNICIAN, email="theo@example.org", email_confirmed=True)
    look(commune, dana, people)
    run(set_clock, TUESDAY + HOUR)
    assert [each.to for each in mail.outbox] == [["theo@example.org"]]
    assert "/consultations/" not in str(mail.outbox[0].body)


@pytest.mark.django_db
def test_a_mail_server_that_is_away_is_asked_again(
    commune: Commune,
    alice: Agent,
    people: list[Resident],
    set_clock: SetClock,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    settings.SENDS_EMAIL = True
    manager(commune, email="one@example.org")
    look(commune, alice, people)

    def away(*args: Any, **kwargs: Any) -> None:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr("privacy.looked.mails.mail_text", away)
        with pytest.raises(OSError, match="away"):
            run(set_clock, TUESDAY + HOUR)
    assert ConsultationAlarm.objects.get().mailed_at is None
    run(set_clock, TUESDAY + HOUR + 15 * MINUTE)
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_nobody_closes_an_alarm_about_themselves(commune: Commune, alice: Agent, dana: Agent):
    alarm = ConsultationAlarm.objects.create(
        commune=commune, agent=dana, at=TUESDAY, kind=AlarmKind.OPENED, people=41
    )
    with pytest.raises(OwnAlarm):
        actions.see_alarm(alarm=alarm, by=dana, now=TUESDAY)
    other = manager(commune)
    actions.see_alarm(alarm=alarm, by=other, now=TUESDAY)
    actions.see_alarm(alarm=alarm, by=alice, now=TUESDAY + HOUR)
    alarm.refresh_from_db()
    assert (alarm.seen_by, alarm.seen_at) == (other, TUESDAY)
