"""Why a backup cannot be written: the reason itself is said."""

import shutil
from pathlib import Path

import pytest
from django.utils import translation

from operation.backups import make_backup
from operation.encryption import encrypt
from operation.errors import OperationRefused
from tests.factories import TUESDAY


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed")
def test_the_reason_of_age_is_said_and_not_its_hotline(tmp_path: Path) -> None:
    plain = tmp_path / "backup.tar"
    plain.touch()
    with pytest.raises(OperationRefused) as refused:
        encrypt(plain, tmp_path / "backup.tar.age", "age1bad")
    assert "malformed recipient" in str(refused.value)
    assert "filippo.io" not in str(refused.value)


def test_a_folder_that_cannot_be_written_is_named(db: None) -> None:
    with (
        translation.override("fr"),
        pytest.raises(OperationRefused, match="ne peut pas être écrit"),
    ):
        make_backup(folder=Path("/dev/null/x"), now=TUESDAY, recipient="", newest=1, weeks=0)
