"""The tests that there are, by the ids that documents name, read without running anything."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@cache
def tests_in(path: str) -> frozenset[str]:
    """The names of the tests in this file; none if there is no such file."""
    file = ROOT / path
    if not file.is_file() or file.suffix != ".py":
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name for node in tree.body if isinstance(node, functions) and node.name.startswith("test_")
    )


def is_test(test_id: str) -> bool:
    """Whether `tests/app/test_file.py::test_name` is there."""
    path, found, name = test_id.partition("::")
    return bool(found) and name in tests_in(path)
