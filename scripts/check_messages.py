"""Check that every text is translated, and that the French follows its rules.

    check_messages [FILE.po …]

Without arguments: all of locale/*/LC_MESSAGES, the French texts and calls of notifications/texts/, and the
notices of docs/privacy.md. The typography follows the rules of the Imprimerie nationale as used on web
pages: the apostrophe ’, and a no-break space (U+00A0 or U+202F) before : ; ? ! » h min and after « n°. The
words are those of docs/glossary.md: `french_rules` has what they replace. Prints one line per fault; exit
code 1 if any.
"""

import ast
import re
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import polib

from scripts import french_rules
from scripts.french_rules import PAGE_TERMS, PLACEHOLDER, TERMS, VISIT

ROOT = Path(__file__).resolve().parent.parent
IN_CODE = ("notifications/texts/fr.py", "notifications/texts/spoken.py")
NOTICES = ("docs/privacy.md", "## Affiche", "## Who receives data")
OF_THE_API = re.compile(
    r"(^|/)(api|schemas|models|errors)(/|\.py|$)|(^|/)models/|/management/|^(demo|operation)/"
)
OF_FIGURES = re.compile(r"^(reporting/|templates/(figures|publication)/)")


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def faults(entry: polib.POEntry, language: str) -> Iterator[str]:
    if "fuzzy" in entry.flags:
        yield "fuzzy: read the guess, mend it, and take the flag away"
        return
    if not entry.translated():
        yield "not translated"
        return
    named = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural or ""))
    for text in texts(entry):
        if strangers := set(PLACEHOLDER.findall(text)) - named:
            yield f"placeholder not in the original: {', '.join(sorted(strangers))}"
        if not entry.msgid_plural and (lost := named - set(PLACEHOLDER.findall(text))):
            yield f"placeholder lost: {', '.join(sorted(lost))}"
        if language == "fr":
            is_api, is_figures = _is_all_of(OF_THE_API, entry), _is_all_of(OF_FIGURES, entry)
            yield from french_faults(text, is_api=is_api, is_figures=is_figures)


def french_faults(text: str, *, is_api: bool = False, is_figures: bool = False) -> Iterator[str]:
    """`is_api`: only programmers and operators read it: the API, its schemas, columns, commands."""
    terms = TERMS if is_api else (*TERMS, *PAGE_TERMS)
    yield from french_rules.typography(text)
    yield from french_rules.wording(
        text, terms=tuple(each for each in terms if not (is_figures and each is VISIT))
    )
    yield from french_rules.length(text)


def _is_all_of(places: re.Pattern[str], entry: polib.POEntry) -> bool:
    """Whether the text stands in files of that kind alone."""
    return bool(entry.occurrences) and all(places.search(name) for name, _ in entry.occurrences)


def texts_in_code(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module with French texts, with their lines: all of them, or those of what it calls
    FRENCH if it has other languages too. Docstrings are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    french = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign) and any(getattr(each, "id", "") == "FRENCH" for each in node.targets)
    ]
    for node in french:
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.lineno, each.value


def notices(text: str) -> Iterator[tuple[int, str]]:
    """The paragraphs for residents and for the register, with the number of their first line."""
    _, start, end = NOTICES
    number = text[: text.index(start)].count("\n") + 1
    for paragraph in re.split(r"\n>?\n", text[text.index(start) : text.index(end)]):
        yield number, paragraph.replace("\n> ", " ")
        number += paragraph.count("\n") + 2


def check_texts_in_code(root: Path) -> Iterator[str]:
    for name in IN_CODE:
        for line, text in texts_in_code(root / name):
            for fault in chain(french_rules.wording(text), french_rules.length(text)):
                yield f"{name}:{line}: {fault}"
    name = NOTICES[0]
    for line, text in notices((root / name).read_text(encoding="utf-8")):
        is_table = text.lstrip().startswith("|")
        for fault in chain(french_rules.wording(text), () if is_table else french_rules.length(text)):
            yield f"{name}:{line}: {fault}"


def check(path: Path) -> Iterator[str]:
    language = path.parent.parent.name
    catalogue = polib.pofile(str(path), encoding="utf-8")
    forms = re.match(r"nplurals=(\d+)", catalogue.metadata.get("Plural-Forms", ""))
    for entry in catalogue:
        if entry.obsolete:
            continue
        if forms and entry.msgid_plural and len(entry.msgstr_plural) != int(forms[1]):
            yield f"{path}:{entry.linenum}: {forms[1]} plural forms needed · {entry.msgid[:60]!r}"
        for fault in faults(entry, language):
            yield f"{path}:{entry.linenum}: {fault} · {entry.msgid[:60]!r}"


def main(arguments: list[str]) -> int:
    paths = [Path(name) for name in arguments] or sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
    if not paths:
        print("No .po file found.", file=sys.stderr)
        return 1
    found = [fault for path in paths for fault in check(path)]
    if not arguments:
        found += check_texts_in_code(ROOT)
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
