"""All of one commune in a file, and nothing of another."""

import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command

from agents.models import Agent
from core import clock
from tests.transfer.filled import fill
from tests.transfer.test_owned import agent_of, commune_of, found, ids
from transfer.export import SECRETS, export_commune
from transfer.owned import tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

NO_SECRET = {
    # Names that sound like one: a phone number that wants no messages stays hashed, a button's mark.
    "notifications.suppression.number_hash",
    "notifications.webhookreceipt.token",
}


def read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return head, rows


def test_every_row_of_the_commune_is_in_the_file_once_with_every_column(tmp_path: Path) -> None:
    here, _there = fill("76498", "Quevilly"), fill("76681", "Sotteville")
    path = tmp_path / "quevilly.jsonl"
    counts = export_commune(commune=commune_of(here), path=path, now=clock.now())
    head, rows = read(path)
    assert (head["commune"], head["name"], head["counts"]) == ("76498", "Quevilly", counts)
    mine = {label.lower(): each for label, each in ids(here).items()}
    assert sorted((row["model"], str(row["pk"])) for row in rows) == sorted(
        (label, str(pk)) for label, each in mine.items() for pk in each
    )
    assert counts == {label: len(each) for label, each in mine.items()}
    columns = {table._meta.label_lower: table._meta.concrete_fields for table in tables()}
    for row in rows:
        left_out = SECRETS.get(row["model"], [])
        expected = {each.name for each in columns[row["model"]] if not each.primary_key} - {*left_out}
        assert set(row["fields"]) == expected


def test_what_opens_something_is_not_in_it(tmp_path: Path) -> None:
    here = fill("76498", "Quevilly")
    path = tmp_path / "quevilly.jsonl"
    export_commune(commune=commune_of(here), path=path, now=clock.now())
    assert agent_of(here).password not in path.read_text(encoding="utf-8")
    assert read(path)[0]["left_out"]["agents.agent"] == ["password"]
    for table in tables():
        for column in table._meta.concrete_fields:
            name = f"{table._meta.label_lower}.{column.name}"
            if column.name == "password" or column.name.endswith(("_hash", "token", "secret")):
                assert column.name in SECRETS.get(table._meta.label_lower, []) or name in NO_SECRET, name


def test_the_rows_can_be_read_again(tmp_path: Path) -> None:
    here = fill("76498", "Quevilly")
    path = tmp_path / "quevilly.jsonl"
    export_commune(commune=commune_of(here), path=path, now=clock.now())
    _head, *lines = path.read_text(encoding="utf-8").splitlines()
    again = [each.object for each in serializers.deserialize("jsonl", "\n".join(lines))]
    assert len(again) == sum(len(each) for each in found(commune_of(here)).values())


def test_only_its_owner_can_read_the_file_and_none_is_replaced(tmp_path: Path) -> None:
    here = fill("76498", "Quevilly")
    path = tmp_path / "quevilly.jsonl"
    call_command("commune", "export", "76498", str(path), stdout=StringIO())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="déjà"):
        call_command("commune", "export", "quevilly", str(path), stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("commune", "export", "76498", str(tmp_path / "no" / "x"), stdout=StringIO())
    with pytest.raises(CommandError, match="99999"):
        call_command("commune", "export", "99999", str(tmp_path / "y"), stdout=StringIO())
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert Agent.objects.filter(pk=agent_of(here).pk).exists()
