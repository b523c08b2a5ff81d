"""Translation files without gettext installed: compile them, and take in translations written elsewhere.

    messages.py compile FILE.po …         write FILE.mo beside each
    messages.py merge TARGET.po FILE.po … fill what TARGET.po lacks from the others, in the order given

Merging never overwrites a finished translation; a fuzzy one (gettext's guess from a similar
text) counts as lacking.
"""

import sys
from pathlib import Path

import polib

# Django's French has a third plural form, for millions (« un million de rendez-vous »); no text here needs
# it.
PLURALS = {"fr": "nplurals=2; plural=(n > 1);"}


def compile_messages(path: Path) -> None:
    polib.pofile(str(path), encoding="utf-8").save_as_mofile(str(path.with_suffix(".mo")))


def settle_header(catalogue: polib.POFile, language: str) -> None:
    """A header with the known values only, so that it does not change at every run."""
    plural = PLURALS.get(language) or catalogue.metadata.get("Plural-Forms")
    catalogue.header = f"Texts of Permanence: {language}"
    catalogue.metadata_is_fuzzy = False
    catalogue.metadata = {
        "Project-Id-Version": "Permanence",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if plural:
        catalogue.metadata["Plural-Forms"] = plural


def lacks_translation(entry: polib.POEntry) -> bool:
    return not entry.translated() or "fuzzy" in entry.flags


def merge(target: Path, sources: list[Path]) -> int:
    """Fill `target` from `sources`; returns how many texts were filled."""
    catalogue = polib.pofile(str(target), encoding="utf-8", wrapwidth=0)
    settle_header(catalogue, target.parent.parent.name)
    wanted = {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
    filled = 0
    for source in sources:
        for entry in polib.pofile(str(source), encoding="utf-8"):
            if entry.obsolete or lacks_translation(entry):
                continue
            ours = wanted.get((entry.msgctxt, entry.msgid))
            if ours is None:
                print(f"{source}: not in the sources (any more): {entry.msgid!r}", file=sys.stderr)
                continue
            if not lacks_translation(ours):
                continue
            if bool(ours.msgid_plural) != bool(entry.msgid_plural):
                print(f"{source}: one has a plural, the other not: {entry.msgid!r}", file=sys.stderr)
                continue
            ours.msgstr = entry.msgstr
            ours.msgstr_plural = dict(entry.msgstr_plural)
            forget_guess(ours)
            filled += 1
    catalogue.save(str(target), newline="\n")
    return filled


def forget_guess(entry: polib.POEntry) -> None:
    if "fuzzy" in entry.flags:
        entry.flags.remove("fuzzy")
    entry.previous_msgctxt = entry.previous_msgid = entry.previous_msgid_plural = None


def main(arguments: list[str]) -> int:
    match arguments:
        case ["compile", *files] if files:
            for name in files:
                compile_messages(Path(name))
        case ["merge", target, *sources]:
            filled = merge(Path(target), [Path(name) for name in sorted(sources)])
            print(f"{target}: {filled} texts filled")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
