"""An agent leaves a commune: at once, or on a day to come, which can be undone until it is over."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.actions.accounts import change_membership
from agents.actions.leaving import cancel_leaving, close_ended, leave_now, plan_leaving
from agents.errors import LastDayPast, LastManager, NotLeaving
from agents.models import AbsenceRequest, Agent, Membership, PatternDay, SetAsideShift, Shift, ShiftPattern
from agents.tasks import close_accounts
from communes.models import Commune, Site
from core.days import Week
from core.roles import Role
from planning.actions.publishing import publish_shifts
from planning.actions.shifts import add_shift, change_shift, copy_week
from planning.actions.undo_publishing import undo_publication
from planning.actions.usual_weeks import set_pattern
from planning.errors import LeavesBefore
from tests.clocks import SetClock
from tests.factories import PASSWORD, TUESDAY, at, make_agent, make_commune, make_shift, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


def member(agent: Agent, commune: Commune | None = None) -> Membership:
    rows = Membership.objects.select_related("agent", "commune").filter(agent=agent)
    return rows.get(commune=commune) if commune else rows.get()


def rota(agent: Agent) -> list[tuple[Any, ...]]:
    """The agent's shifts, each with the usual week it comes from."""
    rows = Shift.objects.filter(agent=agent).order_by("starts_at", "id")
    return list(rows.values_list("site", "starts_at", "ends_at", "pattern_day__pattern", "pattern_day__on"))


def usual_week(agent: Agent, site: Site, **fields: Any) -> ShiftPattern:
    values = {"starts": time(9), "ends": time(12), "anchor_on": date(2026, 11, 23), **fields}
    return ShiftPattern.objects.create(
        agent=agent, site=site, weekdays=[0, 1, 2, 3, 4], from_on=date(2026, 11, 23), **values
    )


def login(name: str) -> Any:
    return Client().post("/connexion/", {"username": name, "password": PASSWORD})


def test_until_the_last_day_nothing_changes_and_after_it_there_is_no_shift(bob: Agent, site: Site) -> None:
    for day in (24, 25, 26, 27):
        make_shift(bob, site, at(9, day=day), at(12, day=day))
    assert plan_leaving(membership=member(bob), last_on=WEDNESDAY, now=TUESDAY) == 2
    assert [start for _, start, *_ in rota(bob)] == [at(9, day=24), at(9, day=25)]
    assert login("bob").status_code == 302


def test_whoever_stays_after_all_has_the_same_rota(bob: Agent, site: Site, commune: Commune) -> None:
    usual_week(bob, site)
    publish_shifts(commune=commune, until=date(2026, 12, 18), now=TUESDAY)
    make_shift(bob, site, at(14, day=27), at(17, day=27))
    before, weeks = rota(bob), list(ShiftPattern.objects.values())
    plan_leaving(membership=member(bob), last_on=WEDNESDAY, now=TUESDAY)
    plan_leaving(membership=member(bob), last_on=THURSDAY, now=TUESDAY)
    assert rota(bob) != before
    done = cancel_leaving(membership=member(bob), now=TUESDAY + timedelta(days=2))
    assert (done.back, done.in_the_way) == (len(before) - len(rota_until(before, THURSDAY)), 0)
    assert (rota(bob), list(ShiftPattern.objects.values())) == (before, weeks)
    assert not SetAsideShift.objects.exists()
    done_again, _record = publish_shifts(commune=commune, until=date(2026, 12, 18), now=TUESDAY)
    assert not done_again


def rota_until(rows: list[tuple[Any, ...]], day: date) -> list[tuple[Any, ...]]:
    return [row for row in rows if row[1].date() <= day]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    hours=st.lists(st.integers(-30, 150), unique=True, max_size=12),
    length=st.integers(1, 30),
    days=st.lists(st.integers(0, 6), min_size=1, max_size=3),
)
def test_undoing_gives_back_any_rota(
    bob: Agent, site: Site, hours: list[int], length: int, days: list[int]
) -> None:
    """Also of shifts over midnight, and after several other last days."""
    Shift.objects.all().delete()
    end = -1000
    for hour in sorted(hours):
        if hour >= end:
            end = hour + length
            make_shift(bob, site, TUESDAY + timedelta(hours=hour), TUESDAY + timedelta(hours=end))
    before = rota(bob)
    today = TUESDAY.date()
    for ahead in days:
        plan_leaving(membership=member(bob), last_on=today + timedelta(days=ahead), now=TUESDAY)
        midnight = datetime.combine(today + timedelta(days=ahead + 1), time.min, site.commune.tz)
        assert not Shift.objects.filter(ends_at__gt=midnight).exists()
    cancel_leaving(membership=member(bob), now=TUESDAY)
    assert rota(bob) == before


