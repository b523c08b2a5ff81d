"""Which backups stay. Pure: names in, names out."""

from collections.abc import Iterable
from datetime import UTC, datetime

BEGINS = "permanence-"
_STAMP = "%Y%m%dT%H%M%SZ"
_ENDINGS = (".tar", ".tar.age", ".tar.gpg")


def name_for(made_at: datetime, ending: str) -> str:
    return f"{BEGINS}{made_at.astimezone(UTC):{_STAMP}}.tar{ending}"


def made_at(name: str) -> datetime | None:
    """The instant in the name of a backup; None where the name is none of ours."""
    for ending in _ENDINGS:
        if name.startswith(BEGINS) and name.endswith(ending):
            try:
                return datetime.strptime(name[len(BEGINS) : -len(ending)], _STAMP).replace(tzinfo=UTC)
            except ValueError:
                return None
    return None


def too_many(names: Iterable[str], *, newest: int, weeks: int) -> list[str]:
    """The backups to remove: all but the newest, and of each of the last `weeks` weeks that have one the
    last. Other files are left alone."""
    dated = sorted(((at, name) for name in names if (at := made_at(name))), reverse=True)
    kept = {name for _at, name in dated[:newest]}
    last_of_week: dict[tuple[int, int], str] = {}
    for at, name in dated:
        last_of_week.setdefault(at.isocalendar()[:2], name)
    kept |= set(list(last_of_week.values())[:weeks])
    return [name for _at, name in dated if name not in kept]
