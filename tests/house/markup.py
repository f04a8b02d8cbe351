"""Templates as HTML: every element with its attributes and the elements around it, Django's tags put aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element: its tag, attributes, line, the text in it, and its ancestors, outermost first."""

    tag: str
    attributes: dict[str, str]
    line: int
    ancestors: list[Element]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The element as a failing test names it."""
        return f"line {self.line}: <{self.tag} {' '.join(self.attributes)}>"


def bare(source: str) -> str:
    """The template without comments; each tag or variable is a word that depends on its text alone."""
    without = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source)
    return _TAG.sub(
        lambda match: f" t{abs(hash(match[0]))} " if match[0].startswith("{%") else f"v{abs(hash(match[0]))}", without
    )


def elements(source: str) -> list[Element]:
    """Every element of a template."""
    parser = _Parser()
    parser.feed(bare(source))
    parser.close()
    return parser.found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0], list(self._open))
        self.found.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(
            Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0], list(self._open))
        )

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data
