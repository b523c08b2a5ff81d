"""Write the official list of communes anew: `python scripts/official_communes.py [VERSION]` (needs npm).

The list is the package `@etalab/decoupage-administratif`, made by Etalab from INSEE's official code
(Licence Ouverte 2.0). Kept of it: code, name, and for communes that have become a part of another one, that
one.
"""

import csv
import gzip
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "communes" / "data"
PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"


def package(version: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Communes and departments of the package."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", f"{PACKAGE}@{version}"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:

            def read(name: str) -> list[dict[str, str]]:
                found = archive.extractfile(f"package/data/{name}.json")
                assert found is not None
                return list(json.load(found))

            return read("communes"), read("departements")


def main() -> None:
    version = sys.argv[1] if len(sys.argv) > 1 else VERSION
    communes, departments = package(version)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    present = {row["code"] for row in communes if row["type"] == "commune-actuelle"}
    for row in sorted(communes, key=lambda row: row["code"]):
        if row["type"] == "commune-actuelle":
            writer.writerow([row["code"], row["nom"], ""])
        elif row["code"] not in present:
            writer.writerow([row["code"], row["nom"], row.get("chefLieu") or row["commune"]])
    (DATA / "official-communes.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    with (DATA / "departments.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([row["code"], row["nom"]] for row in departments)


if __name__ == "__main__":
    main()
