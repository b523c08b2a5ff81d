"""`make race`: many real processes book at once; exactly one may win, and nothing may break.

On SQLite and on PostgreSQL:

- *last slot*: 50 processes book the last free slot at the same moment, 100 rounds; then 50 HTTP clients do
  so through the web server;
- *full week*: 20 processes book, move and cancel at random in a nearly full week;
- *declared*: processes book while others declare absences and closures at the same times;
- *exchange*: 20 processes book at once what is only possible if helpers are exchanged;
- *any two*: two different actions, drawn at random from all that agents, residents and the worker do, at the
  same moment in two processes; then two requests at two web servers.

Prints one `name: value unit` line per figure. Exit code 1 when a round has not exactly one winner, when
two live appointments overlap, when something else does not hold any more after two actions, or when any error
occurs that is not a clean refusal.

    python -m bench.race [--on sqlite|postgresql …] [--document]

Environment: RACE_CLIENTS (50) and RACE_ROUNDS (100) for one slot; RACE_MINUTES (1.5), how long any two
actions meet on each database; RACE_SEED, to draw the same pairs again; TEST_DATABASE_URL or BENCH_POSTGRES,
the PostgreSQL server; BENCH_JSON.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import databases, document
from bench.report import Figure, load, save
from bench.run import KINDS, kinds, run_part


def race(kind: str) -> Iterator[Figure | int]:
    """Yields the figures of one kind of database, then the exit code."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="permanence-race-"))
        url = stack.enter_context(databases.fresh(kind, "race"))
        databases.migrate(url, folder)
        result = Path(folder) / "figures.json"
        env = databases.environment(url, folder) | {
            **{key: value for key, value in os.environ.items() if key.startswith(("BENCH_", "RACE_"))},
            "DATABASE_POOL_SIZE": "0",
        }
        code = run_part("races", kind, result, env)
        if result.exists():
            yield from load(result)[1]
        yield code


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--on", action="append", default=[], choices=KINDS)
    parser.add_argument("--document", action="store_true", help="write the figures into docs/performance.md")
    asked = parser.parse_args()
    about = document.about("make race")
    about["scale"] = f"{os.environ.get('RACE_ROUNDS', '100')} × {os.environ.get('RACE_CLIENTS', '50')}"
    figures: list[Figure] = []
    failed = False
    for kind in kinds(asked.on):
        for found in race(kind):
            if isinstance(found, int):
                failed |= found != 0
            else:
                figures.append(found)
    if path := os.environ.get("BENCH_JSON"):
        save(Path(path), figures, **about)
    if asked.document:
        document.write(figures, about, part="race")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
