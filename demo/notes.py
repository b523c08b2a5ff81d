"""What helpers note at the end of sessions, in believable shares."""

from random import Random
from typing import Any

from booking.enums import Outcome
from booking.national import Autonomy, Material, Orientation
from communes.enums import HelperPolicy, Theme
from communes.models import Service

NOTED = 0.86
"""So many sessions have a note; nothing is known of the others."""

BESIDE = (Theme.EMAIL, Theme.INTERNET, Theme.PROCEDURES, Theme.SAFETY, Theme.CONTENT)
"""What comes up beside the matter itself."""

MATERIAL = {Material.COMPUTER: 74, Material.PHONE: 17, Material.TABLET: 3, Material.NOTHING: 6}
AUTONOMY = {Autonomy.HELPED: 58, Autonomy.PARTLY: 33, Autonomy.ALONE: 9}
SENT_ON = {
    Orientation.OPERATOR: 38,
    Orientation.ADMINISTRATION: 27,
    Orientation.SOCIAL_AID: 18,
    Orientation.PROCEDURES: 9,
    Orientation.JOB_SEARCH: 5,
    Orientation.MEDIATION: 3,
}


def believable_note(service: Service, outcome: Outcome, chance: Random) -> dict[str, Any]:
    """The columns of a note but the outcome; some are left empty, as in life."""
    themes = {service.theme}
    if chance.random() < 0.22:
        themes.add(chance.choice(BESIDE))
    used = [_drawn(MATERIAL, chance)] if chance.random() < 0.9 else []
    if used == [Material.COMPUTER] and chance.random() < 0.12:
        used.append(Material.PHONE)  # for the code that comes by text message
    is_sent_on = outcome == Outcome.REFERRED or chance.random() < 0.05
    autonomy = ""
    if service.helper_policy != HelperPolicy.NONE and chance.random() < 0.85:
        autonomy = _drawn(AUTONOMY, chance)
    return {
        "themes": [each.value for each in Theme if each in themes],
        "equipment_used": [each.value for each in Material if each in used],
        "autonomy": autonomy,
        "orientation": [_drawn(SENT_ON, chance).value] if is_sent_on else [],
    }


def _drawn[T](weights: dict[T, int], chance: Random) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]
