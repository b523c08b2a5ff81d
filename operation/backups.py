"""Makes a backup of the whole installation, reads it back, keeps the last ones, and puts one back.

Beside the database an installation has only its settings (the environment, with the SECRET_KEY), which no
backup holds: a file with the data and the key together would open everything to whoever finds it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from notifications.actions.restored import mark_restored
from operation import encryption, erasures, rotation
from operation.archive import Manifest, pack, sha256, unpack
from operation.copies import KINDS, copies_of_this_installation
from operation.copies.base import DatabaseCopies
from operation.errors import OperationRefused
from operation.scratch import scratch_in
from operation.version import VERSION

OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    manifest: Manifest
    removed: list[str]
    """Names of earlier backups."""

    @property
    def rows(self) -> int:
        return sum(self.manifest.counts.values())


def make_backup(
    *,
    folder: Path,
    now: datetime,
    recipient: str = "",
    newest: int = 14,
    weeks: int = 8,
    removes: bool = True,
) -> Made:
    """Write a backup into the folder, read it back, and only then remove what is too many (`removes`). Raises
    OperationRefused; then there is no new file, or it is whole and an old one could not be removed."""
    copies = copies_of_this_installation()
    with _private(folder) as scratch:
        copy = scratch / copies.file_name
        counts = copies.write(copy)
        manifest = Manifest(
            kind=copies.kind,
            made_at=now,
            version=VERSION,
            migrations=applied_migrations(),
            key_check=key_check(),
            file_name=copies.file_name,
            sha256=sha256(copy),
            counts=counts,
        )
        plain = scratch / "backup.tar"
        pack(plain, manifest, copy)
        copy.unlink()
        _read_back(plain, scratch)
        ending = encryption.ending_for(recipient) if recipient else ""
        path = folder / _free_name(folder, now, ending)
        finished = plain
        if recipient:
            finished = scratch / "backup.encrypted"
            encryption.encrypt(plain, finished, recipient)
        finished.chmod(OWNER_ONLY)
        _to_the_disk(finished)
        finished.replace(path)
        _to_the_disk(folder)
    removed = _remove_old(path, newest=newest, weeks=weeks) if removes else []
    return Made(path, manifest, removed)


def check_backup(path: Path, *, identity: str = "") -> Manifest:
    """Read all of a backup as a restore would, and change nothing."""
    with _opened(path, identity) as (manifest, _copy):
        return manifest


def restore(
    path: Path,
    *,
    now: datetime,
    identity: str = "",
    replace: bool = False,
    kept: Callable[[], Path] | None = None,
    put_aside: Callable[[Path], None] | None = None,
) -> Manifest:
    """Put a backup in the place of the database, wholly or not at all.

    Where rows are there already, only with `replace`; then `kept` first makes a backup of them. What cannot
    be read gets another name, of which `put_aside` is told. Raises OperationRefused, also while another
    program has the database open.
    """
    copies = copies_of_this_installation()
    with _opened(path, identity) as (manifest, copy):
        if manifest.kind != copies.kind:
            raise OperationRefused(
                _("This backup is of %(kind)s, and DATABASE_URL names %(other)s: see “copy_database”.")
                % {"kind": manifest.kind, "other": copies.kind}
            )
        if newer := sorted(set(manifest.migrations) - known_migrations()):
            raise OperationRefused(
                _("This backup was made by another version: install %(version)s (%(name)s is unknown here).")
                % {"version": manifest.version, "name": newer[0]}
            )
        copies.refuse_while_used()
        if _holds_rows(copies, replace, put_aside):
            if not replace:
                raise OperationRefused(
                    _("The database is not empty: nothing was changed. --replace saves, then replaces it.")
                )
            if kept:
                kept()
        else:
            # Nobody has worked with it here: then DATABASE_URL may name the database of somebody else.
            refuse_other_programs(set(copies.counts()) - set(manifest.counts))
        erasures.carry()
        connection.close()
        copies.load(copy)
        if copies.counts() != manifest.counts:
            raise OperationRefused(_("What was restored does not hold what was saved: do not start it."))
    # Tables of a later migration may be missing still; the one of this mark is among the oldest.
    mark_restored(backup_at=manifest.made_at, now=now)
    return manifest


def _holds_rows(copies: DatabaseCopies, replace: bool, put_aside: Callable[[Path], None] | None) -> bool:
    try:
        return is_filled(copies.counts())
    except OperationRefused:
        aside = copies.put_aside() if replace else None
        if aside is None:
            raise
        if put_aside:
            put_aside(aside)
        return False


def is_filled(counts: dict[str, int]) -> bool:
    """Whether anybody has worked with it: a database that was only migrated has no agent and no commune."""
    return any(counts.get(table) for table in ("communes_commune", "agents_agent"))


def refuse_other_programs(tables: Iterable[str]) -> None:
    """Raises OperationRefused where one of these tables is none of ours."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    others = set(tables) - ours - {MigrationRecorder.Migration._meta.db_table}
    if others:
        raise OperationRefused(
            _("The database has tables of another program (%s): nothing was changed.") % min(others)
        )


