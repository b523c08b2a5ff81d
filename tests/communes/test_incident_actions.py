"""Faults of cabins: reported, taken, confirmed, longer or shorter than expected, closed."""

from datetime import datetime, timedelta

import pytest

from agents.models import Agent
from booking.enums import WhyEmpty
from booking.free.slots import find_slots
from communes.enums import Equipment, IncidentKind, IncidentStepKind
from communes.errors import EndNotToCome, FaultClosed, FaultNotHere
from communes.incident_actions import (
    ask_whether_repaired,
    change_fault_end,
    close_fault,
    confirm_fault,
    forget_old_faults,
    report_fault,
    take_fault,
)
from communes.incident_rules import kinds_for
from communes.models import Cabin, Commune, Incident, IncidentStep, Service
from core.edits import Edit, EditConflict, plain_values
from privacy.purge import purge
from tests.factories import TUESDAY, at, make_cabin, make_commune, make_fault, make_service, make_site

MINUTE = timedelta(minutes=1)


@pytest.fixture
def scan(commune: Commune) -> Service:
    return make_service(commune, equipment_needed=[Equipment.SCANNER])


@pytest.fixture
def fault(cabin: Cabin, alice: Agent) -> Incident:
    incident, _ = report_fault(cabin=cabin, kind=IncidentKind.SCANNER, by=alice, now=TUESDAY)
    return incident


def offered(service: Service, now: datetime = TUESDAY) -> list[datetime]:
    return [offer.start for offer in search(service, now).offers]


def search(service: Service, now: datetime = TUESDAY):
    return find_slots(
        commune=service.commune,
        service=service,
        with_helper=False,
        start=at(9).date(),
        end=at(9, day=26).date(),
        now=now,
    )


def steps(fault: Incident) -> list[str]:
    return [each.kind for each in fault.steps.all()]


def test_a_report_withdraws_nothing_and_is_made_once(
    cabin: Cabin, scan: Service, alice: Agent, fault: Incident
) -> None:
    before = offered(scan)
    again, is_new = report_fault(
        cabin=cabin, kind=IncidentKind.SCANNER, by=None, now=TUESDAY, on_screen=True, note="papier"
    )
    assert (again, is_new, again.note, again.opened_by) == (fault, False, "papier", alice)
    assert before and offered(scan) == before
    assert steps(fault) == [IncidentStepKind.REPORTED]


def test_a_cabin_has_no_fault_of_equipment_that_it_lacks(
    commune: Commune, cabin: Cabin, alice: Agent
) -> None:
    with pytest.raises(FaultNotHere):
        report_fault(cabin=cabin, kind=IncidentKind.KIT, by=alice, now=TUESDAY)
    bare = make_cabin(cabin.site, equipment=[])
    assert kinds_for(bare.equipment) == [IncidentKind.DOOR, IncidentKind.CLEANLINESS]


def test_confirmed_it_withdraws_what_needs_it_until_its_end_and_says_why(
    cabin: Cabin, service: Service, scan: Service, alice: Agent, fault: Incident
) -> None:
    all_times, version = offered(service), cabin.site.version
    confirm_fault(incident=fault, end=at(15, day=24), by=alice, now=TUESDAY)
    assert offered(service) == all_times
    assert min(offered(scan)) == at(15)
    morning = search(scan).offers.days[0].morning
    assert morning.why_empty == WhyEmpty.FAULT
    cabin.site.refresh_from_db()
    assert cabin.site.version > version


@pytest.mark.parametrize("kind", [IncidentKind.DOOR, IncidentKind.CLEANLINESS])
def test_a_door_and_a_dirty_cabin_withdraw_nothing(
    kind: IncidentKind, cabin: Cabin, scan: Service, alice: Agent
) -> None:
    before = offered(scan)
    incident, _ = report_fault(cabin=cabin, kind=kind, by=alice, now=TUESDAY)
    confirm_fault(incident=incident, end=None, by=alice, now=TUESDAY)
    assert offered(scan) == before


def test_without_a_screen_nobody_speaks_by_video(commune: Commune, cabin: Cabin, alice: Agent) -> None:
    video = make_service(commune, equipment_needed=[Equipment.VIDEO])
    incident, _ = report_fault(cabin=cabin, kind=IncidentKind.SCREEN, by=alice, now=TUESDAY)
    confirm_fault(incident=incident, end=None, by=alice, now=TUESDAY)
    assert offered(video) == []


def test_closed_early_or_given_an_earlier_end_the_times_return(
    scan: Service, alice: Agent, fault: Incident
) -> None:
    before = offered(scan)
    confirm_fault(incident=fault, end=None, by=alice, now=TUESDAY)
    assert offered(scan) == []
    change_fault_end(
        incident=fault, end=at(14), edit=Edit(plain_values({"end": None}), alice, TUESDAY), now=TUESDAY
    )
    assert offered(scan) == [each for each in before if each >= at(14)]
    assert close_fault(incident=fault, by=alice, now=TUESDAY)
    assert not close_fault(incident=fault, by=alice, now=TUESDAY)
    assert offered(scan) == before
    kinds = IncidentStepKind
    assert steps(fault) == [kinds.REPORTED, kinds.CONFIRMED, kinds.END_CHANGED, kinds.CLOSED]


