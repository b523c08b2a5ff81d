"""The header that marks an answer as one of this product."""

from collections.abc import MutableMapping

PRODUCT_HEADER = "X-Permanence"
"""A screen tells our answers by this header from those of a portal or proxy, which have status 200 too."""


def mark_file(headers: MutableMapping[str, str], path: str, url: str) -> None:
    headers[PRODUCT_HEADER] = "file"