def test_a_shift_in_another_commune_made_meanwhile_stays_and_the_one_here_does_not_come_back(
    bob: Agent, site: Site
) -> None:
    elsewhere = make_site(make_commune())
    Membership.objects.create(agent=bob, commune=elsewhere.commune, is_helper=True)
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    make_shift(bob, site, at(9, day=27), at(12, day=27))
    here = member(bob, site.commune)
    plan_leaving(membership=here, last_on=WEDNESDAY, now=TUESDAY)
    add_shift(agent=bob, site=elsewhere, starts_at=at(11, day=26), ends_at=at(14, day=26))
    done = cancel_leaving(membership=here, now=TUESDAY)
    assert (done.back, done.in_the_way) == (1, 1)
    assert [(where, start) for where, start, *_ in rota(bob)] == [
        (elsewhere.pk, at(11, day=26)),
        (site.pk, at(9, day=27)),
    ]


def test_no_way_makes_a_shift_after_the_last_day(bob: Agent, site: Site, commune: Commune) -> None:
    shift = make_shift(bob, site, at(9, day=24), at(12, day=24))
    usual_week(bob, site)
    plan_leaving(membership=member(bob), last_on=WEDNESDAY, now=TUESDAY)
    late: dict[str, Any] = {"agent": bob, "site": site, "starts_at": at(9, day=26), "ends_at": at(12, day=26)}
    with pytest.raises(LeavesBefore):
        add_shift(**late)
    with pytest.raises(LeavesBefore):
        change_shift(shift=shift, **late)
    with pytest.raises(LeavesBefore):
        add_shift(agent=bob, site=site, starts_at=at(22, day=25), ends_at=at(1, day=26))
    source = Week.of(TUESDAY.date())
    copied = copy_week(commune=commune, source=source, target=Week.of(date(2026, 12, 1)), now=TUESDAY)
    assert (copied.added, len(copied.in_the_way)) == ([], 1)
    publish_shifts(commune=commune, until=date(2026, 12, 18), now=TUESDAY)
    assert [start for _, start, *_ in rota(bob)] == [at(9, day=24), at(9, day=25)]
    midnight = at(0, day=26)
    assert add_shift(agent=bob, site=site, starts_at=at(20, day=25), ends_at=midnight).ends_at == midnight


def test_undoing_a_publication_brings_no_shift_after_the_last_day(
    bob: Agent, site: Site, commune: Commune
) -> None:
    pattern = usual_week(bob, site)
    publish_shifts(commune=commune, until=date(2026, 12, 18), now=TUESDAY)
    ShiftPattern.objects.filter(pk=pattern.pk).update(until_on=WEDNESDAY)
    _done, record = publish_shifts(commune=commune, until=date(2026, 12, 18), now=TUESDAY)
    assert record is not None
    plan_leaving(membership=member(bob), last_on=WEDNESDAY, now=TUESDAY)
    with pytest.raises(LeavesBefore):
        undo_publication(commune=commune, pk=record.pk, now=TUESDAY)
    assert not Shift.objects.filter(starts_at__gt=at(0, day=26)).exists()


def test_whoever_follows_in_the_usual_week_is_published(bob: Agent, site: Site, commune: Commune) -> None:
    pattern = usual_week(bob, site)
    publish_shifts(commune=commune, until=date(2026, 11, 27), now=TUESDAY)
    erin = make_agent(commune, Role.HELPER, first_name="Erin")
    plan_leaving(membership=member(bob), last_on=WEDNESDAY, now=TUESDAY)
    set_pattern(pattern=pattern, wanted={"agent": erin})
    publish_shifts(commune=commune, until=date(2026, 11, 27), now=TUESDAY)
    assert [start for _, start, *_ in rota(erin)] == [at(9, day=day) for day in (25, 26, 27)]
    cancel_leaving(membership=member(bob), now=TUESDAY)
    assert [start for _, start, *_ in rota(bob)] == [at(9, day=day) for day in (26, 27)]
    assert PatternDay.objects.filter(pattern=pattern).count() == 3


