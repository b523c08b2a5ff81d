"""What the processes of the race tests of screens run: they start from nothing, as a web process would."""

from typing import Any

from tests.booking.racers import PATIENCE_S, set_up

type Press = tuple[str, str, dict[str, str]]
"""The screen's token, an address, and what is sent there."""


def press_together(database: str, barrier: Any, answers: Any, rounds: list[list[Press]]) -> None:
    """In each round, each press at the same moment as the other process; answer with what was told."""
    set_up(database)
    from django.conf import settings

    from core.clock import anchored
    from kiosk.presses import HEADER
    from tests.kiosk.conftest import browser

    settings.DEBUG, settings.PERMANENCE_NOW = True, anchored("2026-11-24T10:24")
    settings.ALLOWED_HOSTS = ["testserver"]
    for number, presses in enumerate(rounds):
        for token, address, sent in presses:
            barrier.wait(PATIENCE_S)
            response = browser(token).post(address, sent, headers={HEADER: f"round-{number}-{len(address)}"})
            text = response.content.decode()
            answers.put((response.status_code, "Ce n’est pas possible" in text, "data-sheet-close" in text))