def test_when_its_end_passes_the_agents_are_asked_and_it_stays_withdrawn_for_a_day(
    scan: Service, alice: Agent, fault: Incident
) -> None:
    confirm_fault(incident=fault, end=at(11), by=alice, now=TUESDAY)
    ask_whether_repaired(now=at(10, 59))
    assert not Incident.objects.filter(asked_at__isnull=False).exists()
    ask_whether_repaired(now=at(11))
    fault.refresh_from_db()
    assert fault.asked_at == at(11)
    assert min(offered(scan, at(11))) == at(11, day=25)
    close_fault(incident=fault, by=alice, now=at(11, 5))
    assert min(offered(scan, at(11, 5))) == at(11, 15)


def test_it_is_taken_by_the_first_who_says_so(alice: Agent, bob: Agent, fault: Incident) -> None:
    assert take_fault(incident=fault, by=bob, now=TUESDAY)
    assert not take_fault(incident=fault, by=alice, now=TUESDAY)
    assert take_fault(incident=fault, by=bob, now=TUESDAY)
    fault.refresh_from_db()
    assert fault.taken_by == bob
    assert steps(fault) == [IncidentStepKind.REPORTED, IncidentStepKind.TAKEN]


def test_a_report_of_nothing_is_dismissed_and_may_come_again(
    cabin: Cabin, alice: Agent, fault: Incident
) -> None:
    close_fault(incident=fault, by=alice, now=TUESDAY)
    assert steps(fault) == [IncidentStepKind.REPORTED, IncidentStepKind.DISMISSED]
    for verb in (take_fault, lambda **how: confirm_fault(end=None, **how)):
        with pytest.raises(FaultClosed):
            verb(incident=fault, by=alice, now=TUESDAY)
    _, is_new = report_fault(cabin=cabin, kind=IncidentKind.SCANNER, by=alice, now=TUESDAY + MINUTE)
    assert is_new


def test_an_end_that_has_passed_is_refused(alice: Agent, fault: Incident) -> None:
    with pytest.raises(EndNotToCome):
        confirm_fault(incident=fault, end=TUESDAY, by=alice, now=TUESDAY)


def test_two_agents_who_change_the_end_are_told_of_each_other(
    alice: Agent, bob: Agent, fault: Incident
) -> None:
    confirm_fault(incident=fault, end=at(15), by=alice, now=TUESDAY)
    started = plain_values({"end": at(15)})
    change_fault_end(incident=fault, end=at(16), edit=Edit(started, alice, TUESDAY), now=TUESDAY)
    with pytest.raises(EditConflict):
        change_fault_end(incident=fault, end=at(17), edit=Edit(started, bob, TUESDAY), now=TUESDAY)


# ---- how long they are kept ---------------------------------------------------------------------------

TWO_YEARS_AGO = TUESDAY.replace(year=TUESDAY.year - 2)


def test_the_nightly_purge_deletes_faults_closed_24_months_ago_with_their_history(
    commune: Commune, cabin: Cabin, alice: Agent
) -> None:
    def closed(at: datetime) -> Incident:
        incident, _ = report_fault(cabin=cabin, kind=IncidentKind.SCANNER, by=alice, now=at - MINUTE)
        confirm_fault(incident=incident, end=None, by=alice, now=at - MINUTE)
        assert close_fault(incident=incident, by=alice, now=at)
        return incident

    old, young = closed(TWO_YEARS_AGO), closed(TWO_YEARS_AGO + MINUTE)

    purge(commune=commune, now=TUESDAY)

    assert list(Incident.objects.all()) == [young]
    assert not IncidentStep.objects.filter(incident_id=old.pk).exists()
    assert IncidentStep.objects.filter(incident=young).count() == 3


def test_an_open_fault_is_kept_however_old_it_is(commune: Commune, cabin: Cabin) -> None:
    make_fault(cabin, IncidentKind.SCANNER, TWO_YEARS_AGO - timedelta(days=300))
    assert forget_old_faults(commune=commune, now=TUESDAY) == 0


def test_the_faults_of_another_commune_stay(commune: Commune, cabin: Cabin) -> None:
    other = make_cabin(make_site(make_commune(name="Ailleurs")))
    for each in (cabin, other):
        make_fault(each, IncidentKind.SCANNER, TWO_YEARS_AGO - MINUTE, closed_at=TWO_YEARS_AGO)
    assert forget_old_faults(commune=commune, now=TUESDAY) == 1
    assert Incident.objects.get().cabin == other
