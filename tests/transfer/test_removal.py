"""A commune is erased with all that belongs to it, and nothing else changes."""

from io import StringIO
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.test import Client

from agents.models import Agent
from communes.models import Commune
from core.edits import RecordGone
from notifications.models import ProviderErasure
from tests.transfer.filled import OF_NOBODY, fill
from tests.transfer.test_owned import agent_of, commune_of, ids
from transfer.owned import rows_of, tables
from transfer.removal import remove_commune

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


def written(commune: Commune) -> list[str]:
    return [serializers.serialize("json", rows) for _table, rows in rows_of(commune)]


def run(*words: str) -> str:
    out = StringIO()
    call_command("commune", *words, stdout=out)
    return out.getvalue()


def test_all_rows_of_a_commune_go_and_those_of_others_stay_equal() -> None:
    here, there = fill("76498", "Quevilly"), fill("76681", "Sotteville")
    before, theirs = written(commune_of(there)), ids(there)
    expected = {label.lower(): len(rows) for label, rows in ids(here).items()}
    owed = expected.pop("notifications.providererasure")
    gone = remove_commune(commune=commune_of(here))
    assert gone == expected
    assert written(commune_of(there)) == before
    assert ProviderErasure.objects.filter(commune=None).update(commune=commune_of(there)) == owed
    theirs["notifications.ProviderErasure"] |= ids(here)["notifications.ProviderErasure"]
    for table in tables():
        if table._meta.label not in OF_NOBODY:
            assert set(table._meta.base_manager.values_list("pk", flat=True)) == theirs[table._meta.label]


def test_whoever_is_logged_in_is_logged_out() -> None:
    here, there = fill("76498", "Quevilly"), fill("76681", "Sotteville")
    clients = {}
    for rows in (here, there):
        clients[agent_of(rows).pk] = client = Client()
        client.force_login(agent_of(rows))
    remove_commune(commune=commune_of(here))
    assert clients[agent_of(here).pk].get("/").status_code == 302
    left = {session.get_decoded()["_auth_user_id"] for session in sessions()}
    assert left == {str(agent_of(there).pk)}


def sessions() -> Any:
    from django.contrib.sessions.models import Session

    return Session.objects.all()


def test_a_commune_that_is_gone_already_is_said_to_be() -> None:
    here = fill("76498", "Quevilly")
    commune = commune_of(here)
    remove_commune(commune=Commune.objects.get(pk=commune.pk))
    with pytest.raises(RecordGone):
        remove_commune(commune=commune)


def test_the_command_says_what_goes_and_wants_the_code_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    fill("76498", "Quevilly")
    monkeypatch.setattr("builtins.input", lambda: "76499")
    with pytest.raises(CommandError, match="Rien n’a été effacé"):
        run("remove", "76498")
    with pytest.raises(CommandError, match="Rien n’a été effacé"):
        run("remove", "quevilly", "--confirm", "oui")
    assert Commune.objects.exists()
    monkeypatch.setattr("builtins.input", lambda: "76498")
    said = run("remove", "76498")
    assert "communes.commune" in said
    assert "Quevilly est effacée" in said
    assert not Commune.objects.exists()
    assert not Agent.objects.exists()


def test_nobody_there_to_be_asked_erases_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer() -> str:
        raise EOFError

    fill("76498", "Quevilly")
    monkeypatch.setattr("builtins.input", no_answer)
    with pytest.raises(CommandError):
        run("remove", "76498")
    with pytest.raises(CommandError, match="99999"):
        run("remove", "99999")
    assert Commune.objects.exists()
