"""Readers of environment variables; `NAME_FILE` names a file that holds the value (for secrets)."""

import os
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ImproperlyConfigured(f"{name}_FILE is not a text file") from error
    return os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    value = env(name).strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def env_int(name: str, default: int) -> int:
    value = env(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error


def env_choice(name: str, choices: tuple[str, ...]) -> str:
    """One of `choices`; the first is the default."""
    value = env(name) or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}, not {value!r}")
    return value


def env_list(name: str) -> list[str]:
    return [part.strip() for part in env(name).split(",") if part.strip()]


def env_url(name: str) -> SplitResult:
    return read_url(name, env(name))


def read_url(name: str, text: str) -> SplitResult:
    """The parts of the address in this setting, without saying it: it may hold a password."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (raises for what is no number)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not an address: look at host and port") from error
    return parts


def database_from_url(url: str, sqlite_path: Path) -> dict[str, object]:
    """The settings of one database, from `postgres://user:password@host:port/name?sslmode=require` or
    `sqlite:///path`. An empty URL means SQLite at `sqlite_path`."""
    parts = read_url("DATABASE_URL", url)
    if parts.scheme in {"", "sqlite"}:
        name = unquote(parts.path[1:]) if parts.scheme else str(sqlite_path)
        return {
            "ENGINE": "core.sqlite",
            "NAME": name,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
            # Opening the file and setting up the connection costs as much as six statements
            # (docs/performance.md).
            "CONN_MAX_AGE": 60,
            # A file, so that several processes and threads of a test share one database.
            "TEST": {
                "NAME": str(
                    Path(name).with_name(f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.sqlite3")
                )
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        # The statements of core/compiled.py are planned once per connection; Django's own never are.
        options: dict[str, object] = {
            "prepare_threshold": 0,
            "connect_timeout": 2,  # seconds; the least that PostgreSQL's library takes
            **dict(parse_qsl(parts.query)),
        }
        pool_size = env_int("DATABASE_POOL_SIZE", 0)
        if pool_size:
            options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 0.5}
        return {
            "ENGINE": "core.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": options,
            "CONN_MAX_AGE": 0 if pool_size else 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured("DATABASE_URL must start with postgres:// or sqlite:///")
