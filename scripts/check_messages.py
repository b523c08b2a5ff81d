"""Check that every text is translated, and that the French follows French typography.

    check_messages.py [FILE.po …]    all of locale/*/LC_MESSAGES without arguments

The typography follows the rules of the Imprimerie nationale as used on web pages: the apostrophe ’, and a
no-break space (U+00A0 or U+202F) before : ; ? ! » and after «. Prints one line per fault; exit code 1 if
any.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
NO_BREAK = "\u00a0\u202f"

# %(name)s, %s, {name}, {{ name }}, %% — and text that is not prose: tags, URLs, times like 09:00.
PLACEHOLDER = re.compile(r"%\([^)]+\)[#0\- +]?[\d.]*[a-zA-Z]|%[sdrif%]|\{[^{}]*\}")
NOT_PROSE = re.compile(r"<[^>]*>|&#?\w+;|https?://\S+|\b\d{1,2}:\d{2}\b|\b[a-z]+:[a-z]+\b(?=\()")
STRAIGHT_APOSTROPHE = re.compile(r"\w'\w")
SPACE_MISSING = re.compile(rf"[^\s:;?!(\[«\"'](?=[:;?!»])|«(?![{NO_BREAK}])")
BREAKING_SPACE = re.compile(r"[ \t\n](?=[:;?!»])|«[ \t\n]")


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
            yield from french_faults(text)


def french_faults(text: str) -> Iterator[str]:
    prose = NOT_PROSE.sub("", PLACEHOLDER.sub("X", text))
    if found := STRAIGHT_APOSTROPHE.search(prose):
        yield f"straight apostrophe (’ in French): {around(prose, found)}"
    if found := BREAKING_SPACE.search(prose):
        yield f"breaking space where French has a no-break one: {around(prose, found)}"
    elif found := SPACE_MISSING.search(prose):
        yield f"no-break space missing: {around(prose, found)}"
    if "..." in prose:
        yield "three dots (… in French)"


def around(text: str, found: re.Match[str]) -> str:
    return repr(text[max(0, found.start() - 12) : found.end() + 12])


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
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
