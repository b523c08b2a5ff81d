"""`manage.py create_commune` and the official list that it reads."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from agents.models import Agent
from communes.models import Commune
from communes.official_list import official_commune, with_name
from core.insee import default_timezone, is_insee_code
from core.roles import Role
from tests.links import follow_links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


def create(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_commune", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        create(*arguments)
    assert Commune.objects.count() == 0
    return str(error.value)


def test_a_code_gives_the_name_the_clock_and_the_holidays() -> None:
    said = create("76498", "--phone", "02 61 91 00 00")
    commune = Commune.objects.get()
    assert (commune.name, commune.slug, commune.time_zone) == (
        "Le Petit-Quevilly",
        "le-petit-quevilly",
        "Europe/Paris",
    )
    assert commune.public_phone == "+33261910000"
    assert "Seine-Maritime (76)" in said
    assert "25 décembre, 1er janvier" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "create_agent --commune 76498" in said


def test_overseas_has_its_own_clock_and_holidays() -> None:
    said = create("97411")
    assert Commune.objects.get().time_zone == "Indian/Reunion"
    assert "20 décembre" in said.replace("\N{NO-BREAK SPACE}", " ")


def test_a_name_is_enough_where_only_one_commune_has_it() -> None:
    create("petit quevilly")
    assert Commune.objects.get().insee_code == "76498"


def test_a_name_of_several_is_answered_with_their_codes() -> None:
    said = refused("Saint-Denis")
    assert "93066 Saint-Denis, Seine-Saint-Denis" in said
    assert "97411 Saint-Denis, La Réunion" in said


@pytest.mark.parametrize(
    ("code", "whole"), [("75115", "Paris (75056)"), ("69385", "Lyon (69123)"), ("01340", "(01015)")]
)
def test_a_part_of_a_commune_is_answered_with_the_commune(code: str, whole: str) -> None:
    assert whole in refused(code)


@pytest.mark.parametrize("written", ["99999", "", "Nulle-Part-sur-Rien", "\x00"])
def test_what_is_no_commune_is_refused(written: str) -> None:
    assert "liste officielle" in refused(written)


def test_a_bad_phone_creates_nothing() -> None:
    assert "numéro" in refused("76498", "--phone", "12")


def test_twice_is_said_and_changes_nothing() -> None:
    create("76498")
    with pytest.raises(CommandError, match="déjà"):
        create("76498", "--slug", "other")
    assert Commune.objects.count() == 1


def test_a_slug_that_is_taken_is_an_error_beside_which_nothing_is_made() -> None:
    create("76498", "--slug", "ville")
    with pytest.raises(CommandError):
        create("76322", "--slug", "ville")
    assert Commune.objects.count() == 1


def test_two_communes_of_one_name_have_two_slugs() -> None:
    create("93066")
    create("97411")
    assert set(Commune.objects.values_list("slug", flat=True)) == {"saint-denis", "saint-denis-97411"}


def test_every_commune_of_the_list_is_one_that_we_know_how_to_serve() -> None:
    everywhere = [each for each in with_all() if not each.part_of]
    assert len(everywhere) > 34_000
    assert [each.code for each in everywhere if not is_insee_code(each.code)] == []
    assert [each.code for each in everywhere if not each.department_name] == []
    assert {default_timezone(each.code) for each in everywhere} >= {"Pacific/Marquesas", "Europe/Paris"}
    assert [each.code for each in with_all() if each.part_of and official_commune(each.part_of) is None] == []


def with_all() -> list[Any]:
    from communes.official_list import _communes

    return list(_communes().values())


def test_names_are_found_without_capitals_accents_and_hyphens() -> None:
    assert [each.code for each in with_name("chalons en champagne")] == ["51108"]
    assert with_name("  ") == []


@pytest.mark.parametrize("role", Role.values)
def test_in_a_commune_that_has_nothing_yet_every_link_leads_to_a_page(role: str) -> None:
    """As after `migrate`: the two commands, and whoever logs in."""
    create("76498")
    names = ("first", "Sophie", "Lemaire")
    call_command(
        "create_agent", *names, commune="76498", role=[role], stdout=io.StringIO(), stderr=io.StringIO()
    )
    Agent.objects.update(must_change_password=False)
    client = Client()
    client.force_login(Agent.objects.get())
    kinds, dead = follow_links(client)
    assert dead == []
    assert len(kinds) > {Role.TECHNICIAN: 3, Role.ELECTED: 2}.get(Role(role), 4)
