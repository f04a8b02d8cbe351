"""What a search answers: the thing that was named, and a group for each kind that has something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from web import registry
from web.search import asking

OF_EACH = 5  # hits of a kind among the others
PAGE = 25  # hits of one kind alone


@dataclass(frozen=True)
class Group:
    """One kind's hits."""

    searcher: registry.Searcher
    found: registry.Found

    @property
    def count(self) -> str:
        """`7`, or `100+`."""
        return f"{self.found.count}{'+' if self.found.more else ''}"

    @property
    def left_out(self) -> bool:
        """There is more than is shown."""
        return self.found.more or self.found.count > len(self.found.hits)


@dataclass(frozen=True)
class Answer:
    """What was asked, the thing that it names, and the groups that are not empty."""

    asked: asking.Asked
    kind: str = ""
    jump: registry.Jump | None = None
    groups: Sequence[Group] = ()

    @property
    def said(self) -> str:
        """How much was found, in one sentence."""
        if not self.asked.text:
            return ""
        if not self.groups:
            return "Nothing found" if self.asked.expression else self.asked.hint
        counted = ", ".join(f"{group.searcher.label.lower()} {group.count}" for group in self.groups)
        return f"Found: {counted}"


def kinds() -> list[registry.Searcher]:
    """What can be searched, in order."""
    return registry.searchers()


def of(viewer: Any, text: str, *, kind: str = "", after: int | None = None, each: int = OF_EACH) -> Answer:
    """What this viewer finds: of all kinds the first few, or a page of one kind. An unknown kind counts as all."""
    asked = asking.read(text)
    searchers = kinds()
    alone = [one for one in searchers if one.code == kind]
    groups = []
    if asked.expression:
        for searcher in alone or searchers:
            found = searcher.find(viewer, asked, limit=PAGE if alone else each, after=after if alone else None)
            if found.hits:
                groups.append(Group(searcher, found))
    jump = registry.jump_to(viewer, asked.text) if asked.text else None
    return Answer(asked, kind if alone else "", jump, groups)
