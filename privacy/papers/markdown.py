"""Papers, and the rest of the register, as they stand in `docs/`."""

from collections.abc import Iterator, Mapping

from django.utils.translation import override

from privacy.papers.words import Paper, Part, Say, pieces
from privacy.register.jobs import JOBS
from privacy.register.recipients import RECIPIENTS
from privacy.retention import KINDS
from privacy.retention import Job as RetentionJob


def paper_lines(paper: Paper, values: Mapping[str, str], *, quoted: bool = False) -> Iterator[str]:
    """The paper under a heading of second order; `quoted`: its parts as paragraphs that begin with "
    "their title."""
    lines = _as_notice(paper, values) if quoted else _as_document(paper, values)
    yield f"## {paper.title}" if not quoted else "## Affiche pour les habitants"
    yield ""
    for line in lines:
        yield f"> {line}".rstrip() if quoted else line


def _as_notice(paper: Paper, values: Mapping[str, str]) -> Iterator[str]:
    yield f"### {paper.title}"
    yield ""
    yield _joined(paper.lead, values)
    for part in paper.parts:
        yield ""
        yield f"**{part.title}.** {_joined(part.says, values)}"


def _as_document(paper: Paper, values: Mapping[str, str]) -> Iterator[str]:
    if paper.lead:
        yield from (_joined(paper.lead, values), "")
    for part in paper.parts:
        if part.title:
            yield from (f"### {part.title}", "")
        if part.is_list:
            yield from (f"- {_marked(say, values)}" for say in part.says if say.is_said(values))
            yield ""
        elif part.says:
            yield from (_joined(part.says, values), "")
        if part.rows:
            yield from (*_table(part, values), "")


def _table(part: Part, values: Mapping[str, str]) -> Iterator[str]:
    yield f"| {' | '.join(part.head)} |"
    yield "|" + "---|" * len(part.head)
    for row in part.rows:
        yield f"| {' | '.join(cells(row, len(part.head), values))} |"


def cells(row: tuple[Say, ...], width: int, values: Mapping[str, str]) -> list[str]:
    """The cells of a row: what is more than the columns goes into the last one."""
    said = [say for say in row if say.is_said(values)]
    first, rest = said[: width - 1], said[width - 1 :]
    return [*(_marked(say, values) for say in first), _joined(tuple(rest), values)]


def _joined(says: tuple[Say, ...], values: Mapping[str, str]) -> str:
    return " ".join(_marked(say, values) for say in says if say.is_said(values))


def _marked(say: Say, values: Mapping[str, str]) -> str:
    """In bold what the commune has to write."""
    text = say.filled(values)
    return "".join(f"**{piece}**" if is_blank else piece for piece, is_blank in pieces(text))


def job_lines() -> Iterator[str]:
    """What runs by the clock, and what it does to personal data."""
    yield "| task | when | what | deletes |"
    yield "|---|---|---|---|"
    for job in JOBS:
        tables = ", ".join(f"`{name}`" for name in _deleted_by(job.task))
        yield f"| `{job.task}` | {_PERIODS[job.every]} | {job.what} | {tables} |"


def _deleted_by(task: str) -> list[str]:
    kinds = [
        kind for kind in KINDS if kind.task == task or (task == PURGE and kind.job == RetentionJob.PURGE)
    ]
    return [table for kind in kinds for table in kind.tables.split()]


PURGE = "privacy.tasks.purge_all"
_PERIODS = {"MINUTE": "each minute", "QUARTER": "each quarter of an hour", "NIGHT": "each night"}


def retention_lines() -> Iterator[str]:
    """How long what is kept, by default, within which bounds, and why."""
    yield "| what | kept for | bounds | why | rule | tables |"
    yield "|---|---|---|---|---|---|"
    with override("en"):
        for kind in KINDS:
            if kind.is_about_people:
                kept = kind.period.words() if kind.period else "as long as needed"
                bounds = kind.period.bounds() if kind.period else ""
                tables = ", ".join(f"`{name}`" for name in kind.tables.split())
                yield f"| {kind.name} | {kept} | {bounds} | {kind.why} | {kind.rule} | {tables} |"


def recipient_lines() -> Iterator[str]:
    """Who receives what outside of the mairie."""
    yield "| who | where | receives | keeps | outside the Union | source |"
    yield "|---|---|---|---|---|---|"
    with override("en"):
        for each in RECIPIENTS:
            link = f"[source]({each.link})" if each.link else ""
            outside = "yes" if each.is_outside else "no" if each.link else ""
            told = (each.name, each.country, each.receives, each.keeps)
            yield f"| {' | '.join(map(str, told))} | {outside} | {link} |"
