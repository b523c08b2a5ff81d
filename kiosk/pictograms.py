"""A drawing for each service, its own or that of its theme, for people who do not read the words."""

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
_BUTTONS = ("user-check", "door-open", "bell-ring", "volume-2", "languages")
"""Those at the foot of a board (static/css/kiosk/board.css)."""

DRAWN = sorted({*_ICONS.values(), _DEFAULT, "smile", "meh", "frown", *_BUTTONS})
"""All drawings in use; `make vendor` copies exactly these from the package."""


_BY_WORD = {"caf": "users"}
"""Offices that share a theme with another one as common: the CPAM keeps the drawing of the theme."""


def pictogram_of(theme: str, own: str = "", name: str = "") -> str:
    """`own`: the drawing that the commune has chosen; one that screens do not keep is not shown. `name`: of
    the service, in French."""
    words = name.casefold().split()
    known = next((_BY_WORD[word] for word in words if word in _BY_WORD), "")
    return f"{_FOLDER}/{own if own in DRAWN else known or _ICONS.get(theme, _DEFAULT)}.svg"
