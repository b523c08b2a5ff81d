"""What a unit file of systemd says, as far as starting its process needs it."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Unit:
    name: str
    values: dict[str, list[str]] = field(default_factory=dict)
    """Of [Service]: each name with all that was given for it, in order."""

    def last(self, name: str, default: str = "") -> str:
        return self.values.get(name, [default])[-1]

    def command(self, name: str = "ExecStart") -> list[list[str]]:
        """The words of each command; the signs before a program's path (`-`, `+`, `!`) are not part of it."""
        lines = [shlex.split(each) for each in self.values.get(name, [])]
        return [[words[0].lstrip("-+!@:"), *words[1:]] for words in lines]

    def seconds(self, name: str, default: float) -> float:
        """A span such as `90`, `15s`, `2min` or `4h`."""
        text = self.last(name)
        if not text:
            return default
        number = text.rstrip("smhin")
        return float(number) * SECONDS[text[len(number) :] or "s"]


def read_unit(path: Path) -> Unit:
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    values: dict[str, list[str]] = {}
    section = ""
    for line in (each.strip() for each in text.splitlines()):
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            values.setdefault(name.strip(), []).append(value.strip())
    return Unit(path.name, values)


def read_environment(path: Path) -> dict[str, str]:
    """An EnvironmentFile: `NAME=value` lines, where a value may be quoted."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith(("#", ";")):
            found[name.strip()] = "".join(shlex.split(value))
    return found
