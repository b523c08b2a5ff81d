"""A commune from a file: the same rules as on the pages, all or nothing, as often as one likes."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.models import Agent, Membership
from communes.models import Cabin, Commune, Service, SetupChange, Site
from core import clock
from core.edits import plain
from core.models import EditTrace
from tests.factories import make_commune
from transfer.loading import LoadReport, load_commune
from transfer.setup_file import SetupFileRefused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "commune-example.yaml"
HEAD = "commune:\n  code: 76498\n"


def load(text: str, **options: Any) -> LoadReport:
    return load_commune(data=text.encode(), now=clock.now(), **options)


def refused(text: str) -> list[str]:
    with pytest.raises(SetupFileRefused) as refusal:
        load(text)
    return [str(problem) for problem in refusal.value.problems]


def everything() -> list[Any]:
    tables = (Commune, Site, Cabin, Service, Agent, Membership)
    return [sorted(map(plain, map(str, table.objects.values_list()))) for table in tables]


def test_the_example_sets_up_a_commune_and_a_second_time_changes_nothing() -> None:
    report = load(EXAMPLE.read_text(encoding="utf-8"))
    commune = Commune.objects.get()
    assert (commune.name, commune.public_phone) == ("Le Petit-Quevilly", "+33235637500")
    site = commune.sites.get()
    assert (site.postal_code, site.phone, site.wheelchair) == ("76140", "+33235637501", "yes")
    assert site.opening_hours.startswith("Mo-Fr 08:30")
    assert site.maintainer == "+33639980012"
    assert [(each.name, each.equipment) for each in site.cabins.all()] == [
        ("Cabine 1", ["screen", "scanner", "printer", "video"]),
        ("Cabine 2", ["screen", "printer"]),
    ]
    services = {each.slug: each for each in commune.services.all()}
    assert services["impots"].duration_min == 45
    assert services["atelier-photo"].what_to_bring.startswith("Votre téléphone")
    camille = Membership.objects.get(agent__username="camille")
    assert (camille.is_helper, camille.is_desk, camille.is_manager) == (True, True, False)
    assert {each.slug for each in camille.skills.all()} == {"caf", "impots"}
    assert report.created == len(report.lines)
    before = everything()
    again = load(EXAMPLE.read_text(encoding="utf-8"))
    assert (again.created, again.changed, again.passwords) == (0, 0, [])
    assert everything() == before


def test_the_first_password_works_once_and_is_to_be_changed() -> None:
    report = load(EXAMPLE.read_text(encoding="utf-8"))
    passwords = dict(report.passwords)
    assert set(passwords) == {"sophie", "camille"}
    sophie = Agent.objects.get(username="sophie")
    assert sophie.check_password(passwords["sophie"])
    assert sophie.must_change_password


def test_a_trial_writes_nothing_and_says_the_same() -> None:
    trial = load(EXAMPLE.read_text(encoding="utf-8"), dry_run=True)
    assert not Commune.objects.exists()
    assert not Agent.objects.exists()
    assert load(EXAMPLE.read_text(encoding="utf-8")).lines == trial.lines


def test_what_the_file_says_otherwise_is_changed_and_the_rest_stays() -> None:
    load(EXAMPLE.read_text(encoding="utf-8"))
    Site.objects.update(contact="Rachid")
    report = load(
        HEAD
        + "places:\n  - name: hôtel de ville\n    address: 1 rue Neuve\n    cabins:\n"
        + "      - name: Cabine 2\n        equipment: []\n"
        + "services:\n  - catalogue: caf\n    names: {ar: صندوق, en: Benefits}\n"
        + "  - name: atelier photo\n    is_active: no\n"
        + "agents:\n  - username: camille\n    skills: [impots]\n"
    )
    assert (report.created, report.changed) == (0, 5), report.lines
    site = Site.objects.get()
    assert (site.name, site.address, site.contact) == ("hôtel de ville", "1 rue Neuve", "Rachid")
    assert Cabin.objects.get(name="Cabine 2").equipment == []
    assert Cabin.objects.get(name="Cabine 1").equipment != []
    caf = Service.objects.get(slug="caf")
    assert (caf.names["ar"], caf.names["en"]) == ("صندوق", "Benefits")
    assert not Service.objects.get(slug="atelier-photo").is_active
    camille = Membership.objects.get(agent__username="camille")
    assert camille.is_helper
    assert {each.slug for each in camille.skills.all()} == {"impots"}
    logged = SetupChange.objects.filter(kind="changed", by=None)
    assert {"hôtel de ville", "Cabine 2"} <= set(logged.values_list("name", flat=True))
    assert not EditTrace.objects.exists()


def test_all_that_is_wrong_is_said_with_its_line_and_nothing_is_written() -> None:
    said = refused(
        HEAD
        + "  public_phone: 12\n"  # line 3
        + "places:\n"
        + "  - name: Mairie\n"
        + "    postal_code: 7614\n"  # line 6
        + "    opening_hours: Mo-Fr 9h-12h\n"  # line 7
        + "    cabins:\n"
        + "      - equipment: [hammer]\n"  # line 9
        + "services:\n"
        + "  - catalogue: sorcery\n"  # line 11
        + "  - name: Atelier\n"  # line 12
        + "    colour: red\n"  # line 13
        + "agents:\n"
        + "  - username: léa\n"
        + "    first_name: Léa\n"
        + "    last_name: Roy\n"
        + "    roles: [boss]\n"  # line 18
    )
    text = "\n".join(said)
    for line in (3, 6, 7, 9, 11, 12, 13, 18):
        assert f"ligne {line}\N{NO-BREAK SPACE}:" in text, text
    assert not Commune.objects.exists()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "parties"),
        ("- a\n- b\n", "parties"),
        ("commune: [1]\n", "ligne 1"),
        ("places: []\n", "commune"),
        (HEAD + "  code: 1\n", "ligne 3"),
        (HEAD + "places: Mairie\n", "ligne 3"),
        (HEAD + "places:\n  - name: a\n    cabins: two\n", "ligne 5"),
        (HEAD + "plces: []\n", "plces"),
        (HEAD + "places:\n  - name: [a, b]\n", "ligne 4"),
        (HEAD + "services:\n  - catalogue: caf\n    is_active: perhaps\n", "ligne 5"),
        (HEAD + "services:\n  - catalogue: caf\n    names: CAF\n", "ligne 5"),
        (HEAD + "services:\n  - catalogue: caf\n    names: {xx: CAF}\n", "xx"),
        (HEAD + "services:\n  - catalogue: caf\n    equipment_needed: {a: b}\n", "ligne 5"),
        (HEAD + "agents:\n  - username: a\n    first_name: A\n    last_name: B\n", "ligne 4"),
        (HEAD + "a: &a [*a]\n", "ligne 3"),
        ("commune:\n  code: 99999\n", "99999"),
        ("commune:\n\tcode: 76498\n", "ligne 2"),
        (HEAD + "x: !!python/object/apply:os.system [ls]\n", "x"),
        ("[" * 2000, "YAML"),
    ],
)
def test_bad_files_are_refused_in_words(text: str, wanted: str) -> None:
    assert wanted in "\n".join(refused(text))
    assert not Commune.objects.exists()


def test_a_file_that_repeats_itself_without_end_is_refused_at_once() -> None:
    """Each line says the one before ten times: the last one, a thousand million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (said,) = refused("\n".join(lines))
    assert "50000" in said


