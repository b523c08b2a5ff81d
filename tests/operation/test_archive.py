"""A file that is damaged, or none of ours, is named and nothing is done with it."""

import io
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operation.archive import Manifest, pack, sha256, unpack
from operation.errors import OperationRefused


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    copy = tmp_path / "database.dump"
    copy.write_bytes(bytes(range(256)) * 40)
    manifest = Manifest(
        kind="postgresql",
        made_at=datetime(2026, 11, 24, 2, tzinfo=UTC),
        version="1.0.0",
        migrations=["booking.0001_initial"],
        key_check="0123456789abcdef",
        file_name=copy.name,
        sha256=sha256(copy),
        counts={"booking_appointment": 3},
    )
    path = tmp_path / "permanence.tar"
    pack(path, manifest, copy)
    copy.unlink()
    return path


def refusal(path: Path, folder: Path) -> str:
    with pytest.raises(OperationRefused) as refused:
        unpack(path, folder)
    return str(refused.value)


def test_what_was_packed_comes_out(packed: Path, tmp_path: Path) -> None:
    manifest, copy = unpack(packed, tmp_path)
    assert manifest.counts == {"booking_appointment": 3}
    assert manifest.made_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert copy.read_bytes() == bytes(range(256)) * 40


def test_no_name_of_this_machine_is_in_it(packed: Path) -> None:
    with tarfile.open(packed) as tar:
        assert {(each.uname, each.uid, each.mode) for each in tar} == {("", 0, 0o600)}


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.55])
def test_a_file_that_was_cut_off_is_refused(packed: Path, tmp_path: Path, share: float) -> None:
    whole = packed.read_bytes()
    packed.write_bytes(whole[: int(len(whole) * share)])
    assert "permanence.tar" in refusal(packed, tmp_path)


def test_a_changed_byte_is_noticed(packed: Path, tmp_path: Path) -> None:
    whole = bytearray(packed.read_bytes())
    whole[whole.index(bytes(range(256))) + 5] ^= 1
    packed.write_bytes(whole)
    assert "somme" in refusal(packed, tmp_path)


@pytest.mark.parametrize("name", ["../outside", "a/b", "..", ""])
def test_nothing_is_written_outside_of_the_folder(packed: Path, tmp_path: Path, name: str) -> None:
    with tarfile.open(packed) as tar:
        source = tar.extractfile("manifest.json")
        assert source
        values = json.load(source)
    foreign = tmp_path / "inside" / "foreign.tar"
    foreign.parent.mkdir()
    with tarfile.open(foreign, "w") as tar:
        for each, data in (
            ("manifest.json", json.dumps({**values, "file_name": name}).encode()),
            (name or "x", b"x"),
        ):
            member = tarfile.TarInfo(each)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    assert "foreign.tar" in refusal(foreign, foreign.parent)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"format": 1}', "no", '{"format": 1, "made_at": "x"}', '{"format": 2}'], ids=str
)
def test_a_description_that_says_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "foreign.tar"
    with tarfile.open(path, "w") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(text.encode())
        tar.addfile(member, io.BytesIO(text.encode()))
    assert refusal(path, tmp_path)
