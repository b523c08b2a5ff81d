"""What placing again leaves alone, and what it says of others who make room."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from booking.enums import LimitedFor, ReachBy, Status
from booking.models import Appointment, Resident, ResidentPhone
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from planning.proposals import Kept, Remedy, ReplacementPlan
from planning.replacing import plan_replacements
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_resident,
    make_service,
    make_shift,
)
from tests.planning.test_replacing import PAGE, camille, sick, visit

__all__ = ["camille", "visit"]


def plan(commune: Commune, dana: Agent, **how: Any) -> ReplacementPlan:
    return plan_replacements(commune=commune, by=dana, now=TUESDAY, **how)


@pytest.fixture
def easy(commune: Commune) -> Service:
    """Helpers without the skill of `service` can do it too."""
    return make_service(commune, name="E-mail")


def helper_on(day: int, site: Site, *skills: Service, first_name: str) -> Agent:
    helper = make_agent(site.commune, Role.HELPER, skills=list(skills), first_name=first_name)
    make_shift(helper, site, at(10, day=day), at(11, day=day))
    return helper


def test_who_is_here_is_not_sent_to_another_day(
    commune: Commune, dana: Agent, visit: Appointment, bob: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9, day=27), at(12, day=27))
    assert [each.how for each in plan(commune, dana).proposals] == [Remedy.OTHER_TIME]
    Appointment.objects.update(status=Status.ARRIVED)
    assert [each.how for each in plan(commune, dana).proposals] == [Remedy.BY_HAND]


def test_who_is_here_still_gets_a_colleague(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent
) -> None:
    Appointment.objects.update(status=Status.ARRIVED)
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.helper) == (Remedy.SAME_TIME, camille)


@pytest.mark.parametrize("day", [25, 27])
def test_what_is_set_aside_makes_no_room_for_another(
    commune: Commune,
    dana: Agent,
    visit: Appointment,
    service: Service,
    easy: Service,
    site: Site,
    day: int,
) -> None:
    """At the same time, nor at another."""
    carla = helper_on(day, site, service, easy, first_name="Carla")
    helper_on(day, site, easy, first_name="Erin")
    make_cabin(site)
    broken = make_cabin(site)
    other = make_appointment(broken, easy, at(10, day=day), helper=carla)
    Cabin.objects.filter(pk=broken.pk).update(in_order=False)

    moved = {each.appointment: each for each in plan(commune, dana).proposals}
    assert moved[visit].helper == carla
    left = plan(commune, dana, aside={other.pk})
    assert [each.how for each in left.proposals] == [Remedy.CALL]
    assert plan(commune, dana, aside={other.pk}, expected=left.digest).applied
    other.refresh_from_db()
    assert (other.helper, other.cabin) == (carla, broken)


def test_who_makes_room_at_another_time_is_named_and_part_of_the_plan(
    commune: Commune,
    dana: Agent,
    visit: Appointment,
    service: Service,
    easy: Service,
    site: Site,
    client: Client,
    tuesday: datetime,
) -> None:
    carla = helper_on(27, site, service, easy, first_name="Carla")
    erin = helper_on(27, site, easy, first_name="Erin")
    paul = make_resident(commune, "+33639981235", first_name="Paul", last_name="Durand")
    other = make_appointment(make_cabin(site), easy, at(10, day=27), helper=carla, resident=paul)
    found = plan(commune, dana)
    (proposal,) = found.proposals
    assert (proposal.how, proposal.start, proposal.helper) == (Remedy.OTHER_TIME, at(10, day=27), carla)
    assert [(each.appointment, each.helper) for each in proposal.exchanged] == [(other, erin)]

    client.force_login(dana)
    shown = client.get(PAGE).content.decode()
    assert "Pour faire de la place" in shown and "Paul Durand" in shown and "Erin" in shown

    sick(erin, 27)
    fay = helper_on(27, site, easy, first_name="Fay")
    assert not plan(commune, dana, expected=found.digest).applied, "somebody else makes way"
    assert plan(commune, dana, expected=plan(commune, dana).digest).applied
    visit.refresh_from_db()
    other.refresh_from_db()
    assert (visit.helper, other.helper) == (carla, fay)


def test_each_row_shows_what_it_has_after_the_last(
    commune: Commune, dana: Agent, bob: Agent, service: Service, easy: Service, site: Site
) -> None:
    """The second takes the helper of the first, who gets another: the first row must say so."""
    sick(bob)
    carla = helper_on(25, site, service, easy, first_name="Carla")
    erin = helper_on(25, site, easy, first_name="Erin")
    first = make_appointment(make_cabin(site), easy, at(10, day=25), helper=bob)
    second = make_appointment(make_cabin(site), service, at(10, day=25), with_helper=True)
    found = plan(commune, dana)
    assert {each.appointment: each.helper for each in found.proposals} == {first: erin, second: carla}
    assert not [each.exchanged for each in found.proposals if each.exchanged], "it has a row of its own"
    plan(commune, dana, expected=found.digest)
    first.refresh_from_db()
    assert first.helper == erin


@pytest.mark.usefixtures("tuesday")
def test_what_is_set_aside_stays_so_after_the_press(
    client: Client, dana: Agent, visit: Appointment, camille: Agent, bob: Agent, site: Site, service: Service
) -> None:
    other = make_appointment(make_cabin(site), service, at(9, day=25), helper=bob)
    client.force_login(dana)
    kept = {"aside": [str(visit.pk)]}
    digest = client.post(PAGE, {"plan": "x", **kept}).context["plan"].digest
    after = client.post(PAGE, {"plan": digest, **kept}, follow=True)
    assert [each.appointment for each in after.context["plan"].aside] == [visit]
    assert f'value="{visit.pk}" checked' in after.content.decode()
    other.refresh_from_db()
    visit.refresh_from_db()
    assert (other.helper, visit.helper) == (camille, bob)


# ---- whom a person moves -------------------------------------------------------------------------------


def other_day(bob: Agent, site: Site, day: int) -> None:
    make_shift(bob, site, at(9, day=day), at(12, day=day))


def test_an_hour_agreed_with_others_is_not_moved(
    commune: Commune, dana: Agent, visit: Appointment, bob: Agent, site: Site, camille: Agent
) -> None:
    """A doctor is there at that hour: a colleague may take it over, another time is a person's matter."""
    Service.objects.update(hour_set_elsewhere=True)
    other_day(bob, site, 27)
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.helper) == (Remedy.SAME_TIME, camille)
    sick(camille)
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.kept) == (Remedy.CALL, Kept.HOUR)


