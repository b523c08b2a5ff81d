"""A page as a tree, for tests of what stands in it and where: the standard library's parser, nothing else."""

from collections.abc import Iterator
from html.parser import HTMLParser

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class Element(dict[str, str | None]):
    """The attributes of an element; `tag`, the element around it, and what it holds."""

    def __init__(self, tag: str, attributes: list[tuple[str, str | None]], parent: "Element | None") -> None:
        super().__init__(attributes)
        self.tag, self.parent = tag, parent
        self.held: list[Element | str] = []

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none; two elements are never equal
        return id(self)


class Page(HTMLParser):
    """The elements of a page, or of a fragment, in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open = [Element("", [], None)]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, attrs, self._open[-1])
        self._open[-1].held.append(found)
        self.elements.append(found)
        if tag not in _VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(each.tag == tag for each in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].held.append(data)

    def all(self, attribute: str, value: str | None = None) -> list[Element]:
        """The elements with an attribute, or with this value of it."""
        return [e for e in self.elements if attribute in e and value in (None, e[attribute])]

    def one(self, **wanted: str) -> Element:
        """The only element with these attributes."""
        found = [e for e in self.elements if all(e.get(name) == value for name, value in wanted.items())]
        assert len(found) == 1, f"{len(found)} elements with {wanted}"
        return found[0]

    def around(self, element: Element) -> Iterator[Element]:
        """The elements that hold it, from the nearest on."""
        parent = element.parent
        while parent is not None and parent.tag:
            yield parent
            parent = parent.parent

    def inside(self, element: Element) -> Iterator[Element]:
        """All elements in it, in their order."""
        for each in element.held:
            if isinstance(each, Element):
                yield each
                yield from self.inside(each)

    def text(self, element: Element) -> str:
        """Its words, with single spaces between them."""
        return " ".join("".join(self._texts(element)).split())

    def _texts(self, element: Element) -> Iterator[str]:
        for each in element.held:
            if isinstance(each, str):
                yield each
            else:
                yield from self._texts(each)

    def has_error(self, element: Element) -> bool:
        """Whether it is, or holds, an error that can be read."""
        within = [element, *self.inside(element)]
        classes = {word for each in within for word in (each.get("class") or "").split()}
        return bool(classes & {"errorlist", "problem"}) and bool(self.text(element))

    @property
    def title(self) -> str:
        return next((self.text(each) for each in self.elements if each.tag == "title"), "")
