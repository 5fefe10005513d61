"""A serialized DOM as a tree, read by a parser that runs nothing and mends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element; text is among its children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """All elements below, in the order of the document."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def all(self, name: str) -> list[Element]:
        """Those of that name."""
        return [element for element in self if element.name == name]

    def one(self, name: str) -> Element:
        """The only one of that name."""
        found = self.all(name)
        assert len(found) == 1, f"expected one <{name}>; there are {len(found)}"
        return found[0]

    @property
    def text(self) -> str:
        """All text below, white space as it is."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


class _TreeParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("#document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        assert closed.name == tag, f"</{tag}> closes <{closed.name}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    """The document."""
    parser = _TreeParser()
    parser.feed(html)
    parser.close()
    return parser.open[0]
