"""Papers are made from the register and the settings, and promise only what a test shows."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communes.models import Commune
from core.roles import Role
from privacy.papers import ASSESSMENT, NOTICE, PAPERS, RECORD
from privacy.papers.categories import AGENTS, RESIDENTS, category_of
from privacy.papers.values import blank_values, values_of
from privacy.register import REGISTER
from scripts.privacy_page import ASSESSMENT_PAGE, PAGE, generated
from tests.collected import is_test
from tests.factories import make_agent, make_commune

pytestmark = pytest.mark.usefixtures("tuesday")

SAID = [say for paper in PAPERS.values() for say in paper.every_say]


@pytest.fixture
def manager(client: Client, commune: Commune) -> Client:
    client.force_login(make_agent(commune, Role.MANAGER))
    return client


def shown(client: Client, name: str) -> str:
    response = client.get(reverse("paper", args=[name]))
    assert response.status_code == 200
    return words_of(response)


def words_of(response: Any) -> str:
    page = re.sub(r"<[^>]+>", "", response.content.decode())
    return " ".join(unescape(page).split())


def test_each_sentence_promises_what_a_test_shows_or_is_plain_information() -> None:
    undecided = [say.text for say in SAID if bool(say.tests) == say.info]
    assert undecided == [], "name the tests that show it, or mark it as information"
    missing = [each for say in SAID for each in say.tests if not is_test(each)]
    assert missing == []


def test_no_sentence_of_the_notice_is_longer_than_people_read() -> None:
    long = [
        sentence
        for say in NOTICE.every_say
        for sentence in re.split(r"(?<=[.!?]) ", say.text)
        if len(sentence.split()) > 32
    ]
    assert long == []


def test_documents_are_made_from_the_register() -> None:
    part, assessment = generated()
    assert PAGE.read_text(encoding="utf-8").endswith(part), "python -m scripts.privacy_page"
    assert ASSESSMENT_PAGE.read_text(encoding="utf-8") == assessment, "python -m scripts.privacy_page"


def test_every_column_about_a_person_has_one_category_in_the_record() -> None:
    wrong = [
        f"{table.name}.{column}"
        for table in REGISTER
        for names, kinds in ((table.resident, RESIDENTS), (table.agent, AGENTS))
        for column in names.split()
        if len(category_of(table, column, kinds)) != 1
    ]
    assert wrong == [], "privacy/papers/categories.py"


def test_categories_name_what_there_is() -> None:
    known = {table.name for table in REGISTER} | {
        f"{table.name}.{column}" for table in REGISTER for column in table.columns
    }
    named = {member for kind in (*RESIDENTS, *AGENTS) for member in kind.members}
    assert named - known == set()


@pytest.mark.django_db
def test_blanks_and_a_commune_fill_the_same_values(commune: Commune) -> None:
    assert blank_values().keys() == values_of(commune).keys()


@pytest.mark.django_db
def test_the_notice_says_what_is_true_of_this_commune(
    manager: Client, commune: Commune, settings: Any
) -> None:
    Commune.objects.filter(pk=commune.pk).update(
        retention_months=6,
        privacy_officer="Mme Doré, 1 rue du Port, dpd@example.org",
        public_phone="+33261910000",
        name_shown_minutes_before=15,
    )
    page = shown(manager, "affiche")
    assert "Six mois au plus après votre dernière visite." in page
    assert "au plus tôt quinze minutes avant l’heure" in page
    assert "au 02 61 91 00 00, ou au délégué à la protection des données : Mme Doré, 1 rue du Port" in page
    assert "[" not in page


@pytest.mark.django_db
def test_a_commune_whose_screens_name_nobody_says_so(manager: Client, commune: Commune) -> None:
    Commune.objects.filter(pk=commune.pk).update(name_shown_minutes_before=0)
    page = shown(manager, "affiche")
    assert "L’écran de la cabine n’affiche aucun nom." in page
    assert "minutes avant l’heure" not in page


@pytest.mark.django_db
def test_the_record_names_the_provider_that_is_configured(
    manager: Client, commune: Commune, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.HOSTED_BY = "Exemple SAS, France"
    for of_seven, of_twilio in (("key", ""), ("", "AC1")):
        monkeypatch.setattr("notifications.providers.seven.conf.API_KEY", of_seven)
        monkeypatch.setattr("notifications.providers.seven.conf.SIGNING_KEY", of_seven)
        monkeypatch.setattr("notifications.providers.twilio.conf.ACCOUNT_SID", of_twilio)
        page = shown(manager, "registre")
        assert ("seven communications GmbH & Co. KG (Allemagne)" in page) == bool(of_seven)
        assert ("Twilio Inc. (États-Unis, et Irlande pour l’Europe)" in page) == bool(of_twilio)
        assert ("Chaque nuit, Permanence fait effacer chez Twilio Inc." in page) == bool(of_twilio)
        assert "Exemple SAS, France" in page


@pytest.mark.django_db
def test_what_is_still_to_be_written_is_counted(manager: Client, commune: Commune) -> None:
    Commune.objects.filter(pk=commune.pk).update(privacy_officer="", public_phone="+33261910000")
    response = manager.get(reverse("paper", args=["affiche"]))
    assert response.content.decode().count("<mark>") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAPERS)
def test_each_paper_opens_for_the_manager_and_for_nobody_else(
    client: Client, manager: Client, commune: Commune, name: str
) -> None:
    assert shown(manager, name)
    other = Client()
    other.force_login(make_agent(commune, Role.DESK))
    assert other.get(reverse("paper", args=[name])).status_code == 404
    assert manager.get(reverse("paper", args=["autre"])).status_code == 404


@pytest.mark.django_db
def test_everybody_may_read_the_notice_of_a_commune(client: Client, commune: Commune) -> None:
    elsewhere = make_commune(name="Le Havre", insee_code="76351")
    page = words_of(client.get(reverse("public-notice", args=[elsewhere.insee_code])))
    assert "La mairie du Havre utilise le logiciel Permanence" in page
    assert client.get(reverse("public-notice", args=["99999"])).status_code == 404


@pytest.mark.django_db
def test_the_settings_lead_to_the_papers(manager: Client) -> None:
    assert reverse("paper", args=["affiche"]) in manager.get(reverse("settings")).content.decode()


def test_papers_have_names_of_their_own() -> None:
    assert list(PAPERS) == [NOTICE.name, RECORD.name, ASSESSMENT.name]
    assert Path(PAGE).is_file()


def test_papers_put_the_name_of_the_commune_as_french_does(manager: Client, commune: Commune) -> None:
    commune.name = "Le Petit-Quevilly"
    commune.save()

    for paper in ("registre", "analyse-impact"):
        text = shown(manager, paper)
        assert "commune de Le " not in text
        assert "a commune du Petit-Quevilly" in text


def test_the_notice_names_each_thing_that_the_record_asks_for_and_those_who_read_it(
    manager: Client, commune: Commune
) -> None:
    """The year of birth was asked and not said; without a provider « ce texte » stood alone."""
    text = shown(manager, "affiche")

    for said in ("année de naissance", "les responsables de la commune", "Aucun message ne dit pourquoi"):
        assert said in text
    assert "Ce texte" not in text
