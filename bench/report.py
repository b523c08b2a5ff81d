"""Measured figures: one `name: value unit` line each, a JSON file, and the table in docs/performance.md."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "performance.md"


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text} {self.unit}".rstrip()

    @property
    def text(self) -> str:
        """Three significant digits; whole numbers in full."""
        if self.value == int(self.value) or abs(self.value) >= 1000:
            return f"{self.value:.0f}"
        return f"{self.value:.3g}"


@dataclass
class Report:
    """Collects the figures of one run on one database (`sqlite`, `postgresql`)."""

    database: str
    figures: dict[str, Figure] = field(default_factory=dict)

    def figure(self, name: str, value: float, unit: str = "") -> None:
        """Print and keep a figure; `_sqlite` or `_postgresql` is appended to its name."""
        found = Figure(f"{name}_{self.database}", round(float(value), 4), unit)
        self.figures[found.name] = found
        print(found, flush=True)

    def note(self, text: str) -> None:
        """Print a remark that is not a figure: why a figure is missing, or what is being prepared."""
        print(f"# {self.database}: {text}", flush=True)

    def value(self, name: str) -> float | None:
        found = self.figures.get(f"{name}_{self.database}")
        return found.value if found else None

    def ratio(self, name: str, above: str, below: str) -> None:
        """The figure `above` divided by the figure `below`, where both were measured."""
        one, other = self.value(above), self.value(below)
        if one is not None and other:
            self.figure(name, one / other, "times")

    def timing(self, name: str, seconds: Iterable[float]) -> None:
        """Median and 95th percentile in milliseconds, as `<name>_ms` and `<name>_p95_ms`."""
        values = [each * 1000 for each in seconds]
        self.figure(f"{name}_ms", median(values), "ms")
        self.figure(f"{name}_p95_ms", p95(values), "ms")


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def save(path: Path, figures: Iterable[Figure], **about: str) -> None:
    """Write the figures as JSON; `about` describes the run."""
    content = {"about": about, "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> tuple[dict[str, str], list[Figure]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return content["about"], [Figure(**figure) for figure in content["figures"]]