def test_on_the_commune_s_midnight_the_account_closes_and_says_why(
    bob: Agent, site: Site, set_clock: SetClock
) -> None:
    usual_week(bob, site)
    ask = {"starts_at": at(9, day=30), "ends_at": at(12, day=30), "asked_at": TUESDAY}
    AbsenceRequest.objects.create(agent=bob, commune=site.commune, **ask)
    inside = Client()
    inside.force_login(bob)
    plan_leaving(membership=member(bob), last_on=WEDNESDAY, now=TUESDAY)
    set_clock(at(23, 59, day=25))
    close_accounts.call()
    assert inside.get("/compte/").status_code == 200
    set_clock(at(0, day=26))
    assert inside.get("/compte/").status_code == 302
    refused = login("bob")
    assert "votre dernier jour était le mercredi 25 novembre 2026" in text(refused)
    close_accounts.call()
    close_accounts.call()
    bob.refresh_from_db()
    assert (bob.is_active, bob.left_on, bob.memberships.count()) == (False, WEDNESDAY, 0)
    assert text(login("bob")) == text(refused)
    assert "dernier jour" not in text(Client().post("/connexion/", {"username": "bob", "password": "faux"}))
    assert ShiftPattern.objects.get().until_on == WEDNESDAY
    assert not AbsenceRequest.objects.exists()


def text(response: Any) -> str:
    """Why the login was refused."""
    return response.context["form"].non_field_errors().as_text().replace("\xa0", " ")


def test_the_last_day_ends_on_the_clock_of_the_commune(set_clock: SetClock) -> None:
    """Réunion is four hours ahead of UTC."""
    island = make_commune(insee_code="97411")
    erin = make_agent(island, Role.HELPER, username="erin")
    plan_leaving(membership=member(erin), last_on=WEDNESDAY, now=TUESDAY)
    midnight = datetime.combine(THURSDAY, time.min, island.tz)
    assert close_ended(now=midnight - timedelta(seconds=1)) == []
    assert [agent.pk for agent in close_ended(now=midnight)] == [erin.pk]


def test_at_once_ends_the_running_shift_and_the_sessions(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(8), at(12))
    make_shift(bob, site, at(14), at(17))
    inside = Client()
    inside.force_login(bob)
    client.force_login(dana)
    client.post(f"/equipe/comptes/{member(bob).pk}/depart/", {"when": "now"})
    assert [(start, end) for _, start, end, *_ in rota(bob)] == [(at(8), TUESDAY)]
    assert inside.get("/compte/").status_code == 302
    assert "votre dernier jour était le mardi 24 novembre 2026" in text(login("bob"))


def test_an_agent_of_two_communes_leaves_only_one(client: Client, bob: Agent, set_clock: SetClock) -> None:
    here = member(bob)
    there = make_commune()
    Membership.objects.create(agent=bob, commune=there, is_helper=True)
    client.force_login(bob)
    plan_leaving(membership=here, last_on=WEDNESDAY, now=TUESDAY)
    set_clock(at(0, day=26))
    assert client.get("/compte/").context["commune"] == there
    close_accounts.call()
    assert client.get("/compte/").context["commune"] == there
    assert login("bob").status_code == 302


def test_a_manager_who_stays_is_always_left(dana: Agent, commune: Commune) -> None:
    erin = make_agent(commune, Role.MANAGER)
    plan_leaving(membership=member(erin), last_on=THURSDAY, now=TUESDAY)
    with pytest.raises(LastManager):
        plan_leaving(membership=member(dana), last_on=WEDNESDAY, now=TUESDAY)
    with pytest.raises(LastManager):
        leave_now(membership=member(dana), now=TUESDAY)
    with pytest.raises(LastManager):
        change_membership(membership=member(dana), changes={"is_manager": False, "is_desk": True})
    cancel_leaving(membership=member(erin), now=TUESDAY)
    plan_leaving(membership=member(dana), last_on=WEDNESDAY, now=TUESDAY)


def test_a_day_that_is_over_is_neither_chosen_nor_undone(bob: Agent, commune: Commune) -> None:
    with pytest.raises(LastDayPast):
        plan_leaving(membership=member(bob), last_on=date(2026, 11, 23), now=TUESDAY)
    with pytest.raises(NotLeaving):
        cancel_leaving(membership=member(bob), now=TUESDAY)
    plan_leaving(membership=member(bob), last_on=TUESDAY.date(), now=TUESDAY)
    with pytest.raises(NotLeaving):
        cancel_leaving(membership=member(bob), now=at(0, day=25))
    with pytest.raises(NotLeaving):
        plan_leaving(membership=member(bob), last_on=THURSDAY, now=at(0, day=25))
    gone = member(bob)
    leave_now(membership=gone, now=TUESDAY)
    gone.pk = gone.pk or 2**40
    with pytest.raises(NotLeaving):
        leave_now(membership=gone, now=TUESDAY)
