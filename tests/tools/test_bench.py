"""The bench itself: what it prints, what it writes, and that it runs."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bench import document, floor
from bench.bench_exchange import matched
from bench.report import ROOT, Figure, Report, load, p95, save

FACTS = {
    "command": "make bench",
    "at": "2026-11-24",
    "commit": "abc",
    "scale": "1",
    "python": "3.13",
    "processors": "2",
    "load_before": "0.1",
}


def test_a_figure_is_one_line_with_its_name_value_and_unit(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("sqlite")
    report.figure("availability_4w_ms", 4.2345678, "ms")
    report.figure("race_rounds", 200)
    report.ratio("twice", "availability_4w_ms", "availability_4w_ms")
    report.ratio("never", "availability_4w_ms", "not_measured")
    assert capsys.readouterr().out.splitlines() == [
        "availability_4w_ms_sqlite: 4.23 ms",
        "race_rounds_sqlite: 200",
        "twice_sqlite: 1 times",
    ]


def test_the_95th_percentile_is_of_the_slow_end() -> None:
    assert p95([1.0]) == 1.0
    assert p95([float(n) for n in range(1, 101)]) == pytest.approx(95, abs=1)


def test_figures_survive_their_file(tmp_path: Path) -> None:
    save(tmp_path / "figures.json", [Figure("a_sqlite", 1.5, "ms")], **FACTS)
    assert load(tmp_path / "figures.json") == (FACTS, [Figure("a_sqlite", 1.5, "ms")])


def test_the_document_gets_a_row_per_figure_and_a_column_per_database(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n")
    figures = [Figure("a_sqlite", 1.5, "ms"), Figure("a_postgresql", 2, "ms"), Figure("b_sqlite", 3, "")]
    document.write(figures, FACTS, path=path)
    document.write(figures, FACTS, path=path)
    text = path.read_text()
    assert text.startswith("before\n<!-- bench -->\n") and text.endswith("\n<!-- /bench -->\nafter\n")
    assert "| `a` | 1.5 | 2 | ms |\n| `b` | 3 |  |  |" in text
    assert "old" not in text and "`make bench`, 2026-11-24" in text


def test_the_floor_knows_weekends_breaks_and_who_is_taken() -> None:
    friday = date(2026, 11, 27)
    nine = floor._tick(friday, 9)
    taken = [(1, 1, nine, nine + 6), (2, 2, nine, nine + 3)]
    free = floor.free_starts(taken, friday, 2, cabins=2, helpers=2)
    assert [len(ticks) for ticks in free] == [11, 0]
    assert free[0][0] == nine + 6
    assert floor.free_starts(taken, friday, 1, cabins=3, helpers=3)[0][0] == nine


def test_a_matching_is_found_by_moving_those_who_can_move() -> None:
    skills = {"camille": {"caf"}, "yanis": {"caf", "impots"}}

    def able(person: str, need: str) -> bool:
        return need in skills[person]

    assert matched(["caf", "impots"], list(skills), able)
    assert not matched(["impots", "impots"], list(skills), able)


@pytest.mark.long
def test_a_smoke_run_measures_and_writes_its_figures(tmp_path: Path) -> None:
    result = tmp_path / "bench.json"
    env = os.environ | {"BENCH_SCALE": "0.02", "BENCH_SECONDS": "2", "BENCH_JSON": str(result)}
    parts = ("--only", "exchange", "--only", "history", "--on", "sqlite")
    subprocess.run([sys.executable, "-m", "bench.run", *parts], cwd=ROOT, env=env, check=True, timeout=280)
    figures = {each["name"]: each["value"] for each in json.loads(result.read_text())["figures"]}
    assert figures["exchange_served_with_sqlite"] == 100
    assert figures["exchange_served_without_sqlite"] < 100
    assert 0 < figures["availability_history_growth_sqlite"] < 20
