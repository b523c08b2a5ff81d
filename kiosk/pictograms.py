"""A drawing for each theme of support, for people who do not read the words beside it."""

from communes.enums import Theme

_FOLDER = "vendor/lucide"
_DEFAULT = "file-text"
_ICONS: dict[str, str] = {
    Theme.DIAGNOSTIC: "clipboard-check",
    Theme.HARDWARE: "smartphone",
    Theme.HARDWARE_CARE: "wrench",
    Theme.CONTENT: "folder",
    Theme.INTERNET: "globe",
    Theme.EMAIL: "mail",
    Theme.OFFICE: "file-text",
    Theme.SOCIAL_NETWORKS: "message-circle",
    Theme.HEALTH: "stethoscope",
    Theme.BANKING: "credit-card",
    Theme.BUSINESS: "store",
    Theme.JOB_SEARCH: "briefcase-business",
    Theme.SAFETY: "shield",
    Theme.PARENTING: "baby",
    Theme.SCHOOL: "school",
    Theme.CREATION: "palette",
    Theme.CULTURE: "monitor",
    Theme.AI: "brain",
    Theme.PROCEDURES: "file-text",
    Theme.PAPERS: "id-card",
    Theme.FAMILY: "users",
    Theme.SOCIAL_HEALTH: "heart-pulse",
    Theme.WORK: "briefcase-business",
    Theme.HOUSING: "house",
    Theme.TRANSPORT: "bus",
    Theme.MONEY: "euro",
    Theme.JUSTICE: "scale",
    Theme.FOREIGNERS: "languages",
    Theme.LEISURE: "ticket",
    Theme.ASSOCIATIONS: "handshake",
}
DRAWN = sorted({*_ICONS.values(), _DEFAULT, "smile", "meh", "frown"})
"""All drawings in use; `make vendor` copies exactly these from the package."""


def pictogram_of(theme: str) -> str:
    return f"{_FOLDER}/{_ICONS.get(theme, _DEFAULT)}.svg"
