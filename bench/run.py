"""`make bench`: measure on SQLite and on PostgreSQL, one `name: value unit` line per figure.

Every `bench/bench_*.py` has `run(report)` and is run once per database, in a process and on an empty,
migrated database of its own (`DATABASES` in the module names fewer). Its docstring says what it measures.

    python -m bench.run [--only NAME …] [--on sqlite|postgresql …] [--document]

Environment: BENCH_JSON, a file for the figures; BENCH_SCALE, the size of the worlds and the number
of repetitions (1 is what docs/performance.md shows, 0.02 a smoke run); BENCH_SECONDS, how long bookings
are offered at a fixed rate (60 at full scale); BENCH_POSTGRES, the server. `--document` writes the
figures into docs/performance.md.
"""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import databases, document
from bench.report import ROOT, Figure, Report, load, save

KINDS = ("sqlite", "postgresql")


def modules(only: list[str]) -> list[str]:
    found = sorted(path.stem for path in (ROOT / "bench").glob("bench_*.py"))
    unknown = [name for name in only if f"bench_{name}" not in found]
    if unknown:
        raise SystemExit(
            f"No such part: {', '.join(unknown)}. There are: {', '.join(each[6:] for each in found)}."
        )
    return [name for name in found if not only or name[6:] in only]


def kinds(asked: list[str]) -> list[str]:
    wanted = asked or list(KINDS)
    if "postgresql" in wanted and (why := databases.postgresql_answers()):
        print(f"# postgresql: skipped, no database server at {databases.SERVER} ({why})", flush=True)
        wanted = [kind for kind in wanted if kind != "postgresql"]
    return wanted


def measure(names: list[str], kind: str) -> Iterator[Figure]:
    """Run some parts on one kind of database; if a part fails, this is printed and the others still run."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="permanence-bench-"))
        template = stack.enter_context(databases.fresh(kind, "template"))
        databases.migrate(template, folder)
        for name in names:
            with databases.fresh(kind, name, template=template) as url:
                result = Path(folder) / "figures.json"
                result.unlink(missing_ok=True)
                env = databases.environment(url, folder) | {
                    **{key: value for key, value in os.environ.items() if key.startswith("BENCH_")},
                    "BENCH_TEMPLATE": template,
                    "DATABASE_POOL_SIZE": "0",
                }
                code = run_part(name, kind, result, env)
                if result.exists():
                    yield from load(result)[1]
                if code:
                    raise SystemExit(f"{name} failed on {kind} (exit code {code}).")


def run_part(name: str, kind: str, result: Path, env: dict[str, str]) -> int:
    """Run a part in its own process, with Django on the database that `env` names; returns the exit code."""
    part = ["--part", name, "--on", kind, "--result", str(result)]
    return subprocess.run(
        [sys.executable, "-m", "bench.run", *part], cwd=ROOT, env=env, check=False
    ).returncode


def part(name: str, kind: str, result: Path) -> None:
    """The main function of the process of one part."""
    import django

    django.setup()
    report, module = Report(kind), importlib.import_module(f"bench.{name}")
    try:
        if kind in getattr(module, "DATABASES", KINDS):
            module.run(report)
    finally:
        save(result, report.figures.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", default=[], help="a part, by the name of its module")
    parser.add_argument("--on", action="append", default=[], choices=KINDS)
    parser.add_argument("--document", action="store_true", help="write the figures into docs/performance.md")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        part(asked.part, asked.on[0], asked.result)
        return
    figures: list[Figure] = []
    about = document.about("make bench")
    try:
        for kind in kinds(asked.on):
            figures += measure(modules(asked.only), kind)
    finally:
        if path := os.environ.get("BENCH_JSON"):
            save(Path(path), figures, **about)
    if asked.document:
        document.write(figures, about)


if __name__ == "__main__":
    main()