@pytest.mark.parametrize("character", ["\\0", "\\ud800", "\\udc00"])
@pytest.mark.parametrize(
    "text",
    [
        'commune: {code: "76540", name: "a%sb"}',
        'commune: {code: "76540"}\nplaces: [{name: "a%sb"}]',
        'commune: {code: "76540"}\nplaces: [{name: a, "na%sme": b}]',
        'commune: {code: "76540"}\nagents: [{username: "a%sb", first_name: A, last_name: B, roles: [desk]}]',
    ],
)
def test_a_character_that_no_text_has_is_said_with_its_line(text: str, character: str) -> None:
    assert any("ne peut pas être enregistré" in each for each in refused(text % character))


@pytest.mark.parametrize("roles", ["[[manager]]", "{manager: yes}"])
def test_roles_that_are_no_words_are_said(roles: str) -> None:
    entry = f"{{username: awa, first_name: A, last_name: B, roles: {roles}}}"
    said = refused(f'commune: {{code: "76540"}}\nagents: [{entry}]')
    assert any("roles\N{NO-BREAK SPACE}:" in each or "roles:" in each for each in said)
    assert not any("Entry(" in each for each in said)


def test_a_file_of_another_encoding_or_too_large_is_refused() -> None:
    for data in ("commune: é".encode("latin-1"), b"#" * 1_000_001):
        with pytest.raises(SetupFileRefused):
            load_commune(data=data, now=clock.now())


def test_a_service_that_was_retired_is_not_brought_back_by_a_file() -> None:
    load(HEAD + "services:\n  - catalogue: caf\n")
    Service.objects.update(retired_at=clock.now(), is_active=False)
    assert "CAF" in refused(HEAD + "services:\n  - catalogue: caf\n")[0]


def test_the_last_manager_cannot_lose_the_role_by_a_file() -> None:
    load(EXAMPLE.read_text(encoding="utf-8"))
    said = refused(HEAD + "agents:\n  - username: sophie\n    roles: [desk]\n")
    assert said[0].startswith("ligne 4")
    assert Membership.objects.get(agent__username="sophie").is_manager


def test_an_account_of_another_commune_gets_its_role_here_and_keeps_its_password() -> None:
    other = make_commune(name="Grand-Quevilly", insee_code="76322")
    agent = Agent.objects.create_user(username="lea", first_name="Léa", last_name="Roy", password="x")
    Membership.objects.create(agent=agent, commune=other, is_desk=True)
    report = load(HEAD + "agents:\n  - username: lea\n    roles: [helper]\n")
    assert report.passwords == []
    here = Membership.objects.get(agent=agent, commune__insee_code="76498")
    assert (here.is_helper, here.is_desk) == (True, False)
    agent.refresh_from_db()
    assert agent.check_password("x")


def test_the_command_reports_line_by_line(tmp_path: Path) -> None:
    out = StringIO()
    call_command("commune", "load", str(EXAMPLE), "--dry-run", stdout=out)
    assert "Hôtel de ville, Cabine 1\N{NO-BREAK SPACE}: ajouté" in out.getvalue()
    assert "rien n’a été écrit" in out.getvalue()
    out = StringIO()
    call_command("commune", "load", str(EXAMPLE), stdout=out)
    assert "sophie" in out.getvalue()
    bad = tmp_path / "bad.yaml"
    bad.write_text(HEAD + "plces: []\n")
    with pytest.raises(CommandError, match="plces"):
        call_command("commune", "load", str(bad), stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("commune", "load", str(tmp_path / "none.yaml"), stdout=StringIO())
