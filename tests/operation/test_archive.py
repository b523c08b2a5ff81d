"""A file that is damaged, or none of ours, is named and nothing is done with it."""

import io
import json
import tarfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def described(packed: Path) -> dict[str, object]:
    with tarfile.open(packed) as tar:
        source = tar.extractfile("manifest.json")
        assert source
        values: dict[str, object] = json.load(source)
    return values


def foreign_tar(path: Path, description: bytes, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        first = tarfile.TarInfo("manifest.json")
        first.size = len(description)
        tar.addfile(first, io.BytesIO(description))
        for each in members:
            tar.addfile(each, io.BytesIO(b"x" * each.size))
    return path


@pytest.mark.parametrize(
    "change",
    [
        {"kind": []},
        {"kind": {}},
        {"version": 1},
        {"migrations": 5},
        {"migrations": [["booking.0001_initial"]]},
        {"made_at": "2026-11-24T02:00:00"},
        {"made_at": 5},
        {"counts": []},
        {"counts": {"booking_appointment": "3"}},
        {"counts": {"booking_appointment": True}},
        {"file_name": ".lock"},
        {"file_name": "foreign.tar"},
        {"more": 1},
    ],
    ids=str,
)
def test_values_of_another_kind_are_refused(packed: Path, tmp_path: Path, change: dict[str, object]) -> None:
    values = described(packed) | change
    copy = tarfile.TarInfo(str(values["file_name"]))
    path = foreign_tar(tmp_path / "foreign.tar", json.dumps(values).encode(), copy)
    assert refusal(path, tmp_path)


@pytest.mark.parametrize("target", ["database.dump", "/etc/passwd"])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_is_no_copy_of_a_database(packed: Path, tmp_path: Path, target: str, kind: bytes) -> None:
    link = tarfile.TarInfo("database.dump")
    link.type, link.linkname = kind, target
    path = foreign_tar(tmp_path / "foreign.tar", json.dumps(described(packed)).encode(), link)
    assert refusal(path, tmp_path)


def test_a_description_without_a_bottom_is_refused(tmp_path: Path) -> None:
    assert refusal(foreign_tar(tmp_path / "foreign.tar", b"[" * 100_000), tmp_path)


@given(places=st.lists(st.tuples(st.floats(0, 0.2), st.integers(0, 255)), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_changed_in_it_is_refused_or_harmless(
    packed: Path, tmp_path: Path, places: list[tuple[float, int]]
) -> None:
    changed = bytearray(packed.read_bytes())
    for share, byte in places:
        changed[int(len(changed) * share)] = byte
    path = tmp_path / "changed.tar"
    path.write_bytes(changed)
    with suppress(OperationRefused):
        _manifest, copy = unpack(path, tmp_path)
        assert copy.read_bytes() == bytes(range(256)) * 40
