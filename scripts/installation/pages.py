"""The shell blocks of a page, as they stand in it."""

import re

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<mark>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


def shell_blocks(page: str, mark: str = "sh") -> list[str]:
    """Every block fenced with exactly this mark, in order. Its lines lose the indent of the fence."""
    return [
        "".join(line.removeprefix(found["indent"]) for line in found["body"].splitlines(keepends=True))
        for found in _FENCE.finditer(page)
        if found["mark"] == mark
    ]
