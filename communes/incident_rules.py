"""What a fault withdraws, and until when: plain values, without database."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from communes.enums import Equipment, IncidentKind

WITHDRAWS: Mapping[str, frozenset[str]] = {
    # Who speaks by video looks at the screen.
    IncidentKind.SCREEN: frozenset({Equipment.SCREEN, Equipment.VIDEO}),
    IncidentKind.SCANNER: frozenset({Equipment.SCANNER}),
    IncidentKind.PRINTER: frozenset({Equipment.PRINTER}),
    IncidentKind.VIDEO: frozenset({Equipment.VIDEO}),
    IncidentKind.KIT: frozenset({Equipment.MEDICAL_KIT}),
}
"""By kind of fault, the equipment that nobody can use; a door or a dirty cabin withdraws nothing."""

UNANSWERED_FOR = timedelta(hours=24)
"""When the expected end has passed and nobody has said that it works, it stays withdrawn for so long from
each present instant on (docs/decisions/0029)."""


def withdrawn_by(kind: str) -> frozenset[str]:
    return WITHDRAWS.get(kind, frozenset())


def kinds_for(equipment: Collection[str]) -> list[IncidentKind]:
    """What somebody may report of a cabin that has this equipment; that a screen is dark is noticed."""
    return [
        kind
        for kind in IncidentKind
        if kind != IncidentKind.OFFLINE
        and (kind not in WITHDRAWS or any(code in equipment for code in _own(kind)))
    ]


def _own(kind: IncidentKind) -> frozenset[str]:
    """The equipment that breaks, without what depends on it."""
    return frozenset({Equipment.MEDICAL_KIT}) if kind is IncidentKind.KIT else frozenset({kind.value})


def withdrawn_until(expected_end_at: datetime | None, now: datetime) -> datetime | None:
    """Until when a confirmed fault withdraws its equipment; None: nobody knows."""
    if expected_end_at is None or expected_end_at > now:
        return expected_end_at
    return now + UNANSWERED_FOR
