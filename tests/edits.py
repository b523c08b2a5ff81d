"""Forms as a browser reads and sends them: with all that they show, and with what they started from."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from core.announcing import FIELD
from core.edits import plain_values

START = "started-from"
_SILENT = {"submit", "button", "file", "image", "reset"}
type Sent = dict[str, str | list[str]]


@dataclass
class Form:
    """A form of a page. `action`: "" for the page itself; `filled`: visible fields that are not empty."""

    action: str
    method: str
    data: dict[str, list[str]] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)

    @property
    def sent(self) -> Sent:
        """As after the page that lists the messages: the change is made, not rehearsed."""
        return {name: values for name, values in self.data.items() if name != FIELD}

    @property
    def start(self) -> Sent:
        return {name: values for name, values in self.data.items() if name.endswith(START)}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = self._textarea = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "form":
            action = (at.get("action") or "").partition("?")[0]
            self._open = Form(action, (at.get("method") or "get").lower())
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input" and at.get("name") and at.get("type") not in _SILENT:
            self._input(self._open, at)
        elif tag == "select":
            self._select = at.get("name") or ""
        elif tag == "option" and self._select and "selected" in at:
            self._put(self._open, self._select, at.get("value") or "", seen=True)
        elif tag == "textarea":
            self._textarea, self._text = at.get("name") or "", []

    def _input(self, form: Form, at: dict[str, str | None]) -> None:
        kind, name = at.get("type") or "text", at["name"] or ""
        if kind in {"checkbox", "radio"}:
            if "checked" in at:
                self._put(form, name, "on" if (value := at.get("value")) is None else value, seen=True)
        else:
            self._put(form, name, at.get("value") or "", seen=kind != "hidden")

    def _put(self, form: Form, name: str, value: str, *, seen: bool) -> None:
        form.data.setdefault(name, []).append(value)
        if seen and value:
            form.filled.add(name)

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._open is not None:
            self._put(self._open, self._textarea, "".join(self._text).removeprefix("\n"), seen=True)
            self._textarea = ""


def forms_of(response: Any) -> list[Form]:
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.forms


def edit_form(response: Any, action: str = "") -> Form:
    """The form of the page that edits a record; `action`: the address that it sends to, if not the page's."""
    found = [form for form in forms_of(response) if form.start and form.action == action]
    assert found, f"no form to {action or 'the page itself'} says what it started from"
    return found[0]


def started(**values: Any) -> dict[str, str]:
    """What a form sends that started from these values, for a page that another test looks at."""
    return {START: json.dumps({"values": plain_values(values), "asked": {}})}


def send_edit(client: Client, address: str, data: dict[str, Any], *, on: str = "", **how: Any) -> Any:
    """Open the page (`on`, if another page has the form), and send the form at once."""
    form = edit_form(client.get(on or address), address if on else "")
    return client.post(address, {**form.start, **data}, **how)
