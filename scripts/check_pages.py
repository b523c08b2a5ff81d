"""Rules for templates and style sheets. Prints one line per fault; exit code 1 if any.

- A template is in the folder of its family of pages. Only base.html and the error pages are at the top, where
  Django looks for them.
- A style sheet is shared, or has the name of a folder in templates/, or is a part of such a sheet
  (css/desk/who.css belongs to templates/desk/). A page links its own folder's sheets; it links another
  folder's sheet only if it includes a template from there. A family needs no sheet if the shared sheets style
  all its pages.
- Colours are written only in static/css/tokens.css.
- A line of a template has fewer than 160 characters.
- A comment {# #} ends on its line: over two lines Django shows it.
- A clock time in a sentence is written by `hour_in_sentence` (« 14 h 30 »); `hour` and `clock` (14:30) are
  for tables, tiles and boards.
- No plain space stands before : ; ? ! in what a page shows, and no word has a middle dot.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 159
SHARED = {"app", "tokens", "base", "components", "forms", "lists", "preview", "touch", "kiosk/base"}
AT_THE_TOP = re.compile(r"^(base|[45]\d\d(_csrf)?)\.html$")

LINK = re.compile(r"""\{% static ['"]css/([\w/-]+)\.css['"] %\}""")
INCLUDE = re.compile(r"""\{% (?:include|extends) ['"]([\w/.-]+)/[\w.-]+\.html""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"^\s*[\w-]+\s*:\s*(?P<value>[^{]*?);?\s*$")

CUT_COMMENT = re.compile(r"\{#(?!.*#\})")

SENTENCE = re.compile(
    r"\{% blocktranslate\b(?P<tag>(?:(?!%\}).)*)%\}(?P<text>.*?)\{% endblocktranslate %\}", re.DOTALL
)
CLOCK_TIME = re.compile(r"\|(?:hour|clock)\b")
SHOWN = re.compile(r"\{#.*?#\}|\{% comment .*?\{% endcomment %\}|<script\b.*?</script>", re.DOTALL)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
PLAIN_SPACE = re.compile(r"(?:X|\w) [:;?!](?=[\s<]|$)", re.MULTILINE)
MIDDLE_DOT = re.compile(r"\w·\w")

CODE = r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b"
FUNCTION = r"\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color-mix|color)\("
NAMES = (
    "aqua|beige|black|blue|brown|coral|crimson|cyan|fuchsia|gold|gr[ae]y|green|indigo|ivory|khaki|lime|"
    "magenta|maroon|navy|olive|orange|orchid|pink|plum|purple|red|salmon|sienna|silver|tan|teal|tomato|"
    r"turquoise|violet|white|yellow|(?:dark|light|medium|pale|deep)[a-z]+"
)
COLOUR = re.compile(rf"{CODE}|{FUNCTION}|(?<![\w-])(?:{NAMES})(?![\w-])", re.IGNORECASE)
DRAWN = re.compile(
    rf"""\b(?:fill|stroke|color|bgcolor|stop-color)=["'](?P<value>{CODE}|{FUNCTION}|(?:{NAMES})["'])""",
    re.IGNORECASE,
)
IN_SCRIPT = re.compile(rf"""["'`](?:{CODE}["'`]|{FUNCTION})""", re.IGNORECASE)


def family(name: str) -> str:
    """The template's folder: `desk`, `kiosk/board`, or "" for a template directly in templates/."""
    folder = PurePosixPath(name).relative_to("templates").parent.as_posix()
    return "" if folder == "." else folder


def long_lines(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST:
            yield f"{name}:{number}: a line of {len(line)} characters, {LONGEST} at most"


def cut_comments(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if CUT_COMMENT.search(line):
            yield f"{name}:{number}: a comment that does not end on its line is shown"


def french(name: str, text: str) -> Iterator[str]:
    """Faults: clock times and spaces that French writes in another way."""
    for found in SENTENCE.finditer(text):
        ends = [part.strip()[-1:] for part in re.split(r"\{% plural %\}", found["text"])]
        if CLOCK_TIME.search(found["tag"]) and any(end in tuple(".?!:") for end in ends):
            yield f"{name}:{line_of(text, found.start())}: a time in a sentence: hour_in_sentence"
    shown = TAG.sub(lambda tag: "X" + "\n" * tag.group().count("\n"), blank(SHOWN, text))
    for found in PLAIN_SPACE.finditer(shown):
        yield f"{name}:{line_of(shown, found.start())}: a plain space before {found.group()[-1]}: &nbsp;"
    for found in MIDDLE_DOT.finditer(text):
        yield f"{name}:{line_of(text, found.start())}: a middle dot in a word: {found.group()}"


def blank(pattern: re.Pattern[str], text: str) -> str:
    """Without what matches, but with its line ends, so that lines keep their numbers."""
    return pattern.sub(lambda found: "\n" * found.group().count("\n"), text)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def colours(name: str, text: str) -> Iterator[str]:
    """Faults: colours written outside tokens.css."""
    if name.endswith(".css"):
        text = blank(COMMENT, text)
    for number, line in enumerate(text.splitlines(), start=1):
        if name.endswith(".css"):
            declaration = DECLARATION.match(line)
            found = declaration and COLOUR.search(declaration["value"])
        else:
            found = (IN_SCRIPT if name.endswith(".js") else DRAWN).search(line)
        if found:
            yield f"{name}:{number}: a colour outside tokens.css: {found.group()}"


def families(files: Mapping[str, str]) -> Iterator[str]:
    """Faults: templates and style sheets (text by file name) of different families used together."""
    templates = {name: text for name, text in files.items() if name.startswith("templates/")}
    folders = {family(name) for name in templates}
    for name in files:
        if name.startswith("static/css/"):
            sheet = name.removeprefix("static/css/").removesuffix(".css")
            if not {sheet, sheet.split("/")[0]} & (SHARED | folders):
                yield f"{name}: neither shared nor named after a folder of templates/"
    for name, text in templates.items():
        own = family(name)
        if not own and not AT_THE_TOP.match(PurePosixPath(name).name):
            yield f"{name}: outside the folder of a family of pages"
        included = {own, *INCLUDE.findall(text)}
        for sheet in LINK.findall(text):
            # The screen is one page that shows its parts in turn, so it links all sheets of kiosk/.
            is_near = "/" in sheet and sheet.split("/")[0] == own.split("/")[0]
            if sheet not in SHARED | included and not is_near:
                yield f"{name}: links the style sheet of another family: {sheet}.css"


def faults(files: Mapping[str, str]) -> Iterator[str]:
    for name, text in files.items():
        if name.startswith("templates/"):
            yield from long_lines(name, text)
            yield from cut_comments(name, text)
            if name.endswith((".html", ".txt")):
                yield from french(name, text)
        if name != "static/css/tokens.css":
            yield from colours(name, text)
    yield from families(files)


def read(root: Path) -> dict[str, str]:
    """The text of every template, style sheet and script of the product, by file name."""
    globs = ("templates/**/*.*", "static/css/**/*.css", "static/js/**/*.js")
    paths = sorted(path for pattern in globs for path in root.glob(pattern) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def main() -> int:
    found = list(faults(read(ROOT)))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
