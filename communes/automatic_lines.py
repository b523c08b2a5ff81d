"""The phone numbers at which a machine answers for a commune.

The app that answers there registers a function in `AppConfig.ready`. Such a number cannot be the phone of the
mairie: whoever asks the machine for an agent would be put through to the machine.
"""

from collections.abc import Callable, Collection

from communes.models import Commune

type Lines = Callable[[Commune], Collection[str]]

_known: list[Lines] = []


def register(lines: Lines) -> None:
    """`lines` gives the numbers of a commune in E.164. Registering it again changes nothing."""
    if lines not in _known:
        _known.append(lines)


def answers_by_machine(commune: Commune, number: str) -> bool:
    """Whether a machine answers for the commune at this number (E.164)."""
    return any(number in lines(commune) for lines in _known)
