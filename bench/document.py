"""The table of docs/performance.md, rewritten between its markers from the figures of a run."""

import os
import platform
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bench.report import DOCUMENT, ROOT, Figure


def about(command: str) -> dict[str, str]:
    """The facts about the run that a reader needs to judge the figures."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {
        "command": command,
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit or "unknown",
        "scale": os.environ.get("BENCH_SCALE", "1"),
        "python": platform.python_version(),
        "processors": str(os.cpu_count()),
        "load_before": f"{load:.1f}",
    }


def write(
    figures: Iterable[Figure], facts: dict[str, str], *, part: str = "bench", path: Path = DOCUMENT
) -> None:
    """Put the table of these figures between `<!-- part -->` and `<!-- /part -->`."""
    text = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{path} has no place for the figures of {part}.")
    path.write_text(f"{before}{begin}\n{table(figures, facts)}\n{end}{after}", encoding="utf-8")


def table(figures: Iterable[Figure], facts: dict[str, str]) -> str:
    """One row per figure, one column per database."""
    rows: dict[str, dict[str, Figure]] = defaultdict(dict)
    for figure in figures:
        for database in ("sqlite", "postgresql"):
            if figure.name.endswith(f"_{database}"):
                rows[figure.name.removesuffix(f"_{database}")][database] = figure
    lines = [
        f"`{facts['command']}`, {facts['at']}, commit {facts['commit']}, scale {facts['scale']}, Python"
        f" {facts['python']}, {facts['processors']} processors, load {facts['load_before']} before it began.",
        "",
        "| figure | SQLite | PostgreSQL | unit |",
        "|---|---:|---:|---|",
    ]
    for name, by in rows.items():
        cells = [by[each].text if each in by else "" for each in ("sqlite", "postgresql")]
        unit = next(iter(by.values())).unit
        lines.append(f"| `{name}` | {cells[0]} | {cells[1]} | {unit} |")
    return "\n".join(lines)