def key_check() -> str:
    return salted_hmac("operation.backups", "check", algorithm="sha256").hexdigest()[:16]


def applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def known_migrations() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def newest_backup(folder: Path) -> datetime | None:
    """When the last backup in the folder was made."""
    try:
        instants = [at for each in folder.iterdir() if (at := rotation.made_at(each.name))]
    except OSError:
        return None
    return max(instants, default=None)


def _free_name(folder: Path, now: datetime, ending: str) -> str:
    """Of this second, or of the first one after it of which there is no backup."""
    while (folder / rotation.name_for(now, ending)).exists():
        now += timedelta(seconds=1)
    return rotation.name_for(now, ending)


def _remove_old(new: Path, *, newest: int, weeks: int) -> list[str]:
    """Their names. The new one stays, whatever the clock says of the others."""
    names = rotation.too_many((each.name for each in new.parent.iterdir()), newest=newest, weeks=weeks)
    removed = [name for name in names if name != new.name]
    for name in removed:
        try:
            (new.parent / name).unlink(missing_ok=True)
        except OSError as error:
            raise OperationRefused(
                _("%(file)s is made. This one cannot be removed: %(other)s.")
                % {"file": new, "other": new.parent / name}
            ) from error
    return removed


def _read_back(path: Path, scratch: Path) -> Manifest:
    """Open the file as a restore would, and count the rows of every table in it."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    manifest, copy = unpack(path, folder)
    _counted(manifest, copy)
    shutil.rmtree(folder)
    return manifest


def _counted(manifest: Manifest, copy: Path) -> None:
    if manifest.kind not in KINDS:
        raise OperationRefused(_("This backup was made by a newer version: install that one first."))
    if KINDS[manifest.kind]().read_back(copy) != manifest.counts:
        raise OperationRefused(_("The backup does not hold what was saved."))


@contextmanager
def _opened(path: Path, identity: str) -> Iterator[tuple[Manifest, Path]]:
    if not path.is_file():
        raise OperationRefused(_("There is no file %s.") % path)
    with _private(settings.VAR_DIR) as scratch:
        plain = path
        if path.suffix in (encryption.AGE, encryption.GNUPG):
            plain = scratch / "backup.tar"
            encryption.decrypt(path, plain, identity)
        manifest, copy = unpack(plain, scratch)
        _counted(manifest, copy)
        yield manifest, copy


@contextmanager
def _private(folder: Path) -> Iterator[Path]:
    """A folder that only its owner can enter, on the disk of `folder`; it is removed at the end."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with scratch_in(folder, ".unfinished-") as scratch:
            yield scratch
    except OSError as error:
        raise OperationRefused(
            _("%(file)s cannot be written (%(why)s).")
            % {"file": error.filename or folder, "why": error.strerror}
        ) from error


def _to_the_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
