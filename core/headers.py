"""What marks an answer as ours."""

from collections.abc import MutableMapping

OURS = "X-Permanence"
"""The header by which a screen tells our answers from a portal's or a proxy's, which come with a 200 too."""


def mark_file(headers: MutableMapping[str, str], path: str, url: str) -> None:
    headers[OURS] = "file"
