"""What is filled into papers: of one commune and its installation, or blanks."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import override

from communes.models import Commune
from core import french
from core.insee import phone_region
from core.phones import format_national
from notifications.enums import Channel
from notifications.providers import PROVIDERS, registered
from privacy.register.recipients import BY_FOLDER, Recipient
from privacy.retention import KINDS

NUMBERS = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"),
    *("neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"),
)
BY_PHONE = {Channel.SMS, Channel.VOICE}


def number_in_words(number: int) -> str:
    return "vingt" if number == 20 else NUMBERS[number] if number < len(NUMBERS) else str(number)


def blank_values() -> dict[str, str]:
    """For docs/privacy.md: whatever a commune may have, with blanks."""
    somebody = [each for each in BY_FOLDER.values() if each.country]
    return {
        "town_hall": "mairie de [commune]",
        "Town_hall": "Mairie de [commune]",
        "commune": "[commune]",
        "of_commune": "de [commune]",
        "phone": "[téléphone]",
        "officer": "[nom, adresse postale, adresse électronique]",
        "months": "douze mois",
        "Months": "Douze mois",
        "minutes": "vingt",
        "carriers": "[seven communications, Twilio, ou autre]",
        "recipients": _recipients(somebody),
        "outside": _names([each for each in somebody if each.is_outside]),
        "erased": _names([each for each in somebody if each.erased_each_night]),
        "host": "[hébergeur, pays]",
        **_kept(None),
    }


def values_of(commune: Commune) -> dict[str, str]:
    """What is true of this commune now: its settings, and the providers by which its messages leave."""
    used = _used()
    by_phone = [BY_FOLDER[name] for name in used if BY_PHONE.intersection(_channels(name))]
    months = f"{number_in_words(commune.retention_months)} mois"
    town_hall = french.town_hall(commune.name).replace("'", "’")
    minutes = commune.name_shown_minutes_before
    region = phone_region(commune.insee_code)
    somebody = [BY_FOLDER[name] for name in used]
    return {
        "town_hall": f"{town_hall[0].lower()}{town_hall[1:]}",
        "Town_hall": town_hall,
        "commune": commune.name,
        "of_commune": french.with_de(commune.name).replace("'", "’"),
        "phone": format_national(commune.public_phone, region) if commune.public_phone else "[téléphone]",
        "officer": commune.privacy_officer or "[nom, adresse postale, adresse électronique]",
        "months": months,
        "Months": months.capitalize(),
        "minutes": number_in_words(minutes) if minutes else "",
        "carriers": _names(by_phone),
        "recipients": _recipients(somebody),
        "outside": _names([each for each in somebody if each.is_outside]),
        "erased": _names([each for each in somebody if each.erased_each_night]),
        "host": settings.HOSTED_BY or "[hébergeur, pays]",
        **_kept(commune),
    }


def _used() -> list[str]:
    """The folders of the providers that are configured and reach people."""
    pairs = zip(PROVIDERS, registered(), strict=True)
    return [name for name, each in pairs if not each.is_pretended and each.is_configured()]


def _channels(name: str) -> tuple[Channel, ...]:
    return registered()[PROVIDERS.index(name)].channels


def _names(some: Sequence[Recipient]) -> str:
    with override("fr"):
        names = [str(each.name) for each in some]
    return " et ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _recipients(some: Sequence[Recipient]) -> str:
    """Who receives what, where, and how long they keep it."""
    with override("fr"):
        said = [
            f"{each.name} ({each.country}) reçoit {each.receives}, et le garde {each.keeps}" for each in some
        ]
    return " ; ".join(said)


def _kept(commune: Commune | None) -> dict[str, str]:
    """Of each kind of retention: its name, how long it is kept, and the rule."""
    found = {}
    with override("fr"):
        for kind in KINDS:
            found[f"name_{kind.key}"] = str(kind.name)
            found[f"kept_{kind.key}"] = kind.period.words(commune) if kind.period else "sans limite"
            found[f"rule_{kind.key}"] = str(kind.rule)
    return found
