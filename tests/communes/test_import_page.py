"""A manager takes places from a file by pages: a preview that writes nothing, then what it has shown."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from communes import import_forms
from communes.actions import edit_hours
from communes.models import Cabin, Commune, SetupChange, Site
from core.roles import Role
from tests.communes.place_rows import ROW
from tests.edits import forms_of
from tests.factories import TUESDAY, make_agent, make_commune
from tests.notifications.test_pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PAGE, CONFIRM = "/lieux/fichier/", "/lieux/fichier/reprise/"
OTHER = {**ROW, "id": "pq-2", "nom": "Espace Verlaine", "telephone": ""}


@pytest.fixture
def commune() -> Commune:
    return make_commune(insee_code="76498", name="Petit-Quevilly")


@pytest.fixture
def page(client: Client, commune: Commune) -> Client:
    client.force_login(make_agent(commune, Role.MANAGER, first_name="Dana"))
    return client


def table(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(ROW), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def preview(page: Client, data: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile("lieux.csv", data, "text/csv")
    return page.post(PAGE, {"file": file, "with_cabins": "0", **fields})


def confirm(page: Client, shown: Any) -> Any:
    (form,) = [each for each in forms_of(shown) if each.action == CONFIRM]
    return page.post(CONFIRM, form.sent, follow=True)


def test_the_preview_says_all_and_writes_nothing(page: Client, commune: Commune) -> None:
    shown = preview(page, table(ROW, OTHER, {**ROW, "id": "r-1", "code_insee": "51454"}), with_cabins="2")

    text = words(shown)
    assert shown.status_code == 200
    assert "Hôtel de ville" in text and "Espace Verlaine" in text and text.count("nouveau") >= 2
    assert text.replace("\N{NO-BREAK SPACE}", " ").count("Cabines ajoutées : 2, chacune") == 2
    assert "1 ligne d’autres communes" in text
    assert not Site.objects.exists() and not SetupChange.objects.exists()


def test_what_was_shown_is_made_when_it_is_confirmed(page: Client, commune: Commune) -> None:
    answer = confirm(page, preview(page, table(ROW, OTHER), with_cabins="2"))

    assert answer.redirect_chain == [(reverse("places"), 302)]
    assert {site.name for site in commune.sites.all()} == {"Hôtel de ville", "Espace Verlaine"}
    assert Cabin.objects.count() == 4
    assert commune.sites.get(ref="pq-1").phone == "+33261910001"
    log = SetupChange.objects.order_by("pk")
    assert [each.kind for each in log] == ["created"] * 6
    assert {str(each.by) for each in log} == {"Dana"}


def test_a_changed_place_is_logged_with_old_and_new(page: Client, commune: Commune) -> None:
    confirm(page, preview(page, table(ROW)))
    SetupChange.objects.all().delete()

    confirm(page, preview(page, table({**ROW, "adresse": "2, rue Neuve", "horaires": "Mo 09:00-12:00"})))

    change = SetupChange.objects.get()
    assert (change.kind, change.values["address"]) == ("changed", ["Place de la mairie", "2, rue Neuve"])
    assert set(change.values) == {"address", "opening_hours"}


def test_one_bad_line_refuses_the_file_and_offers_nothing_to_confirm(page: Client, commune: Commune) -> None:
    shown = preview(page, table(ROW, {**OTHER, "nom": ""}))

    assert "corrigez ces lignes" in words(shown).lower()
    assert CONFIRM not in shown.content.decode()
    assert not Site.objects.exists()


def test_hours_edited_by_hand_are_said_to_stay(page: Client, commune: Commune) -> None:
    confirm(page, preview(page, table(ROW)))
    edit_hours(site=Site.objects.get(), opening_hours="Tu 14:00-17:00", now=TUESDAY)

    shown = preview(page, table(ROW))
    assert "à la main" in words(shown)
    confirm(page, shown)
    assert Site.objects.get().opening_hours == "Tu 14:00-17:00"


def test_a_place_of_the_same_name_made_by_hand_is_remarked(page: Client, commune: Commune) -> None:
    commune.sites.create(ref="main", name="hôtel de Ville", short_name="Mairie")
    assert "déjà un lieu de ce nom" in words(preview(page, table(ROW)))


def test_what_has_changed_since_is_shown_again_and_nothing_is_written(page: Client, commune: Commune) -> None:
    shown = preview(page, table(ROW, OTHER))
    confirm(page, preview(page, table(ROW)))  # another manager, meanwhile

    answer = confirm(page, shown)

    assert answer.status_code == 409
    assert "ont changé entre-temps" in words(answer)
    assert Site.objects.count() == 1
    confirm(page, answer)
    assert Site.objects.count() == 2


@pytest.mark.parametrize("forged", ["", "x", "rien:de:bon"])
def test_what_we_have_not_sealed_is_not_read(page: Client, commune: Commune, forged: str) -> None:
    answer = page.post(CONFIRM, {"sealed": forged}, follow=True)
    assert "choisissez de nouveau le fichier" in words(answer)
    assert not Site.objects.exists()


def test_what_was_sealed_for_another_commune_is_not_read(page: Client, commune: Commune) -> None:
    other = import_forms.SeenFile(table(ROW), 0, "").sealed(commune.pk + 1)
    assert import_forms.read_sealed(other, commune.pk) is None
    assert import_forms.read_sealed(other, commune.pk + 1) is not None


def test_a_preview_of_hours_ago_is_asked_for_again(
    page: Client, commune: Commune, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = preview(page, table(ROW))
    monkeypatch.setattr(import_forms, "SEEN_FOR", timedelta(seconds=-1))
    assert "choisissez de nouveau le fichier" in words(confirm(page, shown))
    assert not Site.objects.exists()


def test_a_file_that_is_too_large_is_refused_at_its_field(page: Client) -> None:
    answer = preview(page, b"x" * (import_forms.MOST_BYTES + 1))
    assert answer.status_code == 422
    assert "2 Mo" in answer.context["form"].errors["file"][0].replace("\N{NO-BREAK SPACE}", " ")


def test_too_many_places_are_refused(page: Client) -> None:
    rows = [{**ROW, "id": f"pq-{n}"} for n in range(import_forms.MOST_PLACES + 1)]
    assert "file" in preview(page, table(*rows)).context["form"].errors


def test_more_than_a_form_can_hold_is_refused(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("communes.views.imports.MOST_SEALED", 100)
    assert "file" in preview(page, table(ROW)).context["form"].errors


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfea\0", b"\x00", "é".encode("latin-1"), b"a,b\n1,2\n", b'"', b"PK\x03\x04"],
    ids=["UTF-16", "nul", "Latin-1", "other columns", "torn", "zip"],
)
def test_what_is_no_such_file_is_refused_in_words(page: Client, data: bytes) -> None:
    answer = preview(page, data)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_a_file_without_a_place_of_the_commune_says_so(page: Client) -> None:
    shown = preview(page, table({**ROW, "code_insee": "51454"}))
    assert "aucun lieu de la commune (Petit-Quevilly)" in words(shown)
    assert CONFIRM not in shown.content.decode()


@pytest.mark.parametrize("role", [Role.DESK, Role.HELPER, Role.TECHNICIAN])
def test_only_managers_may(client: Client, commune: Commune, role: Role) -> None:
    client.force_login(make_agent(commune, role))
    sealed = import_forms.SeenFile(table(ROW), 0, "").sealed(commune.pk)
    assert client.get(PAGE).status_code == client.post(CONFIRM, {"sealed": sealed}).status_code == 404


def test_it_is_found_from_the_places_and_from_the_set_up(page: Client, commune: Commune) -> None:
    assert PAGE in page.get(reverse("places")).content.decode()
    confirm(page, preview(page, table(ROW)))
    assert PAGE in page.get(reverse("places")).content.decode()
    assert PAGE in page.get(reverse("opening")).content.decode()
