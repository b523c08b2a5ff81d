"""Update the front-end files in static/vendor from their npm packages, byte for byte.

    vendor.py            the versions named in PACKAGES, written with VERSIONS.md
    vendor.py --verify   only compare the files with VERSIONS.md (no network; part of `make check`)

npm fetches and checks the packages; it installs and runs nothing of them. To update a package, change its
version here and run `make vendor`.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
VERSIONS = VENDOR / "VERSIONS.md"


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    folder: str
    files: tuple[tuple[str, str], ...]
    """Path in the package, path in our folder."""


# The pictograms of the screens: one for each theme of service (kiosk/pictograms.py), three faces, buttons.
DRAWINGS = (
    "baby bell-ring brain briefcase-business bus clipboard-check credit-card door-open euro file-text"
    " folder frown globe handshake heart-pulse house id-card languages"
    " mail meh message-circle monitor palette scale school shield"
    " smartphone smile stethoscope store ticket user-check users volume-2 wrench"
)

PACKAGES = (
    Package(
        "@picocss/pico",
        "2.1.1",
        "pico",
        (("css/pico.min.css", "pico.min.css"), ("LICENSE.md", "LICENSE.md")),
    ),
    Package(
        "@fontsource-variable/atkinson-hyperlegible-next",
        "5.3.0",
        "atkinson-hyperlegible-next",
        (
            ("wght.css", "wght.css"),
            (
                "files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
                "files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
            ),
            (
                "files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
                "files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
            ),
            ("LICENSE", "LICENSE"),
        ),
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "lucide",
        (*((f"icons/{name}.svg", f"{name}.svg") for name in DRAWINGS.split()), ("LICENSE", "LICENSE")),
    ),
)

HEADER = """\
# Front-end files of others

Copied from their packages by `make vendor`, unchanged; `make check` compares them with this list.
The fonts cover Latin and Latin Extended. Licences lie beside the files.

| package | version | licence | file | sha256 |
|---|---|---|---|---|
"""


def renew() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("This needs npm, to fetch the packages. The application itself does not.")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            shutil.rmtree(VENDOR / package.folder, ignore_errors=True)
            rows += unpack(package, npm, Path(scratch))
    VERSIONS.write_text(HEADER + "".join(rows), encoding="utf-8")


def unpack(package: Package, npm: str, scratch: Path) -> list[str]:
    spec = f"{package.name}@{package.version}"
    packed = subprocess.run(
        [npm, "pack", "--json", "--ignore-scripts", "--pack-destination", str(scratch), spec],
        check=True,
        capture_output=True,
        text=True,
        cwd=scratch,
    )
    archive = scratch / json.loads(packed.stdout)[0]["filename"]
    rows = []
    with tarfile.open(archive) as tar:
        licence = json.loads(read(tar, "package.json"))["license"]
        for source, target in package.files:
            content = read(tar, source)
            path = VENDOR / package.folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            rows.append(
                f"| {package.name} | {package.version} | {licence} "
                f"| {package.folder}/{target} | `{hashlib.sha256(content).hexdigest()}` |\n"
            )
    print(f"{spec}: {len(rows)} files")
    return rows


def read(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(f"package/{name}")
    if member is None:
        raise SystemExit(f"{name} of the package is not a file")
    return member.read()


def verify() -> list[str]:
    """The differences between the files and VERSIONS.md."""
    listed = dict(
        re.findall(r"\| (\S+) \| `([0-9a-f]{64})` \|$", VERSIONS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    present = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path != VERSIONS
    }
    return [
        *(f"static/vendor/{name}: not in VERSIONS.md" for name in sorted(present.keys() - listed.keys())),
        *(
            f"static/vendor/{name}: missing or changed"
            for name, digest in listed.items()
            if present.get(name) != digest
        ),
    ]


def main(arguments: list[str]) -> int:
    if arguments == ["--verify"]:
        faults = verify()
        print(*faults, sep="\n", end="\n" if faults else "")
        return 1 if faults else 0
    renew()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
