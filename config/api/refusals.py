"""Which operation of the API refuses with which code, for its OpenAPI description.

The tests compare every refusal that they get with what is written here (tests/api/caller.py).
"""

from collections import defaultdict
from http import HTTPStatus
from typing import Any

_ALWAYS = {400: ["malformed"], 401: ["unauthorized"], 429: ["too_many_requests"], 500: ["internal"]}
_ASKED = {404: ["not_found"], 422: ["invalid", "not_offered"]}
_FOUND = {404: ["not_found"]}

_REFUSALS: dict[tuple[str, str], dict[int, list[str]]] = {
    ("get", "/sites"): {},
    ("get", "/services"): {},
    ("get", "/figures"): {
        403: ["figures_not_allowed"],
        404: ["not_found"],
        422: ["invalid"],
    },
    ("get", "/availability"): _ASKED,
    ("get", "/next-free"): _ASKED,
    ("post", "/appointments"): {
        404: ["not_found"],
        409: ["slot_taken", "room_not_found", "resident_busy", "already_booked", "resident_limited"],
        413: ["too_large"],
        422: ["invalid", "not_offered", "resident_invalid", "idempotency_key_reused"],
    },
    ("get", "/appointments/{id}"): _FOUND,
    ("get", "/appointments/by-number/{number}"): _FOUND,
    ("post", "/appointments/{id}/move"): {
        404: ["not_found"],
        409: [
            "slot_taken",
            "room_not_found",
            "resident_busy",
            "resident_limited",
            "status_refused",
            "too_late",
        ],
        413: ["too_large"],
        422: ["invalid", "not_offered"],
    },
    ("post", "/appointments/{id}/cancel"): {**_FOUND, 409: ["status_refused", "too_late"]},
}


def describe_refusals(schema: dict[str, Any], root: str) -> None:
    """Add to each operation of the description what it refuses; KeyError for one that is not named above."""
    schema["components"]["schemas"]["Refusal"] = _refusal()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            refusals = _REFUSALS[method, path.removeprefix(root)]
            for status, codes in sorted((_ALWAYS | refusals).items()):
                operation["responses"][status] = _answer(status, codes)


def codes_of(operation: dict[str, Any]) -> dict[int, list[str]]:
    """Status and codes of what an operation refuses, from its description."""
    found: dict[int, list[str]] = defaultdict(list)
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            schema = answer["content"]["application/json"]["schema"]["allOf"][1]
            found[int(status)] += schema["properties"]["error"]["properties"]["code"]["enum"]
    return found


def _answer(status: int, codes: list[str]) -> dict[str, Any]:
    which = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Refusal"}, which]}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": schema}},
    }


def _refusal() -> dict[str, Any]:
    return {
        "title": "Refusal",
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string", "description": "Stable."},
                    "message": {"type": "string", "description": "For people, in the language asked for."},
                    "details": {"type": "object"},
                },
            }
        },
    }
