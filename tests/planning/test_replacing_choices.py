"""What an agent chooses for one appointment instead of the first proposal."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from booking.enums import EventKind, Status
from booking.models import Appointment
from communes.enums import ClosureReason, HelperPolicy
from communes.models import Closure, Commune, Service, Site
from planning.proposals import Proposal, Remedy
from planning.replacing import plan_replacements
from tests.factories import TUESDAY, at, make_appointment, make_cabin, make_shift
from tests.planning.test_replacing import PAGE, camille, visit

__all__ = ["camille", "visit"]


def proposal(commune: Commune, dana: Agent, visit: Appointment, wish: str, **how: Any) -> Proposal:
    found = plan_replacements(commune=commune, by=dana, now=TUESDAY, wishes={visit.pk: wish}, **how)
    return next(each for each in found.proposals if each.appointment == visit)


def codes(found: Proposal) -> list[str]:
    return [code for code, _label in found.choices]


def test_each_other_proposal_is_on_another_half_day(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent, bob: Agent, site: Site
) -> None:
    for first, last in ((9, 12), (14, 17)):
        make_shift(bob, site, at(first, day=27), at(last, day=27))
    seen = [proposal(commune, dana, visit, wish) for wish in ("", "1", "2", "3")]
    assert [each.how for each in seen] == [Remedy.SAME_TIME, *[Remedy.OTHER_TIME] * 3]
    starts = [each.start for each in seen[1:]]
    assert len({(start.date(), start < at(12, day=start.day)) for start in starts}) == 3, starts
    assert codes(seen[0])[0] == "1" and codes(seen[2])[:2] == ["", "3"]
    last_one = proposal(commune, dana, visit, "9")
    assert (last_one.how, codes(last_one)[0]) == (Remedy.CALL, ""), "nothing more: back to the first"


def test_the_same_time_without_a_helper(commune: Commune, dana: Agent, visit: Appointment) -> None:
    found = proposal(commune, dana, visit, "alone")
    assert (found.how, found.start, found.helper) == (Remedy.ALONE, visit.starts_at, None)
    assert found.must_be_told
    visit.refresh_from_db()
    assert visit.with_helper, "a preview"
    Service.objects.update(helper_policy=HelperPolicy.REQUIRED)
    refused = proposal(commune, dana, visit, "alone")
    assert (refused.how, "alone" in codes(refused)) == (Remedy.CALL, False)


def test_no_same_time_without_a_helper_at_a_place_that_is_closed_then(
    commune: Commune, dana: Agent, visit: Appointment, site: Site
) -> None:
    assert "alone" in codes(proposal(commune, dana, visit, ""))
    Closure.objects.create(
        site=site, starts_at=at(8, day=25), ends_at=at(18, day=25), reason=ClosureReason.WORKS
    )
    assert "alone" not in codes(proposal(commune, dana, visit, ""))


def test_a_call_though_a_colleague_could(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent
) -> None:
    found = proposal(commune, dana, visit, "call")
    assert (found.how, codes(found)[0]) == (Remedy.CALL, "")


@pytest.mark.usefixtures("tuesday")
def test_the_page_shows_what_was_chosen_and_then_does_it(
    client: Client, dana: Agent, visit: Appointment, camille: Agent, bob: Agent, site: Site, service: Service
) -> None:
    other = make_appointment(make_cabin(site), service, at(9, day=25), helper=bob, resident=visit.resident)
    client.force_login(dana)
    first = client.get(PAGE)
    assert f'value="{visit.pk}:alone"' in first.content.decode()
    choice = {"choice": [f"{visit.pk}:alone", f"{other.pk}:call"]}
    unseen = client.post(PAGE, {"plan": first.context["plan"].digest, **choice})
    assert unseen.status_code == 409, "it was not shown yet"
    shown = client.post(PAGE, {"plan": first.context["plan"].digest, "look": "", **choice})
    assert shown.status_code == 200
    assert "sans aidant" in shown.content.decode() and "Choisi sur cette page" in shown.content.decode()
    visit.refresh_from_db()
    assert visit.with_helper

    after = client.post(PAGE, {"plan": shown.context["plan"].digest, **choice}, follow=True)
    visit.refresh_from_db()
    assert (visit.with_helper, visit.helper, visit.status) == (False, None, Status.BOOKED)
    assert other.events.get().kind == EventKind.TO_CALL
    assert [each.appointment for each in after.context["plan"].aside] == [other], "the call is not undone"
    said = after.content.decode()
    assert "dans la liste" in said and "laissé tel quel" not in said


JUNK = ["x", ":", "x:alone", "{pk}:", "{pk}:0", "{pk}:x", "{pk}:²", "{pk}:99", "9" * 30 + ":call"]


@pytest.mark.usefixtures("tuesday")
@pytest.mark.parametrize("sent", JUNK)
def test_junk_chooses_nothing(
    client: Client, dana: Agent, visit: Appointment, camille: Agent, sent: str
) -> None:
    client.force_login(dana)
    response = client.post(PAGE, {"look": "", "choice": sent.replace("{pk}", str(visit.pk))})
    assert response.status_code == 200
    assert [each.how for each in response.context["plan"].proposals] == [Remedy.SAME_TIME]
