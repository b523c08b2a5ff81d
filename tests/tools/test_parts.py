"""`scripts/test.sh` leaves no test out and runs none twice on one database."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "test.sh"
STARTS_PROCESSES = ("browser", "race", "crash", "process")
MARKS = ("long", "sample", "database", *STARTS_PROCESSES)
URL = "postgres://nobody@127.0.0.1:1/none"

# In pytest's place: what it is called with, on which database, under which command.
PYTEST = """#!/bin/sh
printf '%s|' "${TEST_DATABASE_URL:+PostgreSQL}" "${MOVED:-}" "${HYPOTHESIS_PROFILE:-}" "$@" >>calls
echo >>calls
[ -z "${NONE_PICKED:-}" ] || exit 5
case "$*" in *"${FAILS:-nothing}"*) exit 1 ;; esac
"""
FAKETIME = """#!/bin/sh
shift 2
MOVED=moved exec "$@"
"""


@dataclass(frozen=True)
class Call:
    on_postgresql: bool
    moved: bool
    profile: str
    arguments: tuple[str, ...]

    @property
    def marks(self) -> str:
        return self.arguments[self.arguments.index("-m") + 1]

    def takes(self, marks: set[str]) -> bool:
        def has(name: str, /, **_: object) -> bool:
            return name in marks

        return Expression.compile(self.marks).evaluate(has)


@dataclass(frozen=True)
class Run:
    code: int
    calls: list[Call]
    said: str


type Script = Callable[..., Run]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """`scripts/test.sh` in a folder where nothing but it is real."""
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    for path, text in (
        (binaries / "pytest", PYTEST),
        (binaries / "faketime", FAKETIME),
        (tmp_path / "scripts" / "chromium.sh", "echo chromium\n"),
    ):
        path.write_text(text)
        path.chmod(0o755)

    def run(*parts: str, **variables: str) -> Run:
        (tmp_path / "calls").unlink(missing_ok=True)
        (tmp_path / "calls").touch()
        path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "scripts/test.sh", *parts],
            cwd=tmp_path,
            env={"PATH": path, "TEST_DATABASE_URL": URL, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line.split("|")[:-1] for line in (tmp_path / "calls").read_text().splitlines()]
        calls = [Call(bool(on), bool(moved), profile, tuple(rest)) for on, moved, profile, *rest in lines]
        return Run(done.returncode, calls, done.stdout + done.stderr)

    return run


def combinations() -> list[set[str]]:
    """Marks that one test can have: `sample` only beside one that says that it starts processes."""
    found = []
    for chosen in product((False, True), repeat=len(MARKS)):
        marks = {mark for mark, is_set in zip(MARKS, chosen, strict=True) if is_set}
        if "sample" in marks and not marks & {*STARTS_PROCESSES}:
            continue
        found.append(marks)
    return found


@pytest.mark.parametrize("clock", ["", "+200d"])
def test_every_test_runs_once_on_each_database_it_is_for(script: Script, clock: str) -> None:
    calls = script("all", TEST_CLOCK=clock).calls + script("long", TEST_CLOCK=clock).calls
    counted = [each for each in calls if "--cov-branch" not in each.arguments]
    for marks in combinations():
        taken = [each.on_postgresql for each in counted if each.takes(marks)]
        is_for_postgresql = "database" in marks and "browser" not in marks
        assert taken == ([False, True] if is_for_postgresql else [False]), marks


def test_all_is_what_is_run_every_day_and_then_the_rest(script: Script) -> None:
    both = [*script().calls, *script("rest").calls]
    assert script("all").calls == both
    assert [each.on_postgresql for each in both] == [False, False, True]
    assert script("all", TEST_DATABASE_URL="").calls == both[:2]


def test_the_date_is_moved_for_what_runs_in_one_process_alone(script: Script) -> None:
    for part in ("quick", "long"):
        calls = script(part, TEST_CLOCK="+200d").calls
        assert any(each.moved for each in calls)
        for each, kind, other in product(calls, STARTS_PROCESSES, ("long", "sample")):
            assert not (each.moved and each.takes({kind, other}))
    assert not any(each.moved for each in script().calls)


def test_lines_are_counted_once_and_only_when_asked(script: Script) -> None:
    assert not any("--cov" in each.arguments for each in script("all").calls)
    counted = ["--cov" in each.arguments for each in script("all", COVERAGE="1", TEST_CLOCK="+200d").calls]
    assert counted == [True, False, False]


def test_thousands_of_examples_are_for_the_long_ones(script: Script) -> None:
    assert {each.profile for each in script("all").calls} == {""}
    assert [each.profile for each in script("long").calls] == ["", "long", "long"]


def test_a_failure_of_any_part_fails_the_run_and_the_others_still_run(script: Script) -> None:
    run = script("all", FAILS="not sample")
    assert run.code == 1
    assert len(run.calls) == 3
    assert script("all").code == 0


def test_arguments_may_leave_a_part_empty_but_not_all(script: Script) -> None:
    assert script(ARGS="-k hold").code == 0
    nothing = script(ARGS="-k hold", NONE_PICKED="1")
    assert nothing.code == 5
    assert "make test-all ARGS='-k hold'" in nothing.said
    assert script(NONE_PICKED="1").code == 5


def test_an_unknown_part_is_refused(script: Script) -> None:
    run = script("quik")
    assert (run.code, run.calls) == (2, [])
    assert "quik" in run.said


def test_each_part_says_how_long_it_took(script: Script) -> None:
    said = script("all").said.partition("== Seconds")[2].splitlines()
    assert [line.partition(" s  ")[2] for line in said if line] == [
        "SQLite",
        "SQLite, browser and processes",
        "PostgreSQL",
    ]
