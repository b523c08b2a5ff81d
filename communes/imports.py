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
from enum import StrEnum
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.actions import bump_sites
from communes.models import Commune, Site
from communes.place_files.reading import read_file
from communes.place_files.records import PlacesFile, Severity, SiteRecord
from core.insee import default_timezone
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


def import_places(*, path: Path, commune: Commune | None = None, dry_run: bool = False) -> ImportReport:
    """Import the places of a file. Raises FileRefused, or OSError if the file cannot be opened.

    With a commune, only its places are imported. Without one, those of every commune in the file are, and
    communes that are not known yet are created.
    """
    return import_data(data=path.read_bytes(), commune=commune, dry_run=dry_run)


def import_data(*, data: bytes, commune: Commune | None = None, dry_run: bool = False) -> ImportReport:
    """Like `import_places`, from the content of the file."""
    file = read_file(data, only_insee_code=commune.insee_code if commune else None)
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
        report.lines = list(_write(file, only=commune))
        transaction.set_rollback(dry_run)
    return report


def _write(file: PlacesFile, *, only: Commune | None) -> Iterator[ImportedLine]:
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
            communes[place.insee_code] = _create_commune(place)
            created = {"name": place.city, "code": place.insee_code}
            notes.append(gettext("commune %(name)s (%(code)s) created") % created)
        commune = communes[place.insee_code]
        site = sites.get((commune.pk, place.ref))
        if site is None:
            outcome = ImportOutcome.CREATED
            _create_site(commune, place, notes)
        elif _update_site(site, place, notes):
            outcome = ImportOutcome.UPDATED
            changed.append(site.pk)
        else:
            outcome = ImportOutcome.UNCHANGED
        yield ImportedLine(place.line, place.ref, place.name, outcome, notes)
    bump_sites(changed)


def _create_commune(place: SiteRecord) -> Commune:
    slug = slugify(place.city)
    if not slug or Commune.objects.filter(slug=slug).exists():
        slug = f"{slug}-{place.insee_code}".lstrip("-").lower()
    return Commune.objects.create(
        name=place.city,
        slug=slug,
        insee_code=place.insee_code,
        time_zone=default_timezone(place.insee_code),
    )


def _create_site(commune: Commune, place: SiteRecord, notes: list[str]) -> None:
    if not place.opening_hours:
        notes.append(gettext("imported without opening hours: closed until they are written by hand"))
    short_name = place.name if len(place.name) <= 40 else place.name[:40].rsplit(" ", 1)[0][:39] + "…"
    values = {ours: getattr(place, theirs) for ours, theirs in _FIELDS.items()}
    Site.objects.create(
        commune=commune, ref=place.ref, short_name=short_name, opening_hours=place.opening_hours, **values
    )


def _update_site(site: Site, place: SiteRecord, notes: list[str]) -> bool:
    """Update a site from the file, and add what was done to `notes`. Says whether anything changed."""
    changed = [
        ours
        for ours, theirs in _FIELDS.items()
        if getattr(place, theirs) not in ("", None) and getattr(place, theirs) != getattr(site, ours)
    ]
    for ours in changed:
        setattr(site, ours, getattr(place, _FIELDS[ours]))
    if _takes_hours(site, place, notes):
        site.opening_hours = place.opening_hours
        changed.append("opening_hours")
    if changed:
        site.save(update_fields=changed)
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
