"""The JSON that a program sends, and texts as every database stores them."""

import json
from typing import Any

from django.http import HttpRequest
from django.http.request import RawPostDataException


def json_of(request: HttpRequest) -> Any:
    """The body of a request, read as JSON. Raises ValueError for everything that is none, and for lists
    inside lists that are too deep to be read."""
    try:
        return json.loads(request.body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    except RawPostDataException as error:  # it was sent, and has been read, as a form with files
        raise ValueError("a form, not JSON") from error


def storable(text: str) -> str:
    """The text without what PostgreSQL does not store: the character with the code zero, and halves of
    characters, such as JSON may hold."""
    return text.replace("\0", "").encode(errors="ignore").decode()
