"""Import the places of a file of the national standard as sites.

A place is recognised by its `id` (Site.ref within its commune), so the same file may be imported any
number of times. All is one transaction: if any line has an error, nothing is imported. A line whose commune
cannot be told is reported and left out; the other lines are imported. An empty field never erases what the
database has, a site that is no longer in the file stays, and opening hours that were edited by hand are
kept. The report says each of these.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.actions import bump_sites, create_commune
from communes.enums import Equipment, SetupChangeKind
from communes.errors import PlacesChanged
from communes.models import Commune, Site
from communes.place_files.reading import read_file
from communes.place_files.records import PlacesFile, Severity, SiteRecord
from communes.setup_actions import create_cabin
from communes.setup_log import record
from core import clock
from core.edits import values_of
from core.templatetags.times import day_month_year

# Field of Site → field of SiteRecord. Opening hours follow rules of their own (`_takes_hours`).
_FIELDS = {
    "name": "name",
    "address": "address",
    "address_extra": "address_extra",
    "postal_code": "postal_code",
    "city": "city",
    "latitude": "latitude",
    "longitude": "longitude",
    "phone": "phone",
}


USUAL_EQUIPMENT = (Equipment.SCREEN, Equipment.SCANNER, Equipment.PRINTER, Equipment.VIDEO)
"""What a cabin has that is made with an import: a manager corrects it where one lacks something."""


class ImportOutcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


_SENTENCES = {
    ImportOutcome.CREATED: _("line %(line)d: %(name)s (%(ref)s) is created"),
    ImportOutcome.UPDATED: _("line %(line)d: %(name)s (%(ref)s) is updated"),
    ImportOutcome.UNCHANGED: _("line %(line)d: %(name)s (%(ref)s) is unchanged"),
}


@dataclass(slots=True)
class ImportedLine:
    """What the import did with one line."""

    line: int
    ref: str
    name: str
    outcome: ImportOutcome
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do."""

    lines: list[ImportedLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Errors, and problems of the file itself or of lines that give no site."""
    elsewhere: int = 0
    """Lines of other communes than the one that was asked for."""
    left_out: int = 0
    """Lines whose commune cannot be told."""
    refused: bool = False
    """Some line had an error: nothing was written."""
    dry_run: bool = False

    def count(self, outcome: ImportOutcome) -> int:
        return Counter(line.outcome for line in self.lines)[outcome]

    def sentences(self) -> Iterator[str]:
        """The report in the reader's language, line by line."""
        yield from self.problems
        for line in self.lines:
            about = {"line": line.line, "name": line.name, "ref": line.ref}
            yield str(_SENTENCES[line.outcome] % about)
            yield from (f"    {note}" for note in line.notes)
        yield self.summary()

    def fingerprint(self) -> str:
        """Another one if the import would do or say anything else."""
        said = [(each.line, each.ref, each.name, each.outcome.value, each.notes) for each in self.lines]
        return sha256(repr((said, self.problems)).encode()).hexdigest()

    def summary(self) -> str:
        if self.refused:
            return gettext("Nothing was imported: mend the errors and start again.")
        parts = [
            gettext("created: %d") % self.count(ImportOutcome.CREATED),
            gettext("updated: %d") % self.count(ImportOutcome.UPDATED),
            gettext("unchanged: %d") % self.count(ImportOutcome.UNCHANGED),
        ]
        if self.elsewhere:
            parts.append(gettext("of other communes, left out: %d") % self.elsewhere)
        if self.left_out:
            parts.append(gettext("without a usable INSEE code, left out: %d") % self.left_out)
        if self.dry_run:
            parts.append(gettext("trial: nothing was written"))
        return "; ".join(parts)


def import_places(
    *, path: Path, commune: Commune | None = None, dry_run: bool = False, with_cabins: int = 0
) -> ImportReport:
    """Import the places of a file. Raises FileRefused, or OSError if the file cannot be opened.

    With a commune, only its places are imported. Without one, those of every commune in the file are, and
    communes that are not known yet are created. `with_cabins`: how many cabins each place gets that has none.
    """
    return import_data(data=path.read_bytes(), commune=commune, dry_run=dry_run, with_cabins=with_cabins)


@dataclass(frozen=True, slots=True)
class Author:
    """Who imports by a page, and when: each place and cabin is then entered in the log of changes."""

    by: Any
    at: datetime


def import_data(
    *,
    data: bytes,
    commune: Commune | None = None,
    dry_run: bool = False,
    with_cabins: int = 0,
    author: Author | None = None,
    most: int | None = None,
) -> ImportReport:
    """Like `import_places`, from the content of the file. `most`: so many places of the commune may be in
    it."""
    file = read_file(data, only_insee_code=commune.insee_code if commune else None, most=most)
    report = ImportReport(elsewhere=file.elsewhere, left_out=file.left_out, dry_run=dry_run)
    if file.has_errors:
        report.refused = True
        report.problems = [str(problem) for problem in file.problems if problem.severity is Severity.ERROR]
        report.problems += [
            str(problem) for problem in file.problems if problem.severity is not Severity.ERROR
        ]
        return report
    report.problems = [str(problem) for problem in file.problems_of_no_place()]
    with transaction.atomic():
        if commune:  # two managers may import at once, or add a place meanwhile
            Commune.objects.select_for_update(no_key=True).get(pk=commune.pk)
        report.lines = list(_write(file, only=commune, with_cabins=with_cabins, author=author))
        if dry_run:
            transaction.set_rollback(True)
    return report


@transaction.atomic
def import_as_seen(
    *, data: bytes, commune: Commune, with_cabins: int, seen: str, author: Author
) -> ImportReport:
    """Import what a trial has shown (`ImportReport.fingerprint`). Raises PlacesChanged, and writes nothing,
    where it would do anything else by now; FileRefused."""
    report = import_data(data=data, commune=commune, with_cabins=with_cabins, author=author)
    if report.refused or report.fingerprint() != seen:
        raise PlacesChanged
    return report


def _write(
    file: PlacesFile, *, only: Commune | None, with_cabins: int, author: Author | None
) -> Iterator[ImportedLine]:
    codes = {place.insee_code for place in file.places}
    assert only is None or codes <= {only.insee_code}, "nothing is written into a commune nobody asked for"
    communes = {each.insee_code: each for each in Commune.objects.filter(insee_code__in=codes)}
    sites = {
        (site.commune_id, site.ref): site
        for site in Site.objects.filter(commune__in=communes.values())
        .select_related("commune")
        .select_for_update(of=("self",))
        .order_by("id")
    }
    changed = []
    for place in file.places:
        notes = [str(problem) for problem in file.problems_of(place.line)]
        if place.insee_code not in communes:
            communes[place.insee_code] = create_commune(insee_code=place.insee_code, name=place.city)
            created = {"name": place.city, "code": place.insee_code}
            notes.append(gettext("commune %(name)s (%(code)s) created") % created)
        commune = communes[place.insee_code]
        site = sites.get((commune.pk, place.ref))
        if site is None:
            outcome = ImportOutcome.CREATED
            site = _create_site(commune, place, notes, author)
        elif _update_site(site, place, notes, author):
            outcome = ImportOutcome.UPDATED
            changed.append(site.pk)
        else:
            outcome = ImportOutcome.UNCHANGED
        if site.retired_at is not None:
            about = {"day": day_month_year(commune.local(site.retired_at).date())}
            notes.append(gettext("retired on %(day)s: stays so until a manager resumes it") % about)
        elif with_cabins and not site.cabins.exists():
            _add_cabins(site, with_cabins, notes, author)
        yield ImportedLine(place.line, place.ref, place.name, outcome, notes)
    bump_sites(changed)


def _create_site(commune: Commune, place: SiteRecord, notes: list[str], author: Author | None) -> Site:
    same = [each for each in commune.sites.all() if each.name.casefold() == place.name.casefold()]
    if same:
        notes.append(
            gettext("there is already a place with this name, made otherwise: look whether it is one")
        )
    if not place.opening_hours:
        notes.append(gettext("imported without opening hours: closed until they are written by hand"))
    short_name = Site.shortened(place.name)
    values = {ours: getattr(place, theirs) for ours, theirs in _FIELDS.items()}
    site = Site.objects.create(
        commune=commune, ref=place.ref, short_name=short_name, opening_hours=place.opening_hours, **values
    )
    if author:
        after = {**values, "opening_hours": place.opening_hours}
        record(site, SetupChangeKind.CREATED, by=author.by, at=author.at, after=after)
    return site


def _add_cabins(site: Site, number: int, notes: list[str], author: Author | None) -> None:
    by, now = (author.by, author.at) if author else (None, clock.now())
    for n in range(1, number + 1):
        name = gettext("Cabin %(number)d") % {"number": n}
        create_cabin(site=site, values={"name": name, "equipment": list(USUAL_EQUIPMENT)}, by=by, now=now)
    about = {"number": number, "equipment": ", ".join(str(each.label) for each in USUAL_EQUIPMENT)}
    notes.append(gettext("cabins added: %(number)d, each with %(equipment)s") % about)


def _update_site(site: Site, place: SiteRecord, notes: list[str], author: Author | None) -> bool:
    """Update a site from the file, and add what was done to `notes`. Says whether anything changed."""
    changed = [
        ours
        for ours, theirs in _FIELDS.items()
        if getattr(place, theirs) not in ("", None) and getattr(place, theirs) != getattr(site, ours)
    ]
    before = values_of(site, [*_FIELDS, "opening_hours"])
    for ours in changed:
        setattr(site, ours, getattr(place, _FIELDS[ours]))
    if _takes_hours(site, place, notes):
        site.opening_hours = place.opening_hours
        changed.append("opening_hours")
    if changed:
        site.save(update_fields=changed)
        if author:
            kind, was = SetupChangeKind.CHANGED, {ours: before[ours] for ours in changed}
            record(site, kind, by=author.by, at=author.at, before=was, after=values_of(site, changed))
        labels = ", ".join(str(field.verbose_name) for field in Site._meta.fields if field.name in changed)
        notes.append(gettext("changed: %s") % labels)
    return bool(changed)


def _takes_hours(site: Site, place: SiteRecord, notes: list[str]) -> bool:
    """Whether the hours of the file replace those of the site. If not, `notes` gets the reason."""
    if place.opening_hours == site.opening_hours:
        return False
    if site.hours_edited_at is not None:
        about = {
            "day": day_month_year(site.commune.local(site.hours_edited_at).date()),
            "hours": place.opening_hours,
        }
        if place.opening_hours:
            notes.append(
                gettext("opening hours edited by hand on %(day)s: kept (the file has “%(hours)s”)") % about
            )
        else:
            notes.append(gettext("opening hours edited by hand on %(day)s: kept") % about)
        return False
    if not place.opening_hours:
        notes.append(
            gettext("the present opening hours are kept: %s") % site.opening_hours
            if place.hours_refused
            else gettext("the file has no opening hours: the present ones are kept")
        )
        return False
    return True
