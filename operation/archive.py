"""One backup, one file: a tar with what it holds (`manifest.json`) and the copy of the database.

It needs nothing of ours to be opened: `tar xf`, then `gunzip` and `sqlite3`, or `pg_restore`.
"""

import hashlib
import json
import tarfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from operation.copies.base import Counts
from operation.errors import OperationRefused

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    kind: str
    """Of the database: `sqlite` or `postgresql`."""
    made_at: datetime
    """In UTC: what was written later is not in the backup."""
    version: str
    """Of the product."""
    migrations: list[str]
    """`booking.0003_…` of all that had been applied."""
    key_check: str
    """Tells whether the SECRET_KEY is the same, and nothing more about it."""
    file_name: str
    sha256: str
    counts: Counts


def pack(path: Path, manifest: Manifest, copy: Path) -> None:
    described = path.with_name(f".{path.name}.{MANIFEST}")
    try:
        values = {**asdict(manifest), "made_at": manifest.made_at.isoformat(), "format": FORMAT}
        described.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        with tarfile.open(path, "w") as tar:
            for source, name in ((described, MANIFEST), (copy, manifest.file_name)):
                tar.add(source, name, filter=_without_owner)
    finally:
        described.unlink(missing_ok=True)


def unpack(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """What a backup holds, and the copy of the database, written into the folder and compared with its sum.
    Raises OperationRefused where the file is none of ours, or is damaged."""
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _manifest(tar, path)
            copy = folder / manifest.file_name
            source = tar.extractfile(manifest.file_name)
            if source is None:
                raise KeyError(manifest.file_name)
            with source, copy.open("wb") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
    except (
        tarfile.TarError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        RecursionError,
    ) as error:
        raise OperationRefused(_("%s is not a backup, or it is damaged.") % path.name) from error
    if sha256(copy) != manifest.sha256:
        raise OperationRefused(_("%s is damaged: its sum is not the one that was written.") % path.name)
    return manifest, copy


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    member = tar.getmember(MANIFEST)
    source = tar.extractfile(member)
    if source is None or member.size > _LARGEST_MANIFEST:
        raise ValueError
    with source:
        values: dict[str, Any] = json.load(source)
    if values.pop("format") != FORMAT:
        raise OperationRefused(_("This backup was made by a newer version: install that one first."))
    made_at = datetime.fromisoformat(values.pop("made_at"))
    found = Manifest(made_at=made_at, **values)
    texts = (found.kind, found.version, found.key_check, found.file_name, found.sha256, *found.migrations)
    is_ours = all(isinstance(each, str) for each in (*texts, *found.counts))
    is_ours &= made_at.tzinfo is not None and all(type(each) is int for each in found.counts.values())
    name = found.file_name
    if not is_ours or not name or "/" in name or name.startswith(".") or name in (MANIFEST, path.name):
        raise ValueError
    return found


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
