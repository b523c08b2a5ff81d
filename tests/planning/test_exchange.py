"""« Échanger deux présences »: two helpers change places in one step, also at the same hour."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, Membership, Shift
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from planning.actions.shifts import exchange_shifts
from planning.errors import ShiftOverlaps
from tests.edits import send_edit
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_commune, make_shift, make_site
from tests.planning.test_news import told
from tests.planning.test_patterns_page import PUBLISH, record

pytestmark = pytest.mark.usefixtures("tuesday")

UNDO = "/equipe/annuler/"


@pytest.fixture
def camille(commune: Commune) -> Agent:
    return make_agent(commune, Role.HELPER, first_name="Camille", last_name="Roussel")


@pytest.fixture
def elsewhere(commune: Commune) -> Site:
    return make_site(commune, name="Saint-Julien", short_name="Saint-Julien")


@pytest.fixture
def hers(camille: Agent, elsewhere: Site) -> Shift:
    """At the same hour as `his`, at the other place."""
    return make_shift(camille, elsewhere, at(9, day=25), at(12, day=25))


@pytest.fixture
def his(bob: Agent, site: Site) -> Shift:
    return make_shift(bob, site, at(9, day=25), at(12, day=25))


@pytest.fixture
def manager(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


def address(shift: Shift) -> str:
    return f"/equipe/presences/{shift.pk}/echanger/"


def offered(manager: Client, shift: Shift) -> dict[str, str]:
    """What can be chosen, by its value."""
    days = manager.get(address(shift)).context["form"].fields["other"].choices[1:]
    return {mark: f"{day}: {text}" for day, each in days for mark, text in each}


def exchange(manager: Client, shift: Shift) -> Any:
    """With the only one that is offered."""
    (mark,) = offered(manager, shift)
    return manager.post(address(shift), {"other": mark}, follow=True)


def helpers(*shifts: Shift) -> list[Agent]:
    return [Shift.objects.select_related("agent").get(pk=shift.pk).agent for shift in shifts]


def test_at_the_same_hour_two_helpers_change_places_and_back(
    manager: Client, bob: Agent, camille: Agent, his: Shift, hers: Shift
) -> None:
    answer = exchange(manager, his)
    assert helpers(his, hers) == [camille, bob]
    assert [str(each) for each in answer.context["messages"]] == [
        "Les présences de Bob et de Camille sont échangées."
    ]
    manager.post(UNDO)
    assert helpers(his, hers) == [bob, camille]


def test_the_page_of_a_shift_leads_there(manager: Client, his: Shift) -> None:
    assert f'href="{address(his)}"' in manager.get(f"/equipe/presences/{his.pk}/").content.decode()


def test_shifts_of_others_in_the_same_week_are_offered_by_day(
    manager: Client, commune: Commune, site: Site, bob: Agent, camille: Agent, his: Shift, hers: Shift
) -> None:
    make_shift(bob, site, at(14, day=25), at(17, day=25))
    make_shift(camille, site, at(9, day=24) - timedelta(days=1), at(12, day=24) - timedelta(days=1))
    make_shift(camille, site, at(9, day=30), at(12, day=30))
    zoe = make_agent(commune, Role.HELPER, first_name="Zoé", last_name="Petit")
    make_shift(zoe, site, at(9, day=27), at(12, day=27))
    make_shift(make_agent(commune, Role.HELPER), site, at(9, day=25), at(12, day=25))
    stranger = make_commune(name="Grand-Quevilly")
    make_shift(make_agent(stranger, Role.HELPER), make_site(stranger), at(9, day=26), at(12, day=26))
    assert list(offered(manager, his).values()) == [
        "mercredi 25 novembre: Camille Roussel, 9:00–12:00, Saint-Julien",
        "vendredi 27 novembre: Zoé Petit, 9:00–12:00, Hôtel de ville",
    ]


def test_without_another_shift_the_page_says_so(manager: Client, his: Shift) -> None:
    assert "Aucun autre aidant" in manager.get(address(his)).content.decode()


def test_a_shift_that_is_over_is_not_exchanged(manager: Client, bob: Agent, site: Site, hers: Shift) -> None:
    over = make_shift(bob, site, TUESDAY - timedelta(hours=2), TUESDAY - timedelta(hours=1))
    assert offered(manager, over) == {}


@pytest.mark.parametrize("changed", ["his", "hers"])
def test_what_a_colleague_has_changed_since_is_not_exchanged_unseen(
    manager: Client, bob: Agent, camille: Agent, his: Shift, hers: Shift, changed: str
) -> None:
    (mark,) = offered(manager, his)
    shift = {"his": his, "hers": hers}[changed]
    Shift.objects.filter(pk=shift.pk).update(ends_at=at(11, day=25))
    answer = manager.post(address(his), {"other": mark})
    assert answer.status_code == 422
    assert "Un collègue a changé cette présence entre-temps" in answer.content.decode()
    assert helpers(his, hers) == [bob, camille]


@pytest.mark.parametrize("whose", ["his", "hers"])
def test_who_would_be_in_two_places_at_once_is_not_offered_nor_exchanged(
    manager: Client, bob: Agent, camille: Agent, site: Site, elsewhere: Site, his: Shift, whose: str
) -> None:
    hers = make_shift(camille, elsewhere, at(14, day=26), at(17, day=26))
    assert len(offered(manager, his)) == len(offered(manager, hers)) == 1
    if whose == "his":
        make_shift(bob, site, at(16, day=26), at(18, day=26))
    else:
        make_shift(camille, elsewhere, at(11, day=25), at(13, day=25))
    assert hers.pk not in {each.pk for each in manager.get(address(his)).context["form"].by_mark.values()}
    with pytest.raises(ShiftOverlaps):
        exchange_shifts(first=his, second=hers)
    assert helpers(his, hers) == [bob, camille]


def test_a_helper_who_leaves_before_is_refused_in_words(
    manager: Client, camille: Agent, bob: Agent, site: Site, his: Shift
) -> None:
    hers = make_shift(camille, site, at(9, day=27), at(12, day=27))
    Membership.objects.filter(agent=bob).update(last_on=date(2026, 11, 26))
    answer = exchange(manager, his)
    assert answer.status_code == 422
    assert "jeudi 26 novembre" in answer.content.decode()
    assert helpers(his, hers) == [bob, camille]


def test_both_read_it_in_one_line_and_nothing_once_it_is_taken_back(
    manager: Client, bob: Agent, camille: Agent, dana: Agent, his: Shift, hers: Shift
) -> None:
    exchange(manager, his)
    where = {"town": "Hôtel de ville", "other": "Saint-Julien"}
    when = "mercredi 25 novembre, 9:00–12:00"
    assert told(manager, bob) == [f"Présence modifiée : {when}, {where['town']} → {when}, {where['other']}."]
    assert told(manager, camille) == [
        f"Présence modifiée : {when}, {where['other']} → {when}, {where['town']}."
    ]
    manager.force_login(dana)
    exchange(manager, his)
    assert told(manager, bob) == told(manager, camille) == []


def test_the_appointments_that_lose_their_helper_are_shown_before(
    manager: Client, cabin: Cabin, service: Service, bob: Agent, his: Shift, hers: Shift
) -> None:
    make_appointment(cabin, service, at(10, day=25), helper=bob)
    (mark,) = offered(manager, his)
    shown = manager.post(f"/equipe/a-replacer/si/presence/{his.pk}/", {"other": mark}).content.decode()
    assert "1 rendez-vous sera à replacer" in " ".join(shown.replace("\xa0", " ").split())
    assert helpers(his) == [bob]


def test_publishing_again_leaves_the_exchange_and_after_its_undo_the_usual_week_holds(
    manager: Client, bob: Agent, camille: Agent, site: Site, elsewhere: Site
) -> None:
    record(manager, bob, site)
    manager.post(PUBLISH, {"until": "2026-11-25"})
    his = Shift.objects.get(starts_at__gte=at(0, day=25))
    make_shift(camille, elsewhere, his.starts_at, his.ends_at)
    exchange(manager, his)
    manager.post(PUBLISH, {"until": "2026-11-25"})
    assert helpers(his) == [camille]
    exchange(manager, his)
    record(manager, bob, site, starts="10:00")
    manager.post(PUBLISH, {"until": "2026-11-25"})
    assert [each.starts_at for each in Shift.objects.filter(agent=bob)] == [at(10, day=25)]


def test_an_exchange_is_not_taken_back_over_what_a_colleague_has_changed_since(
    manager: Client, camille: Agent, his: Shift, hers: Shift
) -> None:
    exchange(manager, his)
    page = f"/equipe/presences/{his.pk}/"
    sent = {"agent": camille.pk, "site": his.site_id, "on": "2026-11-25", "starts": "09:00", "ends": "11:00"}
    Shift.objects.filter(pk=hers.pk).update(ends_at=at(11, day=25))
    manager.post(UNDO)
    assert helpers(his) == [camille]
    send_edit(manager, page, sent)
    assert Shift.objects.get(pk=his.pk).ends_at == at(11, day=25)
