"""Sets up a commune from a file: its settings, places with cabins, services and agents.

What the file names is made, or changed to what it says; what it does not name stays as it is. The same file
may be loaded any number of times. All is one transaction: with anything wrong in it, nothing is written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agents.actions.accounts import add_membership, change_membership, create_account
from agents.forms import AccountForm, MembershipForm
from agents.models import Agent, Membership
from communes.actions import change_service, create_commune, edit_hours
from communes.catalogue import catalogue
from communes.hours_forms import HoursForm
from communes.models import Cabin, Commune, Service, Site
from communes.official_list import official_commune
from communes.service_actions import add_from_catalogue, add_service, taken_keys
from communes.service_forms import ServiceForm
from communes.setup_actions import create_cabin, create_place, edit_cabin, edit_place
from communes.setup_forms import CabinForm, PlaceForm
from core.edits import Edit, plain, plain_values, values_of
from core.errors import PermanenceError
from core.insee import tidy_code
from core.roles import Role
from notifications.actions.commune_settings import (
    OF_COMMUNE,
    OF_MESSAGES,
    save_settings,
    settings_of,
    settings_values,
)
from notifications.forms import SettingsForm
from transfer.setup_file import Entry, Problem, SetupFileRefused, read_setup_file
from transfer.typed import through_form, unknown

_WORK = ["roles", "skills", "weekly_hours"]


@dataclass
class LoadReport:
    """What loading did, or would do: a sentence for each entry of the file, and the new accounts with their
    first passwords, which are kept nowhere."""

    lines: list[str] = field(default_factory=list)
    passwords: list[tuple[str, str]] = field(default_factory=list)
    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def made(self, line: int, what: str) -> None:
        self.created += 1
        self._say(line, _("%(what)s: created") % {"what": what})

    def kept(self, line: int, what: str, changes: Iterable[str]) -> None:
        names = ", ".join(sorted(changes))
        if names:
            self.changed += 1
            self._say(line, _("%(what)s: changed (%(names)s)") % {"what": what, "names": names})
        else:
            self.unchanged += 1
            self._say(line, _("%(what)s: unchanged") % {"what": what})

    def _say(self, line: int, text: str) -> None:
        self.lines.append(str(Problem(line, text)))

    @property
    def summary(self) -> str:
        return _("created: %(created)d; changed: %(changed)d; unchanged: %(unchanged)d") % {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
        }


def load_commune(*, data: bytes, now: datetime, dry_run: bool = False) -> LoadReport:
    """Load the content of a file. Raises SetupFileRefused with all that is wrong with it."""
    content = read_setup_file(data)
    with transaction.atomic():
        loading = _Loading(content, now)
        if loading.problems:
            raise SetupFileRefused(loading.problems)
        transaction.set_rollback(dry_run)
    return loading.report


class _Loading:
    def __init__(self, content: Entry, now: datetime) -> None:
        self.now, self.report = now, LoadReport()
        self.problems: list[Problem] = []
        self.commune = self._commune(content.values["commune"])
        for entry in content.entries("services"):
            self._try(entry, self._service)
        for entry in content.entries("places"):
            self._try(entry, self._place)
        for entry in content.entries("agents"):
            self._try(entry, self._agent)

    def _try(self, entry: Entry, load: Callable[[Entry], None]) -> None:
        """Load an entry; where a rule refuses it, go on to find what else is wrong."""
        try:
            with transaction.atomic():
                load(entry)
        except PermanenceError as error:
            self.problems.append(Problem(entry.line, str(error)))
        except ValidationError as error:
            self.problems.append(Problem(entry.line, "; ".join(error.messages)))

    def _edit(self, row: Any, changes: Iterable[str]) -> Edit:
        """An edit that nobody made in a form: it starts from what is stored."""
        return Edit(plain_values(values_of(row, changes)), None, self.now)

    def _name(self, entry: Entry) -> str:
        name = entry.text("name")
        if not name:
            self.problems.append(Problem(entry.line, _("“name” is missing")))
        return name

    # ---- the commune

    def _commune(self, entry: Entry) -> Commune:
        code = tidy_code(entry.text("code"))
        commune = Commune.objects.filter(insee_code=code).first()
        is_new = commune is None
        if commune is None:
            official = official_commune(code)
            if official is None or official.part_of:
                said = _("code: the official list has no commune of its own with the code “%s”") % code
                raise SetupFileRefused([Problem(entry.line_of("code"), said)])
            commune = create_commune(insee_code=official.code, name=official.name)
        names = (*OF_COMMUNE, *OF_MESSAGES)
        values = through_form(
            SettingsForm, entry, self.problems, beside=["code"], commune=commune, names=names
        )
        stored = plain_values(settings_values(commune, settings_of(commune)))
        changes = {name: value for name, value in (values or {}).items() if plain(value) != stored[name]}
        if changes:
            edit = Edit({name: stored[name] for name in changes}, None, self.now)
            save_settings(commune=commune, changes=changes, now=self.now, edit=edit)
        if is_new:
            self.report.made(entry.line, commune.name)
        else:
            self.report.kept(entry.line, commune.name, changes)
        return commune

    # ---- places and cabins

    def _place(self, entry: Entry) -> None:
        name = self._name(entry)
        site = _named(self.commune.sites.all(), name)
        beside = ["opening_hours", "cabins"]
        values = through_form(
            PlaceForm, entry, self.problems, beside=beside, instance=site or Site(commune=self.commune)
        )
        hours = self._hours(entry)
        if values is None or not name:
            # What else is wrong there is said in the same report.
            for cabin in entry.entries("cabins"):
                through_form(CabinForm, cabin, self.problems, instance=Cabin(site=Site(commune=self.commune)))
            return
        changes: dict[str, Any] = {}
        is_new = site is None
        if site is None:
            site = create_place(commune=self.commune, values=values, by=None, now=self.now)
        elif changes := _differing(site, values):
            edit_place(site=site, changes=changes, edit=self._edit(site, changes))
        if hours is not None and hours != site.opening_hours:
            changes["opening_hours"] = hours
            edit = self._edit(site, ["opening_hours"])
            edit_hours(site=site, opening_hours=hours, now=self.now, edit=edit)
        if is_new:
            self.report.made(entry.line, site.name)
        else:
            self.report.kept(entry.line, site.name, changes)
        for cabin in entry.entries("cabins"):
            self._try(cabin, lambda each: self._cabin(site, each))

    def _hours(self, entry: Entry) -> str | None:
        """None where the entry says nothing of them, or they are wrong."""
        if "opening_hours" not in entry.values:
            return None
        own = Entry(entry.line, {"opening_hours": entry.values["opening_hours"]}, entry.lines)
        values = through_form(HoursForm, own, self.problems, commune=self.commune)
        return None if values is None else str(values["opening_hours"])

    def _cabin(self, site: Site, entry: Entry) -> None:
        name = self._name(entry)
        cabin = _named(site.cabins.all(), name)
        values = through_form(CabinForm, entry, self.problems, instance=cabin or Cabin(site=site))
        if values is None or not name:
            return
        what = f"{site.name}, {name}"
        if cabin is None:
            create_cabin(site=site, values=values, by=None, now=self.now)
            self.report.made(entry.line, what)
            return
        changes = _differing(cabin, values)
        if changes:
            edit_cabin(cabin=cabin, changes=changes, edit=self._edit(cabin, changes))
        self.report.kept(entry.line, what, changes)

    # ---- services

    def _service(self, entry: Entry) -> None:
        service, is_new = self._find_service(entry)
        if service is None:
            return
        changes = self._change_service(service, entry)
        if is_new:
            self.report.made(entry.line, service.name)
        else:
            self.report.kept(entry.line, service.name, changes)

    def _find_service(self, entry: Entry) -> tuple[Service | None, bool]:
        """The service that an entry means, made if need be: of the catalogue by its key, or by its name."""
        key = entry.text("catalogue")
        if key:
            if key not in catalogue().services:
                self.problems.append(
                    Problem(entry.line_of("catalogue"), _("the catalogue has no service “%s”") % key)
                )
                return None, False
            service = taken_keys(self.commune.services.all()).get(key)
            if service is not None:
                return self._in_use(service, entry), False
            return add_from_catalogue(commune=self.commune, keys=[key])[0], True
        name = self._name(entry)
        service = _named(self.commune.services.filter(retired_at=None), name)
        if service is not None or not name:
            return service, False
        own = _without(entry, "is_active")
        values = through_form(
            ServiceForm,
            self._translated(own),
            self.problems,
            is_new=True,
            instance=Service(commune=self.commune),
        )
        return (add_service(commune=self.commune, values=values), True) if values else (None, False)

    def _in_use(self, service: Service, entry: Entry) -> Service | None:
        if service.retired_at is None:
            return service
        said = _("%s is retired: bring it back on its page first, or leave it out here") % service.name
        self.problems.append(Problem(entry.line, said))
        return None

    def _change_service(self, service: Service, entry: Entry) -> Iterable[str]:
        values = through_form(
            ServiceForm,
            self._translated(_without(entry, "catalogue")),
            self.problems,
            instance=service,
        )
        changes = _differing(service, values or {})
        if changes:
            change_service(service=service, changes=changes, edit=self._edit(service, changes))
        return changes

    def _translated(self, entry: Entry) -> Entry:
        """The names in other languages as the form has them: a field for each."""
        names = entry.values.get("names")
        if names is None:
            return entry
        found = _without(entry, "names")
        if not isinstance(names, Entry):
            self.problems.append(Problem(entry.line_of("names"), _("names: write a name for each language")))
            return found
        for code, name in names.values.items():
            if code in catalogue().languages:
                found.values[f"name_{code}"], found.lines[f"name_{code}"] = name, names.line_of(code)
            else:
                self.problems.append(unknown(names, code, catalogue().languages))
        return found

    # ---- agents

    def _agent(self, entry: Entry) -> None:
        username = entry.text("username")
        agent = Agent.objects.filter(username__iexact=username).first() if username else None
        membership = agent and Membership.objects.filter(agent=agent, commune=self.commune).first()
        work = self._work(entry, membership or Membership(commune=self.commune))
        if agent is None:
            self._make_account(entry, work)
        elif work is not None:
            self._admit(entry, agent, membership, work)

    def _work(self, entry: Entry, membership: Membership) -> dict[str, Any] | None:
        """Roles, hours and skills as the form of the team has them."""
        found = Entry(entry.line, {}, dict(entry.lines))
        if "weekly_hours" in entry.values:
            found.values["weekly_hours"] = entry.values["weekly_hours"]
        before = len(self.problems)
        if "roles" in entry.values:
            roles = self._words(entry, "roles", Role.values)
            found.values |= {f"is_{role}": "yes" if role in roles else "no" for role in Role.values}
        if "skills" in entry.values:
            known = {each.slug: each for each in self.commune.services.filter(retired_at=None)}
            skills = self._words(entry, "skills", known)
            found.values["skills"] = [str(known[slug].pk) for slug in skills]
        if len(self.problems) > before:
            return None
        return through_form(MembershipForm, found, self.problems, instance=membership, commune=self.commune)

    def _words(self, entry: Entry, name: str, known: Iterable[str]) -> list[str]:
        value, names = entry.values[name], list(known)
        listed = value if isinstance(value, list) else [value]
        wanted = [each for each in listed if isinstance(each, str)]
        if len(wanted) < len(listed):
            self.problems.append(Problem(entry.line_of(name), f"{name}: {_('the list must hold words')}"))
        for each in wanted:
            if each not in names:
                said = {"name": each, "known": ", ".join(sorted(names))}
                text = _("“%(name)s” is not known here; known are: %(known)s") % said
                self.problems.append(Problem(entry.line_of(name), f"{name}: {text}"))
        return [each for each in wanted if each in names]

    def _make_account(self, entry: Entry, work: dict[str, Any] | None) -> None:
        account = through_form(AccountForm, entry, self.problems, beside=_WORK)
        if account is None or work is None:
            return
        skills = work.pop("skills", [])
        agent, password = create_account(commune=self.commune, fields=work, skills=skills, **account)
        self.report.passwords.append((agent.username, password))
        self.report.made(entry.line, agent.username)

    def _admit(self, entry: Entry, agent: Agent, membership: Any, work: dict[str, Any]) -> None:
        """An account that exists keeps its name: it may be somebody's in another commune."""
        known = ["username", "first_name", "last_name", *_WORK]
        self.problems += [unknown(entry, name, known) for name in entry.values if name not in known]
        if membership is None:
            skills = work.pop("skills", [])
            add_membership(commune=self.commune, agent=agent, fields=work, skills=skills)
            self.report.made(entry.line, agent.username)
            return
        changes = _differing(membership, work)
        if changes:
            change_membership(membership=membership, changes=changes, edit=self._edit(membership, changes))
        self.report.kept(entry.line, agent.username, changes)


def _named(rows: Any, name: str) -> Any:
    """The row with this name; capitals make no difference."""
    return next((row for row in rows if row.name.casefold() == name.casefold()), None)


def _differing(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    stored = values_of(row, values)
    return {name: value for name, value in values.items() if plain(value) != plain(stored[name])}


def _without(entry: Entry, name: str) -> Entry:
    values = {each: value for each, value in entry.values.items() if each != name}
    return Entry(entry.line, values, dict(entry.lines))
