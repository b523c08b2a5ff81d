"""Shifts and absences: what is refused, and who is told."""

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership, Shift
from communes.models import Commune, Site
from core.roles import Role
from planning.actions.absences import declare_absence, remove_absence
from planning.actions.shifts import add_shift, change_shift, remove_shift
from planning.errors import AbsenceInvalid, NotAHelper, ShiftGone, ShiftInvalid, ShiftOverlaps
from tests.factories import at, make_agent, make_commune, make_shift, make_site


def version(site: Site) -> int:
    return Site.objects.get(pk=site.pk).version


def test_a_shift_is_added_and_its_place_is_told(bob: Agent, site: Site) -> None:
    shift = add_shift(agent=bob, site=site, starts_at=at(9), ends_at=at(12))
    assert Shift.objects.get() == shift
    assert version(site) == 1


def test_touching_shifts_do_not_overlap(bob: Agent, site: Site) -> None:
    make_shift(bob, site, at(9), at(12))
    add_shift(agent=bob, site=site, starts_at=at(12), ends_at=at(14))
    assert bob.shifts.count() == 2


@pytest.mark.parametrize(("start", "end"), [(8, 10), (9, 12), (10, 11), (11, 13), (8, 13)])
def test_a_helper_is_not_in_two_places_at_once(
    bob: Agent, commune: Commune, site: Site, start: int, end: int
) -> None:
    make_shift(bob, site, at(9), at(12))
    with pytest.raises(ShiftOverlaps):
        add_shift(agent=bob, site=make_site(commune), starts_at=at(start), ends_at=at(end))
    assert bob.shifts.count() == 1


def test_nor_in_two_communes_at_once(bob: Agent, site: Site) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    make_shift(bob, make_site(other), at(9), at(12))
    with pytest.raises(ShiftOverlaps):
        add_shift(agent=bob, site=site, starts_at=at(10), ends_at=at(11))


@pytest.mark.parametrize("end", [9, 8])
def test_a_shift_ends_after_it_starts(bob: Agent, site: Site, end: int) -> None:
    with pytest.raises(ShiftInvalid):
        add_shift(agent=bob, site=site, starts_at=at(9), ends_at=at(end))


def test_only_helpers_of_the_commune_have_shifts(alice: Agent, charlie: Agent, site: Site) -> None:
    for agent in (alice, charlie):
        with pytest.raises(NotAHelper):
            add_shift(agent=agent, site=site, starts_at=at(9), ends_at=at(12))


def test_a_refused_shift_tells_no_place(bob: Agent, site: Site) -> None:
    make_shift(bob, site, at(9), at(12))
    with pytest.raises(ShiftOverlaps):
        add_shift(agent=bob, site=site, starts_at=at(9), ends_at=at(12))
    assert version(site) == 0


def test_a_shift_moves_to_another_place_and_helper(bob: Agent, commune: Commune, site: Site) -> None:
    elsewhere, camille = make_site(commune), make_agent(commune, Role.HELPER)
    shift = make_shift(bob, site, at(9), at(12))
    change_shift(shift=shift, agent=camille, site=elsewhere, starts_at=at(10), ends_at=at(13))
    shift.refresh_from_db()
    assert (shift.agent, shift.site, shift.starts_at, shift.ends_at) == (camille, elsewhere, at(10), at(13))
    assert (version(site), version(elsewhere)) == (1, 1)


def test_a_shift_may_overlap_its_own_old_time(bob: Agent, site: Site) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    change_shift(shift=shift, agent=bob, site=site, starts_at=at(10), ends_at=at(13))
    assert bob.shifts.get().starts_at == at(10)


def test_a_shift_that_a_colleague_removed_meanwhile_does_not_come_back(bob: Agent, site: Site) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    Shift.objects.all().delete()
    with pytest.raises(ShiftGone):
        change_shift(shift=shift, agent=bob, site=site, starts_at=at(10), ends_at=at(13))
    assert not Shift.objects.exists()


def test_removing_a_shift_tells_its_place(bob: Agent, site: Site) -> None:
    remove_shift(shift=make_shift(bob, site, at(9), at(12)))
    assert not Shift.objects.exists()
    assert version(site) == 1


def test_an_absence_tells_the_places_where_the_agent_was_expected(
    bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    elsewhere, another_day = make_site(commune), make_site(commune)
    make_shift(bob, site, at(9), at(12))
    make_shift(bob, elsewhere, at(14), at(17))
    make_shift(bob, another_day, at(9, day=25), at(12, day=25))
    absence = declare_absence(
        agent=bob, commune=commune, starts_at=at(0), ends_at=at(23), kind=AbsenceKind.SICK, by=dana
    )
    assert [version(each) for each in (site, elsewhere, another_day)] == [1, 1, 0]
    remove_absence(absence=absence)
    assert [version(each) for each in (site, elsewhere, another_day)] == [2, 2, 0]
    assert not Absence.objects.exists()


def test_two_impatient_taps_make_one_absence(bob: Agent, dana: Agent, commune: Commune) -> None:
    for _ in range(2):
        declare_absence(
            agent=bob, commune=commune, starts_at=at(0), ends_at=at(23), kind=AbsenceKind.SICK, by=dana
        )
    assert Absence.objects.count() == 1


def test_an_absence_ends_after_it_starts(bob: Agent, commune: Commune) -> None:
    with pytest.raises(AbsenceInvalid):
        declare_absence(
            agent=bob, commune=commune, starts_at=at(9), ends_at=at(9), kind=AbsenceKind.SICK, by=None
        )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_managers_giving_one_helper_the_same_morning_succeed_once() -> None:
    commune = make_commune()
    site, bob = make_site(commune), make_agent(commune, Role.HELPER)
    for attempt in range(15):
        start = at(9) + timedelta(days=attempt)
        ready, results = threading.Barrier(2), list[str]()

        def add(start=start, ready=ready, results=results) -> None:
            try:
                ready.wait(timeout=10)
                add_shift(agent=bob, site=site, starts_at=start, ends_at=start + timedelta(hours=3))
                results.append("added")
            except ShiftOverlaps:
                results.append("refused")
            finally:
                close_old_connections()
                connection.close()

        threads = [threading.Thread(target=add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert sorted(results) == ["added", "refused"]
    assert bob.shifts.count() == 15