@pytest.mark.parametrize(
    ("reached", "how"),
    [
        ({}, Remedy.CALL),
        ({"email": "f@example.org"}, Remedy.OTHER_TIME),
        ({"email": "f@example.org", "reach_by": ReachBy.NONE}, Remedy.CALL),
        ({"contact_name": "Samir", "contact_phone": "+33639981239", "contact_is_told": True}, Remedy.CALL),
    ],
)
def test_who_is_reached_by_letter_alone_would_come_for_nothing(
    commune: Commune,
    dana: Agent,
    visit: Appointment,
    bob: Agent,
    site: Site,
    reached: dict[str, Any],
    how: Remedy,
) -> None:
    other_day(bob, site, 27)
    ResidentPhone.objects.all().delete()
    Resident.objects.update(**reached)
    assert [each.how for each in plan(commune, dana).proposals] == [how]


def test_nor_does_a_number_that_may_not_be_called_reach_them(
    commune: Commune, dana: Agent, visit: Appointment, bob: Agent, site: Site
) -> None:
    other_day(bob, site, 27)
    ResidentPhone.objects.update(may_call=False)
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.kept) == (Remedy.CALL, Kept.LETTER)


def test_a_letter_that_has_a_week_may_move_them_to_a_day_after_it(
    commune: Commune, dana: Agent, cabin: Cabin, service: Service, bob: Agent, site: Site
) -> None:
    """Another day this week is free, but the letter would come too late."""
    in_days = [at(9) + timedelta(days=days) for days in (8, 10)]
    row = make_appointment(cabin, service, in_days[0], helper=bob, resident=make_resident(commune))
    other_day(bob, site, 27)
    assert [each.how for each in plan(commune, dana).proposals] == [Remedy.CALL]
    make_shift(bob, site, in_days[1], in_days[1] + timedelta(hours=3))
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.appointment, proposal.how, proposal.start) == (row, Remedy.OTHER_TIME, in_days[1])


@pytest.mark.usefixtures("tuesday")
def test_the_page_says_why_a_person_decides(client: Client, dana: Agent, visit: Appointment) -> None:
    client.force_login(dana)
    assert "Aucun horaire" not in (shown := client.get(PAGE).content.decode()) and "aucun horaire" in shown
    for change, said in (
        ({"status": Status.ARRIVED}, "La personne est là"),
        ({"status": Status.BOOKED, "service": hour_of_others(visit)}, "autre organisme"),
    ):
        Appointment.objects.update(**change)
        shown = client.get(PAGE).content.decode()
        assert said in shown and "aucun horaire" not in shown


def hour_of_others(visit: Appointment) -> Service:
    return make_service(visit.commune, name="Téléconsultation", hour_set_elsewhere=True)


def test_who_is_set_aside_makes_no_room_at_the_same_time(
    commune: Commune, dana: Agent, visit: Appointment, service: Service, easy: Service, site: Site
) -> None:
    camille = helper_on(25, site, service, easy, first_name="Camille")
    helper_on(25, site, easy, first_name="Dora")
    theirs = make_appointment(
        make_cabin(site), easy, at(10, day=25), helper=camille, resident=make_resident(commune)
    )
    (proposal,) = plan(commune, dana).proposals
    assert [move.appointment_id for move in proposal.exchanged] == [theirs.pk]
    (proposal,) = plan(commune, dana, aside={theirs.pk}).proposals
    assert (proposal.how, proposal.exchanged) == (Remedy.CALL, ())


def test_whose_record_is_limited_is_neither_moved_nor_called(
    commune: Commune, dana: Agent, visit: Appointment, bob: Agent, site: Site
) -> None:
    """Nobody would tell them: an agent decides, and tells them."""
    other_day(bob, site, 27)
    assert [each.how for each in plan(commune, dana).proposals] == [Remedy.OTHER_TIME]
    Resident.objects.update(limited_at=TUESDAY, limited_for=LimitedFor.CLAIM)

    (proposal,) = plan(commune, dana).proposals

    assert (proposal.how, proposal.kept) == (Remedy.BY_HAND, Kept.LIMITED)
